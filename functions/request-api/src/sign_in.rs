//! `/api/auth`: people sign in, stay signed in, sign out, and change their passwords; and come in by links of mails.

mod by_mail;
mod description;

use millwright_domain::resource::OWN_PROFILE;
use millwright_domain::sign_in::{Credentials, PasswordChange, refresh_token};
use millwright_edge::{Problem, Response, empty, json, pass_through, read_json};
use millwright_store::people;
use serde_json::Value;

use crate::auth::{SigningIn, TokenResponse};
use crate::call::{Call, Signed};
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// The endpoints.
pub(crate) fn declare(api: &mut Api) {
    let post =
        |path, handler, describe: fn() -> Value| Endpoint::at(path).on(Method::Post, handler, describe);
    api.add(post("/api/auth/login", Handler::stranger(login), description::login));
    api.add(post("/api/auth/refresh", Handler::stranger(refresh), description::refresh));
    api.add(post("/api/auth/logout", Handler::stranger(logout), description::logout));
    api.add(post("/api/auth/password", Handler::person(password), description::password));
    api.add(Endpoint::at("/api/auth/me").on(Method::Get, Handler::person(me), description::me).on(
        Method::Patch,
        Handler::person(change_me),
        description::change_me,
    ));
    by_mail::declare(api);
    api.schemas(description::schemas);
}

/// `POST /api/auth/login`: `{"email", "password", "device"?}` for an access token, a refresh token, the secret of the device and
/// the profile of the person who signed in. 401 when the address or the password is wrong, 429 after too many attempts; on a
/// device that shows the secret of an earlier sign-in, only its own count.
async fn login(call: &Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let credentials = Credentials::parse(&body).map_err(Problem::invalid)?;
    respond(&call.app.authority.sign_in(&signing_in(call), &credentials).await?)
}

/// `POST /api/auth/refresh`: `{"refresh_token"}` for the next two tokens. 401 when it does not hold. One that is used twice
/// ends all that came from the same login, unless it comes again within 30 seconds: then the answer has the same tokens to go
/// on with.
async fn refresh(call: &Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let token = refresh_token(&body).map_err(Problem::invalid)?;
    respond(&call.app.authority.refresh(&signing_in(call), &token).await?)
}

/// `POST /api/auth/logout`: `{"refresh_token"}`, to end all that came from the same login. 204, also when it had ended.
async fn logout(call: &Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let token = refresh_token(&body).map_err(Problem::invalid)?;
    call.app.authority.sign_out(&signing_in(call), &token).await?;
    Ok(empty())
}

/// `POST /api/auth/password`: `{"current_password", "new_password"}`, to change one's own. 204; all refresh tokens of the
/// person have ended with it. 422 when the current one is wrong, 429 after five times of that.
async fn password(signed: &Signed<'_>) -> Result<Response, Problem> {
    let Signed { call, caller } = signed;
    let body = read_json(&call.request).await?;
    let change = PasswordChange::parse(&body).map_err(Problem::invalid)?;
    call.app.authority.change_password(&signing_in(call), caller, &change).await?;
    Ok(empty())
}

/// `GET /api/auth/me`: the profile that the token belongs to, and what its role may do.
async fn me(signed: &Signed<'_>) -> Result<Response, Problem> {
    let profile = people::with_permissions(&signed.session(), signed.caller.id)
        .await?
        .ok_or_else(|| Problem::unauthenticated("the account is no longer active"))?;
    Ok(pass_through(200, &profile))
}

/// `PATCH /api/auth/me`: changes one's own name, phone, locale or time zone, and nothing else of the profile.
async fn change_me(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let changes = OWN_PROFILE.read_changes(&body).map_err(Problem::invalid)?;
    let profile =
        people::change_own(&signed.session(), signed.caller.id, &changes).await?.ok_or_else(|| {
            Problem::forbidden("only people who are active change themselves, and no API token does")
        })?;
    Ok(pass_through(200, &profile))
}

fn signing_in(call: &Call) -> SigningIn<'_> {
    SigningIn {
        keeper: &call.app.keeper,
        backend: &call.app.backend,
        request_id: &call.info.id,
        address: call.request.client_address(),
    }
}

fn respond(tokens: &TokenResponse) -> Result<Response, Problem> {
    json(200, &tokens.body())
}
