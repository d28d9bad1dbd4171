//! Whether histories are still as they were written.

use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::Kind;
use millwright_edge::{Problem, Response, pass_through};
use millwright_store::audit::{MAX_VERIFIED, verify};

use crate::routes::Call;

/// How many work orders are verified when nothing is said.
const USUAL: u16 = 200;

/// The parameters of `GET /api/v1/audit/verify`.
pub(crate) const PARAMETERS: [Parameter; 2] = [
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

/// `GET /api/v1/audit/verify`: the first broken entry of each history among the next work orders. For administrators, whom
/// the database knows.
pub(crate) async fn verify_history(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let given = parameters::read(&PARAMETERS, call.info.url.query_pairs()).map_err(Problem::invalid)?;
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL);
    let after = given.get("cursor").and_then(|id| id.parse().ok());
    let session = call.on_behalf_of(&caller);
    Ok(pass_through(200, &verify(&session, after, limit).await?))
}
