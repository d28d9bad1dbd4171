//! Phones against the pure decision: whatever the order in which they come back, the fields end the same.

mod moments;
mod moves;
mod texts;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Batch, Kept, Mutation, MutationOutcome, Replica, Sent};
use crate::id::ProfileId;
use crate::work_order::Status;

const ME: ProfileId = ProfileId(Uuid::from_u128(7));
const ROW: Uuid = Uuid::from_u128(1);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

fn work_order() -> Replica {
    let row = json!({"id": ROW, "version": 1, "title": "Belt", "description": "", "area": null, "priority": "low",
        "custom_fields": {"a": 0}, "status": "in_progress", "assigned_to": ME, "hold_reason": null});
    replica("work_orders", &row, "in_progress")
}

fn item(work_order_status: &str) -> Replica {
    let row = json!({"id": ROW, "version": 1, "component": "Belt", "action": "Check", "state": "pending", "notes": "",
        "custom_fields": {}});
    replica("checklist_items", &row, work_order_status)
}

fn replica(entity: &str, row: &Value, work_order_status: &str) -> Replica {
    let standing = json!({"status": work_order_status, "version": 1, "me": ME, "role": "supervisor", "at_home": true,
        "assigned_to": ME, "requested_by": null, "had_a_hand": false, "undecided_items": 0, "running_clocks": 0,
        "signature": "optional"});
    let replica = json!({"entity": entity, "id": ROW, "row": row, "work_order_id": Uuid::from_u128(2),
        "work_order_status": work_order_status, "standing": standing, "written": []});
    serde_json::from_value(replica).unwrap()
}

/// A mutation of a phone whose clock is right, made so many seconds after the beginning.
fn mutation(n: u128, entity: &str, base: i64, made: i64, changes: &Value) -> Mutation {
    let one = json!({"id": Uuid::from_u128(n), "entity": entity, "entity_id": ROW, "base_version": base,
        "made_at": at(made), "changes": changes});
    let body = json!({"device_id": Uuid::nil(), "sent_at": at(1_000), "mutations": [one]});
    Batch::read(&body, ME, at(1_000)).unwrap().mutations.remove(0)
}

fn decide(replica: &mut Replica, device: u128, mutation: &Mutation) -> super::Decision {
    replica.decide(mutation, mutation.wish.as_ref().unwrap(), Uuid::from_u128(device))
}

/// One phone's edits while it was offline: what it typed, one after the other, over version 1.
fn edits() -> impl Strategy<Value = Vec<Value>> {
    let word = "[a-e]{1,3}";
    let edit = prop_oneof![
        word.prop_map(|text| json!({"description": text})),
        word.prop_map(|text| json!({"area": text})),
        prop_oneof![Just("low"), Just("high"), Just("critical")].prop_map(|word| json!({"priority": word})),
        ("[abc]", 0..9).prop_map(|(key, value)| json!({"custom_fields": {"a": 0, key: value}})),
    ];
    proptest::collection::vec(edit, 1..4)
}

proptest! {
    #[test]
    fn any_order_of_phones_ends_in_the_same_fields(
        phones in proptest::collection::vec(edits(), 2..5),
        orders in proptest::collection::vec(any::<prop::sample::Index>(), 30),
        skew in proptest::collection::vec(0..500i64, 5),
    ) {
        let mut n = 100;
        let queues: Vec<Vec<Mutation>> = phones.iter().zip(&skew).map(|(edits, skew)| {
            edits.iter().zip(0..).map(|(changes, step)| {
                n += 1;
                mutation(n, "work_orders", 1, skew + step * 7, changes)
            }).collect()
        }).collect();
        let mut ends = Vec::new();
        for order in orders.chunks(10) {
            let mut replica = work_order();
            let mut left: Vec<_> = queues.iter().map(|queue| queue.iter()).collect();
            let mut order = order.iter().cycle();
            while left.iter().any(|queue| queue.len() > 0) {
                let some: Vec<_> = (0..left.len()).filter(|at| left[*at].len() > 0).collect();
                let which = *order.next().unwrap().get(&some);
                let next = left[which].next().unwrap();
                let device = u128::try_from(which).unwrap() + 50;
                let decision = decide(&mut replica, device, next);
                prop_assert!(decision.answer.outcome <= MutationOutcome::Merged);
            }
            replica.row.remove("version");
            ends.push(replica.row);
        }
        for end in &ends {
            prop_assert_eq!(end, &ends[0]);
        }
        // The last text that each phone typed is there.
        for edits in &phones {
            if let Some(text) = edits.iter().rev().find_map(|edit| edit["description"].as_str()) {
                prop_assert!(ends[0]["description"].as_str().unwrap().lines().any(|line| line == text));
            }
        }
    }
}

#[test]
fn what_was_typed_over_a_merge_takes_its_place() {
    let mut order = work_order();
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &json!({"description": "one"})));
    decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &json!({"description": "two"})));
    assert_eq!(order.row["description"], "one\ntwo");
    decide(&mut order, 3, &mutation(13, "work_orders", 3, 3, &json!({"description": "both seen"})));
    assert_eq!(order.row["description"], "both seen");
    let late = decide(&mut order, 4, &mutation(14, "work_orders", 1, 0, &json!({"description": "late"})));
    assert_eq!(order.row["description"], "late\nboth seen", "the others were typed over, this one was not");
    assert_eq!((late.answer.outcome, late.answer.fields[0].kept), (MutationOutcome::Merged, Kept::Both));
}

#[test]
fn a_phone_does_not_disagree_with_itself() {
    let mut order = work_order();
    decide(
        &mut order,
        1,
        &mutation(11, "work_orders", 1, 5, &json!({"status": "on_hold", "hold_reason": "parts"})),
    );
    let on = decide(&mut order, 1, &mutation(12, "work_orders", 1, 6, &json!({"status": "in_progress"})));
    assert_eq!((on.answer.outcome, on.answer.version), (MutationOutcome::Applied, Some(3)));
    // Its first deed comes last: it has moved on since.
    let first = decide(
        &mut order,
        1,
        &mutation(10, "work_orders", 1, 4, &json!({"area": "Hall", "status": "completed"})),
    );
    assert_eq!(order.row["status"], "in_progress");
    assert_eq!((first.answer.outcome, &order.row["area"]), (MutationOutcome::Applied, &json!("Hall")));
}

#[test]
fn a_slow_line_does_not_change_what_a_phone_did_first() {
    let mut order = work_order();
    let typed = |n: u128, made: i64, sent: i64, came_in: i64, text: &str| {
        let one = json!({"id": Uuid::from_u128(n), "entity": "work_orders", "entity_id": ROW, "base_version": 1,
            "made_at": at(made), "changes": {"description": text}});
        let body = json!({"device_id": ROW, "sent_at": at(sent), "mutations": [one]});
        Batch::read(&body, ME, at(came_in)).unwrap().mutations.remove(0)
    };
    // The second half of the queue comes first, and quickly; the first half takes a minute.
    decide(&mut order, 1, &typed(12, 11, 20, 20, "worn\nreplaced"));
    decide(&mut order, 1, &typed(11, 10, 20, 80, "worn"));
    assert_eq!(order.row["description"], "worn\nreplaced");
}

#[test]
fn a_status_that_someone_else_decided_comes_back_with_both() {
    let mut order = work_order();
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &json!({"status": "completed"})));
    let conflict = decide(
        &mut order,
        2,
        &mutation(12, "work_orders", 1, 2, &json!({"status": "on_hold", "hold_reason": "parts"})),
    );
    assert_eq!((conflict.answer.outcome, conflict.ops.len()), (MutationOutcome::Conflict, 0));
    let status = conflict.answer.fields.iter().find(|field| field.field == "status").unwrap();
    assert_eq!(
        (&status.yours, &status.theirs, status.kept),
        (&json!("on_hold"), &json!("completed"), Kept::Theirs)
    );
    let same = decide(&mut order, 3, &mutation(13, "work_orders", 1, 3, &json!({"status": "completed"})));
    assert_eq!((same.answer.outcome, same.ops.len()), (MutationOutcome::Merged, 0), "they agree");
}

#[test]
fn a_phone_completes_work_with_the_signature_that_is_asked_for_or_not_at_all() {
    let asking = |rule: &str| {
        let mut order = work_order();
        order.standing.as_mut().unwrap().signature = serde_json::from_value(json!(rule)).unwrap();
        order
    };
    let complete = |signature: &Value| {
        let mut changes = json!({"status": "completed", "area": "Hall"});
        changes.as_object_mut().unwrap().extend(signature.as_object().unwrap().clone());
        mutation(11, "work_orders", 1, 1, &changes)
    };
    let drawn = json!({"signature_name": "Ada Op", "signature_id": Uuid::from_u128(9)});
    for (rule, signature, lacks) in [
        ("name", json!({}), "/signature_name"),
        ("drawn", json!({}), "/signature_name /signature_id"),
        ("drawn", json!({"signature_name": "Ada Op"}), "/signature_id"),
    ] {
        let mut order = asking(rule);
        let refused = decide(&mut order, 1, &complete(&signature));
        let code = refused.answer.code.as_deref();
        assert_eq!((refused.answer.outcome, code), (MutationOutcome::Rejected, Some("signature_needed")));
        let lacking: Vec<_> = refused.answer.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!((lacking.join(" ").as_str(), refused.ops.len()), (lacks, 0));
        assert!(
            refused.answer.open_moves.unwrap().contains(&Status::Completed),
            "it only has to be signed for"
        );
        assert_eq!((&order.row["status"], &order.row["area"]), (&json!("in_progress"), &json!(null)));
    }
    for rule in ["optional", "name", "drawn"] {
        let mut order = asking(rule);
        let made = decide(&mut order, 1, &complete(&drawn));
        assert_eq!(made.answer.outcome, MutationOutcome::Applied);
        assert_eq!(
            (&order.row["status"], &order.row["signature_name"]),
            (&json!("completed"), &drawn["signature_name"])
        );
    }
}

#[test]
fn a_signature_under_work_that_someone_else_completed_comes_back() {
    let mut order = work_order();
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &json!({"status": "completed"})));
    let late = json!({"status": "completed", "signature_name": "Ada Op"});
    let late = decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &late));
    assert_eq!((late.answer.outcome, late.ops.len()), (MutationOutcome::Conflict, 0));
    let name = late.answer.fields.iter().find(|field| field.field == "signature_name").unwrap();
    assert_eq!((&name.yours, &name.theirs, name.kept), (&json!("Ada Op"), &json!(null), Kept::Theirs));
}

#[test]
fn a_signature_without_a_completion_is_named() {
    let alone = mutation(11, "work_orders", 1, 1, &json!({"signature_name": "Ada Op"}));
    let errors = alone.wish.unwrap_err();
    assert_eq!(errors[0].pointer, "/status", "{errors:?}");
    let held = json!({"status": "on_hold", "hold_reason": "parts", "signature_name": "Ada Op"});
    let errors = mutation(11, "work_orders", 1, 1, &held).wish.unwrap_err();
    assert_eq!(errors[0].pointer, "/signature_name");
}

#[test]
fn verification_under_a_change_is_for_a_person_to_look_at() {
    let mut order =
        replica("work_orders", &json!({"id": ROW, "version": 1, "status": "completed"}), "completed");
    decide(
        &mut order,
        1,
        &mutation(11, "work_orders", 1, 1, &json!({"status": "in_progress", "status_note": "leaks"})),
    );
    let verified = decide(
        &mut order,
        2,
        &mutation(12, "work_orders", 1, 2, &json!({"status": "verified", "status_note": "fine"})),
    );
    assert_eq!(verified.answer.outcome, MutationOutcome::NeedsReview);
    assert_eq!(verified.ops.len(), 1, "what was said with it is a comment: {:?}", verified.ops);
}

#[test]
fn an_item_that_safety_depends_on_is_decided_by_people() {
    let mut item = item("in_progress");
    decide(&mut item, 1, &mutation(11, "checklist_items", 1, 1, &json!({"state": "done"})));
    let other = decide(
        &mut item,
        2,
        &mutation(12, "checklist_items", 1, 2, &json!({"state": "issue", "notes": "torn"})),
    );
    assert_eq!(
        (other.answer.outcome, other.answer.fields[0].kept),
        (MutationOutcome::NeedsReview, Kept::Theirs)
    );
    assert_eq!((&item.row["state"], &item.row["notes"]), (&json!("done"), &json!("torn")));
    let same = decide(&mut item, 3, &mutation(13, "checklist_items", 1, 3, &json!({"state": "done"})));
    assert_eq!(same.answer.outcome, MutationOutcome::Merged);
}

#[test]
fn after_the_end_of_work_texts_become_comments() {
    let mut item = item("closed");
    let late = decide(
        &mut item,
        1,
        &mutation(11, "checklist_items", 1, 1, &json!({"state": "done", "notes": "torn"})),
    );
    assert_eq!((late.answer.outcome, late.ops.len()), (MutationOutcome::NeedsReview, 1));
    assert_eq!(late.answer.code.as_deref(), Some("work_has_ended"));
}

#[test]
fn what_is_typed_into_frozen_work_is_for_people_to_decide() {
    for (status, ends) in [("completed", false), ("verified", true), ("closed", true), ("cancelled", true)] {
        let row = work_order().row;
        let mut order = replica("work_orders", &json!(row), status);
        let typed = json!({"title": "Chain", "description": "It squeaks."});
        let late = decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &typed));
        assert_eq!(late.answer.code.as_deref() == Some("work_has_ended"), ends, "{status}");
        assert_eq!(&order.row["title"] == "Belt", ends, "{status}");
        // What was typed freely becomes a comment, and the title is told back.
        assert_eq!((late.ops.len(), late.answer.fields.len()), (1, if ends { 2 } else { 0 }), "{status}");

        let row = json!({"id": ROW, "version": 1, "note": "", "started_at": at(0), "stopped_at": at(9)});
        let mut log = replica("time_logs", &row, status);
        log.standing = None;
        let late = decide(&mut log, 1, &mutation(12, "time_logs", 1, 1, &json!({"note": "and the belt"})));
        assert_eq!(late.answer.code.as_deref() == Some("work_has_ended"), ends, "{status}");
    }
}

#[test]
fn whoever_takes_work_up_again_may_write_on_it() {
    let mut order = work_order();
    order.row.insert("status".to_owned(), json!("verified"));
    if let Some(standing) = &mut order.standing {
        standing.status = crate::work_order::Status::Verified;
    }
    let reopens = json!({"status": "in_progress", "status_note": "it slips again", "title": "Chain"});
    let reopens = mutation(11, "work_orders", 1, 1, &reopens);
    let decided = decide(&mut order, 1, &reopens);
    assert_eq!((decided.answer.code.as_deref(), &order.row["title"]), (None, &json!("Chain")));
}

#[test]
fn a_machine_is_changed_only_by_whoever_knows_it() {
    let row = json!({"id": ROW, "version": 4, "status": "active"});
    let mut machine = replica("equipment", &row, "in_progress");
    machine.standing = None;
    let stale = decide(&mut machine, 1, &mutation(11, "equipment", 3, 1, &json!({"status": "maintenance"})));
    assert_eq!(stale.answer.outcome, MutationOutcome::NeedsReview);
    let known = decide(&mut machine, 1, &mutation(12, "equipment", 4, 1, &json!({"status": "maintenance"})));
    assert_eq!((known.answer.outcome, known.answer.version), (MutationOutcome::Applied, Some(5)));
}

#[test]
fn a_clock_that_is_off_is_put_right() {
    let one = |made: i64| json!({"id": ROW, "entity": "comments", "entity_id": ROW, "made_at": at(made), "changes": {"work_order_id": ROW, "body": "x"}});
    // The phone is a day ahead; what it did a minute before it sent it, it did a minute ago.
    let day = 86_400;
    let body =
        json!({"device_id": ROW, "sent_at": at(day + 100), "mutations": [one(day + 40), one(day + 200)]});
    let batch = Batch::read(&body, ME, at(100)).unwrap();
    let made: Vec<_> = batch.mutations.iter().map(|mutation| mutation.made_at).collect();
    assert_eq!(made, [at(40), at(100)], "and nothing in the future");
}

#[test]
fn what_has_happened_is_told_by_our_clock_and_never_ahead_of_it() {
    let day = 86_400;
    // A phone whose clock is so many seconds ahead tells of a time log from one second to another, by its clock.
    let told = |ahead: i64, from: i64, until: i64| {
        let changes = json!({"work_order_id": ROW, "started_at": at(from), "stopped_at": at(until)});
        let one = json!({"id": ROW, "entity": "time_logs", "entity_id": ROW, "made_at": at(day), "changes": changes});
        let body = json!({"device_id": ROW, "sent_at": at(day + ahead), "mutations": [one]});
        let wish = Batch::read(&body, ME, at(day)).unwrap().mutations.remove(0).wish;
        wish.map(|wish| ["started_at", "stopped_at"].map(|name| wish.fields[name].clone()))
            .map_err(|errors| errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>())
    };
    let is = |from: i64, until: i64| Ok([from, until].map(|second| json!(at(second))));
    assert_eq!(told(7200, 3600, day + 3600), is(3600 - 7200, day - 3600), "both, though one was not ahead");
    assert_eq!(told(60, 3600, day), is(3600, day), "a minute is no error of a clock");
    assert_eq!(told(-7200, 3600, day), is(3600, day), "nor is a long way");
    assert_eq!(told(0, 3600, day + 7200), Err(vec!["/stopped_at".to_owned()]), "its clock is right");
    assert_eq!(told(7200, 3600, 2 * day), Err(vec!["/stopped_at".to_owned()]), "it is not so far ahead");
}

#[test]
fn nothing_was_done_before_there_was_anything() {
    let wish = |days: i64| {
        let made_at = DateTime::UNIX_EPOCH + TimeDelta::days(days);
        let one = json!({"id": ROW, "entity": "comments", "entity_id": ROW, "made_at": made_at, "changes": {"work_order_id": ROW, "body": "x"}});
        let body = json!({"device_id": ROW, "sent_at": at(0), "mutations": [one]});
        Batch::read(&body, ME, at(0)).unwrap().mutations.remove(0).wish
    };
    assert!(wish(10_957).is_ok(), "2000-01-01");
    assert_eq!(wish(10_956).unwrap_err()[0].pointer, "/made_at");
}

#[test]
fn what_cannot_be_a_mutation_is_named() {
    let wrong = |entity: &str, base: Option<i64>, changes: Value| {
        let one = json!({"id": ROW, "entity": entity, "entity_id": ROW, "base_version": base, "made_at": at(0), "changes": changes});
        let body = json!({"device_id": ROW, "sent_at": at(0), "mutations": [one]});
        let errors = Batch::read(&body, ME, at(0)).unwrap().mutations.remove(0).wish.unwrap_err();
        errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
    };
    assert_eq!(wrong("work_orders", Some(1), json!({})), [""]);
    assert_eq!(
        wrong("work_orders", Some(1), json!({"status": "broken", "number": 1})),
        ["/number", "/status"]
    );
    assert_eq!(wrong("work_orders", Some(1), json!({"status": "on_hold"})), ["/hold_reason"]);
    assert_eq!(wrong("comments", None, json!({})), ["/body", "/work_order_id"]);
    assert_eq!(wrong("comments", Some(1), json!({"body": "other"})), ["/body"]);
    assert_eq!(wrong("equipment", None, json!({"name": "x"})), ["/base_version"]);
    assert_eq!(wrong("equipment", Some(1), json!({"name": "x"})), ["/name"]);
}

#[test]
fn one_mutation_that_cannot_be_read_leaves_the_others() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    for bad in [r#""\ud800""#, &deep, r#"{"\udfff": 1}"#, r#""\u0000""#] {
        let one = |n: u128, changes: &str| {
            let id = Uuid::from_u128(n);
            format!(
                r#"{{"id": "{id}", "entity": "work_orders", "entity_id": "{ROW}", "base_version": 1,
                    "made_at": "2026-03-02T08:00:00Z", "changes": {changes}}}"#
            )
        };
        let list = [
            one(1, r#"{"title": "Belt"}"#),
            one(2, &format!(r#"{{"title": {bad}}}"#)),
            one(3, r#"{"title": "Chain"}"#),
        ];
        let text = format!(
            r#"{{"device_id": "{ROW}", "sent_at": "2026-03-02T08:00:00Z", "mutations": [{}]}}"#,
            list.join(", ")
        );
        let sent = serde_json::from_str(&text).unwrap();
        let batch = Batch::of(&sent, ME, at(0)).unwrap();
        let readable: Vec<_> = batch.mutations.iter().map(|one| one.unreadable.is_none()).collect();
        assert_eq!(readable, [true, false, true], "{bad}");
        assert!(batch.mutations[2].wish.is_ok(), "{bad}");
    }
    assert!(serde_json::from_str::<Sent>("[").is_err());
}

/// What the database tells of a hot row: the fields that decide, not every version.
#[test]
fn what_was_typed_over_by_a_write_that_is_not_told_is_not_made_one_with_the_rest() {
    let mut order = work_order();
    order.row.insert("version".to_owned(), json!(4000));
    order.row.insert("description".to_owned(), json!("last"));
    let written = |version: i64, from: &str, text: &str, typed_over: bool| {
        json!({"version": version, "at": at(version), "typed_over": typed_over, "typed": {"description": text},
            "changes": {"description": {"from": from}}})
    };
    order.written = [written(2, "", "first", true), written(4000, "x", "last", false)]
        .map(|written| serde_json::from_value(written).unwrap())
        .to_vec();
    let mine = mutation(11, "work_orders", 1, 900, &json!({"description": "mine"}));
    let decided = decide(&mut order, 1, &mine);
    assert_eq!(order.row["description"], "mine\nlast", "{decided:?}");
}

#[test]
fn more_texts_than_can_be_made_one_leave_a_comment() {
    let mut order = work_order();
    for phone in 0..52_u128 {
        let text = json!({"description": format!("text {phone}")});
        let decided = decide(&mut order, 100 + phone, &mutation(1000 + phone, "work_orders", 1, 1, &text));
        let kept = decided.answer.fields.first().map(|field| field.kept);
        assert_eq!(kept == Some(Kept::AsComment), phone > 50, "{phone}");
    }
}

#[test]
fn what_was_written_too_often_since_is_not_guessed() {
    let mut order = work_order();
    order.row.insert("version".to_owned(), json!(9000));
    order.since = 4000;
    let late = decide(&mut order, 1, &mutation(11, "work_orders", 3999, 1, &json!({"title": "Chain"})));
    assert_eq!(late.answer.code.as_deref(), Some("too_far_behind"));
    let known = decide(&mut order, 1, &mutation(12, "work_orders", 4000, 1, &json!({"title": "Chain"})));
    assert_eq!(known.answer.outcome, MutationOutcome::Applied);
}
