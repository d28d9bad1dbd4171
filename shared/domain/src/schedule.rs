//! The occurrences of a schedule that are due, and the decision on each.
//!
//! A schedule ties a template to a machine. Its occurrences are local dates of the template's rule, steps of a meter, or
//! both, whichever comes first. Each is decided once, with its reason in words: the database keeps a key of (schedule,
//! date or step) that nothing gets past.
//!
//! - **Basis.** `fixed` follows the rule from its first date. `floating` counts from the day on which the last work was
//!   done; until something has been generated it begins like a fixed one, and while that is open it waits.
//! - **Catch-up.** Of the dates that passed while nothing was generated, `latest` makes up for the last one, `all` for
//!   each and `none` for none.
//! - **Weekends and holidays** may move several dates to one day, which then gets one work order. Only a date that got one
//!   stands for another: what was left out, or fell into a rest, does not.
//! - **Overlap.** While the schedule's own last work order is open, the next date waits, until its day has come at the
//!   latest. Then `skip` leaves it out and `replace` takes the open one's place. `generate` never waits.

pub mod ahead;
mod calendar;
mod lookup;
mod meter;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{ScheduleId, TemplateId, WarehouseId};
use crate::recurrence::{Recurrence, RecurrenceError};
use crate::rows::both;
use crate::words::words;

pub use ahead::CalendarState;
pub use calendar::{Holiday, Holidays, MonthDay, OnFreeDay, Placed};
pub use lookup::Lookup;
pub use plan::{Planned, Unplanned, plan, plan_page};

/// At most about so many rows are written for one plan, checklists among them: as many as one transaction writes in good time.
const MAX_ROWS: usize = 20_000;

words! {
    /// The day from which the next date is counted.
    #[derive(Default)]
    pub enum Basis in Enum("pm_basis") {
        /// From the planned date.
        #[default]
        Fixed => "fixed",
        /// From the day on which the last work was done.
        Floating => "floating",
    }

    /// The dates that are made up for after an outage.
    #[derive(Default)]
    pub enum CatchUp in Enum("catch_up") {
        /// The last date that passed.
        #[default]
        Latest => "latest",
        /// Each of them.
        All => "all",
        /// None.
        None => "none",
    }

    /// The policy while the schedule's last work order is still open.
    #[derive(Default)]
    pub enum Overlap in Enum("overlap") {
        /// The next one is left out.
        #[default]
        Skip => "skip",
        /// The next one is generated all the same.
        Generate => "generate",
        /// The next one takes its place.
        Replace => "replace",
    }

    /// The decision on an occurrence.
    pub enum OccurrenceDecision in Enum("occurrence_decision") {
        /// It gets a work order.
        Generated => "generated",
        /// It is left out on purpose.
        Skipped => "skipped",
        /// Its date passed while nothing was generated.
        Missed => "missed",
        /// A later one took its place.
        Superseded => "superseded",
    }
}

/// The timing of a template: the rule by which its work is due.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Timing {
    /// An RFC 5545 rule; none when only the meter counts.
    pub rrule: Option<String>,
    /// Dates that are taken out of the rule (`EXDATE`).
    #[serde(default)]
    pub exdates: Vec<NaiveDate>,
    /// The first date of the rule, local.
    pub starts_on: NaiveDate,
    /// The day from which the next date is counted.
    #[serde(default)]
    pub basis: Basis,
    /// The days before its date at which an occurrence is generated.
    #[serde(default)]
    pub lead_time_days: u16,
    /// The first and the last day of each year on which there is anything to do; may wrap the year.
    pub season_from: Option<MonthDay>,
    /// See [`Self::season_from`].
    pub season_until: Option<MonthDay>,
    /// The policy for a date on Saturday or Sunday.
    #[serde(default)]
    pub weekends: OnFreeDay,
    /// The policy for a date on a holiday of the warehouse.
    #[serde(default)]
    pub holidays: OnFreeDay,
    /// The dates that are made up for after an outage.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// The policy while the last one is still open.
    #[serde(default)]
    pub overlap: Overlap,
    /// Every so many units of the meter.
    pub meter_every: Option<f64>,
    /// Once, when the meter has counted so many.
    pub meter_at: Option<f64>,
}

/// A template's timing, with its rule read: once for all the schedules of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    timing: Timing,
    recurrence: Option<Recurrence>,
    items: usize,
}

/// A template whose schedules are due.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// The number of items that each of its work orders has on its checklist, where that matters.
    pub items: usize,
    /// The timing of its work.
    pub timing: Timing,
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(told: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            id: TemplateId,
            items: Option<usize>,
        }
        both(told).map(|(Named { id, items }, timing)| Self { id, items: items.unwrap_or_default(), timing })
    }
}

/// A warehouse with machines whose schedules are due.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Warehouse {
    /// Its id.
    pub id: WarehouseId,
    /// Its IANA time zone.
    pub time_zone: String,
    /// The date there at the moment of the firing; none when nobody knows its time zone.
    pub today: Option<NaiveDate>,
    /// Its holidays.
    pub holidays: Holidays,
}

/// A schedule that may have something to generate, as the gateway tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DueSchedule {
    /// Its id.
    pub id: ScheduleId,
    /// The state of the row that the plan is made from; a plan for another one changes nothing.
    pub version: i32,
    /// Its template.
    pub template_id: TemplateId,
    /// The warehouse of its machine.
    pub warehouse_id: WarehouseId,
    /// The first date that counts, local: what was due before the machine was here was nobody's duty.
    pub since: NaiveDate,
    /// The first date without a decision, local; none where there is no further one, or it is not known yet.
    pub next_due_on: Option<NaiveDate>,
    /// The date from which something is to be decided.
    pub generate_on: NaiveDate,
    /// The due date of its last date that was decided.
    pub last_due_on: Option<NaiveDate>,
    /// Due dates of work orders that it got before: those that a date may be moved to. What was left out is none of them.
    #[serde(default)]
    pub taken: BTreeSet<NaiveDate>,
    /// From when to when (this day not) it was at rest, and why.
    pub rest: Option<Rest>,
    /// The day from which a floating schedule counts: on which its last work was done, or would have been.
    pub anchor_on: Option<NaiveDate>,
    /// Its last work order, while it is open.
    pub open: Option<OpenWork>,
    /// For a floating one: dates that have been decided and are not before its anchor.
    #[serde(default)]
    pub decided: Vec<NaiveDate>,
    /// The machine's meter that the template names.
    pub meter: Option<Meter>,
}

/// A time in which a schedule generated nothing: it was paused, or its machine was not in service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rest {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last one.
    pub until: NaiveDate,
    /// The reason, in words.
    pub reason: String,
}

/// The last work order of a schedule, which is open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OpenWork {
    /// The number people use.
    pub number: String,
    /// True if nobody has begun, so that another one may take its place.
    pub untouched: bool,
}

/// The count of a machine's meter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Meter {
    /// In all.
    pub total: f64,
    /// The count at which its steps began.
    pub base: f64,
    /// The count at which the next step is due; none if nothing is waited for.
    pub due_at: Option<f64>,
    /// The day of the last step that got a work order.
    pub fired_on: Option<NaiveDate>,
}

/// The plan for one schedule, to be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The schedule.
    pub schedule_id: ScheduleId,
    /// The version the plan was made from.
    pub version: i32,
    /// The first date that this plan does not decide; none when there is no further one, or it is not known yet.
    pub next_due_on: Option<NaiveDate>,
    /// The day on which the scheduler looks at it again; none if something else has to happen first.
    pub generate_on: Option<NaiveDate>,
    /// The due date of the last date that was decided.
    pub last_due_on: Option<NaiveDate>,
    /// The meter's count at which its steps began.
    pub meter_base: Option<f64>,
    /// The meter's count at which the next step is due.
    pub meter_due_at: Option<f64>,
    /// True if a step got a work order today.
    pub meter_fired: bool,
    /// The reason for cancelling the open work order, in words, if another one takes its place.
    pub replaced: Option<String>,
    /// The decisions, in their order.
    pub occurrences: Vec<Occurrence>,
    /// The rows that are written for it, about: a checklist may be much longer than the decisions are many.
    #[serde(skip)]
    pub rows: usize,
}

/// One decided occurrence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Occurrence {
    /// The rule's own date, local; none for a step of the meter.
    pub occurs_on: Option<NaiveDate>,
    /// The step of the meter; none for a date.
    pub meter_step: Option<f64>,
    /// The date by which it is to be done, local.
    pub due_on: NaiveDate,
    /// The decision on it.
    pub decision: OccurrenceDecision,
    /// The reason, in words for the person who asks.
    pub reason: String,
}

/// A schedule that cannot be planned, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The rule cannot be used.
    #[error(transparent)]
    Rule(#[from] RecurrenceError),
    /// The rule is no date at all.
    #[error("the rule '{0}' has no date")]
    NoDate(String),
    /// Nobody knows the time zone.
    #[error("the time zone '{0}' is not known")]
    TimeZone(String),
    /// The template cannot be read.
    #[error("{0}")]
    UnreadableTemplate(String),
    /// The warehouse cannot be read.
    #[error("{0}")]
    UnreadableWarehouse(String),
    /// A template or warehouse is missing from the gateway's answer.
    #[error("its template or its warehouse is missing")]
    Incomplete,
}

impl Rules {
    /// Reads the rule of a timing.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn of(timing: Timing) -> Result<Self, ScheduleError> {
        let recurrence = timing.rrule.as_deref().map(str::parse).transpose()?;
        Ok(Self { timing, recurrence, items: 0 })
    }

    /// The same, of a template whose work orders have so many items on their checklists.
    #[must_use]
    pub fn with_items(self, items: usize) -> Self {
        Self { items, ..self }
    }

    /// The rows of a work order and its checklist.
    fn rows_each(&self) -> usize {
        self.items.saturating_add(1)
    }

    /// The dates of the rule from `from` on, each with what becomes of it on the warehouse's calendar.
    pub fn dates<'a>(
        &'a self,
        holidays: &'a Holidays,
        from: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDate, Placed)> + 'a {
        let dates = self.recurrence.iter().flat_map(move |rule| rule.dates(self.timing.starts_on, from));
        dates.map(move |date| (date, self.place(date, holidays)))
    }

    /// The next date after work that was done, for a floating schedule.
    fn after(&self, done: NaiveDate) -> Option<NaiveDate> {
        self.recurrence.as_ref()?.after(done)
    }

    /// The timing it was made from.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        &self.timing
    }
}
