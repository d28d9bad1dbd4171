//! Housekeeping: work orders that ended long ago leave the lists, and what nobody will ask for again is forgotten.

use chrono::{DateTime, Utc};
use millwright_domain::housekeeping::Forgettable;
use serde_json::json;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::jobs::Applied;
use crate::transport::Transport;

/// Archives up to `limit` work orders that ended longer ago than their warehouse's setting says. One that
/// is refused is put aside for a day.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn archive<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<Applied, StoreError> {
    session.call("archive_work_orders", &json!({"p_now": now, "p_limit": limit})).await
}

/// Forgets the old rows of one kind. Answers with their number.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn forget<T: Transport>(
    session: &GatewaySession<'_, T>,
    what: Forgettable,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    session.call(&format!("forget_{what}"), &json!({"p_now": now})).await
}
