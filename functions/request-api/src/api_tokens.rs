//! API tokens under `/api/v1/api-tokens`. Unlike other resources, making one tells its secret, once, and removing one revokes
//! it.

mod description;

use millwright_domain::api_token;
use millwright_domain::resource::API_TOKENS;
use millwright_edge::token::OpaqueToken;
use millwright_edge::{FetchTransport, Problem, Response, clock, empty, json, read_json};
use millwright_store::{StoreError, Transport, api_tokens};
use serde_json::{Map, Value};

use crate::auth::API_TOKEN_PREFIX;
use crate::call::Signed;
use crate::endpoint::{Api, Handler, Method};
use crate::resources::{all_of, not_theirs, one_of, read_id};

/// The two methods that differ; the others are those of every resource.
pub(crate) fn declare(api: &mut Api) {
    api.add(all_of(&API_TOKENS).on(Method::Post, Handler::person(create), description::create));
    api.add(one_of(&API_TOKENS, "").on(Method::Delete, Handler::person(revoke), description::revoke));
    api.schemas(description::schemas);
}

/// `POST /api/v1/api-tokens`: `{"name", "role", "warehouse_id"?, "expires_at"?}` for a new one. The answer has its `secret`;
/// no later one has, and so there is no `Idempotency-Key` here. For administrators.
async fn create(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let row = api_token::read_new(&body, clock::now()).map_err(Problem::invalid)?;
    let OpaqueToken { secret, hash } = OpaqueToken::random(API_TOKEN_PREFIX)?;
    let reply = api_tokens::open(&signed.session(), &row, &hash).await?;
    let body = FetchTransport::read(reply.body).await.map_err(StoreError::from)?;
    let mut told: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|error| Problem::internal(error.to_string()))?;
    told.insert("secret".to_owned(), secret.expose().into());
    json(201, &told)
}

/// `DELETE /api/v1/api-tokens/{id}`: revokes it for good; 204, also when it was. It reads and writes nothing from now on, and
/// is refused within a minute. For administrators.
async fn revoke(signed: &Signed<'_>) -> Result<Response, Problem> {
    let id = read_id(signed.call, &API_TOKENS)?;
    let session = signed.session();
    if api_tokens::revoke(&session, id).await? {
        return Ok(empty());
    }
    Err(not_theirs(&session, &API_TOKENS, id, "your role does not allow this").await?)
}
