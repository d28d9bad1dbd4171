//! One search across all that people look for.

use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::{Reply, Transport};

/// All that is found of `q`, in all lists together or those of one type, at most `limit` lines of each: `{"found", "more"}`.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn search<T: Transport>(
    session: &GatewaySession<'_, T>,
    q: &str,
    of_type: Option<&str>,
    limit: u8,
) -> Result<Reply<T::Body>, StoreError> {
    let asked: Value = json!({"p_q": q, "p_type": of_type, "p_limit": limit});
    session.ask_as_client("search", &asked, &[]).await
}
