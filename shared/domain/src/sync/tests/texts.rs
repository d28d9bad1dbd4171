//! What becomes of texts and of free fields that two have written, and how much of it there may be.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Answer, Batch, Kept, MAX_MUTATIONS, MutationOutcome, Op, Replica};
use super::{ME, ROW, at, decide, item, mutation, replica, work_order};
use crate::resource::Entity;

fn frozen(entity: &str) -> Replica {
    let status = "verified";
    match entity {
        "work_orders" => {
            replica(entity, &json!({"id": ROW, "version": 1, "description": "", "status": status}), status)
        }
        _ => item(status),
    }
}

/// The comments that are left of a change of frozen work.
fn left_of(entity: &str, changes: &Value) -> Vec<String> {
    let decision = decide(&mut frozen(entity), 1, &mutation(11, entity, 1, 1, changes));
    let body = |op: Op| match op {
        Op::Open { entity: Entity::Comments, row } => {
            assert_eq!(row["work_order_id"], json!(Uuid::from_u128(2)));
            row["body"].as_str().unwrap().to_owned()
        }
        other => panic!("{other:?}"),
    };
    decision.ops.into_iter().map(body).collect()
}

#[test]
fn a_text_that_comes_too_late_is_a_comment_that_says_what_it_is_about() {
    assert_eq!(left_of("work_orders", &json!({"description": "It squeaks."})), ["description\nIt squeaks."]);
    assert_eq!(left_of("checklist_items", &json!({"notes": "torn"})), ["Belt: Check\ntorn"]);
    assert_eq!(left_of("work_orders", &json!({"title": "Chain"})), [""; 0], "that is told back");
}

#[test]
fn the_subject_of_a_comment_is_left_out_where_there_is_no_room_for_it() {
    let left = |length: usize| left_of("work_orders", &json!({"description": "x".repeat(length)})).remove(0);
    assert_eq!(left(9_988), format!("description\n{}", "x".repeat(9_988)));
    assert_eq!(left(9_989), "x".repeat(9_989));
}

#[test]
fn what_is_said_with_a_move_that_was_decided_otherwise_is_a_comment() {
    let row = json!({"id": ROW, "version": 1, "status": "completed", "assigned_to": null});
    let mut order = replica("work_orders", &row, "completed");
    let verified = json!({"status": "verified", "status_note": "fine"});
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &json!({"status": "in_progress"})));
    let ops = decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &verified)).ops;
    let [Op::Open { row, .. }] = &ops[..] else { panic!("{ops:?}") };
    assert_eq!(row["body"], "status note\nfine");
}

#[test]
fn two_texts_are_one_as_long_as_there_is_room() {
    let kept = |length: usize| {
        let mut order = work_order();
        let first = json!({"description": "a".repeat(5_000)});
        decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &first));
        let second = json!({"description": "b".repeat(length)});
        let decision = decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &second));
        (decision.answer.fields[0].kept, order.row["description"].as_str().unwrap().len(), decision.ops.len())
    };
    assert_eq!(kept(4_999), (Kept::Both, 10_000, 1));
    assert_eq!(kept(5_000), (Kept::AsComment, 5_000, 1));
}

#[test]
fn free_fields_are_merged_key_by_key() {
    let mut order = work_order();
    order.row.insert("custom_fields".to_owned(), json!({"a": 0, "b": 0, "c": 0}));
    let fields = |fields: Value| json!({"custom_fields": fields});
    // One changes a and takes away b; the other, later, changes a as well and adds d.
    let first = fields(json!({"a": 1, "c": 0}));
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &first));
    let second = fields(json!({"a": 2, "b": 0, "c": 0, "d": 9}));
    let decision = decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &second));
    assert_eq!(order.row["custom_fields"], json!({"a": 2, "c": 0, "d": 9}));
    assert_eq!((decision.answer.fields[0].kept, decision.answer.version), (Kept::Both, Some(3)));
    // A third one did it before both, and comes last: only what nobody else touched is changed.
    let third = fields(json!({"a": 7, "b": 7, "c": 7}));
    decide(&mut order, 3, &mutation(13, "work_orders", 1, 0, &third));
    assert_eq!(order.row["custom_fields"], json!({"a": 2, "c": 7, "d": 9}));
    // And a fourth wishes what is there: nothing is written.
    let fourth = fields(json!({"a": 1, "b": 0, "c": 0}));
    let decision = decide(&mut order, 4, &mutation(14, "work_orders", 1, 0, &fourth));
    assert_eq!((decision.ops.len(), decision.answer.version), (0, Some(4)));
}

#[test]
fn what_is_wrong_in_a_mutation_comes_back_field_by_field() {
    let one = json!({"id": ROW, "entity": "work_orders", "entity_id": ROW, "base_version": 1, "made_at": at(0),
        "changes": {"title": "", "number": "7"}});
    let wrong = Batch::read(&sent(&[one]), ME, at(0)).unwrap().mutations.remove(0).wish.unwrap_err();
    let answer = Answer::invalid(wrong);
    let pointers: Vec<_> = answer.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!((answer.outcome, answer.code.as_deref()), (MutationOutcome::Rejected, Some("invalid")));
    assert_eq!(pointers, ["/number", "/title"]);
}

fn sent(mutations: &[Value]) -> Value {
    json!({"device_id": ROW, "sent_at": at(0), "mutations": mutations})
}

#[test]
fn a_phone_sends_one_to_five_hundred_mutations_at_once() {
    let one = json!({"id": ROW, "entity": "work_orders", "entity_id": ROW, "base_version": 1, "made_at": at(0),
        "changes": {"title": "Chain"}});
    let read = |count: usize| Batch::read(&sent(&vec![one.clone(); count]), ME, at(0));
    assert_eq!(read(MAX_MUTATIONS).unwrap().mutations.len(), MAX_MUTATIONS);
    for count in [0, MAX_MUTATIONS + 1] {
        assert_eq!(read(count).unwrap_err()[0].pointer, "/mutations", "{count}");
    }
    let mut nameless = one.clone();
    nameless["id"] = json!("7");
    let wrong = Batch::read(&sent(&[one, nameless]), ME, at(0)).unwrap_err();
    assert_eq!(wrong.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/mutations/1/id"]);
}

#[test]
fn a_clock_is_put_right_if_it_is_more_than_five_minutes_ahead() {
    let told = |ahead: i64| {
        let changes = json!({"work_order_id": ROW, "started_at": at(0), "stopped_at": at(600)});
        let one = json!({"id": ROW, "entity": "time_logs", "entity_id": ROW, "made_at": at(600), "changes": changes});
        let mut body = sent(&[one]);
        body["sent_at"] = json!(at(1_000 + ahead));
        let wish = Batch::read(&body, ME, at(1_000)).unwrap().mutations.remove(0).wish;
        wish.unwrap().fields["stopped_at"].clone()
    };
    assert_eq!(told(300), json!(at(600)));
    assert_eq!(told(301), json!(at(600 - 301)));
}

#[test]
fn two_mutations_under_one_name_are_told_apart() {
    let print =
        |entity: &str, base: i64, changes: Value| mutation(11, entity, base, 1, &changes).fingerprint();
    let first = print("work_orders", 1, json!({"title": "Belt"}));
    assert_eq!(first, print("work_orders", 1, json!({"title": "Belt"})));
    assert_ne!(first, print("work_orders", 1, json!({"title": "Chain"})));
    assert_ne!(first, print("work_orders", 2, json!({"title": "Belt"})));
    assert_ne!(print("equipment", 1, json!({})), print("work_orders", 1, json!({})));
}
