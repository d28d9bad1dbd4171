//! The decision on one work order: the step that is due, and the next look at it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::wait::{Wait, first, moment};
use super::{Action, Clock, People, Rule, Rulebook};
use crate::id::{EscalationRuleId, ProfileId, WarehouseId, WorkOrderId};
use crate::work_order::{Priority, Status, WorkOrderType};
use crate::working_time::Held;

/// As high as anything is ever raised.
pub(super) const MAX_LEVEL: u16 = 100;

/// A work order that may have waited too long, as the gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WorkOrder {
    /// Its id.
    pub id: WorkOrderId,
    /// Counts what changed that decides; a newer one makes a decision void.
    pub clock_version: i32,
    /// Its warehouse.
    pub warehouse_id: WarehouseId,
    /// The reason for the work.
    pub r#type: WorkOrderType,
    /// Its priority.
    pub priority: Priority,
    /// Its status.
    pub status: Status,
    /// The moment by which it must be done.
    pub due_at: Option<DateTime<Utc>>,
    /// The last activity that counts: someone who works did something. To put work on hold, or to go on, is none.
    pub counts_from: DateTime<Utc>,
    /// The times on hold since then, in order.
    pub held: Vec<Held>,
    /// The number of times it was raised already.
    pub escalation_level: u16,
    /// The moment at which it was last raised.
    pub escalated_at: Option<DateTime<Utc>>,
    /// The end of an acknowledgement.
    pub acknowledged_until: Option<DateTime<Utc>>,
    /// The person who has it.
    pub assigned_to: Option<ProfileId>,
    /// The deadline for starting, as people see it.
    pub response_due_at: Option<DateTime<Utc>>,
    /// The deadline for ending, as people see it.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// The escalations that have begun, one for each clock at most.
    pub chains: Vec<Chain>,
}

/// An escalation that has begun. It keeps the rule as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The rule as it was.
    pub rule: Rule,
    /// The number of its steps that were taken, through all rounds.
    pub taken: u16,
    /// The moment of the last one.
    pub taken_at: DateTime<Utc>,
}

/// The decision on one work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The work order.
    pub work_order_id: WorkOrderId,
    /// The version that it was decided on.
    pub clock_version: i32,
    /// The moment for the next look, if nothing changes; never if there is none.
    pub next_look: Option<DateTime<Utc>>,
    /// The escalations that have begun.
    pub chains: Vec<Chain>,
    /// The deadline for starting.
    pub response_due_at: Option<DateTime<Utc>>,
    /// The deadline for ending.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// True if the deadlines that people see change.
    pub shows: bool,
    /// The step that is due, if one is.
    pub step: Option<Step>,
    /// The reason for doing nothing, in words; empty if a step is due.
    #[serde(skip)]
    pub why_not: String,
}

/// A step: the work order is raised by one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule_id: EscalationRuleId,
    /// The clock that has run out.
    pub clock: Clock,
    /// The level it is raised to, counted from 1.
    pub level: u16,
    /// Its action.
    pub action: Action,
    /// The moment at which it became due. Firings come later.
    pub due_at: DateTime<Utc>,
    /// The reason, in words for the person who asks.
    pub reason: String,
    /// The person it is given to.
    pub assignee: Option<ProfileId>,
    /// The result, in words; empty if that is plain.
    pub outcome: String,
}

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
