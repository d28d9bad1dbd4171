//! What people read of an escalation, and the bounds of its chain.

use super::*;

fn why_not(now: &str, order: &WorkOrder, rules: &[Rule]) -> String {
    look(now, order, rules).why_not
}

#[test]
fn whoever_asks_why_nothing_happens_is_told() {
    let nine = "2026-03-02T09:00:00Z";
    let with = |status| WorkOrder { status, ..order() };
    assert_eq!(why_not(nine, &order(), &[]), "no rule is for it");
    assert_eq!(why_not(nine, &with(Status::OnHold), &[rule(1, 240)]), "it is on hold: its clocks stand");
    assert_eq!(
        why_not(nine, &with(Status::Completed), &[rule(1, 240)]),
        "its clocks have ended: it is completed"
    );
    assert_eq!(why_not(nine, &order(), &[rule(1, i64::MAX)]), "Rule 1: its time does not run out");
    let resolution = Rule { clock: Clock::Resolution, ..rule(2, 90) };
    assert_eq!(
        why_not(nine, &order(), &[rule(1, 75), resolution]),
        "Rule 1: not before 2026-03-02 09:15 UTC, 1 h 15 min are allowed; \
         Rule 2: not before 2026-03-02 09:30 UTC, 1 h 30 min are allowed"
    );
    assert_eq!(why_not(nine, &order(), &[rule(1, 60)]), "", "something happens");
    assert_eq!(
        why_not("2026-03-02T08:00:00Z", &order(), &[rule(1, 45)]),
        "Rule 1: not before 2026-03-02 08:45 UTC, 45 min are allowed"
    );
}

#[test]
fn what_is_not_urgent_is_said_to_wait_for_the_sweep_of_all() {
    let urgent = |now: &str| {
        decide(at(now), Scope::Urgent, &order(), &book(&[rule(1, 60)]), &mut People::default()).why_not
    };
    for due in ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"] {
        assert_eq!(urgent(due), "Rule 1: due since 2026-03-02 09:00 UTC, for the next sweep of all");
    }
    assert_eq!(urgent("2026-03-02T08:59:00Z"), "Rule 1: not before 2026-03-02 09:00 UTC, 1 h are allowed");
}

#[test]
fn an_acknowledgement_that_is_over_is_not_spoken_of() {
    let seen_until = |until: &str| {
        let seen = WorkOrder { acknowledged_until: Some(at(until)), ..order() };
        why_not("2026-03-02T09:00:00Z", &seen, &[rule(1, 240)])
    };
    let rest = "Rule 1: not before 2026-03-02 12:00 UTC, 4 h are allowed";
    assert_eq!(seen_until("2026-03-02T08:30:00Z"), rest);
    assert_eq!(seen_until("2026-03-02T09:00:00Z"), rest);
    assert_eq!(
        seen_until("2026-03-02T09:01:00Z"),
        format!("{rest}; someone has seen it, which holds until 2026-03-02 09:01 UTC")
    );
}

#[test]
fn on_hold_nobody_is_told_when_it_must_end_and_the_promise_to_start_stays() {
    let (start, end) = (Some(at("2026-03-02T12:00:00Z")), Some(at("2026-03-03T08:00:00Z")));
    let rules = [rule(1, 240), Rule { clock: Clock::Resolution, ..rule(2, 1_440) }];
    let deadlines = |status| {
        let shown = WorkOrder { status, response_due_at: start, resolution_due_at: end, ..order() };
        let seen = look("2026-03-02T09:00:00Z", &shown, &rules);
        (seen.response_due_at, seen.resolution_due_at, seen.shows)
    };
    assert_eq!(deadlines(Status::Assigned), (start, end, false));
    assert_eq!(deadlines(Status::OnHold), (start, None, true));
    assert_eq!(deadlines(Status::Completed), (start, end, false), "what was promised is still seen");
}

#[test]
fn a_chain_that_has_begun_is_kept_until_its_clock_ends() {
    let begun = after(order(), &[rule(1, 60)], &["2026-03-02T09:10:00Z"]);
    let chains = |status| {
        let now = WorkOrder { status, ..begun.clone() };
        look("2026-03-02T09:20:00Z", &now, &[rule(1, 60)]).chains
    };
    for running in [Status::Assigned, Status::OnHold] {
        assert_eq!(chains(running), begun.chains, "{running}");
    }
    assert_eq!((chains(Status::InProgress), chains(Status::Completed)), (vec![], vec![]));
}

#[test]
fn nothing_is_raised_beyond_the_hundredth_level() {
    let raised = |level| {
        let high = WorkOrder { escalation_level: level, ..order() };
        look("2026-03-02T12:00:00Z", &high, &[rule(1, 240)]).step.map(|step| step.level)
    };
    assert_eq!((raised(99), raised(100)), (Some(100), None));
}

#[test]
fn each_step_says_which_one_of_how_many_it_is() {
    let mut chain = rule(1, 60);
    chain.repeat_count = 1;
    chain.steps.push(ChainStep { action: Action::NotifyManager, wait_minutes: 30 });
    let reason = |order: &WorkOrder, now: &str| {
        look(now, order, &[chain.clone()]).step.map(|step| (step.action, step.reason))
    };
    let text =
        |n: u8| format!("no work has started by 2026-03-02 09:00 UTC: Rule 1 allows 1 h (step {n} of 4)");
    // The second half an hour after the first; the next round after the hour of the rule.
    let firings =
        ["2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z", "2026-03-02T10:30:00Z", "2026-03-02T11:00:00Z"];
    let actions =
        [Action::NotifySupervisor, Action::NotifyManager, Action::NotifySupervisor, Action::NotifyManager];
    for taken in 0..4 {
        let so_far = after(order(), &[chain.clone()], &firings[..taken]);
        let n = u8::try_from(taken).unwrap() + 1;
        assert_eq!(reason(&so_far, firings[taken]), Some((actions[taken], text(n))));
    }
    assert_eq!(reason(&after(order(), &[chain.clone()], &firings), "2027-01-01T00:00:00Z"), None);
    let ends = Rule { clock: Clock::Resolution, ..rule(2, 60) };
    let step = look("2026-03-02T09:00:00Z", &order(), &[ends]).step.unwrap();
    assert!(step.reason.starts_with("the work has not ended by 2026-03-02 09:00 UTC"), "{}", step.reason);
}

#[test]
fn a_chain_has_one_to_ten_steps_of_at_most_thirty_days() {
    let steps = |count: usize, minutes: i64| {
        are_steps(&Value::from(vec![json!({"action": "webhook", "wait_minutes": minutes}); count]))
    };
    assert!(steps(1, 0) && steps(10, 43_200));
    assert!(!steps(0, 0) && !steps(11, 0) && !steps(1, 43_201) && !steps(1, -1));
    assert_eq!(
        steps_in_words(),
        "a list of 1 to 10 like {\"action\": \"notify_supervisor\", \"wait_minutes\": 30}; the actions are \
         notify_supervisor, notify_manager, auto_reassign, webhook, the wait is from 0 to 43200 minutes"
    );
}
