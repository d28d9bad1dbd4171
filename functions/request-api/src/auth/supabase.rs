//! `AUTH_MODE=supabase`: people sign in at Supabase Auth, whose ids are the ids of our profiles.
//!
//! Clients speak to us as ever; what is passed on is passed through its REST interface. Its lockouts, its rules for
//! passwords and its rotation of refresh tokens are its own. Our database is asked once, for the profile.

use millwright_domain::links::Acceptance;
use millwright_domain::secret::Secret;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use millwright_edge::config::Reader;
use millwright_edge::token::{Bearer, TokenFault};
use millwright_edge::{Destination, NoAnswer, Problem, clock, send_within};
use millwright_store::people::{self, Profile};
use serde::Deserialize;
use serde_json::{Value, json};
use worker::{Headers, Method, RequestInit, Response};

use super::{
    Caller, SigningIn, TokenResponse, slowed_anywhere, wrong_credentials, wrong_current_password, wrong_link,
    wrong_refresh_token,
};

/// Milliseconds that it has to answer.
const DEADLINE_MS: u32 = 10_000;

/// Seconds that a client is asked to wait when Supabase Auth says "too many" without a time.
const DEFAULT_RETRY_AFTER: u32 = 60;

/// The detail of every problem that the client cannot mend.
const UNAVAILABLE: &str = "signing in is not possible at the moment";

/// Supabase Auth.
pub(crate) struct Supabase {
    url: String,
    apikey: Option<String>,
}

/// Its answer to someone who signs in.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    refresh_token: String,
    expires_in: i64,
}

/// Its answer when it refuses.
#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    error_code: String,
    /// Of older versions.
    #[serde(default)]
    error: String,
}

/// An answer of its.
enum Answer {
    Granted(Response),
    /// With a status and a code.
    Refused(u16, String),
}

impl Supabase {
    /// Reads `SUPABASE_AUTH_URL` (`https://PROJECT.supabase.co/auth/v1`) and `GATEWAY_APIKEY`, which it asks for too.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self { url: reader.address("SUPABASE_AUTH_URL"), apikey: reader.optional("GATEWAY_APIKEY") }
    }

    pub(super) async fn sign_in(
        &self,
        with: &SigningIn<'_>,
        credentials: &Credentials,
    ) -> Result<TokenResponse, Problem> {
        let granted = self.with_password(&credentials.email, &credentials.password).await?;
        respond(with, granted.ok_or_else(wrong_credentials)?).await
    }

    pub(super) async fn refresh(
        &self,
        with: &SigningIn<'_>,
        token: &Secret,
    ) -> Result<TokenResponse, Problem> {
        let granted = self.with_refresh_token(token).await?;
        respond(with, granted.ok_or_else(wrong_refresh_token)?).await
    }

    /// It ends a session by its access token, so the refresh token is exchanged for one first.
    pub(super) async fn sign_out(&self, token: &Secret) -> Result<(), Problem> {
        match self.with_refresh_token(token).await? {
            Some(granted) => self.log_out(&granted.access_token, "local").await,
            None => Ok(()),
        }
    }

    /// Signs in with the current password, changes it as that new session, and then ends all sessions.
    pub(super) async fn change_password(
        &self,
        with: &SigningIn<'_>,
        caller: &Caller,
        change: &PasswordChange,
    ) -> Result<(), Problem> {
        let person = profile(with, caller).await?;
        let granted = self.with_password(&person.email, &change.current).await?;
        let token = granted.ok_or_else(wrong_current_password)?.access_token;
        self.set_password(&token, &change.new, "new_password").await?;
        self.log_out(&token, "global").await
    }

    /// It sends the mail by itself, and says nothing of whether there is such an account.
    pub(super) async fn forgot(&self, email: &str) -> Result<(), Problem> {
        match self.send(Method::Post, "/recover", None, Some(&json!({"email": email}))).await? {
            // Of an address that is none it may say so.
            Answer::Granted(_) | Answer::Refused(400 | 404 | 422, _) => Ok(()),
            Answer::Refused(status, code) => Err(unexpected(status, &code)),
        }
    }

    /// Begins a session with the `token_hash` of its mail, sets the password as that session, and ends all others. The link does
    /// not say of which kind it is, so both are tried.
    pub(super) async fn accept(
        &self,
        with: &SigningIn<'_>,
        said: &Acceptance,
    ) -> Result<TokenResponse, Problem> {
        let link = |kind: &str| json!({"type": kind, "token_hash": said.token.expose()});
        let granted = match self.granted("/verify", &link("recovery")).await? {
            Some(granted) => Some(granted),
            None => self.granted("/verify", &link("invite")).await?,
        };
        let granted = granted.ok_or_else(wrong_link)?;
        self.set_password(&granted.access_token, &said.password, "password").await?;
        self.log_out(&granted.access_token, "others").await?;
        respond(with, granted).await
    }

    async fn set_password(&self, token: &str, password: &Secret, field: &str) -> Result<(), Problem> {
        let body = json!({"password": password.expose()});
        match self.send(Method::Put, "/user", Some(token), Some(&body)).await? {
            Answer::Granted(_) => Ok(()),
            Answer::Refused(_, code) if code == "same_password" => {
                Err(Problem::wrong_field(field, "must differ from the current one"))
            }
            Answer::Refused(_, code) if code == "weak_password" => {
                Err(Problem::wrong_field(field, "is too easy to guess"))
            }
            Answer::Refused(status, code) => Err(unexpected(status, &code)),
        }
    }

    async fn with_password(&self, email: &str, password: &Secret) -> Result<Option<Granted>, Problem> {
        self.grant("password", &json!({"email": email, "password": password.expose()})).await
    }

    async fn with_refresh_token(&self, token: &Secret) -> Result<Option<Granted>, Problem> {
        self.grant("refresh_token", &json!({"refresh_token": token.expose()})).await
    }

    /// Asks for tokens. `None` when the password or the refresh token does not hold.
    async fn grant(&self, kind: &str, body: &Value) -> Result<Option<Granted>, Problem> {
        self.granted(&format!("/token?grant_type={kind}"), body).await
    }

    /// The same of any path that answers with tokens.
    async fn granted(&self, path: &str, body: &Value) -> Result<Option<Granted>, Problem> {
        match self.send(Method::Post, path, None, Some(body)).await? {
            Answer::Granted(mut response) => response
                .json()
                .await
                .map(Some)
                .map_err(|error| Problem::internal(format!("the answer of Supabase Auth: {error}"))),
            Answer::Refused(400 | 401 | 403 | 404 | 422, _) => Ok(None),
            Answer::Refused(status, code) => Err(unexpected(status, &code)),
        }
    }

    /// A session that has ended already is as good as one that ends now.
    async fn log_out(&self, token: &str, scope: &str) -> Result<(), Problem> {
        match self.send(Method::Post, &format!("/logout?scope={scope}"), Some(token), None).await? {
            Answer::Granted(_) | Answer::Refused(401 | 403 | 404, _) => Ok(()),
            Answer::Refused(status, code) => Err(unexpected(status, &code)),
        }
    }

    /// Sends one request. An error means that it is too busy, broken or not there, whatever was asked.
    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, Problem> {
        let mut init = self
            .request(method, token, body)
            .map_err(|error| Problem::internal(format!("a request to Supabase Auth: {error}")))?;
        let address = format!("{}{path}", self.url);
        let there = Destination::Provider(&address);
        let mut response =
            send_within(there, &mut init, DEADLINE_MS).await.map_err(|error| unreachable(&error))?;
        let status = response.status_code();
        match status {
            200..300 => Ok(Answer::Granted(response)),
            429 => {
                let wait = response.headers().get("retry-after").ok().flatten();
                let seconds = wait.and_then(|wait| wait.trim().parse().ok()).unwrap_or(DEFAULT_RETRY_AFTER);
                Err(slowed_anywhere(seconds))
            }
            500.. => Err(Problem::unavailable(UNAVAILABLE, format!("Supabase Auth answered {status}"))),
            _ => {
                // Its words are not for clients: only the code is used.
                let refused: Refused = response.json().await.unwrap_or_default();
                let code = if refused.error_code.is_empty() { refused.error } else { refused.error_code };
                Ok(Answer::Refused(status, code))
            }
        }
    }

    fn request(
        &self,
        method: Method,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> worker::Result<RequestInit> {
        let headers = Headers::new();
        if let Some(apikey) = &self.apikey {
            headers.set("apikey", apikey)?;
        }
        if let Some(token) = token {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        let mut init = RequestInit::new();
        if let Some(body) = body {
            headers.set("content-type", "application/json")?;
            init.with_body(Some(body.to_string().into()));
        }
        init.with_method(method).with_headers(headers);
        Ok(init)
    }
}

/// The tokens of someone whom Supabase Auth knows, if we know them, too.
async fn respond(with: &SigningIn<'_>, granted: Granted) -> Result<TokenResponse, Problem> {
    let Bearer { id, reach } =
        with.keeper.verify(&granted.access_token, clock::now()).await.map_err(|fault| match fault {
            // Not the person's fault: what Supabase Auth signs is not what the configuration expects.
            TokenFault::Invalid => {
                Problem::unavailable(UNAVAILABLE, "JWT_* does not fit Supabase Auth's tokens")
            }
            unavailable @ TokenFault::Unavailable(_) => unavailable.into(),
        })?;
    let caller = Caller { id, reach, token: granted.access_token.as_str().into() };
    let user = profile(with, &caller).await?;
    Ok(TokenResponse {
        access_token: granted.access_token,
        expires_in: granted.expires_in,
        refresh_token: Secret::new(granted.refresh_token),
        refresh_expires_in: None,
        device: None,
        user,
    })
}

async fn profile(with: &SigningIn<'_>, caller: &Caller) -> Result<Profile, Problem> {
    people::profile(&with.session_of(caller), caller.id)
        .await?
        .ok_or_else(|| Problem::unauthenticated("there is no active account here for whoever signed in"))
}

fn unreachable(error: &NoAnswer) -> Problem {
    let context = format!("Supabase Auth: {error}");
    match error {
        NoAnswer::Deadline => Problem::timeout("signing in took too long; please try again", context),
        NoAnswer::Unreachable(_) => Problem::unavailable(UNAVAILABLE, context),
    }
}

/// A refusal that does not happen when both sides are set up right.
fn unexpected(status: u16, code: &str) -> Problem {
    Problem::unavailable(UNAVAILABLE, format!("Supabase Auth answered {status} {code}"))
}
