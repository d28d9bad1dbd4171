//! What is due for one work order, and when to look at it again.

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
    /// Which one.
    pub id: WorkOrderId,
    /// Counts what changed that decides; a newer one makes a decision void.
    pub clock_version: i32,
    /// Where.
    pub warehouse_id: WarehouseId,
    /// Why the work is done.
    pub r#type: WorkOrderType,
    /// How much it matters.
    pub priority: Priority,
    /// Where it stands.
    pub status: Status,
    /// When it must be done.
    pub due_at: Option<DateTime<Utc>>,
    /// The last activity that counts: someone who works did something. To put work on hold, or to go on, is none.
    pub counts_from: DateTime<Utc>,
    /// When it was on hold since then, in order.
    pub held: Vec<Held>,
    /// How often it was raised already.
    pub escalation_level: u16,
    /// When it was last raised.
    pub escalated_at: Option<DateTime<Utc>>,
    /// Until when someone has said that they have seen it.
    pub acknowledged_until: Option<DateTime<Utc>>,
    /// Whose it is.
    pub assigned_to: Option<ProfileId>,
    /// What people see: until when work has to start.
    pub response_due_at: Option<DateTime<Utc>>,
    /// What people see: until when work has to end.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// The escalations that have begun, one for each clock at most.
    pub chains: Vec<Chain>,
}

/// An escalation that has begun. It keeps the rule as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The rule as it was.
    pub rule: Rule,
    /// How many of its steps were taken, through all rounds.
    pub taken: u16,
    /// When the last one was.
    pub taken_at: DateTime<Utc>,
}

/// What is decided about one work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// About which one.
    pub work_order_id: WorkOrderId,
    /// What it was decided on.
    pub clock_version: i32,
    /// When to look at it again, if nothing changes; never, without.
    pub next_look: Option<DateTime<Utc>>,
    /// The escalations that have begun.
    pub chains: Vec<Chain>,
    /// Until when work has to start.
    pub response_due_at: Option<DateTime<Utc>>,
    /// Until when work has to end.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// Whether what people see changes.
    pub shows: bool,
    /// What is done, if something is due.
    pub step: Option<Step>,
    /// Why nothing is done, in words; empty when something is.
    #[serde(skip)]
    pub why_not: String,
}

/// A step: the work order is raised by one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// By which rule.
    pub rule_id: EscalationRuleId,
    /// Which clock has run out.
    pub clock: Clock,
    /// To which level, counted from 1.
    pub level: u16,
    /// What is done.
    pub action: Action,
    /// When it became due. Firings come later.
    pub due_at: DateTime<Utc>,
    /// Why, in words for the person who asks.
    pub reason: String,
    /// To whom it is given.
    pub assignee: Option<ProfileId>,
    /// What came of it, in words; empty where that is plain.
    pub outcome: String,
}

/// Which work orders a firing raises.
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
            // What was promised stays to be seen.
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
