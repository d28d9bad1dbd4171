//! What to order, of whom.

use millwright_domain::resource::REORDER;
use millwright_edge::{Problem, Response, json, read_json};
use millwright_store::reorders as store;

use crate::idempotency::{self, Written, settle};
use crate::routes::Call;

/// `POST /api/v1/reorder-drafts`: `{"warehouse_id"?}`. Puts what the warehouse is short of into one open draft for each vendor,
/// and answers with these. The same again adds nothing.
pub(crate) async fn reorder(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let body = read_json(&call.request).await?;
    let said = REORDER.read_new(&body).map_err(Problem::invalid)?;
    let once = idempotency::read(call, &body)?;
    let session = call.on_behalf_of(&caller);
    let told = store::reorder(&session, said.get("warehouse_id"), once.as_ref()).await;
    match settle(call, &store::TOLD, &caller, once.as_ref(), told).await? {
        Written::Before(told) => json(200, &told),
        Written::Now(told) => json(200, &told?),
    }
}
