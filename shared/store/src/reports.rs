//! Figures, counted by the database with the rights of whoever asks.

use millwright_domain::kpi::Report;
use millwright_domain::parameters::Given;
use serde_json::{Map, Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::{Reply, Transport};

/// Asks for a report, with what [`Report::parameters`] has read. The answer is JSON.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn report<T: Transport>(
    session: &GatewaySession<'_, T>,
    report: &Report,
    given: &Given,
) -> Result<Reply<T::Body>, StoreError> {
    let said = |name: &str| given.get(name).map_or(Value::Null, |value| json!(value));
    let by = given.get("by").map_or(report.usual_group(), String::as_str);
    let mut parameters = Map::from_iter([
        ("p_from".to_owned(), said("from")),
        ("p_until".to_owned(), said("until")),
        ("p_warehouse".to_owned(), said("warehouse_id")),
        ("p_by".to_owned(), json!(by)),
    ]);
    if report.has_tolerance {
        let days: Option<u16> = given.get("tolerance_days").and_then(|days| days.parse().ok());
        parameters.insert("p_tolerance_days".to_owned(), json!(days));
    }
    session.ask_as_client(&format!("report_{}", report.name), &parameters, &[]).await
}
