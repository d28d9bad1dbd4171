//! Identifying the sender of a request by their token.

use millwright_edge::token::{Bearer, Keeper};
use millwright_edge::{FetchTransport, Problem, Request, clock};
use millwright_store::GatewaySession;

use super::caller::Caller;
use super::service_accounts::{ServiceAccountCache, is_api_token};

/// Finds out who sends a request. `own` is the gateway, asked as this function.
///
/// # Errors
/// 401 when that is not known; 503 and 504 when it cannot be found out now.
pub(crate) async fn identify(
    request: &Request,
    keeper: &Keeper,
    service_accounts: &ServiceAccountCache,
    own: GatewaySession<'_, FetchTransport>,
) -> Result<Caller, Problem> {
    let token = request
        .bearer_token()
        .ok_or_else(|| Problem::unauthenticated("an Authorization header with a bearer token is needed"))?;
    if is_api_token(&token) {
        return service_accounts.exchange(&token, keeper, &own).await;
    }
    let Bearer { id, reach } = keeper.verify(&token, clock::now()).await?;
    Ok(Caller { id, reach, token: token.into() })
}
