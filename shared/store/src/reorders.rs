//! Orders of parts: one draft for each vendor of a warehouse.

use millwright_domain::resource::{REORDER_DRAFTS, REORDER_LINES, Row};
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::transport::Transport;

/// The members of the answer, as they are kept for an idempotency key.
pub const TOLD: [&str; 3] = ["lines_added", "lines_raised", "drafts"];

/// Puts the parts that a warehouse is short of into its open drafts, and answers with these: the members of [`TOLD`]. Without a
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
    let headers = once.map(Once::headers).transpose()?;
    let parameters = json!({
        "p_warehouse": warehouse, "p_columns": REORDER_DRAFTS.columns(), "p_line_columns": REORDER_LINES.columns(),
    });
    session.call_as_client("reorder", &parameters, headers.as_ref().map_or(&[], |headers| headers)).await
}
