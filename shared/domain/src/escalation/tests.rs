mod words;

use super::*;
use crate::id::{EscalationRuleId, ProfileId, WarehouseId, WorkOrderId};
use crate::rows::Rows;
use crate::work_order::Status;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn rule(number: u128, timeout_minutes: i64) -> Rule {
    Rule {
        id: EscalationRuleId(Uuid::from_u128(number)),
        name: format!("Rule {number}"),
        warehouse_id: None,
        wo_type: None,
        priority: None,
        clock: Clock::Response,
        timeout_minutes,
        hours: CountedHours::Calendar,
        steps: vec![ChainStep { action: Action::NotifySupervisor, wait_minutes: 0 }],
        repeat_count: 2,
    }
}

fn rows<T: DeserializeOwned>(told: Value) -> Rows<T> {
    serde_json::from_value(told).unwrap()
}

pub(super) fn book(rules: &[Rule]) -> Rulebook {
    let warehouse = json!({"warehouse_id": Uuid::nil(), "time_zone": "Europe/Amsterdam", "holidays": ["2026-03-06"],
        "operating_hours": (1..=5).map(|day| json!({"day": day, "from": "08:00", "until": "17:00"})).collect::<Value>()});
    let (book, problems) = Rulebook::read(rules.to_vec().into(), rows(json!([warehouse])));
    assert_eq!(problems, []);
    book
}

pub(super) fn order() -> WorkOrder {
    WorkOrder {
        id: WorkOrderId(Uuid::nil()),
        clock_version: 1,
        warehouse_id: WarehouseId(Uuid::nil()),
        r#type: WorkOrderType::Corrective,
        priority: Priority::High,
        status: Status::Assigned,
        due_at: None,
        counts_from: at("2026-03-02T08:00:00Z"),
        held: Vec::new(),
        escalation_level: 0,
        escalated_at: None,
        acknowledged_until: None,
        assigned_to: None,
        response_due_at: None,
        resolution_due_at: None,
        chains: Vec::new(),
    }
}

/// As the database does with a decision.
pub(super) fn applied(order: &WorkOrder, decision: &Decision, now: DateTime<Utc>) -> WorkOrder {
    let mut order = order.clone();
    order.chains.clone_from(&decision.chains);
    order.response_due_at = decision.response_due_at;
    order.resolution_due_at = decision.resolution_due_at;
    if let Some(step) = &decision.step {
        assert_eq!(step.level, order.escalation_level + 1);
        order.escalation_level = step.level;
        order.escalated_at = Some(now);
        order.assigned_to = step.assignee.or(order.assigned_to);
    }
    order
}

pub(super) fn look(now: &str, order: &WorkOrder, rules: &[Rule]) -> Decision {
    decide(at(now), Scope::Every, order, &book(rules), &mut People::default())
}

fn level(now: &str, order: &WorkOrder, rules: &[Rule]) -> Option<u16> {
    look(now, order, rules).step.map(|step| step.level)
}

/// The same work order after what is due was done at these moments.
fn after(order: WorkOrder, rules: &[Rule], firings: &[&str]) -> WorkOrder {
    firings.iter().fold(order, |order, now| applied(&order, &look(now, &order, rules), at(now)))
}

#[test]
fn a_deadline_is_reached_on_the_minute_and_shown_before() {
    let rules = [rule(1, 240)];
    let early = look("2026-03-02T11:59:59Z", &order(), &rules);
    assert_eq!((early.step, early.next_look), (None, Some(at("2026-03-02T12:00:00Z"))));
    assert_eq!((early.response_due_at, early.shows), (Some(at("2026-03-02T12:00:00Z")), true));
    assert_eq!(early.why_not, "Rule 1: not before 2026-03-02 12:00 UTC, 4 h are allowed");
    let due = look("2026-03-02T12:00:00Z", &order(), &rules);
    let step = due.step.unwrap();
    assert_eq!((step.level, step.action), (1, Action::NotifySupervisor));
    assert_eq!(step.reason, "no work has started by 2026-03-02 12:00 UTC: Rule 1 allows 4 h (step 1 of 3)");
    assert_eq!(due.next_look, Some(at("2026-03-02T16:00:00Z")));
}

#[test]
fn each_round_waits_for_the_timeout_again_and_the_chain_ends() {
    let rules = [rule(1, 240)];
    let once = after(order(), &rules, &["2026-03-02T12:00:00Z"]);
    assert_eq!(level("2026-03-02T15:59:00Z", &once, &rules), None);
    assert_eq!(level("2026-03-02T16:00:00Z", &once, &rules), Some(2));
    let thrice = after(once, &rules, &["2026-03-02T16:00:00Z", "2026-03-02T20:00:00Z"]);
    let end = look("2027-01-01T00:00:00Z", &thrice, &rules);
    assert_eq!((end.step, end.next_look), (None, None), "three levels at most");
    assert_eq!(end.why_not, "Rule 1: all 3 steps were taken");
}

#[test]
fn whoever_has_seen_it_has_time_until_the_acknowledgement_expires() {
    let rules = [rule(1, 240)];
    let seen = WorkOrder { acknowledged_until: Some(at("2026-03-02T12:30:00Z")), ..order() };
    let early = look("2026-03-02T12:29:59Z", &seen, &rules);
    assert_eq!((early.step, early.next_look), (None, Some(at("2026-03-02T12:30:00Z"))));
    assert!(early.why_not.ends_with("someone has seen it, which holds until 2026-03-02 12:30 UTC"));
    assert_eq!(level("2026-03-02T12:30:00Z", &seen, &rules), Some(1));
}

#[test]
fn the_same_firing_twice_is_one_step_however_late_it_is_and_an_earlier_one_is_none() {
    let mut chain = rule(1, 240);
    chain.steps.push(ChainStep { action: Action::NotifyManager, wait_minutes: 0 });
    let resolution = Rule { clock: Clock::Resolution, ..rule(2, 240) };
    let rules = [chain, resolution];
    let once = after(order(), &rules, &["2026-05-01T00:00:00Z"]);
    for replay in ["2026-05-01T00:00:00Z", "2026-04-01T00:00:00Z"] {
        assert_eq!(level(replay, &once, &rules), None, "neither the next step nor the other clock");
    }
    assert_eq!(level("2026-05-01T00:10:00Z", &once, &rules), Some(2));
}

#[test]
fn newer_activity_starts_the_clock_again() {
    let rules = [rule(1, 240)];
    let mut moved = after(order(), &rules, &["2026-03-02T12:00:00Z"]);
    moved.counts_from = at("2026-03-02T13:00:00Z");
    assert_eq!(level("2026-03-02T16:59:00Z", &moved, &rules), None);
    assert_eq!(level("2026-03-02T17:00:00Z", &moved, &rules), Some(2));
}

#[test]
fn an_escalation_that_has_begun_keeps_its_rule_and_others_are_judged_by_the_new_one() {
    let mut chain = rule(1, 60);
    chain.steps.push(ChainStep { action: Action::NotifyManager, wait_minutes: 30 });
    let begun = after(order(), &[chain.clone()], &["2026-03-02T09:10:00Z"]);
    let edited = Rule { steps: vec![ChainStep { action: Action::Webhook, wait_minutes: 9 }], ..rule(1, 5) };
    for rules in [&[chain][..], &[edited], &[]] {
        assert_eq!(level("2026-03-02T09:39:00Z", &begun, rules), None);
        let step = look("2026-03-02T09:40:00Z", &begun, rules).step.unwrap();
        assert_eq!((step.action, step.level), (Action::NotifyManager, 2));
    }
}

#[test]
fn a_chain_ends_with_its_clock() {
    let resolution = Rule { clock: Clock::Resolution, ..rule(2, 600) };
    let rules = [rule(1, 240), resolution];
    let mut started = after(order(), &rules, &["2026-03-02T12:00:00Z"]);
    started.status = Status::InProgress;
    started.counts_from = at("2026-03-02T13:00:00Z");
    let seen = look("2026-03-02T22:59:00Z", &started, &rules);
    assert_eq!((seen.step, seen.chains.len()), (None, 0), "it has responded");
    assert_eq!(seen.response_due_at, Some(at("2026-03-02T12:00:00Z")), "what was promised is still seen");
    assert_eq!(level("2026-03-02T23:00:00Z", &started, &rules), Some(2));
}

#[test]
fn the_most_specific_rule_wins() {
    let general = rule(1, 1);
    let by_type = Rule { wo_type: Some(WorkOrderType::Corrective), ..rule(2, 1) };
    let by_priority = Rule { priority: Some(Priority::High), ..rule(3, 600) };
    let by_warehouse = Rule { warehouse_id: Some(WarehouseId(Uuid::nil())), ..rule(4, 1) };
    let by_both = Rule { priority: Some(Priority::High), ..by_type.clone() };
    let elsewhere = Rule { warehouse_id: Some(WarehouseId(Uuid::max())), ..by_both.clone() };
    let ranked = [by_both, by_warehouse, by_type, by_priority, general];
    for (weaker, winner) in ranked.iter().enumerate() {
        let mut rules = ranked.get(weaker..).unwrap().to_vec();
        rules.reverse();
        rules.push(elsewhere.clone());
        let found = book(&rules);
        assert_eq!(found.most_specific(&order(), Clock::Response), Some(winner));
    }
}

#[test]
fn nothing_escalates_on_hold_or_after_the_end_and_time_on_hold_does_not_count() {
    let resolution = Rule { clock: Clock::Resolution, ..rule(1, 240) };
    let rules = [resolution];
    for status in [Status::OnHold, Status::Completed, Status::Verified, Status::Closed, Status::Cancelled] {
        let resting = WorkOrder { status, ..order() };
        let seen = look("2027-01-01T00:00:00Z", &resting, &rules);
        assert_eq!((seen.step, seen.next_look), (None, None));
    }
    let held = vec![(at("2026-03-02T09:00:00Z"), Some(at("2026-03-05T09:00:00Z")))];
    let resumed = WorkOrder { status: Status::InProgress, held, ..order() };
    assert_eq!(level("2026-03-05T11:59:00Z", &resumed, &rules), None, "three hours are left");
    assert_eq!(level("2026-03-05T12:00:00Z", &resumed, &rules), Some(1));
}

#[test]
fn business_hours_leave_out_the_night_the_holiday_and_the_weekend() {
    let rules = [Rule { hours: CountedHours::Business, ..rule(1, 240) }];
    // Thursday, 14:00 UTC is 15:00 there; the next day is a holiday.
    let late = WorkOrder { counts_from: at("2026-03-05T14:00:00Z"), ..order() };
    let seen = look("2026-03-09T08:59:00Z", &late, &rules);
    assert_eq!((seen.step, seen.next_look), (None, Some(at("2026-03-09T09:00:00Z"))));
    let step = look("2026-03-09T09:00:00Z", &late, &rules).step.unwrap();
    assert!(step.reason.contains("Rule 1 allows 4 h of opening hours"), "{}", step.reason);
}

#[test]
fn an_urgent_sweep_raises_what_is_urgent_and_shows_every_deadline() {
    let (book, now) = (book(&[rule(1, 1)]), at("2026-03-03T00:00:00Z"));
    let urgent = |order: &WorkOrder| decide(now, Scope::Urgent, order, &book, &mut People::default());
    let high = urgent(&order());
    assert_eq!((high.step.is_some(), high.shows), (false, true));
    assert!(high.next_look.unwrap() <= now, "it stays due");
    assert!(urgent(&WorkOrder { priority: Priority::Critical, ..order() }).step.is_some());
    assert!(urgent(&WorkOrder { r#type: WorkOrderType::Emergency, ..order() }).step.is_some());
}

#[test]
fn preventive_work_is_not_late_before_it_is_due() {
    let due_at = Some(at("2026-03-09T00:00:00Z"));
    let planned = WorkOrder { r#type: WorkOrderType::Preventive, due_at, ..order() };
    assert_eq!(level("2026-03-08T00:00:00Z", &planned, &[rule(1, 240)]), None);
    assert_eq!(level("2026-03-09T04:00:00Z", &planned, &[rule(1, 240)]), Some(1));
}

#[test]
fn it_is_given_to_whoever_has_least_to_do_and_the_chain_goes_on_without_anyone() {
    let reassign = vec![ChainStep { action: Action::AutoReassign, wait_minutes: 0 }];
    let found = book(&[Rule { steps: reassign, ..rule(1, 60) }]);
    let id = |n| ProfileId(Uuid::from_u128(n));
    let person = |n, warehouse, open| Person {
        id: id(n),
        warehouse_id: WarehouseId(warehouse),
        full_name: format!("Person {n}"),
        open_work_orders: open,
        most: 5,
    };
    let here = Uuid::nil();
    let mut people = People::new(vec![
        person(9, Uuid::max(), 0),
        person(3, here, 3),
        person(2, here, 4),
        person(1, here, 5),
    ]);
    let mine = WorkOrder { assigned_to: Some(id(3)), ..order() };
    let mut give = |order: &WorkOrder| {
        decide(at("2026-03-02T09:00:00Z"), Scope::Every, order, &found, &mut people).step.unwrap()
    };
    let step = give(&mine);
    assert_eq!((step.assignee, &*step.outcome), (Some(id(2)), "given to Person 2"), "not to whoever has it");
    let step = give(&mine);
    assert_eq!(step.assignee, None, "what was given counts");
    assert_eq!(
        step.outcome,
        "nobody to give it to: each of the 3 technicians here has it already, or has 5 open work orders or more"
    );
    assert_eq!(step.level, 1, "and it is raised all the same");
    assert_eq!(give(&order()).assignee, Some(id(3)));
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_goes_on() {
    let good = serde_json::to_value(rule(1, 60)).unwrap();
    let mut shouting = good.clone();
    shouting["steps"] = json!([{"action": "shout", "wait_minutes": 0}]);
    let mut empty = good.clone();
    empty["steps"] = json!([]);
    let nowhere =
        json!({"warehouse_id": Uuid::nil(), "time_zone": "EST5EDT4", "operating_hours": [], "holidays": []});
    let (book, problems) = Rulebook::read(rows(json!([shouting, good, empty])), rows(json!([nowhere])));
    let subjects: Vec<_> = problems.iter().map(|(subject, _)| subject.split(' ').next().unwrap()).collect();
    assert_eq!(subjects, ["escalation", "escalation", "warehouse"]);
    assert!(problems[0].1.contains("shout"), "{problems:?}");
    assert!(
        decide(at("2027-01-01T00:00:00Z"), Scope::Every, &order(), &book, &mut People::default())
            .step
            .is_some()
    );
}

#[test]
fn absurd_numbers_do_nothing() {
    let absurd = Rule { timeout_minutes: i64::MAX, ..rule(2, 1) };
    assert_eq!(level("2027-01-01T00:00:00Z", &order(), &[absurd]), None);
}

#[test]
fn the_words_are_those_of_the_enums() {
    for word in Action::WORDS {
        assert!(are_steps(&json!([{"action": word, "wait_minutes": 0}])), "{word}");
    }
    for word in CountedHours::WORDS {
        assert!(serde_json::from_value::<CountedHours>(json!(word)).is_ok(), "{word}");
    }
}
