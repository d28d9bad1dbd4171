//! Deciding for one schedule everything that is due.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use super::meter::{self, Step};
use super::{
    Basis, CatchUp, Decision, DueSchedule, Occurrence, OpenWork, Overlap, Place, Placed, Plan, Rules,
    ScheduleError, Template,
};
use crate::id::ScheduleId;

/// At most about so many decisions in one plan: after a very long outage a daily schedule is caught up in several.
const MAX_OCCURRENCES: usize = 400;

/// A date is moved by at most a month or so: that far behind today all of those that have passed are found.
const MOVES: Days = Days::new(40);

/// What was decided for a page of schedules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    /// What is to be written.
    pub plans: Vec<Plan>,
    /// Those that cannot be planned, and why. The others go on.
    pub problems: Vec<(ScheduleId, ScheduleError)>,
}

/// Decides for each schedule of a page. The rule of a template is read once.
#[must_use]
pub fn plan_page(schedules: &[DueSchedule], templates: &[Template], places: &[Place]) -> Planned {
    let rules: HashMap<_, _> =
        templates.iter().map(|template| (template.id, Rules::of(template.timing.clone()))).collect();
    let places: HashMap<_, _> = places.iter().map(|place| (place.id, place)).collect();
    let mut planned = Planned::default();
    for schedule in schedules {
        let rules = rules.get(&schedule.template_id).ok_or(&ScheduleError::Incomplete);
        let place = places.get(&schedule.warehouse_id).ok_or(ScheduleError::Incomplete);
        let made = rules
            .and_then(Result::as_ref)
            .map_err(ScheduleError::clone)
            .and_then(|rules| plan(schedule, rules, place?));
        match made {
            Ok(plan) => planned.plans.push(plan),
            Err(error) => planned.problems.push((schedule.id, error)),
        }
    }
    planned
}

/// Decides every occurrence that is due: the steps that the meter has reached, and the dates up to today and the lead
/// time ahead.
///
/// # Errors
/// When the rule cannot be used or nobody knows which day it is there; the schedule is then reported and the others go
/// on.
pub fn plan(schedule: &DueSchedule, rules: &Rules, place: &Place) -> Result<Plan, ScheduleError> {
    let today = place.today.ok_or_else(|| ScheduleError::TimeZone(place.time_zone.clone()))?;
    let mut planner = Planner::of(schedule, rules, place, today);
    planner.decide_steps();
    match schedule.anchor_on {
        // Whoever counts from completion waits for it.
        _ if planner.waits_for_completion() => {}
        Some(anchor) if planner.is_floating() => planner.decide_from(anchor),
        _ => planner.decide_dates()?,
    }
    Ok(planner.finish())
}

/// What is in the way of the next occurrence.
#[derive(Clone)]
enum Open {
    /// A work order that is there.
    Work(OpenWork),
    /// The one of an occurrence of this very plan, by its place among them.
    Planned(usize),
}

/// A plan in the making.
struct Planner<'a> {
    schedule: &'a DueSchedule,
    rules: &'a Rules,
    place: &'a Place,
    today: NaiveDate,
    open: Option<Open>,
    /// The day of the last step that got a work order.
    fired_on: Option<NaiveDate>,
    plan: Plan,
}

/// What became of a date.
enum Outcome {
    Decided,
    /// It is looked at again on that day, or when the open work order ends.
    Waits(NaiveDate),
}

impl<'a> Planner<'a> {
    fn of(schedule: &'a DueSchedule, rules: &'a Rules, place: &'a Place, today: NaiveDate) -> Self {
        let meter = schedule.meter.as_ref();
        let plan = Plan {
            schedule_id: schedule.id,
            version: schedule.version,
            next_due_on: None,
            generate_on: None,
            last_due_on: schedule.last_due_on,
            meter_base: meter.map(|meter| meter.base),
            meter_due_at: meter.and_then(|meter| meter.due_at),
            meter_fired: false,
            replaced: None,
            occurrences: Vec::new(),
        };
        let open = schedule.open.clone().map(Open::Work);
        let fired_on = meter.and_then(|meter| meter.fired_on);
        Self { schedule, rules, place, today, open, fired_on, plan }
    }

    fn is_floating(&self) -> bool {
        self.rules.timing().basis == Basis::Floating
    }

    fn waits_for_completion(&self) -> bool {
        self.is_floating() && self.open.is_some()
    }

    /// The last day for which something is generated today.
    fn horizon(&self) -> NaiveDate {
        let lead = Days::new(self.rules.timing().lead_time_days.into());
        self.today.checked_add_days(lead).unwrap_or(NaiveDate::MAX)
    }

    fn has_passed(&self, due_on: NaiveDate) -> bool {
        due_on < self.today
    }

    // ---------------------------------------------------------------- steps of the meter

    fn decide_steps(&mut self) {
        let Some(meter) = self.schedule.meter.as_ref().filter(|_| !self.waits_for_completion()) else {
            return;
        };
        if self.plan.meter_due_at.is_none() {
            self.plan.meter_due_at = meter::next_step(self.rules, meter.base);
        }
        let with_next = super::Meter { due_at: self.plan.meter_due_at, ..meter.clone() };
        for Step { at, decision, reason } in meter::reached(self.rules, &with_next) {
            self.plan.meter_base = Some(at);
            self.plan.meter_due_at = meter::next_step(self.rules, at);
            let key = (None, Some(at));
            match decision {
                Decision::Generated => {
                    if let Some(why) = self.in_the_way(&format!("the step at {at}")) {
                        self.add(key, self.today, Decision::Skipped, why);
                    } else {
                        self.fired_on = Some(self.today);
                        self.plan.meter_fired = true;
                        self.generate(key, self.today, reason);
                    }
                }
                other => self.add(key, self.today, other, reason),
            }
        }
    }

    // ---------------------------------------------------------------- dates of the rule

    fn decide_dates(&mut self) -> Result<(), ScheduleError> {
        let Some(next) = self.schedule.next_due_on else { return Ok(()) };
        let rules = self.rules;
        let from = next.max(self.schedule.since);
        let latest = self.latest_passed(from);
        let mut dates = rules.dates(&self.place.holidays, from).peekable();
        if dates.peek().is_none() && rules.dates(&[], rules.timing().starts_on).next().is_none() {
            return rules.timing().rrule.clone().map_or(Ok(()), |rule| Err(ScheduleError::NoDate(rule)));
        }
        while let Some((date, placed)) = dates.peek() {
            let due_on = due_on(*date, placed);
            if due_on > self.horizon() || self.plan.occurrences.len() >= MAX_OCCURRENCES {
                break;
            }
            if let Outcome::Waits(day) = self.decide(*date, placed, latest) {
                self.look_again(*date, Some(day));
                return Ok(());
            }
            dates.next();
            if self.waits_for_completion() {
                return Ok(());
            }
        }
        if let Some((date, placed)) = dates.next() {
            self.look_again(date, self.in_time_for(due_on(date, &placed)));
        }
        Ok(())
    }

    /// Of the dates that have passed the last one that would get a work order.
    fn latest_passed(&self, from: NaiveDate) -> Option<NaiveDate> {
        let until = self.today.checked_add_days(MOVES)?;
        let dates = self.rules.dates(&self.place.holidays, from).take_while(|(date, _)| *date <= until);
        let passed = |(date, placed): (NaiveDate, Placed)| match placed {
            Placed::On(due_on) if self.has_passed(due_on) && self.rest(date).is_none() => Some(date),
            _ => None,
        };
        dates.filter_map(passed).last()
    }

    fn decide(&mut self, date: NaiveDate, placed: &Placed, latest: Option<NaiveDate>) -> Outcome {
        let key = (Some(date), None);
        let due_on = match placed {
            Placed::On(due_on) => *due_on,
            Placed::LeftOut(why) => return self.leave_out(date, date, why.clone()),
        };
        if let Some(why) = self.rest(date) {
            return self.leave_out(date, due_on, why);
        }
        if self.plan.last_due_on.is_some_and(|last| due_on <= last) {
            return self.leave_out(date, due_on, format!("on {due_on} there is the one before it already"));
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
                self.add(key, due_on, Decision::Missed, reason);
                return Outcome::Decided;
            }
        }
        let waits = self.open.is_some() && self.rules.timing().overlap != Overlap::Generate;
        if waits && due_on > self.today {
            return Outcome::Waits(due_on);
        }
        if let Some(why) = self.in_the_way(&format!("that of {date}")) {
            return self.leave_out(date, due_on, why);
        }
        self.restart_meter();
        self.generate(key, due_on, self.timeliness(date, due_on));
        self.plan.last_due_on = Some(due_on);
        Outcome::Decided
    }

    /// Counts from the day on which the last work was done.
    fn decide_from(&mut self, anchor: NaiveDate) {
        let mut next = self.schedule.next_due_on.or_else(|| self.first_free(self.rules.after(anchor)?));
        for _ in 0..MAX_OCCURRENCES {
            let Some(date) = next else { return };
            let placed = self.rules.place(date, &self.place.holidays);
            let due_on = due_on(date, &placed);
            if due_on > self.horizon() {
                break;
            }
            let key = (Some(date), None);
            match (placed, self.rest(date)) {
                (Placed::LeftOut(why), _) | (Placed::On(_), Some(why)) => {
                    self.add(key, due_on, Decision::Skipped, why);
                }
                (Placed::On(due_on), None)
                    if self.has_passed(due_on) && self.rules.timing().catch_up == CatchUp::None =>
                {
                    let reason = "its date passed while nothing was generated (catch-up: none)";
                    self.add(key, due_on, Decision::Missed, reason.to_owned());
                }
                (Placed::On(due_on), None) => {
                    self.plan.meter_due_at = None;
                    let reason = format!("{}; counted from {anchor}", self.timeliness(date, due_on));
                    return self.generate(key, due_on, reason);
                }
            }
            next = self.rules.after(date).and_then(|date| self.first_free(date));
        }
        if let Some(date) = next {
            let placed = self.rules.place(date, &self.place.holidays);
            self.look_again(date, self.in_time_for(due_on(date, &placed)));
        }
    }

    /// A date is decided once: done a week early, a weekly round would fall on the day that it was planned for.
    fn first_free(&self, date: NaiveDate) -> Option<NaiveDate> {
        date.iter_days().find(|day| !self.schedule.decided.contains(day))
    }

    // ---------------------------------------------------------------- what is common to both

    /// Why nothing is generated now, if the last work order is in the way. One that may be replaced makes room.
    fn in_the_way(&mut self, instead: &str) -> Option<String> {
        let open = self.open.clone()?;
        match (self.rules.timing().overlap, open) {
            (Overlap::Generate, _) => None,
            (Overlap::Skip, Open::Work(OpenWork { number, .. })) => {
                Some(format!("{number}, the last one of this schedule, is still open (overlap: skip)"))
            }
            (Overlap::Skip, Open::Planned(_)) => {
                Some("the one before it is still open (overlap: skip)".to_owned())
            }
            (Overlap::Replace, Open::Work(OpenWork { number, untouched: false })) => {
                Some(format!("{number} is being worked on, and is not replaced"))
            }
            (Overlap::Replace, Open::Work(_)) => {
                self.plan.replaced = Some(format!("{instead} took its place (overlap: replace)"));
                None
            }
            (Overlap::Replace, Open::Planned(at)) => {
                if let Some(earlier) = self.plan.occurrences.get_mut(at) {
                    earlier.decision = Decision::Superseded;
                    earlier.reason = format!("{instead} took its place (overlap: replace)");
                }
                None
            }
        }
    }

    /// Why the schedule was at rest on that day, if it was.
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

    /// Whichever comes first: after a date the meter's steps begin anew.
    fn restart_meter(&mut self) {
        if let Some(meter) = &self.schedule.meter
            && self.rules.timing().meter_every.is_some()
        {
            self.plan.meter_base = Some(meter.total);
            let next = meter::next_step(self.rules, meter.total);
            self.plan.meter_due_at = next.filter(|_| !self.is_floating());
        }
    }

    fn leave_out(&mut self, date: NaiveDate, due_on: NaiveDate, why: String) -> Outcome {
        self.add((Some(date), None), due_on, Decision::Skipped, why);
        self.plan.last_due_on = Some(due_on);
        Outcome::Decided
    }

    fn generate(&mut self, key: (Option<NaiveDate>, Option<f64>), due_on: NaiveDate, reason: String) {
        self.open = Some(Open::Planned(self.plan.occurrences.len()));
        self.add(key, due_on, Decision::Generated, reason);
        if self.is_floating() {
            self.plan.meter_due_at = None;
        }
    }

    fn add(
        &mut self,
        (occurs_on, meter_step): (Option<NaiveDate>, Option<f64>),
        due_on: NaiveDate,
        decision: Decision,
        reason: String,
    ) {
        self.plan.occurrences.push(Occurrence { occurs_on, meter_step, due_on, decision, reason });
    }

    fn in_time_for(&self, due_on: NaiveDate) -> Option<NaiveDate> {
        due_on.checked_sub_days(Days::new(self.rules.timing().lead_time_days.into()))
    }

    fn look_again(&mut self, date: NaiveDate, day: Option<NaiveDate>) {
        self.plan.next_due_on = Some(date);
        self.plan.generate_on = day;
    }

    fn finish(self) -> Plan {
        self.plan
    }
}

fn due_on(date: NaiveDate, placed: &Placed) -> NaiveDate {
    match placed {
        Placed::On(due_on) => *due_on,
        Placed::LeftOut(_) => date,
    }
}
