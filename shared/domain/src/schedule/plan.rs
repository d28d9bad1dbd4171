//! Deciding for one schedule everything that is due.

mod dates;
mod overlap;
mod steps;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{
    Basis, DueSchedule, Lookup, MAX_ROWS, Occurrence, OccurrenceDecision, OpenWork, Plan, Rules,
    ScheduleError, Template, Warehouse,
};
use crate::id::ScheduleId;
use crate::rows::{Rows, Unreadable};

/// At most about so many decisions in one plan: after a very long outage a daily schedule is caught up in several.
const MAX_OCCURRENCES: usize = 400;

/// The plans for a page of schedules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    /// The plans to be written.
    pub plans: Vec<Plan>,
    /// Those that cannot be planned. The others go on.
    pub problems: Vec<Unplanned>,
}

/// A schedule that cannot be planned until someone changes what stands in its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unplanned {
    /// The schedule.
    pub schedule_id: ScheduleId,
    /// The version that was looked at.
    pub version: i32,
    /// The row that stands in its way, such as `template 0189…`: many schedules may have it in common.
    pub subject: String,
    /// The reason, in words.
    pub reason: String,
}

impl Unplanned {
    fn of(schedule: &DueSchedule, error: &ScheduleError) -> Self {
        let subject = match error {
            ScheduleError::Rule(_) | ScheduleError::NoDate(_) | ScheduleError::UnreadableTemplate(_) => {
                format!("template {}", schedule.template_id)
            }
            ScheduleError::TimeZone(_) | ScheduleError::UnreadableWarehouse(_) => {
                format!("warehouse {}", schedule.warehouse_id)
            }
            ScheduleError::Incomplete => format!("schedule {}", schedule.id),
        };
        Self { schedule_id: schedule.id, version: schedule.version, subject, reason: error.to_string() }
    }

    /// A schedule that cannot be read. What names it always can: the database knows no other ids and versions.
    fn unread(row: &Unreadable) -> Option<Self> {
        let Named { id, version } = row.part()?;
        Some(Self { schedule_id: id, version, subject: format!("schedule {id}"), reason: row.told() })
    }
}

/// What names the state of a schedule.
#[derive(Deserialize)]
struct Named {
    id: ScheduleId,
    version: i32,
}

/// Decides for each schedule of a page. What cannot be read is a problem of the schedules that need it.
#[must_use]
pub fn plan_page(
    schedules: Rows<DueSchedule>,
    templates: Rows<Template>,
    warehouses: Rows<Warehouse>,
) -> Planned {
    let known = Lookup::of(templates, warehouses);
    let problems = schedules.unreadable.iter().filter_map(Unplanned::unread).collect();
    let mut planned = Planned { problems, ..Planned::default() };
    for schedule in schedules.read {
        match known.needs(&schedule).and_then(|(rules, warehouse)| plan(&schedule, rules, warehouse)) {
            Ok(plan) => planned.plans.push(plan),
            Err(error) => planned.problems.push(Unplanned::of(&schedule, &error)),
        }
    }
    planned
}

/// Decides every occurrence that is due: the steps that the meter has reached, and the dates up to today and the lead
/// time ahead.
///
/// # Errors
/// If the rule cannot be used, or nobody knows which day it is there; the schedule is then reported and the others go
/// on.
pub fn plan(schedule: &DueSchedule, rules: &Rules, warehouse: &Warehouse) -> Result<Plan, ScheduleError> {
    let today = warehouse.today.ok_or_else(|| ScheduleError::TimeZone(warehouse.time_zone.clone()))?;
    let mut planner = Planner::of(schedule, rules, warehouse, today);
    planner.decide_steps();
    match schedule.anchor_on {
        // A floating schedule waits for the completion that it counts from.
        _ if planner.waits_for_completion() => {}
        Some(anchor) if planner.is_floating() => planner.decide_from(anchor),
        _ => planner.decide_dates()?,
    }
    Ok(planner.finish())
}

/// A plan in the making.
struct Planner<'a> {
    schedule: &'a DueSchedule,
    rules: &'a Rules,
    warehouse: &'a Warehouse,
    today: NaiveDate,
    open: Option<Open>,
    /// The day of the last step that got a work order.
    fired_on: Option<NaiveDate>,
    /// Due dates that have a work order.
    taken: BTreeSet<NaiveDate>,
    plan: Plan,
}

/// The open work order that is in the way of the next occurrence.
#[derive(Clone)]
enum Open {
    /// A work order that is there.
    Work(OpenWork),
    /// The one of an occurrence of this very plan, by its place among them.
    Planned(usize),
}

impl<'a> Planner<'a> {
    fn of(schedule: &'a DueSchedule, rules: &'a Rules, warehouse: &'a Warehouse, today: NaiveDate) -> Self {
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
            rows: 0,
        };
        let open = schedule.open.clone().map(Open::Work);
        let fired_on = meter.and_then(|meter| meter.fired_on);
        let taken = schedule.taken.clone();
        Self { schedule, rules, warehouse, today, open, fired_on, taken, plan }
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

    fn generate(&mut self, key: (Option<NaiveDate>, Option<f64>), due_on: NaiveDate, reason: String) {
        self.open = Some(Open::Planned(self.plan.occurrences.len()));
        self.add(key, due_on, OccurrenceDecision::Generated, reason);
        // A threshold is still to be reached; steps are counted from completion.
        if self.is_floating() && self.rules.timing().meter_every.is_some() {
            self.plan.meter_due_at = None;
        }
    }

    fn add(
        &mut self,
        (occurs_on, meter_step): (Option<NaiveDate>, Option<f64>),
        due_on: NaiveDate,
        decision: OccurrenceDecision,
        reason: String,
    ) {
        self.plan.rows = self.plan.rows.saturating_add(match decision {
            OccurrenceDecision::Generated => self.rules.rows_each(),
            OccurrenceDecision::Skipped | OccurrenceDecision::Missed | OccurrenceDecision::Superseded => 1,
        });
        self.plan.occurrences.push(Occurrence { occurs_on, meter_step, due_on, decision, reason });
    }

    /// True if no more is decided in this plan. A further one goes on from there.
    fn is_full(&self) -> bool {
        self.plan.occurrences.len() >= MAX_OCCURRENCES
            || self.plan.rows.saturating_add(self.rules.rows_each()) > MAX_ROWS
                && !self.plan.occurrences.is_empty()
    }

    fn look_again(&mut self, date: NaiveDate, day: Option<NaiveDate>) {
        self.plan.next_due_on = Some(date);
        self.plan.generate_on = day;
    }

    fn finish(self) -> Plan {
        self.plan
    }
}
