//! The decision on one work order: the step that is due, and the next look at it.

use chrono::{DateTime, Utc};

use super::order::{Chain, Decision, WorkOrder};
use super::wait::{Wait, first, moment};
use super::{Clock, People, Rulebook};
use crate::work_order::{Priority, Status, WorkOrderType};

/// The work orders that a firing raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Every,
    /// Emergencies and what is critical.
    Urgent,
}

/// Decides about a work order at `now`. At most one step: each firing raises by one level, and a firing for the moment of the
/// last step, or for an earlier one, by none.
#[must_use]
pub fn decide(
    now: DateTime<Utc>,
    scope: Scope,
    order: &WorkOrder,
    book: &Rulebook,
    people: &mut People,
) -> Decision {
    let clocks = running_clocks(order.status);
    // A chain ends with its clock. On hold the clocks stand, and go on.
    let is_over = |chain: &Chain| order.status != Status::OnHold && !clocks.contains(&chain.rule.clock);
    let mut after = order.clone();
    after.chains.retain(|chain| !is_over(chain));
    let waits: Vec<_> = clocks.iter().filter_map(|clock| Wait::of(order, *clock, book)).collect();
    let deadline = |clock, shown| {
        if order.status == Status::OnHold && clock == Clock::Resolution {
            None
        } else if clocks.contains(&clock) {
            waits.iter().find(|wait| wait.rule.clock == clock).and_then(|wait| wait.deadline)
        } else {
            // A deadline that was promised stays to be seen.
            shown
        }
    };
    let response_due_at = deadline(Clock::Response, order.response_due_at);
    let resolution_due_at = deadline(Clock::Resolution, order.resolution_due_at);

    let next = first(&waits);
    let is_urgent = order.r#type == WorkOrderType::Emergency || order.priority == Priority::Critical;
    let may_step = scope == Scope::Every || is_urgent;
    let step = next.filter(|(at, _)| may_step && *at <= now).and_then(|(due_at, wait)| {
        let step = wait.step(order, due_at, people)?;
        wait.take(&mut after, now);
        Some(step)
    });
    let next_look = match &step {
        Some(_) => {
            let waits: Vec<_> = clocks.iter().filter_map(|clock| Wait::of(&after, *clock, book)).collect();
            first(&waits).map(|(at, _)| at)
        }
        None => next.map(|(at, _)| at),
    };
    Decision {
        work_order_id: order.id,
        clock_version: order.clock_version,
        next_look,
        response_due_at,
        resolution_due_at,
        shows: (response_due_at, resolution_due_at) != (order.response_due_at, order.resolution_due_at),
        why_not: if step.is_some() { String::new() } else { why_not(now, order, &waits) },
        chains: after.chains,
        step,
    }
}

fn running_clocks(status: Status) -> &'static [Clock] {
    match status {
        Status::New | Status::Assigned => &[Clock::Response, Clock::Resolution],
        Status::InProgress => &[Clock::Resolution],
        Status::OnHold | Status::Completed | Status::Verified | Status::Closed | Status::Cancelled => &[],
    }
}

fn why_not(now: DateTime<Utc>, order: &WorkOrder, waits: &[Wait<'_>]) -> String {
    if order.status == Status::OnHold {
        return "it is on hold: its clocks stand".to_owned();
    }
    if running_clocks(order.status).is_empty() {
        return format!("its clocks have ended: it is {}", order.status);
    }
    let mut words: Vec<String> = waits
        .iter()
        .map(|wait| match wait.ends {
            None if wait.next_step().is_none() => {
                format!("{}: all {} steps were taken", wait.rule.name, wait.all_steps())
            }
            None => format!("{}: its time does not run out", wait.rule.name),
            Some(ends) if ends <= now => {
                format!("{}: due since {}, for the next sweep of all", wait.rule.name, moment(ends))
            }
            Some(ends) => {
                format!("{}: not before {}, {} are allowed", wait.rule.name, moment(ends), wait.allowed())
            }
        })
        .collect();
    if words.is_empty() {
        words.push("no rule is for it".to_owned());
    } else if let Some(until) = order.acknowledged_until.filter(|until| now < *until) {
        words.push(format!("someone has seen it, which holds until {}", moment(until)));
    }
    words.join("; ")
}
