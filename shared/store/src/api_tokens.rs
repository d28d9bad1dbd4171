//! Tokens for machines, as far as they are more than a plain resource. The database never has the token itself, only its
//! SHA-256.

use chrono::{DateTime, Utc};
use millwright_domain::id::ProfileId;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::Transport;

/// A machine whose token is valid.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ServiceAccount {
    /// Its service account.
    pub profile_id: ProfileId,
    /// When the token ends by itself, if ever.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Revokes a token; one that is revoked stays so. False when there is none that the caller may revoke.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn revoke<T: Transport>(session: &GatewaySession<'_, T>, id: Uuid) -> Result<bool, StoreError> {
    // The moment is the database's to say.
    let body = json!({"revoked_at": "now"}).to_string();
    let request = session.table("api_tokens").select("id").eq("id", id.to_string()).update(body);
    session.fetch::<Vec<Value>>(request).await.map(|rows| !rows.is_empty())
}

/// Whose token has this hash, and notes that it was used. `None` when it is unknown, expired or revoked.
///
/// Asked as our own function.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn exchange<T: Transport>(
    session: &GatewaySession<'_, T>,
    hash: &str,
) -> Result<Option<ServiceAccount>, StoreError> {
    session.call("api_token_exchange", &json!({"p_hash": hash})).await
}
