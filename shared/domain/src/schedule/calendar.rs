//! The calendar of a warehouse: season, weekends and holidays keep, leave out or move a date of a rule.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

use super::Rules;
use crate::words::words;

/// A day of the year, written `05-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl std::str::FromStr for MonthDay {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // A leap year: 29 February is a day of some years.
        let date: NaiveDate = format!("2000-{text}").parse().map_err(|_| NotADay)?;
        if text.len() == 5 { Ok(Self::of(date)) } else { Err(NotADay) }
    }
}

/// It is not a day of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day of the year is written like 05-01")]
pub struct NotADay;

impl MonthDay {
    fn of(date: NaiveDate) -> Self {
        Self { month: date.month(), day: date.day() }
    }
}

impl std::fmt::Display for MonthDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

words! {
    /// The policy for a date on which nobody works.
    #[derive(Default)]
    pub enum OnFreeDay in Enum("on_free_day") {
        /// It stays.
        #[default]
        Keep => "keep",
        /// It is left out.
        Skip => "skip",
        /// It is moved to the last working day before.
        Before => "before",
        /// It is moved to the next working day after.
        After => "after",
    }
}

/// A day on which a warehouse does not work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Holiday {
    /// The local date.
    pub on_date: NaiveDate,
    /// Its name.
    pub name: String,
}

/// The holidays of a warehouse. Each date of each of its schedules is looked up in them, so they are not a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holidays(BTreeMap<NaiveDate, String>);

impl FromIterator<Holiday> for Holidays {
    fn from_iter<I: IntoIterator<Item = Holiday>>(holidays: I) -> Self {
        Self(holidays.into_iter().map(|holiday| (holiday.on_date, holiday.name)).collect())
    }
}

impl<'de> Deserialize<'de> for Holidays {
    fn deserialize<D: serde::Deserializer<'de>>(told: D) -> Result<Self, D::Error> {
        Ok(Vec::<Holiday>::deserialize(told)?.into_iter().collect())
    }
}

/// A date of a rule, put on the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// It is due on this day, which may be another one.
    On(NaiveDate),
    /// It is left out; why, in words.
    LeftOut(String),
}

/// The reason for leaving out a date that was moved to a day with a work order.
pub(super) fn there_is_one(due_on: NaiveDate) -> String {
    format!("on {due_on} there is the one before it already")
}

/// At most so many days is a date moved.
const FARTHEST: u64 = 31;

impl Rules {
    /// Puts a date of the rule on the calendar.
    pub(super) fn place(&self, date: NaiveDate, holidays: &Holidays) -> Placed {
        let timing = &self.timing;
        if timing.exdates.contains(&date) {
            return Placed::LeftOut(format!("{date} is taken out of the rule"));
        }
        if let (Some(from), Some(until)) = (timing.season_from, timing.season_until)
            && !is_in_season(MonthDay::of(date), from, until)
        {
            return Placed::LeftOut(format!("{date} is outside of the season, {from} to {until}"));
        }
        let Some((policy, why)) = self.free_day(date, holidays) else { return Placed::On(date) };
        let step = |days: u64| match policy {
            OnFreeDay::Before => date.checked_sub_days(Days::new(days)),
            OnFreeDay::After => date.checked_add_days(Days::new(days)),
            OnFreeDay::Keep | OnFreeDay::Skip => None,
        };
        let moved = (1..=FARTHEST).map_while(step).find(|day| self.free_day(*day, holidays).is_none());
        moved.map_or_else(|| Placed::LeftOut(format!("{date} is {why}")), Placed::On)
    }

    /// The policy for that day and its reason; `None` if people work then, or the date stays anyway.
    fn free_day<'h>(&self, date: NaiveDate, holidays: &'h Holidays) -> Option<(OnFreeDay, FreeDay<'h>)> {
        let Self { timing, .. } = self;
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
            .then_some((timing.weekends, FreeDay::Weekend));
        let holiday = (timing.holidays != OnFreeDay::Keep)
            .then(|| holidays.0.get(&date))
            .flatten()
            .map(|name| (timing.holidays, FreeDay::Holiday(name)));
        let counts =
            [holiday, weekend].into_iter().flatten().filter(|(policy, _)| *policy != OnFreeDay::Keep);
        // A date that is left out for one reason is not moved for the other.
        counts.reduce(|first, second| if second.0 == OnFreeDay::Skip { second } else { first })
    }
}

/// The reason why nobody works on a day. It is put into words only where it is told: very many days are looked at.
enum FreeDay<'h> {
    Weekend,
    Holiday(&'h str),
}

impl std::fmt::Display for FreeDay<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Weekend => f.write_str("on a weekend"),
            Self::Holiday(name) => write!(f, "a holiday ({name})"),
        }
    }
}

/// Both days are in it. A season that ends before it begins goes over New Year.
fn is_in_season(day: MonthDay, from: MonthDay, until: MonthDay) -> bool {
    if from <= until { from <= day && day <= until } else { from <= day || day <= until }
}
