//! What is special about API tokens under `/api/v1/api-tokens`: their secret is told once, and they are revoked.

use millwright_domain::api_token;
use millwright_domain::resource::API_TOKENS;
use millwright_edge::token::OpaqueToken;
use millwright_edge::{FetchTransport, Problem, Response, clock, empty, json, read_json};
use millwright_store::{StoreError, Transport, api_tokens, resources};
use serde_json::{Map, Value};

use super::api_tokens::PREFIX;
use crate::resources::{no_such, read_id};
use crate::routes::Call;

/// `POST /api/v1/api-tokens`: `{"name", "role", "warehouse_id"?, "expires_at"?}` for a new one. The answer has its `secret`;
/// no later one has, and so there is no `Idempotency-Key` here. For administrators.
pub(crate) async fn create(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let body = read_json(&call.request).await?;
    let mut row = api_token::read_new(&body, clock::now()).map_err(Problem::invalid)?;
    let OpaqueToken { secret, hash } = OpaqueToken::random(PREFIX)?;
    row.insert("token_hash".to_owned(), hash.into());
    let session = call.on_behalf_of(&caller);
    let reply = resources::open(&session, &API_TOKENS, &row, None).await?;
    let body = FetchTransport::read(reply.body).await.map_err(StoreError::from)?;
    let mut told: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|error| Problem::internal(error.to_string()))?;
    told.insert("secret".to_owned(), secret.expose().into());
    json(201, &told)
}

/// `DELETE /api/v1/api-tokens/{id}`: revokes it for good; 204, also when it was. It reads and writes nothing from now on, and
/// is refused within a minute. For administrators.
pub(crate) async fn revoke(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let id = read_id(call, &API_TOKENS)?;
    let session = call.on_behalf_of(&caller);
    if api_tokens::revoke(&session, id).await? {
        return Ok(empty());
    }
    // Nothing matched; only now is it worth a second round trip to know why.
    if resources::exists(&session, &API_TOKENS, id).await? {
        Err(Problem::forbidden("your role does not allow this"))
    } else {
        Err(no_such(&API_TOKENS))
    }
}
