//! One search across all that people look for. The database puts the answer together; it is handed through.

mod description;

use millwright_domain::parameters;
use millwright_domain::search::{SEARCH, USUAL_LINES};
use millwright_edge::{Problem, Response, pass_through};
use millwright_store::search as store;

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    let search = Endpoint::at("/api/v1/search");
    api.add(search.on(Method::Get, Handler::person(find), description::search));
    api.schemas(description::schemas);
}

/// `GET /api/v1/search?q=`: what is found of these words, of every type.
async fn find(signed: &Signed<'_>) -> Result<Response, Problem> {
    let given =
        parameters::read(&SEARCH, signed.call.info.address.query_pairs()).map_err(Problem::invalid)?;
    let q = given.get("q").map(String::as_str).unwrap_or_default();
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_LINES);
    let of_type = given.get("type").map(String::as_str);
    Ok(pass_through(200, &store::search(&signed.session(), q, of_type, limit).await?))
}
