//! Moves that follow each other on one phone, each judged by what those before it leave.

use serde_json::{Value, json};

use super::super::{MutationOutcome, Replica};
use super::{ME, decide, mutation, replica};
use crate::access::Role;
use crate::transition;
use crate::work_order::Status;

const OTHER: uuid::Uuid = uuid::Uuid::from_u128(8);

fn order(status: &str) -> Replica {
    let row = json!({"id": super::ROW, "version": 1, "title": "Belt", "status": status, "assigned_to": null});
    let mut order = replica("work_orders", &row, status);
    order.standing.as_mut().unwrap().assigned_to = None;
    order
}

/// What becomes of these changes, one after the other on one phone that knew version 1.
fn one_after_the_other(order: &mut Replica, changes: &[Value]) -> Vec<(MutationOutcome, Option<String>)> {
    let one = |(changes, made): (&Value, i64)| {
        let n = 20 + u128::try_from(made).unwrap();
        let answer = decide(order, 1, &mutation(n, "work_orders", 1, made, changes)).answer;
        (answer.outcome, answer.code)
    };
    changes.iter().zip(1..).map(one).collect()
}

fn refused() -> (MutationOutcome, Option<String>) {
    (MutationOutcome::Rejected, Some("move_not_open".to_owned()))
}

const APPLIED: (MutationOutcome, Option<String>) = (MutationOutcome::Applied, None);

#[test]
fn nobody_verifies_in_one_batch_what_they_completed_in_it() {
    let moves = [json!({"status": "completed"}), json!({"status": "verified"})];
    assert_eq!(one_after_the_other(&mut order("in_progress"), &moves), [APPLIED, refused()]);
}

#[test]
fn nobody_verifies_in_one_batch_what_they_were_given_in_it() {
    let given_to = |who: Value| {
        let moves = [json!({"assigned_to": who}), json!({"status": "verified"})];
        one_after_the_other(&mut order("completed"), &moves)
    };
    assert_eq!(given_to(json!(ME)), [APPLIED, refused()]);
    assert_eq!(given_to(json!(OTHER)), [APPLIED, APPLIED]);
}

#[test]
fn whoever_takes_work_offline_goes_on_with_it() {
    let mut order = order("new");
    order.standing.as_mut().unwrap().role = Role::Technician;
    let moves = [
        json!({"status": "assigned"}),
        json!({"status": "in_progress"}),
        json!({"status": "completed"}),
        json!({"status": "verified"}),
    ];
    assert_eq!(one_after_the_other(&mut order, &moves), [APPLIED, APPLIED, APPLIED, refused()]);
    assert_eq!((&order.row["status"], &order.row["version"]), (&json!("completed"), &json!(4)));
}

#[test]
fn a_version_that_never_was_is_refused() {
    let mut order = order("in_progress");
    let known =
        |base| decide(&mut order, 1, &mutation(11, "work_orders", base, 1, &json!({"title": "Chain"})));
    let [unknown, known] = [2, 1].map(known).map(|decision| decision.answer);
    assert_eq!(
        (unknown.outcome, unknown.code.as_deref()),
        (MutationOutcome::Rejected, Some("unknown_version"))
    );
    assert_eq!(unknown.detail.as_deref(), Some("it has never had version 2"));
    assert_eq!(known.outcome, MutationOutcome::Applied);
}

#[test]
fn work_that_two_judge_differently_is_for_a_person_to_look_at() {
    // What someone else made of it meanwhile, and what this phone wishes.
    let meets = |status: &str, theirs: Value, mine: Value| {
        let mut order = order(status);
        decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &theirs));
        let decision = decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &mine));
        assert!(decision.ops.iter().all(|op| matches!(op, super::super::Op::Open { .. })), "{decision:?}");
        decision.answer.outcome
    };
    let again = json!({"status": "in_progress", "status_note": "it leaks"});
    assert_eq!(
        meets("completed", json!({"status": "verified"}), again.clone()),
        MutationOutcome::NeedsReview
    );
    assert_eq!(meets("verified", json!({"status": "closed"}), again), MutationOutcome::NeedsReview);
    assert_eq!(
        meets("assigned", json!({"status": "cancelled"}), json!({"status": "in_progress"})),
        MutationOutcome::Conflict,
        "nobody judges anything"
    );
    let parts = json!({"status": "on_hold", "hold_reason": "parts"});
    assert_eq!(meets("in_progress", json!({"status": "completed"}), parts), MutationOutcome::Conflict);
}

#[test]
fn what_may_be_settled_by_the_rest_of_the_batch_is_for_the_database_to_say() {
    let mut order = order("in_progress");
    order.standing.as_mut().unwrap().undecided_items = 1;
    assert_eq!(one_after_the_other(&mut order, &[json!({"status": "completed"})]), [APPLIED]);
}

#[test]
fn a_refused_move_takes_nothing_of_its_mutation_with_it() {
    let mut order = order("closed");
    let mine = json!({"status": "in_progress", "title": "Chain"});
    let decision = decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &mine));
    assert_eq!((decision.answer.outcome, decision.ops.len()), (MutationOutcome::Rejected, 0));
    assert_eq!(decision.answer.open_moves, Some(Vec::<Status>::new()), "none is open instead");
    assert_eq!((decision.answer.version, &order.row["title"]), (Some(1), &json!("Belt")));
}

#[test]
fn what_does_not_go_with_a_move_is_named() {
    let read = |body: Value| {
        let read = transition::read(&body, ME).map(|row| row.get("assigned_to").cloned());
        read.map_err(|errors| errors[0].pointer.clone())
    };
    assert_eq!(read(json!({"to": "on_hold", "hold_reason": "parts"})), Ok(None));
    assert_eq!(read(json!({"to": "on_hold"})), Err("/hold_reason".to_owned()));
    assert_eq!(read(json!({"to": "in_progress", "hold_reason": "parts"})), Err("/hold_reason".to_owned()));
    assert_eq!(read(json!({"to": "in_progress"})), Ok(None));
    assert_eq!(read(json!({"to": "in_progress", "assigned_to": OTHER})), Err("/assigned_to".to_owned()));
    assert_eq!(read(json!({"to": "assigned", "assigned_to": OTHER})), Ok(Some(json!(OTHER))));
    assert_eq!(read(json!({"to": "assigned"})), Ok(Some(json!(ME))), "whoever names nobody takes it");
}
