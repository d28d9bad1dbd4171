//! The dates ahead of a schedule, told without deciding anything.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

use super::calendar::there_is_one;
use super::{Basis, DueSchedule, Holidays, OccurrenceDecision, Placed, Rules, Warehouse};
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
    holidays: &'a Holidays,
    from: NaiveDate,
) -> impl Iterator<Item = Ahead> + 'a {
    once_a_day(BTreeSet::new(), rules.dates(holidays, from))
}

/// Of several dates that are moved to one day, the first gets the work order.
fn once_a_day(
    mut taken: BTreeSet<NaiveDate>,
    dates: impl Iterator<Item = (NaiveDate, Placed)>,
) -> impl Iterator<Item = Ahead> {
    dates.map(move |(occurs_on, placed)| match placed {
        Placed::On(due_on) => {
            let left_out = (!taken.insert(due_on)).then(|| there_is_one(due_on));
            Ahead { occurs_on, due_on, left_out }
        }
        Placed::LeftOut(why) => Ahead { occurs_on, due_on: occurs_on, left_out: Some(why) },
    })
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
        let dates = next.flat_map(move |next| rules.dates(holidays, next.max(schedule.since)));
        return Box::new(once_a_day(schedule.taken.clone(), dates));
    }
    let counted_from = if schedule.open.is_some() { warehouse.today } else { schedule.anchor_on };
    let first = schedule.next_due_on.or_else(|| rules.after(counted_from?));
    let dates = std::iter::successors(first, |date| rules.after(*date));
    Box::new(once_a_day(BTreeSet::new(), dates.map(|date| (date, rules.place(date, holidays)))))
}
