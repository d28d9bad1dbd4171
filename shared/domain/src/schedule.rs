//! Which occurrences of a schedule are due, and what is decided for each.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::id::ScheduleId;
use crate::recurrence::{Recurrence, RecurrenceError};

/// A schedule that may have something to generate, as the gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DueSchedule {
    /// Which one.
    pub schedule_id: ScheduleId,
    /// The state of the row that the plan is made from; a plan for another one changes nothing.
    pub version: i32,
    /// An RFC 5545 rule.
    pub rrule: String,
    /// The first date of the rule, local.
    pub starts_on: NaiveDate,
    /// The first date that counts, local: what was due before the machine was here was nobody's duty.
    pub since: NaiveDate,
    /// The first date without a decision, local.
    pub next_due_on: NaiveDate,
    /// The date from which that one is generated, local.
    pub generate_on: NaiveDate,
    /// How many days before its date an occurrence is generated.
    pub lead_time_days: u16,
    /// The date in the warehouse's time zone at the moment of the firing.
    pub today: NaiveDate,
}

/// What is to be written for one schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Which schedule.
    pub schedule_id: ScheduleId,
    /// The version the plan was made from.
    pub version: i32,
    /// The first date that this plan does not decide.
    pub next_due_on: NaiveDate,
    /// The decisions, by date.
    pub occurrences: Vec<Occurrence>,
}

/// One decided occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// Its local date.
    pub due_on: NaiveDate,
    /// What becomes of it.
    pub decision: Decision,
    /// Why, in words for the person who asks.
    pub reason: String,
}

/// What becomes of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It gets a work order.
    Generated,
    /// Its date passed while nothing was generated, and a later one took its place.
    Missed,
}

/// Why a schedule cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The rule cannot be used.
    #[error(transparent)]
    Rule(#[from] RecurrenceError),
    /// The rule has no further date.
    #[error("the rule has no date after {0}")]
    Ended(NaiveDate),
}

/// At most so many decisions in one plan: after a very long outage a daily schedule is caught up in several.
const MAX_OCCURRENCES: usize = 400;

/// Decides every occurrence that is due: those up to `today` and the lead time ahead.
///
/// After an outage the catch-up policy `latest` holds: of the dates that have passed only the last one still gets a
/// work order, the others are recorded as missed. Nobody needs four weekly inspections on one day.
///
/// # Errors
/// When the rule cannot be used; the schedule is then reported and the others go on.
pub fn plan(schedule: &DueSchedule) -> Result<Plan, ScheduleError> {
    let rule: Recurrence = schedule.rrule.parse()?;
    let from = schedule.next_due_on.max(schedule.since);
    let horizon =
        schedule.today.checked_add_days(Days::new(schedule.lead_time_days.into())).unwrap_or(NaiveDate::MAX);

    let mut dates = rule.dates(schedule.starts_on, from).peekable();
    let mut due = Vec::new();
    while let Some(date) = dates.next_if(|date| *date <= horizon && due.len() < MAX_OCCURRENCES) {
        due.push(date);
    }
    let next_due_on = dates.next().ok_or(ScheduleError::Ended(from))?;
    // The last date that has passed, be it in this plan or in the one that follows.
    let latest = due.iter().copied().chain([next_due_on]).rfind(|date| *date < schedule.today);

    let occurrences = due.into_iter().map(|due_on| decide(due_on, schedule.today, latest)).collect();
    Ok(Plan { schedule_id: schedule.schedule_id, version: schedule.version, next_due_on, occurrences })
}

fn decide(due_on: NaiveDate, today: NaiveDate, latest: Option<NaiveDate>) -> Occurrence {
    let days = due_on.signed_duration_since(today).num_days();
    let (decision, reason) = match latest {
        Some(latest) if due_on < latest => (
            Decision::Missed,
            format!(
                "its date passed while nothing was generated; {latest} took its place (catch-up: latest)"
            ),
        ),
        _ if days < 0 => (
            Decision::Generated,
            format!(
                "generated {} days late, as the last of the dates that had passed (catch-up: latest)",
                -days
            ),
        ),
        _ => (Decision::Generated, format!("generated {days} days ahead of its date")),
    };
    Occurrence { due_on, decision, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn schedule(rrule: &str, next_due_on: &str, today: &str) -> DueSchedule {
        DueSchedule {
            schedule_id: ScheduleId(Uuid::nil()),
            version: 3,
            rrule: rrule.to_owned(),
            starts_on: date("2026-01-05"),
            since: date("2026-01-05"),
            next_due_on: date(next_due_on),
            generate_on: date(next_due_on),
            lead_time_days: 7,
            today: date(today),
        }
    }

    fn decisions(plan: &Plan) -> Vec<(String, Decision)> {
        plan.occurrences.iter().map(|o| (o.due_on.to_string(), o.decision)).collect()
    }

    #[test]
    fn what_falls_in_the_lead_time_is_generated() {
        let plan = plan(&schedule("monthly", "2026-03-05", "2026-02-26")).unwrap();
        assert_eq!(decisions(&plan), [("2026-03-05".to_owned(), Decision::Generated)]);
        assert_eq!(plan.next_due_on, date("2026-04-05"));
        assert_eq!(plan.occurrences[0].reason, "generated 7 days ahead of its date");
    }

    #[test]
    fn a_day_earlier_nothing_is_due() {
        let plan = plan(&schedule("monthly", "2026-03-05", "2026-02-25")).unwrap();
        assert!(plan.occurrences.is_empty());
        assert_eq!(plan.next_due_on, date("2026-03-05"));
    }

    #[test]
    fn after_an_outage_only_the_latest_is_caught_up() {
        let plan = plan(&schedule("weekly", "2026-03-02", "2026-03-20")).unwrap();
        assert_eq!(
            decisions(&plan),
            [
                ("2026-03-02".to_owned(), Decision::Missed),
                ("2026-03-09".to_owned(), Decision::Missed),
                ("2026-03-16".to_owned(), Decision::Generated),
                ("2026-03-23".to_owned(), Decision::Generated),
            ]
        );
    }

    #[test]
    fn what_was_due_before_the_machine_was_here_is_not_counted() {
        let mut schedule = schedule("monthly", "2026-01-05", "2026-06-01");
        schedule.since = date("2026-06-01");
        let plan = plan(&schedule).unwrap();
        assert_eq!(decisions(&plan), [("2026-06-05".to_owned(), Decision::Generated)]);
    }

    #[test]
    fn a_rule_that_cannot_be_used_says_why() {
        let error = plan(&schedule("FREQ=MONTHLY;BYDAY=XX", "2026-01-05", "2026-06-01")).unwrap_err();
        assert_eq!(error.to_string(), "the part 'BYDAY=XX' is not supported");
    }

    proptest! {
        /// Whatever the gaps between two firings, each date is decided exactly once and in order.
        #[test]
        fn no_date_is_decided_twice_or_never(gaps in prop::collection::vec(1_u64..900, 1..8), every in 1_u32..40) {
            let rrule = format!("FREQ=DAILY;INTERVAL={every}");
            let mut schedule = schedule(&rrule, "2026-01-05", "2026-01-05");
            let mut decided = Vec::new();
            for gap in gaps {
                schedule.today = schedule.today + Days::new(gap);
                loop {
                    let plan = plan(&schedule).unwrap();
                    let more = plan.occurrences.len() == MAX_OCCURRENCES;
                    decided.extend(plan.occurrences.iter().map(|o| o.due_on));
                    schedule.next_due_on = plan.next_due_on;
                    if !more { break; }
                }
            }
            let rule: Recurrence = rrule.parse().unwrap();
            let expected: Vec<_> = rule.dates(schedule.starts_on, schedule.since)
                .take_while(|date| *date <= schedule.today + Days::new(7)).collect();
            prop_assert_eq!(decided, expected);
        }
    }
}
