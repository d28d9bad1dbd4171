//! The wait of a work order's clock for the next step of the rule that it runs by.

use chrono::{DateTime, TimeDelta, Utc};

use super::order::{Chain, MAX_LEVEL, Step, WorkOrder};
use super::{Action, ChainStep, Clock, CountedHours, People, Rule, Rulebook};
use crate::work_order::WorkOrderType;
use crate::working_time::reached;

/// The wait that ends first, and when.
pub(super) fn first<'a, 'b>(waits: &'a [Wait<'b>]) -> Option<(DateTime<Utc>, &'a Wait<'b>)> {
    waits.iter().filter_map(|wait| wait.ends.map(|ends| (ends, wait))).min_by_key(|(ends, _)| *ends)
}

/// The wait of one clock of a work order.
pub(super) struct Wait<'a> {
    pub(super) rule: &'a Rule,
    /// Steps that were taken.
    taken: u16,
    /// The moment at which the rule's time runs out.
    pub(super) deadline: Option<DateTime<Utc>>,
    /// The moment at which the next step is due; never if all are taken.
    pub(super) ends: Option<DateTime<Utc>>,
}

impl<'a> Wait<'a> {
    pub(super) fn of(order: &'a WorkOrder, clock: Clock, book: &'a Rulebook) -> Option<Self> {
        let chain = order.chains.iter().find(|chain| chain.rule.clock == clock);
        let rule = chain.map(|chain| &chain.rule).or_else(|| book.most_specific(order, clock))?;
        let calendar = book.calendar(rule, order.warehouse_id);
        let after = |since, minutes| reached(calendar, since, TimeDelta::try_minutes(minutes)?, &order.held);
        let started = clock_starts(order);
        let taken = chain.map_or(0, |chain| chain.taken);
        let mut wait = Self { rule, taken, deadline: after(started, rule.timeout_minutes), ends: None };
        wait.ends = wait.next_step().and_then(|(position, step)| {
            // A step waits for the one before it to have been taken, not for when it could have been: so after an outage
            // nobody gets all levels at once. Newer activity starts the clock again.
            let (since, runs_out) = match chain {
                Some(chain) if chain.taken_at >= started => (chain.taken_at, position == 0),
                _ => (started, true),
            };
            let minutes = if runs_out { rule.timeout_minutes } else { 0 };
            let due = after(since, minutes.checked_add(step.wait_minutes.max(0))?)?;
            // The same firing twice is one step, whichever clock the last one was for.
            let last = order.escalated_at.and_then(|at| at.checked_add_signed(TimeDelta::microseconds(1)));
            (order.escalation_level < MAX_LEVEL)
                .then(|| due.max(order.acknowledged_until.unwrap_or(due)).max(last.unwrap_or(due)))
        });
        Some(wait)
    }

    /// The next step's place in the chain, and what it is. `None` if every round was gone through.
    pub(super) fn next_step(&self) -> Option<(usize, &'a ChainStep)> {
        let (taken, length) = (usize::from(self.taken), self.rule.steps.len());
        if taken.checked_div(length)? > usize::from(self.rule.repeat_count) {
            return None;
        }
        let position = taken % length;
        Some((position, self.rule.steps.get(position)?))
    }

    pub(super) fn step(&self, order: &WorkOrder, due_at: DateTime<Utc>, people: &mut People) -> Option<Step> {
        let (_, step) = self.next_step()?;
        let (assignee, outcome) = match step.action {
            Action::AutoReassign => match people.take(order) {
                Ok((id, outcome)) => (Some(id), outcome),
                Err(outcome) => (None, outcome),
            },
            Action::NotifySupervisor | Action::NotifyManager | Action::Webhook => (None, String::new()),
        };
        Some(Step {
            rule_id: self.rule.id,
            clock: self.rule.clock,
            level: order.escalation_level.checked_add(1)?,
            action: step.action,
            due_at,
            reason: self.reason(),
            assignee,
            outcome,
        })
    }

    /// The work order after this step.
    pub(super) fn take(&self, order: &mut WorkOrder, now: DateTime<Utc>) {
        let rule = self.rule.clone();
        order.chains.retain(|chain| chain.rule.clock != rule.clock);
        order.chains.push(Chain { rule, taken: self.taken.saturating_add(1), taken_at: now });
        order.escalation_level = order.escalation_level.saturating_add(1);
        order.escalated_at = Some(now);
    }

    fn reason(&self) -> String {
        let missing = match self.rule.clock {
            Clock::Response => "no work has started",
            Clock::Resolution => "the work has not ended",
        };
        let by = self.deadline.map(|at| format!(" by {}", moment(at))).unwrap_or_default();
        let (allowed, steps) = (self.allowed(), self.all_steps());
        format!(
            "{missing}{by}: {} allows {allowed} (step {} of {steps})",
            self.rule.name,
            self.taken.saturating_add(1)
        )
    }

    pub(super) fn allowed(&self) -> String {
        let time = in_words(TimeDelta::try_minutes(self.rule.timeout_minutes).unwrap_or_default());
        match self.rule.hours {
            CountedHours::Calendar => time,
            CountedHours::Business => format!("{time} of opening hours"),
        }
    }

    pub(super) fn all_steps(&self) -> usize {
        self.rule.steps.len() * (usize::from(self.rule.repeat_count) + 1)
    }
}

/// The start of the clock: the last activity; for preventive work not before it is due, because it is generated ahead.
fn clock_starts(order: &WorkOrder) -> DateTime<Utc> {
    let not_before = match order.r#type {
        WorkOrderType::Preventive => order.due_at,
        WorkOrderType::Corrective | WorkOrderType::Emergency => None,
    };
    not_before.map_or(order.counts_from, |due_at| order.counts_from.max(due_at))
}

pub(super) fn moment(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn in_words(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
