//! Verifying that histories are still as they were written.

use serde_json::json;
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::{Reply, Transport};

/// The most work orders that one call verifies.
pub const MAX_VERIFIED: u16 = 1000;

/// Verifies the histories of the next work orders after this one, in the order of their ids. The answer is JSON:
/// `{"work_orders", "entries", "broken": [{"work_order_id", "number", "position", "fault", "detail"}], "next"}`.
///
/// # Errors
/// If the gateway refuses (`42501` for everyone but administrators) or does not answer.
pub async fn verify<T: Transport>(
    session: &GatewaySession<'_, T>,
    after: Option<Uuid>,
    limit: u16,
) -> Result<Reply<T::Body>, StoreError> {
    session.ask_as_client("history_verify", &json!({"p_after": after, "p_limit": limit}), &[]).await
}
