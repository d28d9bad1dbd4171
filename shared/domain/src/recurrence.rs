//! When something repeats: the dates of a rule, on local dates, counted from its first one.
//!
//! A rule is written as an RFC 5545 `RRULE`. So far `FREQ` and `INTERVAL` are understood, and any other part is
//! refused rather than ignored. Each date is computed from the first one and never from the one before, which is why a
//! month-end rule stays at the month's end: 31 January, 28 February, 31 March.

use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};

/// How often, of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrence {
    unit: Unit,
    every: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

/// Why a rule cannot be used, in words for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// `FREQ` is missing, or it is none of those that make dates.
    #[error("the rule '{0}' has no FREQ of DAILY, WEEKLY, MONTHLY or YEARLY")]
    Frequency(String),
    /// `INTERVAL` is not a number from 1 to 1000.
    #[error("INTERVAL must be a number from 1 to 1000, not '{0}'")]
    Interval(String),
    /// A part of RFC 5545 that is not supported, or no such part.
    #[error("the part '{0}' is not supported")]
    Part(String),
}

const MAX_INTERVAL: u32 = 1000;

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    /// Reads an `RRULE` such as `FREQ=MONTHLY;INTERVAL=3`, or one of the shorthands `daily`, `weekly`, `monthly`,
    /// `quarterly`, `annually`.
    fn from_str(rule: &str) -> Result<Self, RecurrenceError> {
        let rule = match rule.trim() {
            "daily" => "FREQ=DAILY",
            "weekly" => "FREQ=WEEKLY",
            "monthly" => "FREQ=MONTHLY",
            "quarterly" => "FREQ=MONTHLY;INTERVAL=3",
            "annually" => "FREQ=YEARLY",
            rule => rule.strip_prefix("RRULE:").unwrap_or(rule),
        };
        let mut unit = None;
        let mut every = 1;
        for part in rule.split(';') {
            match part.split_once('=') {
                Some(("FREQ", "DAILY")) => unit = Some(Unit::Days),
                Some(("FREQ", "WEEKLY")) => unit = Some(Unit::Weeks),
                Some(("FREQ", "MONTHLY")) => unit = Some(Unit::Months),
                Some(("FREQ", "YEARLY")) => unit = Some(Unit::Years),
                Some(("FREQ", _)) => return Err(RecurrenceError::Frequency(rule.to_owned())),
                Some(("INTERVAL", text)) => {
                    every = text
                        .parse()
                        .ok()
                        .filter(|every| (1..=MAX_INTERVAL).contains(every))
                        .ok_or_else(|| RecurrenceError::Interval(text.to_owned()))?;
                }
                _ => return Err(RecurrenceError::Part(part.to_owned())),
            }
        }
        let unit = unit.ok_or_else(|| RecurrenceError::Frequency(rule.to_owned()))?;
        Ok(Self { unit, every })
    }
}

impl Recurrence {
    /// The dates of the rule that begins on `first`, from the first one that is not before `from`.
    ///
    /// Ends where the calendar of `chrono` ends, which is far beyond any schedule.
    pub fn dates(self, first: NaiveDate, from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        (self.index_before(first, from)..)
            .map_while(move |index| self.date(first, index))
            .skip_while(move |date| *date < from)
    }

    /// The date with the given number, counted from 0.
    fn date(self, first: NaiveDate, index: u32) -> Option<NaiveDate> {
        let units = index.checked_mul(self.every)?;
        match self.unit {
            Unit::Days => first.checked_add_days(Days::new(units.into())),
            Unit::Weeks => first.checked_add_days(Days::new(u64::from(units) * 7)),
            Unit::Months => first.checked_add_months(Months::new(units)),
            Unit::Years => first.checked_add_months(Months::new(units.checked_mul(12)?)),
        }
    }

    /// A number whose date is not after `from` and close to it, so that an old rule costs no more than a new one.
    fn index_before(self, first: NaiveDate, from: NaiveDate) -> u32 {
        let longest_unit_in_days = match self.unit {
            Unit::Days => 1,
            Unit::Weeks => 7,
            Unit::Months => 31,
            Unit::Years => 366,
        };
        let days = from.signed_duration_since(first).num_days().max(0);
        u32::try_from(days / (longest_unit_in_days * i64::from(self.every))).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn first_dates(rule: &str, first: &str, from: &str, count: usize) -> Vec<String> {
        let rule: Recurrence = rule.parse().unwrap();
        rule.dates(date(first), date(from)).take(count).map(|date| date.to_string()).collect()
    }

    #[test]
    fn a_month_end_stays_at_the_months_end() {
        assert_eq!(
            first_dates("monthly", "2027-01-31", "2027-01-01", 4),
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
        );
        assert_eq!(
            first_dates("annually", "2024-02-29", "2025-01-01", 4),
            ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
        );
    }

    #[test]
    fn shorthands_and_rules_agree() {
        assert_eq!(
            first_dates("quarterly", "2026-01-15", "2026-02-01", 2),
            first_dates("RRULE:FREQ=MONTHLY;INTERVAL=3", "2026-01-15", "2026-02-01", 2),
        );
        assert_eq!(first_dates("FREQ=WEEKLY;INTERVAL=2", "2026-01-01", "2026-01-02", 1), ["2026-01-15"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for rule in ["", "hourly", "FREQ=HOURLY", "INTERVAL=2", "FREQ=DAILY;COUNT=3", "FREQ=DAILY;INTERVAL=0"]
        {
            assert!(rule.parse::<Recurrence>().is_err(), "{rule}");
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_an_end() {
        let rule: Recurrence = "annually".parse().unwrap();
        assert_eq!(rule.dates(NaiveDate::MAX, date("2026-01-01")).count(), 1);
    }

    proptest! {
        /// Jumping close to a date finds the same dates as counting from the beginning does.
        #[test]
        fn jumping_ahead_skips_nothing(
            unit in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
            every in 1_u32..20,
            first in 0_i64..20_000,
            ahead in 0_i64..5_000,
        ) {
            let rule: Recurrence = format!("FREQ={unit};INTERVAL={every}").parse().unwrap();
            let first = date("1990-01-01") + chrono::TimeDelta::days(first);
            let from = first + chrono::TimeDelta::days(ahead);
            let counted: Vec<_> = rule.dates(first, first).skip_while(|date| *date < from).take(5).collect();
            let jumped: Vec<_> = rule.dates(first, from).take(5).collect();
            prop_assert_eq!(counted, jumped);
        }
    }
}
