//! The life of a machine: its time line and its figures, as far as the caller may see them.

use millwright_domain::parameters::Given;
use millwright_domain::resource::{Cursor, Row};
use serde_json::json;
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::{Reply, Transport};

/// The next entries of a machine's time line, newest first: `{"id", "happened_at", "kind", "actor_id", "details"}`. Those
/// before the one that the cursor names, by its time and id; of one kind, where that is said.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn history<T: Transport>(
    session: &GatewaySession<'_, T>,
    machine: Uuid,
    limit: usize,
    before: Option<&Cursor>,
    kind: Option<&str>,
) -> Result<Reply<T::Body>, StoreError> {
    let parameters = json!({
        "p_equipment": machine, "p_limit": limit, "p_before": before.map(|Cursor(at, ..)| at),
        "p_before_id": before.map(|Cursor(_, id, _)| id), "p_kind": kind,
    });
    session.ask_as_client("equipment_history", &parameters, &[]).await
}

/// The figures of a machine over a period that [`millwright_domain::kpi::read_period`] has read. `None` if there is none that
/// the caller may see.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn kpis<T: Transport>(
    session: &GatewaySession<'_, T>,
    machine: Uuid,
    period: &Given,
) -> Result<Option<Row>, StoreError> {
    let parameters =
        json!({"p_equipment": machine, "p_from": period.get("from"), "p_until": period.get("until")});
    session.call_as_client("equipment_kpis", &parameters, &[]).await
}
