//! Chains: step by step whatever fires when, by the rule as it was, and not while work is on hold.

use chrono::TimeDelta;
use millwright_stack_tests::{at_once, moment};
use serde_json::{Value, json};

use crate::yard::{FULL, Found, URGENT, Yard, after};

const ALL: [&str; 4] = ["notify_supervisor", "notify_manager", "webhook", "notify_supervisor"];

#[test]
fn a_hundred_firings_at_once_are_one() {
    let yard = Yard::open();
    yard.rule(&json!({}), &["notify_supervisor", "notify_manager"]);
    let orders: Vec<_> = (0..20).map(|_| yard.order("corrective", "medium")).collect();
    let late = yard.began(orders.last().unwrap()) + after(1, 0);
    at_once(100, |_, api| FULL.fire(api, late));
    for order in &orders {
        assert_eq!(yard.found(order), Found::by(&ALL[..1]));
    }
}

#[test]
fn early_or_late_by_ten_minutes_each_step_comes_once_and_never_before_its_time() {
    for minutes in [[0, 0, 0], [10, -10, 0], [-10, 10, 10]] {
        let yard = Yard::open();
        yard.rule(&json!({"repeat_count": 0}), &ALL[..3]);
        let order = yard.order("emergency", "medium");
        let began = yard.began(&order);
        // Every ten minutes for three hours: steps are due after 60 minutes, and 30 after the one before.
        for (n, minutes) in (1..=18).zip(minutes.into_iter().cycle()) {
            yard.sweep(URGENT, began + after(0, 10 * n + minutes));
        }
        assert_eq!(yard.found(&order), Found::by(&ALL[..3]), "{minutes:?}");
        let taken = yard.api.ask(&format!(
            "select jsonb_agg(decided_for order by level) from public.escalations where work_order_id = '{order}'"
        ));
        let taken: Vec<chrono::DateTime<chrono::Utc>> = serde_json::from_str(&taken).unwrap();
        let (mut before, mut waits) = (began, after(1, 0));
        for at in taken {
            let waited = at - before;
            assert!(
                (waits..=waits + after(0, 20)).contains(&waited),
                "{waited} instead of {waits}, {minutes:?}"
            );
            (before, waits) = (at, after(0, 30));
        }
    }
}

#[test]
fn after_an_outage_of_thirty_days_a_chain_begins_with_its_first_step_and_ends_with_its_last() {
    let yard = Yard::open();
    yard.rule(&json!({"repeat_count": 0}), &ALL[..3]);
    let order = yard.order("corrective", "medium");
    let back = yard.began(&order) + TimeDelta::days(30);
    yard.sweep(FULL, yard.began(&order) + after(0, 59));
    assert_eq!(yard.found(&order), Found::by(&[]), "too early");
    for _ in 0..2 {
        yard.sweep(FULL, back);
        // Late by days, after a later one: nothing is undone or done again.
        yard.sweep(FULL, back - TimeDelta::days(9));
        assert_eq!(yard.found(&order), Found::by(&ALL[..1]));
    }
    for (minutes, steps) in [(29, 1), (30, 2), (59, 2), (61, 3), (9_000, 3)] {
        yard.sweep(FULL, back + after(0, minutes));
        assert_eq!(yard.found(&order), Found::by(&ALL[..steps]), "after {minutes} minutes");
    }
}

#[test]
fn a_rule_that_is_edited_changes_only_what_has_not_begun() {
    let yard = Yard::open();
    let rule = yard.rule(&json!({}), &ALL[..2]);
    let begun = yard.order("emergency", "medium");
    let late = yard.began(&begun) + after(1, 0);
    yard.sweep(URGENT, late);
    let waits = yard.order("emergency", "medium");
    let edit =
        json!({"timeout_minutes": 600, "steps": [{"action": "webhook", "wait_minutes": 0}], "active": true});
    let path = format!("/api/v1/escalation-rules/{rule}");
    yard.api.patch(&yard.supervisor, &path, "\"1\"", &edit).expect(200);
    yard.sweep(URGENT, late + after(1, 0));
    assert_eq!(yard.found(&begun), Found::by(&ALL[..2]), "the chain goes on as it was");
    assert_eq!(yard.found(&waits), Found::by(&[]));
    assert_eq!(yard.allowed(&waits), after(10, 0), "the new deadline is seen");
    yard.sweep(URGENT, yard.began(&waits) + after(10, 0));
    assert_eq!(yard.found(&waits), Found::by(&["webhook"]));
}

#[test]
fn three_days_on_hold_do_not_count_and_do_not_escalate() {
    let yard = Yard::open();
    yard.rule(&json!({"clock": "resolution"}), &ALL[..1]);
    let order = yard.order("corrective", "medium");
    yard.act("technician", &order, "transitions", &json!({"to": "assigned"}));
    let begun = yard.act("technician", &order, "transitions", &json!({"to": "in_progress"}));
    let begun: chrono::DateTime<chrono::Utc> = begun["last_activity_at"].as_str().unwrap().parse().unwrap();
    let hold = json!({"to": "on_hold", "hold_reason": "parts"});
    yard.act("technician", &order, "transitions", &hold);
    let back = begun + TimeDelta::days(3);
    yard.sweep(FULL, back);
    assert_eq!(yard.found(&order), Found::by(&[]));
    yard.act("technician", &order, "transitions", &json!({"to": "in_progress"}));
    // As if those had been three days: from ten minutes after the beginning.
    yard.api.tell(&format!(
        "update private.escalation_clocks set held = '[[\"{}\", \"{}\"]]' where work_order_id = '{order}'",
        moment(begun + after(0, 10)),
        moment(back)
    ));
    yard.sweep(FULL, back + after(0, 49));
    assert_eq!(yard.found(&order), Found::by(&[]), "ten minutes before, and 49 since");
    yard.sweep(FULL, back + after(0, 51));
    assert_eq!(yard.found(&order), Found::by(&ALL[..1]));
}

#[test]
fn an_acknowledgement_holds_for_half_an_hour_and_then_the_chain_goes_on() {
    let yard = Yard::open();
    yard.rule(&json!({}), &ALL[..2]);
    let order = yard.order("emergency", "medium");
    let late = yard.began(&order) + after(1, 0);
    yard.sweep(URGENT, late);
    let seen = yard.act("supervisor", &order, "acknowledge", &json!({}));
    let until: chrono::DateTime<chrono::Utc> = seen["acknowledged_until"].as_str().unwrap().parse().unwrap();
    // The next step would be due half an hour after the first; seen until then is before that here, so it is put off.
    let put_off = late + after(2, 0) - until;
    yard.api.tell(&format!(
        "update public.work_orders set acknowledged_until = acknowledged_until + make_interval(secs => {}) where id = '{order}'",
        put_off.num_seconds()
    ));
    yard.sweep(URGENT, late + after(1, 59));
    assert_eq!(yard.found(&order), Found::by(&ALL[..1]));
    yard.sweep(URGENT, late + after(2, 1));
    assert_eq!(yard.found(&order), Found::by(&ALL[..2]));
    let said: chrono::DateTime<chrono::Utc> = seen["updated_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(until - said, after(0, 30), "half an hour for an emergency");
}

#[test]
fn work_is_given_to_who_is_free_and_otherwise_the_chain_goes_on() {
    let yard = Yard::open();
    yard.rule(&json!({}), &["auto_reassign", "notify_manager"]);
    let most =
        json!({"key": "escalation_max_open_work_orders", "warehouse_id": yard.site.warehouse, "value": 1});
    yard.api.post(&yard.supervisor, "/api/v1/settings", &most).expect(201);
    let orders = [yard.order("corrective", "medium"), yard.order("corrective", "medium")];
    let late = yard.began(&orders[1]) + after(1, 0);
    yard.sweep(FULL, late);
    let technician = yard.site.person(&yard.api, "technician");
    let mut outcomes: Vec<_> = orders
        .iter()
        .map(|id| {
            let path = format!("/api/v1/work-orders/{id}/escalations");
            let step = yard.api.get(&yard.supervisor, &path).expect(200)[0].clone();
            let order = yard.read(id);
            assert_eq!((&order["escalation_level"], &step["action"]), (&json!(1), &json!("auto_reassign")));
            assert_eq!(order["status"] == "assigned", order["assigned_to"] == technician.as_str());
            step["outcome"].as_str().unwrap().to_owned()
        })
        .collect();
    outcomes.sort();
    assert_eq!(outcomes[0], "given to The technician");
    assert!(outcomes[1].starts_with("nobody to give it to: each of the 1 technicians here"), "{outcomes:?}");
    yard.sweep(FULL, late + after(0, 30));
    for order in &orders {
        assert_eq!(yard.found(order), Found::by(&["auto_reassign", "notify_manager"]));
    }
}

#[test]
fn a_rule_that_cannot_be_used_is_told_of_and_the_others_go_on() {
    let yard = Yard::open();
    yard.rule(&json!({}), &ALL[..1]);
    // As an older version could have left it: nobody can write such a rule.
    let check = "check (private.are_steps(steps))";
    yard.api.tell("alter table public.escalation_rules drop constraint escalation_rules_steps_check");
    yard.api.tell(&format!(
        "insert into public.escalation_rules (name, warehouse_id, wo_type, timeout_minutes, steps)
         values ('Odd', '{}', 'preventive', 1, '[{{\"action\": \"shout\", \"wait_minutes\": 0}}]')",
        yard.site.warehouse
    ));
    let order = yard.order("corrective", "medium");
    let run = yard.sweep(FULL, yard.began(&order) + after(1, 0));
    let odd = format!(
        "select id from public.escalation_rules where warehouse_id = '{}' and name = 'Odd'",
        yard.site.warehouse
    );
    let manager = yard.api.token("manager");
    let reference = format!("escalation%20rule%20{}", yard.api.ask(&odd));
    let letters = || {
        let path = format!("/api/v1/jobs/dead-letters?reference={reference}");
        yard.api.get(&manager, &path).expect(200).as_array().unwrap().clone()
    };
    let told = letters();
    yard.api.tell(&format!("update public.escalation_rules set active = false where id = ({odd})"));
    yard.api.tell(&format!(
        "alter table public.escalation_rules add constraint escalation_rules_steps_check {check} not valid"
    ));
    assert_eq!(yard.found(&order), Found::by(&ALL[..1]));
    let says = |reason: &Value| reason.as_str().unwrap().contains("shout");
    assert!(run["problems"].as_array().unwrap().iter().any(|problem| says(&problem["reason"])), "{run}");
    assert!(told.len() == 1 && says(&told[0]["reason"]), "{told:?}");
    assert!(letters().is_empty(), "nothing is to be mended any more");
}
