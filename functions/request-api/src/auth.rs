//! Signing in, and who is asking.

use millwright_domain::id::ProfileId;
use millwright_domain::sign_in::Credentials;
use millwright_edge::token::ACCESS_TOKEN_SECONDS;
use millwright_edge::{Problem, bearer_token, clock, json, read_json};
use millwright_store::people::{self, SignIn};
use serde_json::json;
use worker::Response;

use crate::routes::Call;

/// Someone whose token has been verified.
pub(crate) struct Caller {
    /// Who.
    pub(crate) id: ProfileId,
    /// The token itself, which the gateway is asked with.
    pub(crate) token: String,
}

impl Call {
    /// Who is asking.
    ///
    /// # Errors
    /// 401 when that is not known.
    pub(crate) fn caller(&self) -> Result<Caller, Problem> {
        let token = bearer_token(&self.request).ok_or_else(|| {
            Problem::unauthenticated("an Authorization header with a bearer token is needed")
        })?;
        let id = self
            .app
            .keeper
            .verify(&token, clock::now())
            .ok_or_else(|| Problem::unauthenticated("the token is not valid"))?;
        Ok(Caller { id, token })
    }
}

/// `POST /api/auth/login`: `{"email", "password"}` for an access token.
pub(crate) async fn login(mut call: Call) -> Result<Response, Problem> {
    let body = read_json(&mut call.request).await?;
    let credentials = Credentials::parse(&body).map_err(Problem::invalid)?;
    match people::sign_in(&call.app.backend.own(), &credentials).await? {
        SignIn::Ok { profile } => {
            let token = call
                .app
                .keeper
                .issue(profile.id, clock::now())
                .ok_or_else(|| Problem::internal("a token could not be written"))?;
            let answer = json!({
                "access_token": token, "token_type": "Bearer", "expires_in": ACCESS_TOKEN_SECONDS, "user": profile,
            });
            json(200, &answer)
        }
        SignIn::Invalid => Err(Problem::unauthenticated("the email or the password is wrong")),
        SignIn::Locked { retry_after } => {
            Err(Problem::too_many(retry_after, "too many wrong passwords; the account is locked for a while"))
        }
    }
}

/// `GET /api/auth/me`: who the token belongs to.
pub(crate) async fn me(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let session = call.app.backend.on_behalf_of(&caller.token);
    let profile = people::profile(&session, caller.id)
        .await?
        .ok_or_else(|| Problem::unauthenticated("the account is no longer active"))?;
    json(200, &profile)
}
