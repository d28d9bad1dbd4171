//! The days of one month that a rule allows, as bits: bit 0 is the 1st.
//!
//! Every `BY` part of RFC 5545 that is about days only takes days away, so each is a mask, and a month is decided by a
//! few operations, however hostile the rule.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::rule::{By, Rule, Unit};

/// The parts that follow from a rule's first date if the rule itself does not say them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Implied {
    /// In this month only.
    month: Option<u32>,
    /// On this day of the month; the last one, where the month is shorter.
    day: Option<u32>,
    /// On this day of the week.
    weekday: Option<Weekday>,
}

impl Implied {
    pub(super) fn by(rule: &Rule, first: NaiveDate) -> Self {
        let by = &rule.by;
        let says_days = !(by.month_days.is_empty()
            && by.year_days.is_empty()
            && by.week_numbers.is_empty()
            && by.weekdays.is_empty());
        match rule.unit {
            _ if says_days => Self::default(),
            Unit::Days => Self::default(),
            Unit::Weeks => Self { weekday: Some(first.weekday()), ..Self::default() },
            Unit::Months => Self { day: Some(first.day()), ..Self::default() },
            Unit::Years => {
                let month = by.months.is_empty().then_some(first.month());
                Self { month, day: Some(first.day()), weekday: None }
            }
        }
    }
}

/// A month of the calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    first: NaiveDate,
    /// 28 to 31.
    length: u32,
}

/// Bits 0, 7, 14, 21 and 28.
const EVERY_SEVENTH: u32 = 0x1020_4081;

impl Month {
    /// `month` is 1 to 12.
    pub(super) fn of(year: i32, month: u32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        Some(Self { first, length: first.num_days_in_month().into() })
    }

    pub(super) fn first(self) -> NaiveDate {
        self.first
    }

    /// The days that the rule allows, whatever its interval is.
    pub(super) fn days(self, rule: &Rule, implied: Implied) -> u32 {
        let by = &rule.by;
        let month = self.first.month();
        let in_another_month = implied.month.is_some_and(|only| only != month)
            || !(by.months.is_empty() || by.months.iter().any(|of| i64::from(*of) == i64::from(month)));
        if in_another_month {
            return 0;
        }
        let mut days = u32::MAX >> (32 - self.length);
        if let Some(day) = implied.day {
            days &= bit(day.min(self.length) - 1);
        }
        if let Some(weekday) = implied.weekday {
            days &= self.weekday(weekday);
        }
        if !by.month_days.is_empty() {
            days &= any(&by.month_days, |day| from_either_end(*day, self.length).map_or(0, bit));
        }
        if !by.year_days.is_empty() {
            days &= any(&by.year_days, |day| {
                from_either_end(*day, days_in_year(self.first)).map_or(0, |day| self.day_of_year(day))
            });
        }
        if !by.weekdays.is_empty() {
            days &= any(&by.weekdays, |(ordinal, weekday)| self.counted_weekday(*ordinal, *weekday, rule));
        }
        if !by.week_numbers.is_empty() {
            days &= self.weeks(by, rule.week_start);
        }
        days
    }

    /// All days of the month that are this day of the week.
    fn weekday(self, weekday: Weekday) -> u32 {
        (EVERY_SEVENTH << first_one(self.first, weekday)) & (u32::MAX >> (32 - self.length))
    }

    /// The nth such day of the week in the month, or in the year where the rule goes by years without months.
    fn counted_weekday(self, ordinal: i16, weekday: Weekday, rule: &Rule) -> u32 {
        if ordinal == 0 {
            return self.weekday(weekday);
        }
        let in_year = rule.unit == Unit::Years && rule.by.months.is_empty();
        let start = if in_year { new_year(self.first) } else { self.first };
        let length = if in_year { days_in_year(self.first) } else { self.length };
        let earliest = first_one(start, weekday);
        let how_many = (length - 1 - earliest) / 7 + 1;
        match from_either_end(ordinal, how_many).map(|nth| earliest + 7 * nth) {
            None => 0,
            Some(day) if in_year => self.day_of_year(day),
            Some(day) => bit(day),
        }
    }

    /// The day of the year, counted from 0, if it is in this month.
    fn day_of_year(self, day: u32) -> u32 {
        day.checked_sub(self.first.ordinal0()).filter(|day| *day < self.length).map_or(0, bit)
    }

    /// The days that are in one of the weeks. Those around New Year may be in a week of the other year.
    fn weeks(self, by: &By, week_start: Weekday) -> u32 {
        let is_in = |day: &u32| {
            let date = self.first + Days::new(u64::from(*day));
            let fourth = fourth_of_week(date, week_start);
            let last =
                fourth_of_week(new_year(fourth) + Days::new(u64::from(days_in_year(fourth)) - 4), week_start);
            by.week_numbers.iter().any(|number| {
                from_either_end(*number, last.ordinal0() / 7 + 1) == Some(fourth.ordinal0() / 7)
            })
        };
        (0..self.length).filter(is_in).fold(0, |days, day| days | bit(day))
    }
}

/// The dates of the days.
pub(super) fn dates(month: Month, mut days: u32) -> impl Iterator<Item = NaiveDate> {
    std::iter::from_fn(move || {
        let day = (days != 0).then(|| days.trailing_zeros())?;
        days &= days - 1;
        month.first.with_day0(day)
    })
}

/// Bit n; none beyond the last.
pub(super) fn bit(n: u32) -> u32 {
    1_u32.checked_shl(n).unwrap_or(0)
}

fn any<T>(parts: &[T], mask: impl Fn(&T) -> u32) -> u32 {
    parts.iter().fold(0, |all, part| all | mask(part))
}

/// Counted from 1, or from −1 at the end, to counted from 0; none beyond the length.
pub(super) fn from_either_end(number: i16, length: u32) -> Option<u32> {
    let distance = u32::from(number.unsigned_abs());
    let index = if number > 0 { distance.checked_sub(1) } else { length.checked_sub(distance) };
    index.filter(|index| *index < length)
}

/// The days from `start` to the first such day of the week, 0 to 6.
fn first_one(start: NaiveDate, weekday: Weekday) -> u32 {
    weekday.days_since(start.weekday())
}

/// The year that the date's week belongs to.
pub(super) fn week_year(date: NaiveDate, week_start: Weekday) -> i32 {
    let week = date.week(week_start).checked_first_day().unwrap_or(date);
    week.checked_add_days(Days::new(3)).unwrap_or(date).year()
}

/// The day that decides to which year a week belongs: a week is the year's that has four days of it.
fn fourth_of_week(date: NaiveDate, week_start: Weekday) -> NaiveDate {
    date.week(week_start).checked_first_day().unwrap_or(date) + Days::new(3)
}

fn new_year(date: NaiveDate) -> NaiveDate {
    date.with_ordinal0(0).unwrap_or(date)
}

fn days_in_year(date: NaiveDate) -> u32 {
    if date.leap_year() { 366 } else { 365 }
}
