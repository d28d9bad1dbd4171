//! The dates of a rule, one after the other.
//!
//! A rule's calendar is cut into its units (days, weeks, months, years), and only those that its interval names are
//! looked at. Which of them a date is in follows from division, so the search begins where it is asked for. The years of a
//! rule with week numbers are years of whole weeks.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::month::{Implied, Month, bit, dates, from_either_end, week_year};
use super::rule::{Ends, Rule, Unit};

/// After so many years without a date, there is none.
const PATIENCE: Months = Months::new(100 * 12);

/// The last day of the years that are written with four digits.
const END: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(end) => end,
    None => NaiveDate::MAX,
};

/// The dates of a rule in their order. See [`super::Recurrence::dates`].
#[derive(Debug)]
pub struct Dates<'r> {
    rule: &'r Rule,
    implied: Implied,
    first: NaiveDate,
    from: NaiveDate,
    /// The unit that is looked at next, counted in intervals.
    next_unit: u32,
    /// Dates of the last one, the latest first.
    found: Vec<NaiveDate>,
    /// The number of dates that the rule still has, if it counts them.
    left: Option<u32>,
    /// The last date that may be one.
    last: NaiveDate,
    /// The month that was looked at last, and its days: days and weeks come back to the same one.
    month: Option<(Month, u32)>,
}

impl<'r> Dates<'r> {
    pub(super) fn of(rule: &'r Rule, first: NaiveDate, from: NaiveDate) -> Self {
        let from = from.max(first);
        let left = match rule.ends {
            Ends::After(count) => Some(count),
            Ends::Never | Ends::On(_) => None,
        };
        let mut dates = Self {
            rule,
            implied: Implied::by(rule, first),
            first,
            from,
            next_unit: 0,
            found: Vec::new(),
            left,
            last: END,
            month: None,
        };
        dates.next_unit = if left.is_none() { dates.unit_of(from) } else { 0 };
        dates.be_patient_from(if left.is_none() { from } else { first });
        dates
    }

    pub(super) fn after_the_first_period(rule: &'r Rule, done: NaiveDate) -> Self {
        Self { next_unit: 1, ..Self::of(rule, done, done) }
    }

    fn be_patient_from(&mut self, date: NaiveDate) {
        let patience = date.checked_add_months(PATIENCE).unwrap_or(END).min(END);
        self.last = match self.rule.ends {
            Ends::On(last) => last.min(patience),
            Ends::Never | Ends::After(_) => patience,
        };
    }

    /// The year that the date is in. With week numbers, it is the year that the date's week belongs to.
    fn year_of(&self, date: NaiveDate) -> i32 {
        if self.rule.goes_by_weeks() { week_year(date, self.rule.week_start) } else { date.year() }
    }

    /// The first day of such a year.
    fn start_of_year(&self, year: i32) -> Option<NaiveDate> {
        if self.rule.goes_by_weeks() {
            // The week that 4 January is in has four days of the year, or more.
            NaiveDate::from_ymd_opt(year, 1, 4)?.week(self.rule.week_start).checked_first_day()
        } else {
            NaiveDate::from_ymd_opt(year, 1, 1)
        }
    }

    /// The number, in intervals, of the unit that the date is in, or of the one before it.
    fn unit_of(&self, date: NaiveDate) -> u32 {
        let (first, week_start) = (self.first, self.rule.week_start);
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let units = match self.rule.unit {
            Unit::Days => (date - first).num_days(),
            // Counted from the week of the first date, which may begin before it.
            Unit::Weeks => {
                let into_week = i64::from(first.weekday().days_since(week_start));
                ((date - first).num_days() + into_week) / 7
            }
            Unit::Months => months(date) - months(first),
            Unit::Years => i64::from(self.year_of(date)) - i64::from(self.year_of(first)),
        };
        u32::try_from(units / i64::from(self.rule.every)).unwrap_or(0)
    }

    /// The first day of the unit with that number.
    fn start_of(&self, unit: u32) -> Option<NaiveDate> {
        let units = unit.checked_mul(self.rule.every)?;
        match self.rule.unit {
            Unit::Days => self.first.checked_add_days(Days::new(units.into())),
            Unit::Weeks => {
                let week = self.first.week(self.rule.week_start).checked_first_day()?;
                week.checked_add_days(Days::new(u64::from(units) * 7))
            }
            Unit::Months => self.first.with_day0(0)?.checked_add_months(Months::new(units)),
            Unit::Years => {
                self.start_of_year(self.year_of(self.first).checked_add(i32::try_from(units).ok()?)?)
            }
        }
    }

    /// The days of the date's month that the rule allows.
    fn month_of(&mut self, date: NaiveDate) -> Option<(Month, u32)> {
        let known = self.month.filter(|(month, _)| {
            let first = month.first();
            (first.year(), first.month()) == (date.year(), date.month())
        });
        if known.is_none() {
            let month = Month::of(date.year(), date.month())?;
            self.month = Some((month, month.days(self.rule, self.implied)));
        }
        self.month
    }

    /// Looks at the next unit. `None` if there is no further one.
    fn look_on(&mut self) -> Option<()> {
        let start = self.start_of(self.next_unit).filter(|start| *start <= self.last)?;
        self.next_unit = self.next_unit.checked_add(1)?;
        match self.rule.unit {
            Unit::Days => {
                let (month, days) = self.month_of(start)?;
                if days & bit(start.day0()) != 0 {
                    self.found.push(start);
                } else if days == 0 {
                    // A month without any such day is passed at once.
                    let next = month.first().checked_add_months(Months::new(1))?;
                    self.next_unit = self.next_unit.max(self.unit_of(next));
                }
            }
            Unit::Weeks => self.find_from(start, 7)?,
            Unit::Months => self.find_in(start)?,
            Unit::Years if self.rule.goes_by_weeks() => {
                let end = self.start_of_year(self.year_of(start).checked_add(1)?)?;
                self.find_from(start, usize::try_from((end - start).num_days()).ok()?)?;
            }
            Unit::Years => {
                for month in 0..12 {
                    self.find_in(start.with_month0(month)?)?;
                }
            }
        }
        self.pick();
        self.found.reverse();
        Some(())
    }

    /// Finds the dates among so many days.
    fn find_from(&mut self, start: NaiveDate, days: usize) -> Option<()> {
        for day in start.iter_days().take(days) {
            let (_, days) = self.month_of(day)?;
            if days & bit(day.day0()) != 0 {
                self.found.push(day);
            }
        }
        Some(())
    }

    /// Finds the dates of a month.
    fn find_in(&mut self, month: NaiveDate) -> Option<()> {
        let month = Month::of(month.year(), month.month())?;
        self.found.extend(dates(month, month.days(self.rule, self.implied)));
        Some(())
    }

    /// Leaves only the dates at the positions that `BYSETPOS` names.
    fn pick(&mut self) {
        if self.rule.positions.is_empty() || self.found.is_empty() {
            return;
        }
        let length = u32::try_from(self.found.len()).unwrap_or(u32::MAX);
        let at = |position: &i16| self.found.get(from_either_end(*position, length)? as usize).copied();
        let mut picked: Vec<_> = self.rule.positions.iter().filter_map(at).collect();
        picked.sort_unstable();
        picked.dedup();
        self.found = picked;
    }
}

impl Iterator for Dates<'_> {
    type Item = NaiveDate;

    fn next(&mut self) -> Option<NaiveDate> {
        loop {
            let Some(date) = self.found.pop() else {
                self.look_on()?;
                continue;
            };
            if date < self.first {
                continue;
            }
            if date > self.last {
                return None;
            }
            if let Some(left) = &mut self.left {
                *left = left.checked_sub(1)?;
            }
            self.be_patient_from(date);
            if date >= self.from {
                return Some(date);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrence::Recurrence;

    #[test]
    fn an_old_rule_is_looked_at_from_where_it_is_asked_for() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // A Saturday; 9557 days, 1366 weeks from Monday on, 314 months and 26 years before the other day.
        let (first, from) = (day("2000-01-01"), day("2026-03-02"));
        for (rule, units) in [
            ("FREQ=DAILY;INTERVAL=3", 3_185),
            ("FREQ=WEEKLY;INTERVAL=2", 683),
            ("FREQ=MONTHLY;INTERVAL=5", 62),
            ("FREQ=YEARLY;INTERVAL=4", 6),
            ("FREQ=DAILY;COUNT=9", 0),
        ] {
            let rule: Recurrence = rule.parse().unwrap();
            assert_eq!(rule.dates(first, from).next_unit, units, "{rule:?}");
        }
    }

    #[test]
    fn a_month_without_any_such_day_is_passed_at_once() {
        let rule: Recurrence = "FREQ=DAILY;BYMONTH=2".parse().unwrap();
        let first = "2026-03-02".parse().unwrap();
        let mut dates = rule.dates(first, first);
        dates.look_on();
        assert_eq!(dates.next_unit, 30, "1 April is thirty days later");
    }
}
