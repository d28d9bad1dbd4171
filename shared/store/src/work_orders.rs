//! Work orders beyond the plain resource: their moves, and issues that open another one.

use millwright_domain::lifecycle::Standing;
use millwright_domain::resource::Row;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::{Key, Once};
use crate::transport::Transport;

/// The result of a move.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Moved {
    /// It was made; the work order as it is now.
    Made {
        /// Its columns.
        moved: Row,
    },
    /// It was not, and nothing has changed.
    Refused {
        /// The reason, for programs.
        refused: String,
        /// The reason, in words for the person.
        detail: String,
        /// The standing that decides on its moves.
        standing: Standing,
    },
}

/// Moves a work order, if it still has the version that is given. `changes` may hold `status`, `assigned_to`,
/// `hold_reason`, `signature_name`, `signature_id`, `note`, and `acknowledge` (minutes, or null for the usual). `None` if there is none that the caller
/// may see.
///
/// # Errors
/// If the gateway refuses or does not answer. When `once` was used before, [`StoreError::is_repeated`] says so.
pub async fn move_to<T: Transport>(
    session: &GatewaySession<'_, T>,
    id: Uuid,
    version: Option<i64>,
    changes: &Row,
    once: Option<&Once>,
) -> Result<Option<Moved>, StoreError> {
    let parameters = json!({"p_id": id, "p_version": version, "p_changes": changes});
    session.call_as_client("work_order_move", &parameters, &Once::headers(once)?).await
}

/// Marks a checklist item as an issue and opens the work order that follows from it, once. Answers with the item; `None`
/// when there is none of that version that the caller may decide on.
///
/// # Errors
/// If the gateway refuses (contractors open no work orders) or does not answer.
pub async fn raise_issue<T: Transport>(
    session: &GatewaySession<'_, T>,
    key: Key,
    version: Option<i64>,
    notes: Option<&Value>,
    follow_up: &Row,
) -> Result<Option<Row>, StoreError> {
    let parameters = json!({
        "p_work_order": key.parent, "p_item": key.id, "p_version": version, "p_notes": notes, "p_follow_up": follow_up,
    });
    session.call_as_client("checklist_issue", &parameters, &[]).await
}
