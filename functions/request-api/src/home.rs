//! A person's start page, and their inbox marked read. The database puts the page together; it is handed through.

mod description;

use millwright_domain::resource::READING_INBOX;
use millwright_edge::{Problem, Response, json, pass_through, read_json};
use millwright_store::home as store;

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::idempotency::{self, Written, settle};

/// The endpoints.
pub(crate) fn declare(api: &mut Api) {
    api.add(Endpoint::at("/api/v1/home").on(Method::Get, Handler::person(home), description::home));
    let inbox = Endpoint::at("/api/v1/notifications/read");
    api.add(inbox.on(Method::Post, Handler::person(read_inbox), description::read_inbox));
    api.schemas(description::schemas);
}

/// `GET /api/v1/home`: who the caller is, and what waits for them.
async fn home(signed: &Signed<'_>) -> Result<Response, Problem> {
    if let Some((name, _)) = signed.call.info.address.query_pairs().next() {
        return Err(Problem::wrong_parameter(&name, "is not a parameter here"));
    }
    Ok(pass_through(200, &store::home(&signed.session()).await?))
}

/// `POST /api/v1/notifications/read`: `{"up_to"?}`. Marks the inbox read, up to that notification.
async fn read_inbox(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let said = READING_INBOX.read_new(&body).map_err(Problem::invalid)?;
    let once = idempotency::read(signed.call, &body)?;
    let told = store::read_notifications(&signed.session(), said.get("up_to"), once.as_ref()).await;
    match settle(signed, once.as_ref(), told).await? {
        Written::Before(told) => json(200, &told),
        Written::Now(told) => json(200, &told?),
    }
}
