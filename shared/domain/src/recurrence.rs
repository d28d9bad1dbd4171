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
//! The year of a week number is the week's: `INTERVAL` counts such years from the one that the first date's week belongs to,
//! `BYSETPOS` picks from whole weeks, and week 1 may begin in December (ISO 8601, or from `WKST` on). Others answer differently:
//!
//! - python-dateutil takes the days of the calendar year for `INTERVAL` and `BYSETPOS`; so does libical for `BYSETPOS`. ical.js
//!   looks at no week number beside `BYDAY`.
//! - libical and rrule-temporal count `INTERVAL` from the calendar year of the first date. It differs from ours only where that
//!   date is within three days of New Year and its week is the other year's.
//! - `YEARLY;BYMONTHDAY` without `BYMONTH` is that day of every month here, as in python-dateutil and rrule-temporal; in libical
//!   and ical.js, of the first date's month.
//! - A month that is too short for the first date's day is left out by all of them; here its last day is taken, see above.
//!
//! A rule without a date within a hundred years has none, which also bounds the work that a rule can cause.

mod dates;
mod month;
pub mod pasted;
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

/// A rule as it is kept: its parts in capitals, nothing before or after them. A shorthand stays one.
///
/// # Errors
/// If it cannot be used.
pub fn normal(rule: &str) -> Result<String, RecurrenceError> {
    let rule = rule.trim();
    if SHORTHANDS.iter().any(|(short, _)| *short == rule) {
        return Ok(rule.to_owned());
    }
    Rule::read(rule)?;
    let rule = rule.to_ascii_uppercase();
    let said = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    Ok(said.strip_suffix(';').unwrap_or(said).to_owned())
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
