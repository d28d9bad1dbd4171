//! The decision on what a phone brought too late; the list is that of every resource.

mod description;

use millwright_domain::resource::{REVIEW_DECISION, REVIEWS};
use millwright_edge::{Problem, Response, json, read_json};
use millwright_store::reviews as store;

use crate::call::Signed;
use crate::endpoint::{Api, Handler, Method};
use crate::idempotency::{self, Written, settle};
use crate::resources::{not_theirs, one_of, read_id};

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    api.add(one_of(&REVIEWS, "/decide").on(Method::Post, Handler::person(decide), description::decide));
}

/// `POST /api/v1/reviews/{id}/decide`: `{"decision", "note"?}`. Once, for good.
async fn decide(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let review = read_id(call, &REVIEWS)?;
    let body = read_json(&call.request).await?;
    let said = REVIEW_DECISION.read_new(&body).map_err(Problem::invalid)?;
    let once = idempotency::read(call, &body)?;
    let session = signed.session();
    let told = store::decide(&session, review, &said, once.as_ref()).await;
    let decided = match settle(signed, once.as_ref(), told).await? {
        Written::Before(told) => Some(told),
        Written::Now(told) => told?,
    };
    match decided {
        Some(decided) => json(200, &decided),
        None => Err(not_theirs(&session, &REVIEWS, review, "those who lead decide on it").await?),
    }
}
