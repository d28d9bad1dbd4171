//! An `RRULE`, read and judged as a whole.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, Weekday};

/// The parts of an `RRULE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) unit: Unit,
    /// Every so many units, 1 or more.
    pub(super) every: u32,
    pub(super) ends: Ends,
    /// The day on which weeks begin.
    pub(super) week_start: Weekday,
    /// Of each unit's dates only these, counted from 1 or, from the end, from −1. All of them, when it is empty.
    pub(super) positions: Vec<i16>,
    pub(super) by: By,
}

/// The unit that repeats. Ordered by length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    Never,
    /// After so many dates.
    After(u32),
    /// With this date at the latest.
    On(NaiveDate),
}

/// The days that count. An empty list excludes none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct By {
    pub(super) months: Vec<i16>,
    pub(super) month_days: Vec<i16>,
    pub(super) year_days: Vec<i16>,
    pub(super) week_numbers: Vec<i16>,
    pub(super) weekdays: Vec<(i16, Weekday)>,
}

/// A rule that cannot be used, in words for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// `FREQ` is missing, or it is none of those that make dates.
    #[error("the rule '{0}' has no FREQ of DAILY, WEEKLY, MONTHLY or YEARLY")]
    Frequency(String),
    /// A part that is about hours, minutes or seconds.
    #[error("{0} has no meaning here: maintenance is planned by day")]
    TimeOfDay(String),
    /// No such part of RFC 5545.
    #[error("the part '{0}' is not supported")]
    Part(String),
    /// A part that is there twice.
    #[error("{0} is said twice")]
    Twice(String),
    /// A part that does not hold what it should.
    #[error("{part} must be {must_be}, not '{found}'")]
    Value {
        /// Its name.
        part: &'static str,
        /// The values that it takes, in words.
        must_be: String,
        /// The value that was given.
        found: String,
    },
    /// A line of a calendar that is about something else.
    #[error("the line {0} is not supported: DTSTART, RRULE and EXDATE are")]
    Line(String),
    /// Parts that do not go together.
    #[error("{0}")]
    Together(&'static str),
}

const MAX_INTERVAL: u32 = 1_000;
const MAX_COUNT: u32 = 10_000;
const NAMES: [&str; 10] = [
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYDAY",
    "BYSETPOS",
];

impl Rule {
    /// Reads a rule, with or without `RRULE:` before it and `;` at its end. Upper and lower case are the same, as RFC 5545 has
    /// it.
    pub(super) fn read(text: &str) -> Result<Self, RecurrenceError> {
        let text = text.to_ascii_uppercase();
        let said = text.strip_prefix("RRULE:").unwrap_or(&text);
        let said = said.strip_suffix(';').unwrap_or(said);
        let mut parts = Vec::new();
        for part in said.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| RecurrenceError::Part(part.to_owned()))?;
            if parts.iter().any(|(other, _)| *other == name) {
                return Err(RecurrenceError::Twice(name.to_owned()));
            }
            match name {
                "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
                    return Err(RecurrenceError::TimeOfDay(name.to_owned()));
                }
                _ if name == "FREQ" || NAMES.contains(&name) => parts.push((name, value)),
                _ => return Err(RecurrenceError::Part(part.to_owned())),
            }
        }
        let part =
            |name: &'static str| parts.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let numbers = |name, range: RangeInclusive<i16>| {
            part(name).map_or_else(|| Ok(Vec::new()), |value| numbers(name, value, range))
        };
        let rule = Self {
            unit: unit(said, part("FREQ"))?,
            every: part("INTERVAL").map_or(Ok(1), |value| count("INTERVAL", value, MAX_INTERVAL))?,
            ends: ends(part("COUNT"), part("UNTIL"))?,
            week_start: part("WKST").map_or(Ok(Weekday::Mon), |value| {
                weekday(value).ok_or_else(|| wrong("WKST", "a day of the week such as MO", value))
            })?,
            positions: numbers("BYSETPOS", 1..=366)?,
            by: By {
                months: numbers("BYMONTH", 1..=12)?,
                month_days: numbers("BYMONTHDAY", 1..=31)?,
                year_days: numbers("BYYEARDAY", 1..=366)?,
                week_numbers: numbers("BYWEEKNO", 1..=53)?,
                weekdays: part("BYDAY").map_or_else(|| Ok(Vec::new()), weekdays)?,
            },
        };
        rule.judged()
    }

    /// True if its years are years of whole weeks.
    pub(super) fn goes_by_weeks(&self) -> bool {
        self.unit == Unit::Years && !self.by.week_numbers.is_empty()
    }

    /// Refuses parts that RFC 5545 (3.3.10) does not allow together.
    fn judged(self) -> Result<Self, RecurrenceError> {
        let Self { unit, by, positions, .. } = &self;
        let has_ordinals = by.weekdays.iter().any(|(ordinal, _)| *ordinal != 0);
        let has_by =
            [&by.months, &by.month_days, &by.year_days, &by.week_numbers].iter().any(|p| !p.is_empty());
        let refusal = if by.months.iter().any(|month| month.is_negative()) {
            Some("BYMONTH counts from 1, January, to 12")
        } else if *unit == Unit::Weeks && !by.month_days.is_empty() {
            Some("BYMONTHDAY does not go with FREQ=WEEKLY")
        } else if *unit < Unit::Years && !by.week_numbers.is_empty() {
            Some("BYWEEKNO goes with FREQ=YEARLY only")
        } else if *unit < Unit::Years && !by.year_days.is_empty() {
            Some("BYYEARDAY goes with FREQ=YEARLY only")
        } else if has_ordinals && *unit < Unit::Months {
            Some("BYDAY counts (as in 1MO or -1FR) with FREQ=MONTHLY or YEARLY only")
        } else if has_ordinals && !by.week_numbers.is_empty() {
            Some("BYDAY does not count (as in 1MO or -1FR) together with BYWEEKNO")
        } else if !positions.is_empty() && !has_by && by.weekdays.is_empty() {
            Some("BYSETPOS picks from the dates of another BY part, and there is none")
        } else {
            None
        };
        refusal.map_or(Ok(self), |refusal| Err(RecurrenceError::Together(refusal)))
    }
}

fn unit(rule: &str, frequency: Option<&str>) -> Result<Unit, RecurrenceError> {
    match frequency {
        Some("DAILY") => Ok(Unit::Days),
        Some("WEEKLY") => Ok(Unit::Weeks),
        Some("MONTHLY") => Ok(Unit::Months),
        Some("YEARLY") => Ok(Unit::Years),
        Some(frequency @ ("HOURLY" | "MINUTELY" | "SECONDLY")) => {
            Err(RecurrenceError::TimeOfDay(format!("FREQ={frequency}")))
        }
        _ => Err(RecurrenceError::Frequency(rule.to_owned())),
    }
}

fn ends(count_of: Option<&str>, until: Option<&str>) -> Result<Ends, RecurrenceError> {
    match (count_of, until) {
        (Some(_), Some(_)) => Err(RecurrenceError::Together("COUNT and UNTIL do not go together")),
        (Some(value), None) => count("COUNT", value, MAX_COUNT).map(Ends::After),
        (None, Some(value)) => day(value)
            .map(Ends::On)
            .ok_or_else(|| wrong("UNTIL", "a date such as 20271231 (maintenance is planned by day)", value)),
        (None, None) => Ok(Ends::Never),
    }
}

/// Exactly eight digits: chrono's `%Y` would take more.
fn day(text: &str) -> Option<NaiveDate> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

fn count(part: &'static str, value: &str, max: u32) -> Result<u32, RecurrenceError> {
    let number = value.parse().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| wrong(part, &format!("a number from 1 to {max}"), value))
}

/// Numbers separated by commas. Negative ones count from the end.
fn numbers(part: &'static str, value: &str, range: RangeInclusive<i16>) -> Result<Vec<i16>, RecurrenceError> {
    let number = |text: &str| {
        let number = text.parse::<i16>().ok().filter(|number| range.contains(&number.saturating_abs()));
        number.ok_or_else(|| {
            let max = range.end();
            wrong(
                part,
                &format!("numbers from 1 to {max}, or from -1 to -{max}, with commas between them"),
                text,
            )
        })
    };
    value.split(',').map(number).collect()
}

fn weekdays(value: &str) -> Result<Vec<(i16, Weekday)>, RecurrenceError> {
    let one = |text: &str| {
        let (ordinal, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
        let ordinal = match ordinal {
            "" => 0,
            ordinal => {
                ordinal.parse().ok().filter(|number: &i16| (1..=53).contains(&number.saturating_abs()))?
            }
        };
        Some((ordinal, weekday(name)?))
    };
    let read =
        |text| one(text).ok_or_else(|| wrong("BYDAY", "days of the week such as MO, 2TU or -1FR", text));
    value.split(',').map(read).collect()
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

pub(super) fn wrong(part: &'static str, must_be: &str, found: &str) -> RecurrenceError {
    RecurrenceError::Value { part, must_be: must_be.to_owned(), found: found.to_owned() }
}
