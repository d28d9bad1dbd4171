//! Which work orders have waited too long, and what is done about it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{EscalationRuleId, WarehouseId, WorkOrderId};
use crate::work_order::{Priority, Status, WorkOrderType};

/// A rule, as the gateway tells it. What it does not name, it matches.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// Which one.
    pub id: EscalationRuleId,
    /// Only in this warehouse.
    pub warehouse_id: Option<WarehouseId>,
    /// Only work orders of this type.
    pub wo_type: Option<WorkOrderType>,
    /// Only work orders of this priority.
    pub priority: Option<Priority>,
    /// What has to happen in time.
    pub clock: Clock,
    /// How long that may take.
    pub timeout_minutes: i64,
    /// What is done, one step after the other.
    pub steps: Vec<ChainStep>,
    /// How often the whole chain is gone through again.
    pub repeat_count: u16,
}

/// What has to happen in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Work has to start.
    Response,
    /// Work has to end.
    Resolution,
}

/// A step of a rule's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainStep {
    /// What is done.
    pub action: Action,
    /// How long after the step before it; for the first one, after the deadline.
    pub wait_minutes: i64,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The supervisors of the warehouse are told.
    NotifySupervisor,
    /// The managers are told.
    NotifyManager,
}

/// The words of [`Action`] as clients write them.
pub const ACTIONS: [&str; 2] = ["notify_supervisor", "notify_manager"];

/// How many steps a chain may have.
pub const MAX_STEPS: usize = 10;
/// How long a step may wait for the one before it, in minutes: thirty days.
pub const MAX_WAIT_MINUTES: i64 = 43_200;

/// How the steps of a chain are written, in words.
pub const STEPS_IN_WORDS: &str = "a list of 1 to 10 like {\"action\": \"notify_supervisor\", \"wait_minutes\": 30}; \
    the actions are notify_supervisor and notify_manager, the wait is from 0 to 43200 minutes";

/// Whether a JSON value says the steps of a chain.
#[must_use]
pub fn are_steps(value: &serde_json::Value) -> bool {
    Vec::<ChainStep>::deserialize(value).is_ok_and(|steps| {
        (1..=MAX_STEPS).contains(&steps.len())
            && steps.iter().all(|step| (0..=MAX_WAIT_MINUTES).contains(&step.wait_minutes))
    })
}

/// A work order that may have waited too long, as the gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Candidate {
    /// Which one.
    pub id: WorkOrderId,
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
    /// When someone last did something about it.
    pub last_activity_at: DateTime<Utc>,
    /// How often it was raised already.
    pub escalation_level: u16,
    /// When it was last raised.
    pub escalated_at: Option<DateTime<Utc>>,
    /// Until when someone has said that they have seen it.
    #[serde(default)]
    pub acknowledged_until: Option<DateTime<Utc>>,
}

/// A work order to raise by one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which one.
    pub work_order_id: WorkOrderId,
    /// By which rule.
    pub rule_id: EscalationRuleId,
    /// To which level, counted from 1.
    pub level: u16,
    /// What is done.
    pub action: Action,
    /// Why, in words for the person who asks.
    pub reason: String,
    /// The activity that the decision saw; a newer one makes it void.
    pub last_activity_at: DateTime<Utc>,
}

/// The shortest time after which any rule has something to do: what was touched more recently need not be looked at.
///
/// `None` without rules.
#[must_use]
pub fn shortest_timeout(rules: &[Rule]) -> Option<TimeDelta> {
    rules.iter().filter_map(|rule| TimeDelta::try_minutes(rule.timeout_minutes)).min()
}

/// The step that is due for a work order at `now`, if one is. At most one: each firing raises by one level.
#[must_use]
pub fn decide(now: DateTime<Utc>, candidate: &Candidate, rules: &[Rule]) -> Option<Step> {
    if candidate.acknowledged_until.is_some_and(|until| now < until) {
        return None;
    }
    running_clocks(candidate.status)
        .iter()
        .filter_map(|clock| most_specific(candidate, *clock, rules))
        .find_map(|rule| due_step(now, candidate, rule))
}

fn running_clocks(status: Status) -> &'static [Clock] {
    match status {
        Status::New | Status::Assigned => &[Clock::Response, Clock::Resolution],
        Status::InProgress => &[Clock::Resolution],
        _ => &[],
    }
}

/// The matching rule that names most; between equals the warehouse counts more than the type, and that more than the
/// priority.
fn most_specific<'a>(candidate: &Candidate, clock: Clock, rules: &'a [Rule]) -> Option<&'a Rule> {
    rules
        .iter()
        .filter(|rule| {
            rule.clock == clock
                && rule.warehouse_id.is_none_or(|id| id == candidate.warehouse_id)
                && rule.wo_type.is_none_or(|r#type| r#type == candidate.r#type)
                && rule.priority.is_none_or(|priority| priority == candidate.priority)
        })
        .max_by_key(|rule| {
            let named = [rule.warehouse_id.is_some(), rule.wo_type.is_some(), rule.priority.is_some()];
            (named.iter().filter(|named| **named).count(), named)
        })
}

fn due_step(now: DateTime<Utc>, candidate: &Candidate, rule: &Rule) -> Option<Step> {
    let raised = usize::from(candidate.escalation_level);
    let round = raised.checked_div(rule.steps.len())?;
    if round > usize::from(rule.repeat_count) {
        return None;
    }
    let position = raised % rule.steps.len();
    let step = rule.steps.get(position)?;
    let started = clock_starts(candidate);
    // A step waits for the one before it to have been taken, not for when it could have been: so the same firing twice
    // is one step, and after an outage nobody gets all levels at once. Newer activity starts the clock again.
    let (since, first_of_round) = match candidate.escalated_at {
        Some(raised_at) if raised_at >= started => (raised_at, position == 0),
        _ => (started, true),
    };
    let wait = if first_of_round { rule.timeout_minutes } else { 0 }.checked_add(step.wait_minutes.max(0))?;
    if since.checked_add_signed(TimeDelta::try_minutes(wait)?)? > now {
        return None;
    }
    let level = candidate.escalation_level.checked_add(1)?;
    Some(Step {
        work_order_id: candidate.id,
        rule_id: rule.id,
        level,
        action: step.action,
        reason: reason(rule, now.signed_duration_since(started), level),
        last_activity_at: candidate.last_activity_at,
    })
}

/// From when the clock runs: the last activity; for preventive work not before it is due, because it is generated ahead.
fn clock_starts(candidate: &Candidate) -> DateTime<Utc> {
    match (candidate.r#type, candidate.due_at) {
        (WorkOrderType::Preventive, Some(due_at)) => candidate.last_activity_at.max(due_at),
        _ => candidate.last_activity_at,
    }
}

fn reason(rule: &Rule, waited: TimeDelta, level: u16) -> String {
    let missing = match rule.clock {
        Clock::Response => "no work has started",
        Clock::Resolution => "the work has not ended",
    };
    format!(
        "{missing} after {}; {} are allowed (level {level})",
        in_words(waited),
        in_words(TimeDelta::try_minutes(rule.timeout_minutes).unwrap_or_default())
    )
}

fn in_words(time: TimeDelta) -> String {
    match (time.num_hours(), time.num_minutes() % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn rule(number: u128, timeout_minutes: i64) -> Rule {
        Rule {
            id: EscalationRuleId(Uuid::from_u128(number)),
            warehouse_id: None,
            wo_type: None,
            priority: None,
            clock: Clock::Response,
            timeout_minutes,
            steps: vec![ChainStep { action: Action::NotifySupervisor, wait_minutes: 0 }],
            repeat_count: 2,
        }
    }

    fn candidate() -> Candidate {
        Candidate {
            id: WorkOrderId(Uuid::nil()),
            warehouse_id: WarehouseId(Uuid::nil()),
            r#type: WorkOrderType::Corrective,
            priority: Priority::High,
            status: Status::Assigned,
            due_at: None,
            last_activity_at: at("2026-03-02T08:00:00Z"),
            escalation_level: 0,
            escalated_at: None,
            acknowledged_until: None,
        }
    }

    #[test]
    fn a_deadline_is_reached_on_the_minute() {
        let rules = [rule(1, 240)];
        assert_eq!(decide(at("2026-03-02T11:59:59Z"), &candidate(), &rules), None);
        let step = decide(at("2026-03-02T12:00:00Z"), &candidate(), &rules).unwrap();
        assert_eq!((step.level, step.action), (1, Action::NotifySupervisor));
        assert_eq!(step.reason, "no work has started after 4 h; 4 h are allowed (level 1)");
    }

    /// The same work order after it was raised to `level`.
    fn raised(level: u16, escalated_at: &str) -> Candidate {
        Candidate { escalation_level: level, escalated_at: Some(at(escalated_at)), ..candidate() }
    }

    #[test]
    fn each_round_waits_for_the_timeout_again_and_the_chain_ends() {
        let rules = [rule(1, 240)];
        let once = raised(1, "2026-03-02T12:00:00Z");
        assert_eq!(decide(at("2026-03-02T15:59:00Z"), &once, &rules), None);
        assert_eq!(decide(at("2026-03-02T16:00:00Z"), &once, &rules).unwrap().level, 2);
        let thrice = raised(3, "2026-03-02T20:00:00Z");
        assert_eq!(decide(at("2027-01-01T00:00:00Z"), &thrice, &rules), None, "three levels at most");
    }

    #[test]
    fn whoever_has_seen_it_has_time_until_the_acknowledgement_expires() {
        let seen = Candidate { acknowledged_until: Some(at("2026-03-02T12:30:00Z")), ..candidate() };
        assert_eq!(decide(at("2026-03-02T12:29:59Z"), &seen, &[rule(1, 240)]), None);
        assert!(decide(at("2026-03-02T12:30:00Z"), &seen, &[rule(1, 240)]).is_some());
    }

    #[test]
    fn the_same_firing_twice_is_one_step_however_late_it_is() {
        let late = "2026-05-01T00:00:00Z";
        assert_eq!(decide(at(late), &candidate(), &[rule(1, 240)]).unwrap().level, 1);
        assert_eq!(decide(at(late), &raised(1, late), &[rule(1, 240)]), None);
    }

    #[test]
    fn the_steps_of_a_chain_wait_for_each_other() {
        let mut chain = rule(1, 60);
        chain.steps.push(ChainStep { action: Action::NotifyManager, wait_minutes: 30 });
        let once = raised(1, "2026-03-02T09:10:00Z");
        assert_eq!(decide(at("2026-03-02T09:39:00Z"), &once, &[chain.clone()]), None);
        let step = decide(at("2026-03-02T09:40:00Z"), &once, &[chain]).unwrap();
        assert_eq!(step.action, Action::NotifyManager);
    }

    #[test]
    fn newer_activity_starts_the_clock_again() {
        let moved =
            Candidate { last_activity_at: at("2026-03-02T13:00:00Z"), ..raised(1, "2026-03-02T12:00:00Z") };
        assert_eq!(decide(at("2026-03-02T16:59:00Z"), &moved, &[rule(1, 240)]), None);
        assert_eq!(decide(at("2026-03-02T17:00:00Z"), &moved, &[rule(1, 240)]).unwrap().level, 2);
    }

    #[test]
    fn the_most_specific_rule_wins() {
        let (general, mut by_type, mut by_both) = (rule(1, 1), rule(2, 1), rule(3, 600));
        by_type.wo_type = Some(WorkOrderType::Corrective);
        by_both.wo_type = Some(WorkOrderType::Corrective);
        by_both.priority = Some(Priority::High);
        let now = at("2026-03-02T12:00:00Z");
        let won = decide(now, &candidate(), &[by_type.clone(), general.clone()]).unwrap();
        assert_eq!(won.rule_id, by_type.id);
        assert_eq!(
            decide(now, &candidate(), &[by_both, by_type, general]),
            None,
            "its ten hours count, not the minute"
        );
    }

    #[test]
    fn nothing_escalates_on_hold_or_after_the_end() {
        for status in [Status::OnHold, Status::Completed, Status::Verified, Status::Closed, Status::Cancelled]
        {
            let resting = Candidate { status, ..candidate() };
            assert_eq!(decide(at("2027-01-01T00:00:00Z"), &resting, &[rule(1, 1)]), None);
        }
    }

    #[test]
    fn started_work_has_responded() {
        let started = Candidate { status: Status::InProgress, ..candidate() };
        assert_eq!(decide(at("2027-01-01T00:00:00Z"), &started, &[rule(1, 1)]), None);
        let resolution = Rule { clock: Clock::Resolution, ..rule(2, 1) };
        assert!(decide(at("2027-01-01T00:00:00Z"), &started, &[resolution]).is_some());
    }

    #[test]
    fn preventive_work_is_not_late_before_it_is_due() {
        let planned = Candidate {
            r#type: WorkOrderType::Preventive,
            due_at: Some(at("2026-03-09T00:00:00Z")),
            ..candidate()
        };
        assert_eq!(decide(at("2026-03-08T00:00:00Z"), &planned, &[rule(1, 240)]), None);
        assert!(decide(at("2026-03-09T04:00:00Z"), &planned, &[rule(1, 240)]).is_some());
    }

    #[test]
    fn a_rule_without_steps_or_with_absurd_numbers_does_nothing() {
        let empty = Rule { steps: Vec::new(), ..rule(1, 1) };
        let absurd = Rule { timeout_minutes: i64::MAX, ..rule(2, 1) };
        for broken in [empty, absurd] {
            assert_eq!(decide(at("2027-01-01T00:00:00Z"), &candidate(), &[broken]), None);
        }
    }
}
