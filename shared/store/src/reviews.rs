//! Decisions on what phones brought too late.

use millwright_domain::resource::Row;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::transport::Transport;

/// Decides on a review with what a [`REVIEW_DECISION`](millwright_domain::resource::REVIEW_DECISION) says, and answers with it.
/// `None` if there is none that the caller decides on.
///
/// # Errors
/// If the gateway refuses (it is decided, or what was brought is not open to the caller) or does not answer. When `once` was used
/// before, [`StoreError::is_repeated`] says so.
pub async fn decide<T: Transport>(
    session: &GatewaySession<'_, T>,
    review: Uuid,
    said: &Row,
    once: Option<&Once>,
) -> Result<Option<Row>, StoreError> {
    let [decision, note] = ["decision", "note"].map(|name| said.get(name).unwrap_or(&Value::Null));
    let decided = json!({"p_review": review, "p_decision": decision, "p_note": note});
    session.call_as_client("decide_review", &decided, &Once::headers(once)?).await
}
