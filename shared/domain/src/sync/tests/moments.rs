//! What a phone knew when it wrote, and the moment that its write counts as made.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::super::{Batch, Kept};
use super::{ME, ROW, at, decide, item, mutation, work_order};

#[test]
fn a_phone_shows_what_was_merged_and_not_what_was_typed_on_it() {
    let mut order = work_order();
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 1, &json!({"description": "one"})));
    decide(&mut order, 2, &mutation(12, "work_orders", 1, 2, &json!({"description": "two"})));
    assert_eq!(order.row["description"], "one\ntwo");
    decide(&mut order, 2, &mutation(13, "work_orders", 3, 3, &json!({"description": "two"})));
    assert_eq!(order.row["description"], "two", "the first line was taken away on purpose");
}

#[test]
fn of_two_writes_in_one_moment_the_second_stands() {
    let mut order = work_order();
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 5, &json!({"title": "Chain"})));
    decide(&mut order, 1, &mutation(12, "work_orders", 1, 5, &json!({"title": "Rope"})));
    assert_eq!(order.row["title"], "Rope");
}

#[test]
fn a_write_counts_as_made_after_whatever_it_was_typed_over() {
    let mut order = work_order();
    decide(&mut order, 1, &mutation(11, "work_orders", 1, 500, &json!({"title": "Chain"})));
    // The clock of the other phone is slow, and it knows that write; then its own.
    let mut made = |n: u128, seconds: i64, title: &str| {
        decide(&mut order, 2, &mutation(n, "work_orders", 2, seconds, &json!({"title": title}))).at
    };
    assert_eq!(made(12, 1, "Rope"), at(500) + TimeDelta::microseconds(1));
    assert_eq!(made(13, 2, "Wire"), at(500) + TimeDelta::microseconds(2));
    assert_eq!(made(14, 600, "Belt"), at(600));
}

#[test]
fn a_state_that_came_back_to_what_it_was_is_in_nobodys_way() {
    let mut item = item("in_progress");
    decide(&mut item, 1, &mutation(11, "checklist_items", 1, 1, &json!({"state": "done"})));
    decide(&mut item, 1, &mutation(12, "checklist_items", 1, 2, &json!({"state": "pending"})));
    let decision = decide(&mut item, 2, &mutation(13, "checklist_items", 1, 3, &json!({"state": "issue"})));
    assert_eq!(item.row["state"], "issue");
    assert!(decision.answer.fields.iter().all(|field| field.kept != Kept::Theirs), "{decision:?}");
}

#[test]
fn a_mutation_keeps_the_names_that_the_phone_gave_it() {
    let (phone, id, of) = (Uuid::from_u128(3), Uuid::from_u128(4), Uuid::from_u128(5));
    let one = json!({"id": id, "entity": "work_orders", "entity_id": of, "base_version": 1, "made_at": at(0),
        "changes": {"title": "Chain"}});
    let body = json!({"device_id": phone, "sent_at": at(0), "mutations": [one]});
    let batch = Batch::read(&body, ME, at(0)).unwrap();
    assert_eq!((batch.device, batch.mutations[0].id, batch.mutations[0].entity_id), (phone, id, of));
    assert_ne!(of, ROW);
}
