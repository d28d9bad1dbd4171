//! Recurrence: the dates of a rule, on local dates, counted from its first one.
//!
//! A rule is an RFC 5545 `RRULE` of whole days: maintenance is planned by day, and which day it is somewhere is asked
//! elsewhere, so that no rule ever drifts over a change of clocks. `FREQ` (`DAILY` to `YEARLY`), `INTERVAL`, `COUNT`,
//! `UNTIL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY`, `BYYEARDAY`, `BYWEEKNO`, `BYSETPOS` and `WKST` are understood; any other
//! part is refused rather than ignored.
//!
//! Three things are this project's own, where RFC 5545 leaves them open or maintenance needs another answer:
//!
//! - A day of the month that follows from the first date, and not from `BYMONTHDAY`, is the last day of a month that is
//!   shorter (`SKIP=BACKWARD` of RFC 7529): 31 January, 28 February, 31 March.
//! - The first date is one of the rule's dates only if the rule says so.
//! - `BYWEEKNO` without `BYDAY` is every day of these weeks.
//!
//! A rule without a date within a hundred years has none, which also bounds the work that a rule can cause.

mod dates;
mod month;
mod rule;

#[cfg(test)]
mod tests;

use std::str::FromStr;

use chrono::NaiveDate;

pub use dates::Dates;
pub use rule::RecurrenceError;

use rule::{Ends, Rule};

/// A rule of dates that repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence(Rule);

/// The shorthands, and the rule that each is.
pub const SHORTHANDS: [(&str, &str); 5] = [
    ("daily", "FREQ=DAILY"),
    ("weekly", "FREQ=WEEKLY"),
    ("monthly", "FREQ=MONTHLY"),
    ("quarterly", "FREQ=MONTHLY;INTERVAL=3"),
    ("annually", "FREQ=YEARLY"),
];

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    /// Reads an `RRULE` such as `FREQ=MONTHLY;BYDAY=-1FR`, or one of the [`SHORTHANDS`].
    fn from_str(rule: &str) -> Result<Self, RecurrenceError> {
        let rule = rule.trim();
        let long = SHORTHANDS.iter().find(|(short, _)| *short == rule).map_or(rule, |(_, long)| long);
        Rule::read(long).map(Self)
    }
}

impl Recurrence {
    /// The dates of the rule that begins on `first`, in their order, from the first one that is not before `from`.
    ///
    /// An old rule costs no more than a new one, unless it has a `COUNT`: then its dates are counted from the first.
    #[must_use]
    pub fn dates(&self, first: NaiveDate, from: NaiveDate) -> Dates<'_> {
        Dates::of(&self.0, first, from)
    }

    /// The next date when it is counted from the day on which the last work was done: the rule's first date in a
    /// period that follows. Every two weeks after the 3rd is the 17th; on the first Monday of a month after the 3rd is
    /// that of the next month.
    #[must_use]
    pub fn after(&self, done: NaiveDate) -> Option<NaiveDate> {
        Dates::after_the_first_period(&self.0, done).next()
    }

    /// True if it ends after so many dates.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        matches!(self.0.ends, Ends::After(_))
    }
}
