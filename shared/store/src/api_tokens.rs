//! API tokens, as far as they are more than a plain resource. The database never has the token itself, only its
//! SHA-256.

use chrono::{DateTime, Utc};
use millwright_domain::id::ProfileId;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::Transport;

/// A service account whose token is valid.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ServiceAccount {
    /// Its profile.
    pub profile_id: ProfileId,
    /// The moment at which the token ends by itself, if ever.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Revokes a token; one that is revoked stays so. False if there is none that the caller may revoke.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn revoke<T: Transport>(session: &GatewaySession<'_, T>, id: Uuid) -> Result<bool, StoreError> {
    // The database says the moment.
    let body = json!({"revoked_at": "now"}).to_string();
    let request = session.table("api_tokens").select("id").eq("id", id.to_string()).update(body);
    session.fetch::<Vec<Value>>(request).await.map(|rows| !rows.is_empty())
}

/// The service account of the token with this hash; notes that it was used. `None` if it is unknown, expired or revoked.
///
/// Asked as our own function.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn exchange<T: Transport>(
    session: &GatewaySession<'_, T>,
    hash: &str,
) -> Result<Option<ServiceAccount>, StoreError> {
    session.call("api_token_exchange", &json!({"p_hash": hash})).await
}
