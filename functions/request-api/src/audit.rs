//! Verifying that histories are still as they were written.

mod description;

use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::Kind;
use millwright_edge::{Problem, Response, pass_through};
use millwright_store::audit::{MAX_VERIFIED, verify};

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// Work orders that are verified when no `limit` is given.
const USUAL: u16 = 200;

/// The parameters of `GET /api/v1/audit/verify`.
const PARAMETERS: [Parameter; 2] = [
    Parameter {
        name: "limit",
        kind: Kind::Integer(1, MAX_VERIFIED as i64),
        required: false,
        about: "How many work orders; 200 when nothing is said",
    },
    Parameter {
        name: "cursor",
        kind: Kind::Id,
        required: false,
        about: "Goes on after this work order: the `next` of the answer before",
    },
];

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    let verify = Endpoint::at("/api/v1/audit/verify");
    api.add(verify.on(Method::Get, Handler::person(verify_history), description::verify));
    api.schemas(description::schemas);
}

/// `GET /api/v1/audit/verify`: the first broken entry of each history among the next work orders. For administrators, whom
/// the database knows.
async fn verify_history(signed: &Signed<'_>) -> Result<Response, Problem> {
    let given = parameters::read(&PARAMETERS, signed.call.info.query_pairs()).map_err(Problem::invalid)?;
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL);
    let after = given.get("cursor").and_then(|id| id.parse().ok());
    Ok(pass_through(200, &verify(&signed.session(), after, limit).await?))
}
