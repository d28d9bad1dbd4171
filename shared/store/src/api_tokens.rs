//! API tokens, as far as they are more than a plain resource. The database never has the token itself, only its
//! SHA-256.

use chrono::{DateTime, Utc};
use millwright_domain::access::Reach;
use millwright_domain::id::ProfileId;
use millwright_domain::resource::Row;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::{GatewaySession, ONE};
use crate::transport::{Reply, Transport};

/// A service account whose token is valid.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ServiceAccount {
    /// Its profile.
    pub profile_id: ProfileId,
    /// The scope of what it sees.
    #[serde(flatten)]
    pub reach: Reach,
    /// The moment at which the token ends by itself, if ever.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token with this hash, and answers with it, as a JSON object.
///
/// # Errors
/// If the gateway refuses (the caller is no administrator) or does not answer.
pub async fn open<T: Transport>(
    session: &GatewaySession<'_, T>,
    token: &Row,
    hash: &str,
) -> Result<Reply<T::Body>, StoreError> {
    session.ask_as_client("open_api_token", &json!({"p_token": token, "p_hash": hash}), &[ONE]).await
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
