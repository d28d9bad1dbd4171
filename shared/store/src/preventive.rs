//! Preventive maintenance: schedules that are due, and the plans for them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use millwright_domain::id::ScheduleId;
use millwright_domain::rows::{Rows, both};
use millwright_domain::schedule::{DueSchedule, Plan, Template, Unplanned, Warehouse};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::jobs::Applied;
use crate::transport::Transport;

/// The result of bringing schedules in step.
#[derive(Debug, Clone, Deserialize)]
pub struct Synced {
    /// The numbers of those opened and those changed.
    pub counts: Map<String, Value>,
    /// The point at which the next call goes on; none if all are in step.
    pub further: Option<Further>,
}

/// The point at which a call goes on: the firing that took over, and the last machine.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Further {
    taken_by: i64,
    after: Uuid,
}

/// Gives machines in service the schedules of their templates, and rests those of the others: of up to `limit` machines that
/// something has changed for, beginning with the first, or where the call before ended.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn sync_schedules<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    further: Option<Further>,
    limit: usize,
) -> Result<Synced, StoreError> {
    let parameters = json!({
        "p_now": now,
        "p_limit": limit,
        "p_taken_by": further.map(|further| further.taken_by),
        "p_after": further.map(|further| further.after),
    });
    session.call("pm_sync_schedules", &parameters).await
}

/// A page of schedules that may have something to generate, with everything that their plans need.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// In the order in which they are due.
    pub schedules: Rows<DueSchedule>,
    /// Their templates, each once.
    pub templates: Rows<Template>,
    /// The warehouses of their machines, each once.
    #[serde(rename = "places")]
    pub warehouses: Rows<Warehouse>,
}

/// The row after which a page begins, in the words of the database: it may be one that cannot be read.
#[derive(Debug, Clone, Deserialize)]
pub struct After {
    generate_on: Value,
    id: Value,
}

impl Page {
    /// The row after which the next page begins; none if this one is empty.
    #[must_use]
    pub fn end(&self) -> Option<After> {
        self.schedules.last()
    }
}

/// The next schedules that may have something to generate, after the one given.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn due<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    after: Option<&After>,
    limit: usize,
) -> Result<Page, StoreError> {
    let parameters = json!({
        "p_now": now,
        "p_after_date": after.map(|after| &after.generate_on),
        "p_after_id": after.map(|after| &after.id),
        "p_limit": limit,
    });
    session.call("pm_due", &parameters).await
}

/// A client's question about planned work.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Asked {
    /// This schedule only.
    #[serde(rename = "p_schedule")]
    pub schedule: Option<ScheduleId>,
    /// The first day of what was decided, local.
    #[serde(rename = "p_from")]
    pub from: NaiveDate,
    /// The last day.
    #[serde(rename = "p_until")]
    pub until: NaiveDate,
    /// In this warehouse only; its holidays are told even if nothing is planned there.
    #[serde(rename = "p_warehouse")]
    pub warehouse: Option<Uuid>,
    /// For this machine only.
    #[serde(rename = "p_equipment")]
    pub equipment: Option<Uuid>,
    /// Those that follow this schedule.
    #[serde(rename = "p_after")]
    pub after: Option<Uuid>,
    /// At most so many schedules.
    #[serde(rename = "p_limit")]
    pub limit: usize,
}

/// Planned work, as a client may see it.
#[derive(Debug, Clone, Deserialize)]
pub struct PlannedPage {
    /// In the order of their ids.
    pub schedules: Rows<Scheduled>,
    /// Their templates, each once.
    pub templates: Rows<Template>,
    /// The warehouses of their machines, each once.
    #[serde(rename = "places")]
    pub warehouses: Rows<Warehouse>,
    /// The decisions of the period: rows of JSON, of which the schedule's id matters here.
    pub decided: Vec<Map<String, Value>>,
}

impl PlannedPage {
    /// The last schedule of a full page, after which there may be more. It may be one that cannot be read.
    #[must_use]
    pub fn end(&self, limit: usize) -> Option<ScheduleId> {
        #[derive(Deserialize)]
        struct Named {
            id: ScheduleId,
        }
        self.schedules.last::<Named>().filter(|_| self.schedules.len() == limit).map(|last| last.id)
    }
}

/// A schedule with its machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    /// The schedule that its dates follow from.
    pub schedule: DueSchedule,
    /// What is shown of it beside its dates.
    pub shown: Shown,
}

impl<'de> Deserialize<'de> for Scheduled {
    fn deserialize<D: Deserializer<'de>>(told: D) -> Result<Self, D::Error> {
        both(told).map(|(schedule, shown)| Self { schedule, shown })
    }
}

/// The part of a schedule and its machine that a plan shows, and that no date follows from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Shown {
    /// If true, it generates.
    pub active: bool,
    /// The reason for its last rest, in words.
    pub rest_reason: Option<String>,
    /// The meter's count at which the next step is due.
    pub meter_due_at: Option<f64>,
    /// Its machine.
    pub equipment_id: Uuid,
    /// The machine's tag.
    pub asset_tag: String,
    /// The template's title.
    pub title: String,
}

/// Planned work and decisions, with the rights of whoever asks.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn planned<T: Transport>(
    session: &GatewaySession<'_, T>,
    asked: &Asked,
) -> Result<PlannedPage, StoreError> {
    session.call_as_client("pm_planned", asked, &[]).await
}

/// A question for the local time of moments.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Local<'a> {
    /// The template whose work is done there.
    #[serde(rename = "p_template")]
    pub template: Option<Uuid>,
    /// The warehouse of a template that is not there yet.
    #[serde(rename = "p_warehouse")]
    pub warehouse: Option<Uuid>,
    /// Its machine.
    #[serde(rename = "p_equipment")]
    pub equipment: Option<Uuid>,
    /// The name of a time zone that goes before that of the place. It may be none.
    #[serde(rename = "p_time_zone")]
    pub time_zone: Option<&'a str>,
    /// The moments.
    #[serde(rename = "p_times")]
    pub times: &'a [DateTime<Utc>],
}

/// The local time of each moment where a template's work is done. None where nobody knows the time zone.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn local_times<T: Transport>(
    session: &GatewaySession<'_, T>,
    asked: &Local<'_>,
) -> Result<Vec<Option<NaiveDateTime>>, StoreError> {
    session.call_as_client("pm_local_times", asked, &[]).await
}

/// The parameters of [`apply`].
#[derive(Serialize)]
struct Batch<'a> {
    p_now: DateTime<Utc>,
    p_plans: &'a [Plan],
}

/// Writes a batch of plans in one transaction. A plan whose schedule has changed since, or an occurrence that was decided
/// before, counts nothing; a schedule whose plan is refused is put off.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    plans: &[Plan],
) -> Result<Applied, StoreError> {
    session.call("pm_apply", &Batch { p_now: now, p_plans: plans }).await
}

/// Puts off until tomorrow the schedules that cannot be planned today, so that they hold up no others, and keeps the reasons in
/// the list of dead letters. Answers with their number; one that has changed since is not put off.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn put_off<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    problems: &[Unplanned],
) -> Result<u64, StoreError> {
    session.call("pm_put_off", &json!({"p_now": now, "p_problems": problems})).await
}
