//! The links of mails: people come in, set a password that they forgot, and change their address.

use millwright_domain::links::{Acceptance, EmailChange, forgotten, link_token};
use millwright_domain::resource::{INVITATION, PROFILES};
use millwright_edge::{Problem, Response, empty, json, read_json};
use millwright_store::links;
use serde_json::Value;

use super::{description, respond, signing_in};
use crate::call::{Call, Signed};
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::idempotency::{self, Written, settle};
use crate::resources::{not_theirs, one_of, read_id};

/// The endpoints.
pub(super) fn declare(api: &mut Api) {
    let post =
        |path, handler, describe: fn() -> Value| Endpoint::at(path).on(Method::Post, handler, describe);
    api.add(post("/api/auth/forgot", Handler::stranger(forgot), description::forgot));
    api.add(post("/api/auth/accept", Handler::stranger(accept), description::accept));
    api.add(post("/api/auth/email", Handler::person(email), description::email));
    api.add(post("/api/auth/email/confirm", Handler::stranger(confirm), description::confirm));
    let invitation = one_of(&PROFILES, "/invite");
    api.add(invitation.on(Method::Post, Handler::person(invite), description::invite));
}

/// `POST /api/auth/forgot`: `{"email"}`. 204, and a mail with a link (good for an hour, once) to whoever has this address, if
/// anyone has: the answer does not tell. 429 as at a login.
async fn forgot(call: &Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let address = forgotten(&body).map_err(Problem::invalid)?;
    call.app.authority.forgot(&signing_in(call), &address).await?;
    Ok(empty())
}

/// `POST /api/auth/accept`: `{"token", "password"}`, of an invitation or after a password was forgotten. The session of whoever it
/// is; all their other logins have ended. 422 when the link does not hold.
async fn accept(call: &Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let said = Acceptance::parse(&body).map_err(Problem::invalid)?;
    respond(&call.app.authority.accept(&signing_in(call), &said).await?)
}

/// `POST /api/auth/email`: `{"email", "current_password"}`. 204, and a mail with a link (good for 24 hours, once) to the new
/// address. 422 when the password is wrong, 429 after five times of that.
async fn email(signed: &Signed<'_>) -> Result<Response, Problem> {
    let Signed { call, caller } = signed;
    let body = read_json(&call.request).await?;
    let change = EmailChange::parse(&body).map_err(Problem::invalid)?;
    call.app.authority.change_email(&signing_in(call), caller, &change).await?;
    Ok(empty())
}

/// `POST /api/auth/email/confirm`: `{"token"}`. 204: from now on the address holds, and the former one is told. 422 when the link
/// does not hold.
async fn confirm(call: &Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let token = link_token(&body).map_err(Problem::invalid)?;
    call.app.authority.confirm_email(&signing_in(call), &token).await?;
    Ok(empty())
}

/// `POST /api/v1/profiles/{id}/invite`: invites someone who has no password yet once more, by a mail with a link that is good for
/// 72 hours, once. The link before ends.
async fn invite(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    call.app.authority.must_be_ours()?;
    let person = read_id(call, &PROFILES)?;
    let body = read_json(&call.request).await?;
    INVITATION.read_new(&body).map_err(Problem::invalid)?;
    let once = idempotency::read(call, &body)?;
    let session = signed.session();
    let invited = links::invite(&session, person, once.as_ref()).await;
    let told = match settle(signed, once.as_ref(), invited).await? {
        Written::Before(told) => told.into(),
        Written::Now(told) => told?,
    };
    if told.is_null() {
        return Err(not_theirs(&session, &PROFILES, person, "administrators invite people").await?);
    }
    json(200, &told)
}
