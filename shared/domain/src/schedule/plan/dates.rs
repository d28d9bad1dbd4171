//! The dates of a schedule's rule, up to today and the lead time ahead.

use chrono::{Days, NaiveDate};

use super::super::calendar::there_is_one;
use super::super::{CatchUp, Holidays, OccurrenceDecision, OnFreeDay, Overlap, Placed, ScheduleError, meter};
use super::{MAX_OCCURRENCES, Planner};

/// A date is moved by at most a month or so: that far behind today all of those that have passed are found.
const MOVES: Days = Days::new(40);

/// The progress on a date.
enum Progress {
    Decided,
    /// It is looked at again on that day, or once the open work order ends.
    Waits(NaiveDate),
}

impl Planner<'_> {
    pub(super) fn decide_dates(&mut self) -> Result<(), ScheduleError> {
        let Some(next) = self.schedule.next_due_on else { return Ok(()) };
        let rules = self.rules;
        let from = next.max(self.schedule.since);
        let latest = self.latest_passed(from);
        let mut dates = rules.dates(&self.warehouse.holidays, from).peekable();
        if dates.peek().is_none()
            && rules.dates(&Holidays::default(), rules.timing().starts_on).next().is_none()
        {
            return rules.timing().rrule.clone().map_or(Ok(()), |rule| Err(ScheduleError::NoDate(rule)));
        }
        while let Some((date, placed)) = dates.peek() {
            let soonest = self.soonest(*date, placed);
            if soonest > self.horizon() || self.is_full() {
                break;
            }
            if let Progress::Waits(day) = self.decide(*date, placed, latest) {
                self.look_again(*date, Some(day));
                return Ok(());
            }
            dates.next();
            if self.waits_for_completion() {
                return Ok(());
            }
        }
        if let Some((date, placed)) = dates.next() {
            self.look_again(date, self.in_time_for(self.soonest(date, &placed)));
        }
        Ok(())
    }

    /// The day for which a date is decided in time. Dates are decided in their order, and one that is moved to a day before may
    /// overtake one that is left out or moved to a day after.
    fn soonest(&self, date: NaiveDate, placed: &Placed) -> NaiveDate {
        let due = due_on(date, placed);
        let mut soonest = due;
        if self.moves_back() {
            let until = due.checked_add_days(MOVES).unwrap_or(due);
            let following = self.rules.dates(&self.warehouse.holidays, date);
            for (other, placed) in following.take_while(|(other, _)| *other <= until) {
                if let Placed::On(day) = placed {
                    soonest = soonest.min(day);
                    // No date after a working day is moved to a day before it.
                    if other == day && other >= due {
                        break;
                    }
                }
            }
        }
        soonest
    }

    /// The same for a date that is counted from the one before it.
    fn soonest_counted(&self, date: NaiveDate, placed: &Placed) -> NaiveDate {
        let due = due_on(date, placed);
        let next =
            self.rules.after(date).filter(|_| self.moves_back() && matches!(placed, Placed::LeftOut(_)));
        next.map_or(due, |next| due.min(due_on(next, &self.rules.place(next, &self.warehouse.holidays))))
    }

    fn moves_back(&self) -> bool {
        let timing = self.rules.timing();
        [timing.weekends, timing.holidays].contains(&OnFreeDay::Before)
    }

    /// The last one of the dates that have passed and would get a work order.
    fn latest_passed(&self, from: NaiveDate) -> Option<NaiveDate> {
        let until = self.today.checked_add_days(MOVES)?;
        let dates = self.rules.dates(&self.warehouse.holidays, from).take_while(|(date, _)| *date <= until);
        let passed = |(date, placed): (NaiveDate, Placed)| match placed {
            Placed::On(due_on)
                if self.has_passed(due_on) && self.rest(date).is_none() && !self.taken.contains(&due_on) =>
            {
                Some(date)
            }
            _ => None,
        };
        dates.filter_map(passed).last()
    }

    fn decide(&mut self, date: NaiveDate, placed: &Placed, latest: Option<NaiveDate>) -> Progress {
        let key = (Some(date), None);
        let due_on = match placed {
            Placed::On(due_on) => *due_on,
            Placed::LeftOut(why) => return self.leave_out(date, date, why.clone()),
        };
        if let Some(why) = self.rest(date) {
            return self.leave_out(date, due_on, why);
        }
        if self.taken.contains(&due_on) {
            return self.leave_out(date, due_on, there_is_one(due_on));
        }
        if let Some(day) = meter::came_first(self.fired_on, self.plan.last_due_on) {
            return self.leave_out(date, due_on, format!("the meter came first, on {day}"));
        }
        if self.has_passed(due_on) {
            let why = match self.rules.timing().catch_up {
                CatchUp::None => Some("catch-up: none".to_owned()),
                CatchUp::Latest => latest
                    .filter(|latest| *latest != date)
                    .map(|latest| format!("catch-up: latest, which is {latest}")),
                CatchUp::All => None,
            };
            if let Some(why) = why {
                let reason = format!("its date passed while nothing was generated ({why})");
                self.add(key, due_on, OccurrenceDecision::Missed, reason);
                return Progress::Decided;
            }
        }
        let waits = self.open.is_some() && self.rules.timing().overlap != Overlap::Generate;
        let soonest = self.soonest(date, placed);
        if waits && soonest > self.today {
            return Progress::Waits(soonest);
        }
        if let Some(why) = self.in_the_way(&format!("that of {date}")) {
            return self.leave_out(date, due_on, why);
        }
        self.restart_meter();
        self.generate(key, due_on, self.timeliness(date, due_on));
        self.taken.insert(due_on);
        self.plan.last_due_on = Some(due_on);
        Progress::Decided
    }

    /// Counts from the day on which the last work was done.
    pub(super) fn decide_from(&mut self, anchor: NaiveDate) {
        let mut next = self.schedule.next_due_on.or_else(|| self.rules.after(anchor));
        for _ in 0..MAX_OCCURRENCES {
            let Some(date) = next else { return };
            let placed = self.rules.place(date, &self.warehouse.holidays);
            let due_on = due_on(date, &placed);
            if self.soonest_counted(date, &placed) > self.horizon() {
                break;
            }
            let is_decided = self.schedule.decided.contains(&date);
            let left_out = match placed {
                Placed::LeftOut(why) => Some(why),
                Placed::On(_) if due_on <= anchor => Some(there_is_one(due_on)),
                Placed::On(_) => self.rest(date),
            };
            if let Some(why) = left_out {
                if !is_decided {
                    self.add((Some(date), None), due_on, OccurrenceDecision::Skipped, why);
                }
            } else if is_decided {
                // Done a week early, a weekly round would fall on the day that it was planned for.
                next = date.succ_opt();
                continue;
            } else if self.has_passed(due_on) && self.rules.timing().catch_up == CatchUp::None {
                let reason = "its date passed while nothing was generated (catch-up: none)";
                self.add((Some(date), None), due_on, OccurrenceDecision::Missed, reason.to_owned());
            } else {
                let reason = format!("{}; counted from {anchor}", self.timeliness(date, due_on));
                return self.generate((Some(date), None), due_on, reason);
            }
            next = self.rules.after(date);
        }
        if let Some(date) = next {
            let placed = self.rules.place(date, &self.warehouse.holidays);
            self.look_again(date, self.in_time_for(self.soonest_counted(date, &placed)));
        }
    }

    fn leave_out(&mut self, date: NaiveDate, due_on: NaiveDate, why: String) -> Progress {
        self.add((Some(date), None), due_on, OccurrenceDecision::Skipped, why);
        self.plan.last_due_on = Some(due_on);
        Progress::Decided
    }

    /// The reason for a rest on that day, if the schedule was at rest.
    fn rest(&self, date: NaiveDate) -> Option<String> {
        let rest = self.schedule.rest.as_ref()?;
        (rest.from <= date && date < rest.until)
            .then(|| format!("{} from {} until {}", rest.reason, rest.from, rest.until))
    }

    /// The rule's own date, and how many days before or after its day it is generated.
    fn timeliness(&self, date: NaiveDate, due_on: NaiveDate) -> String {
        let days = (due_on - self.today).num_days();
        let plural = if days.abs() == 1 { "" } else { "s" };
        let when = match days {
            0 => "generated on its day".to_owned(),
            1.. => format!("generated {days} day{plural} ahead of its date"),
            _ => format!("generated {} day{plural} late, after its date had passed", -days),
        };
        if date == due_on { when } else { format!("{when}; moved from {date} to a working day") }
    }

    fn in_time_for(&self, due_on: NaiveDate) -> Option<NaiveDate> {
        due_on.checked_sub_days(Days::new(self.rules.timing().lead_time_days.into()))
    }
}

fn due_on(date: NaiveDate, placed: &Placed) -> NaiveDate {
    match placed {
        Placed::On(due_on) => *due_on,
        Placed::LeftOut(_) => date,
    }
}
