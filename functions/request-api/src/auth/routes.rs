//! `/api/auth`: for people.

use millwright_domain::sign_in::{Credentials, PasswordChange, refresh_token};
use millwright_edge::{Problem, Response, empty, json, read_json};
use millwright_store::people;

use super::Session;
use crate::routes::Call;

/// `POST /api/auth/login`: `{"email", "password"}` for a session, which is an access token, a refresh token and the profile
/// of who signed in. 401 when one of them is wrong, 429 after five wrong passwords in a row.
pub(crate) async fn login(call: Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let credentials = Credentials::parse(&body).map_err(Problem::invalid)?;
    told(&call.app.authority.sign_in(&call, &credentials).await?)
}

/// `POST /api/auth/refresh`: `{"refresh_token"}` for the next session. 401 when it does not hold. One that is used twice
/// ends all that came from the same login.
pub(crate) async fn refresh(call: Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let token = refresh_token(&body).map_err(Problem::invalid)?;
    told(&call.app.authority.refresh(&call, &token).await?)
}

/// `POST /api/auth/logout`: `{"refresh_token"}`, to end all that came from the same login. 204, also when it had ended.
pub(crate) async fn logout(call: Call) -> Result<Response, Problem> {
    let body = read_json(&call.request).await?;
    let token = refresh_token(&body).map_err(Problem::invalid)?;
    call.app.authority.sign_out(&call, &token).await?;
    Ok(empty())
}

/// `POST /api/auth/password`: `{"current_password", "new_password"}`, to change one's own. 204; all refresh tokens of the
/// person have ended with it. 422 when the current one is wrong, 429 after five times of that.
pub(crate) async fn password(call: Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let body = read_json(&call.request).await?;
    let change = PasswordChange::parse(&body).map_err(Problem::invalid)?;
    call.app.authority.change_password(&call, &caller, &change).await?;
    Ok(empty())
}

/// `GET /api/auth/me`: who the token belongs to.
pub(crate) async fn me(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let session = call.on_behalf_of(&caller);
    let profile = people::profile(&session, caller.id)
        .await?
        .ok_or_else(|| Problem::unauthenticated("the account is no longer active"))?;
    json(200, &profile)
}

fn told(session: &Session) -> Result<Response, Problem> {
    json(200, &session.told())
}
