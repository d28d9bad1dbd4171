//! The dates ahead of a schedule, told without deciding anything.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Basis, DueSchedule, Holiday, OccurrenceDecision, Placed, Rules, Warehouse};
use crate::words::words;

words! {
    /// The state of a date in a calendar: ahead, or decided.
    pub enum CalendarState in Apart("the API adds what lies ahead to what the database has decided") {
        /// It lies ahead.
        Planned => "planned",
        /// It lies ahead, and nothing will be generated.
        LeftOut => "left_out",
        /// It got a work order.
        Generated => "generated",
        /// It was left out on purpose.
        Skipped => "skipped",
        /// Its date passed while nothing was generated.
        Missed => "missed",
        /// A later one took its place.
        Superseded => "superseded",
    }
}

impl From<OccurrenceDecision> for CalendarState {
    fn from(decision: OccurrenceDecision) -> Self {
        match decision {
            OccurrenceDecision::Generated => Self::Generated,
            OccurrenceDecision::Skipped => Self::Skipped,
            OccurrenceDecision::Missed => Self::Missed,
            OccurrenceDecision::Superseded => Self::Superseded,
        }
    }
}

/// A date of a rule, as it would be decided if everything stayed as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ahead {
    /// The rule's own date, local.
    pub occurs_on: NaiveDate,
    /// The date by which it is to be done; weekends and holidays may have moved it.
    pub due_on: NaiveDate,
    /// The reason for generating nothing, in words; null if something will be generated.
    pub left_out: Option<String>,
}

/// The dates of a rule from `from` on, without end where the rule has none.
pub fn of_rule<'a>(
    rules: &'a Rules,
    holidays: &'a [Holiday],
    from: NaiveDate,
) -> impl Iterator<Item = Ahead> + 'a {
    rules.dates(holidays, from).map(|(date, placed)| ahead(date, placed))
}

/// The dates of a schedule that have no decision yet. A floating one is told as if each work were done on its day, and
/// what is open today.
#[must_use]
pub fn of_schedule<'a>(
    schedule: &'a DueSchedule,
    rules: &'a Rules,
    warehouse: &'a Warehouse,
) -> Box<dyn Iterator<Item = Ahead> + 'a> {
    let holidays = &warehouse.holidays;
    let floats =
        rules.timing().basis == Basis::Floating && (schedule.anchor_on.is_some() || schedule.open.is_some());
    if !floats {
        let next = schedule.next_due_on.into_iter();
        return Box::new(next.flat_map(move |next| of_rule(rules, holidays, next.max(schedule.since))));
    }
    let counted_from = if schedule.open.is_some() { warehouse.today } else { schedule.anchor_on };
    let first = schedule.next_due_on.or_else(|| rules.after(counted_from?));
    let dates = std::iter::successors(first, |date| rules.after(*date));
    Box::new(dates.map(|date| ahead(date, rules.place(date, holidays))))
}

fn ahead(occurs_on: NaiveDate, placed: Placed) -> Ahead {
    match placed {
        Placed::On(due_on) => Ahead { occurs_on, due_on, left_out: None },
        Placed::LeftOut(why) => Ahead { occurs_on, due_on: occurs_on, left_out: Some(why) },
    }
}
