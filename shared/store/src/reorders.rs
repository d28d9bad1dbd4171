//! Orders of parts: one draft for each vendor of a warehouse.

use millwright_domain::resource::Row;
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::transport::Transport;

/// Puts the parts that a warehouse is short of into its open drafts, and answers with `lines_added`, `lines_raised` and `drafts`. Without a
/// warehouse, the caller's own. The same call again adds nothing.
///
/// # Errors
/// If the gateway refuses (the caller does not keep that stock) or does not answer. When `once` was used before,
/// [`StoreError::is_repeated`] says so.
pub async fn reorder<T: Transport>(
    session: &GatewaySession<'_, T>,
    warehouse: Option<&Value>,
    once: Option<&Once>,
) -> Result<Row, StoreError> {
    session.call_as_client("reorder", &json!({"p_warehouse": warehouse}), &Once::headers(once)?).await
}
