//! The health of the database.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::Transport;

/// The figures that readiness and health are judged by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Health {
    /// The newest migration that has been applied.
    pub schema_version: String,
    /// Events that nobody has been told of yet.
    pub events_waiting: u64,
    /// Messages that were given up.
    pub dead_letters: u64,
    /// The newest firing of each background function.
    pub last_runs: Map<String, Value>,
}

/// Asks for these figures.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn health<T: Transport>(session: &GatewaySession<'_, T>) -> Result<Health, StoreError> {
    session.call("health", &json!({})).await
}
