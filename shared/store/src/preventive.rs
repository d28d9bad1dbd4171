//! Preventive maintenance: what is due, and writing what was decided.

use chrono::{DateTime, Utc};
use millwright_domain::schedule::{DueSchedule, Plan};
use serde_json::{Map, Value, json};

use crate::error::StoreError;
use crate::gateway::Session;
use crate::transport::Transport;

/// Gives every machine in service the schedules of its templates, and rests those of the others. Answers with counts.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn sync_schedules<T: Transport>(
    session: &Session<'_, T>,
    now: DateTime<Utc>,
) -> Result<Map<String, Value>, StoreError> {
    session.call("pm_sync_schedules", &json!({"p_now": now})).await
}

/// The next schedules that may have something to generate, after the one given.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn due<T: Transport>(
    session: &Session<'_, T>,
    now: DateTime<Utc>,
    after: Option<&DueSchedule>,
    limit: usize,
) -> Result<Vec<DueSchedule>, StoreError> {
    let parameters = json!({
        "p_now": now,
        "p_after_date": after.map(|schedule| schedule.generate_on),
        "p_after_id": after.map(|schedule| schedule.schedule_id),
        "p_limit": limit,
    });
    session.call("pm_due", &parameters).await
}

/// Writes a batch of plans in one transaction. Answers with counts of what changed: a plan whose schedule has changed
/// since, or an occurrence that was decided before, counts nothing.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &Session<'_, T>,
    now: DateTime<Utc>,
    plans: &[Plan],
) -> Result<Map<String, Value>, StoreError> {
    session.call("pm_apply", &json!({"p_now": now, "p_plans": plans})).await
}

/// Archives up to `limit` work orders that ended longer ago than their warehouse's setting says. Answers with how many.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn archive<T: Transport>(
    session: &Session<'_, T>,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<u64, StoreError> {
    session.call("archive_work_orders", &json!({"p_now": now, "p_limit": limit})).await
}

/// What nobody will ask for again after a while: idempotency keys, documents that went, phones' mutations,
/// how often someone did something in a span that has ended.
pub const FORGETTABLE: [&str; 4] = ["keys", "changes", "mutations", "rates"];

/// Forgets one kind of [`FORGETTABLE`]. Answers with how many.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn forget<T: Transport>(
    session: &Session<'_, T>,
    what: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    session.call(&format!("forget_{what}"), &json!({"p_now": now})).await
}
