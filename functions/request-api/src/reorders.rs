//! Reordering: drafts of what a warehouse is short of, one for each vendor.

mod description;

use millwright_domain::resource::{REORDER, REORDER_DRAFTS};
use millwright_edge::{Problem, Response, json, read_json};
use millwright_store::reorders as store;

use crate::call::Signed;
use crate::endpoint::{Api, Handler, Method};
use crate::idempotency::{self, Written, settle};
use crate::resources::all_of;

/// The method that makes drafts; the others are those of every resource.
pub(crate) fn declare(api: &mut Api) {
    api.add(all_of(&REORDER_DRAFTS).on(Method::Post, Handler::person(reorder), description::reorder));
    api.schemas(description::schemas);
}

/// `POST /api/v1/reorder-drafts`: `{"warehouse_id"?}`. Puts what the warehouse is short of into one open draft for each vendor,
/// and answers with these. The same again adds nothing.
async fn reorder(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let said = REORDER.read_new(&body).map_err(Problem::invalid)?;
    let once = idempotency::read(signed.call, &body)?;
    let told = store::reorder(&signed.session(), said.get("warehouse_id"), once.as_ref()).await;
    match settle(signed, once.as_ref(), told).await? {
        Written::Before(told) => json(200, &told),
        Written::Now(told) => json(200, &told?),
    }
}
