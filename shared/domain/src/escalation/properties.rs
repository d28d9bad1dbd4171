//! Whatever happens to a work order, and whenever firings come: no level twice, none skipped, none on hold or too early.

use super::tests::{applied, at, book, order, rule};
use super::*;
use crate::work_order::Status;
use crate::working_time::reached;
use chrono::TimeDelta;
use proptest::prelude::*;

/// Things that happen, each after some minutes.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// A firing, this many times.
    Fire(u8),
    /// The last firing again.
    Replay,
    /// A firing for a moment that has passed.
    Late(i64),
    Activity,
    /// On hold, or on again.
    Hold,
    Start,
    Acknowledge(i64),
    /// Other rules from now on.
    Edit,
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let event = prop_oneof![
        4 => (1_u8..4).prop_map(Event::Fire),
        1 => Just(Event::Replay),
        1 => (1_i64..3_000).prop_map(Event::Late),
        1 => Just(Event::Activity),
        2 => Just(Event::Hold),
        1 => Just(Event::Start),
        1 => (1_i64..600).prop_map(Event::Acknowledge),
        1 => Just(Event::Edit),
    ];
    prop::collection::vec((0_i64..2_000, event), 1..60)
}

fn rules(timeout: i64, hours: CountedHours, waits: &[i64], repeat_count: u16) -> Vec<Rule> {
    let actions = [Action::NotifySupervisor, Action::NotifyManager, Action::AutoReassign, Action::Webhook];
    let steps: Vec<_> =
        waits.iter().zip(actions).map(|(wait, action)| ChainStep { action, wait_minutes: *wait }).collect();
    let response = Rule { hours, steps: steps.clone(), repeat_count, ..rule(1, timeout) };
    vec![Rule { clock: Clock::Resolution, timeout_minutes: timeout * 2, ..response.clone() }, response]
}

proptest! {
    #[test]
    fn levels_come_one_by_one_and_never_too_early(
        timeout in 1_i64..2_000, waits in prop::collection::vec(0_i64..200, 1..4), repeat in 0_u16..3,
        business in any::<bool>(), what in events(),
    ) {
        let hours = if business { CountedHours::Business } else { CountedHours::Calendar };
        let mut known = rules(timeout, hours, &waits, repeat);
        let (mut order, mut now) = (order(), at("2026-03-02T08:00:00Z"));
        let mut last_fired = now;
        let mut fired_for = std::collections::BTreeSet::new();
        for (minutes, event) in what {
            now += TimeDelta::minutes(minutes);
            let firings = match event {
                Event::Fire(times) => vec![now; times.into()],
                Event::Replay => vec![last_fired],
                Event::Late(by) => vec![now - TimeDelta::minutes(by)],
                _ => Vec::new(),
            };
            for firing in firings {
                last_fired = firing;
                let level = order.escalation_level;
                let begun = order.chains.clone();
                let decision = decide(firing, Scope::Every, &order, &book(&known), &mut People::default());
                if let Some(step) = &decision.step {
                    prop_assert_eq!(step.level, level + 1, "none is skipped");
                    prop_assert!(fired_for.insert(firing), "a firing raises once");
                    prop_assert!(order.status != Status::OnHold);
                    prop_assert!(order.acknowledged_until.is_none_or(|until| until <= firing));
                    prop_assert!(order.escalated_at.is_none_or(|last| last < firing), "never back in time");
                    prop_assert!(step.due_at <= firing);
                    // The rule's time has run out since the last activity, counted anew.
                    let chain = decision.chains.iter().find(|chain| chain.rule.clock == step.clock).unwrap();
                    let before = begun.iter().find(|chain| chain.rule.clock == step.clock);
                    let calendar = book(&[]).calendar(&chain.rule, order.warehouse_id).cloned();
                    let allowed = TimeDelta::minutes(chain.rule.timeout_minutes);
                    let deadline = reached(calendar.as_ref(), order.counts_from, allowed, &order.held);
                    prop_assert!(deadline.unwrap() <= firing);
                    // It keeps its rule, and takes its steps in order.
                    prop_assert_eq!(chain.taken, before.map_or(0, |chain| chain.taken) + 1);
                    prop_assert!(before.is_none_or(|before| before.rule == chain.rule));
                    let position = usize::from(chain.taken - 1) % chain.rule.steps.len();
                    prop_assert_eq!(chain.rule.steps[position].action, step.action);
                    prop_assert!(usize::from(chain.taken) <= chain.rule.steps.len() * usize::from(chain.rule.repeat_count + 1));
                } else if order.status != Status::OnHold {
                    // Nothing is passed over: looked at when it says, it is due.
                    if let Some(next) = decision.next_look {
                        prop_assert!(next > firing);
                        let mut then = applied(&order, &decision, firing);
                        then.acknowledged_until = order.acknowledged_until;
                        let due = decide(next, Scope::Every, &then, &book(&known), &mut People::default());
                        prop_assert!(due.step.is_some());
                    }
                }
                order = applied(&order, &decision, firing);
            }
            match event {
                Event::Activity => {
                    // Never in the very microsecond of a firing, whose own writes count as that.
                    order.counts_from = now + TimeDelta::microseconds(1);
                    order.held.retain(|(_, until)| until.is_none());
                }
                Event::Hold if order.status == Status::InProgress => {
                    order.status = Status::OnHold;
                    order.acknowledged_until = None;
                    order.held.push((now, None));
                }
                Event::Hold if order.status == Status::OnHold => {
                    order.status = Status::InProgress;
                    order.held.last_mut().unwrap().1 = Some(now);
                }
                Event::Start if order.status == Status::Assigned => {
                    order.status = Status::InProgress;
                    order.counts_from = now;
                    order.acknowledged_until = None;
                }
                Event::Acknowledge(minutes) if order.status != Status::OnHold => {
                    order.acknowledged_until = Some(now + TimeDelta::minutes(minutes));
                }
                Event::Edit => known = rules(timeout * 2, CountedHours::Calendar, &[7], 0),
                _ => {}
            }
        }
    }
}
