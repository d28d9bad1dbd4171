//! A person's start page, and their inbox.

use millwright_domain::resource::Row;
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::transport::{Reply, Transport};

/// All that the caller's first screen shows, as a JSON object; null for someone who is not active.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn home<T: Transport>(session: &GatewaySession<'_, T>) -> Result<Reply<T::Body>, StoreError> {
    session.ask_as_client("home", &json!({}), &[]).await
}

/// Marks the caller's inbox read, up to the notification with this id, or all of it. Answers with `marked` and `unread`.
///
/// # Errors
/// If the gateway refuses or does not answer. When `once` was used before, [`StoreError::is_repeated`] says so.
pub async fn read_notifications<T: Transport>(
    session: &GatewaySession<'_, T>,
    up_to: Option<&Value>,
    once: Option<&Once>,
) -> Result<Row, StoreError> {
    session.call_as_client("read_notifications", &json!({"p_up_to": up_to}), &Once::headers(once)?).await
}
