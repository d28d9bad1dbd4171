//! Signing in, and identifying the sender of a request.
//!
//! `AUTH_MODE` decides who signs people in: [`builtin`], with the passwords in our own database, or [`supabase`], by Supabase
//! Auth. Clients see the same paths and the same answers. A service account shows an API token instead
//! ([`service_accounts`]). Nothing here knows endpoints: it is given the gateway to ask and the keeper of tokens.

mod builtin;
mod caller;
mod identify;
mod service_accounts;
mod supabase;

use std::net::IpAddr;

use millwright_domain::links::{Acceptance, EmailChange};
use millwright_domain::secret::Secret;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use millwright_edge::config::Reader;
use millwright_edge::token::Keeper;
use millwright_edge::{Backend, FetchTransport, Problem};
use millwright_store::GatewaySession;
use millwright_store::people::Profile;
use serde_json::{Value, json};

pub(crate) use caller::Caller;
pub(crate) use identify::identify;
pub(crate) use service_accounts::{API_TOKEN_PREFIX, ServiceAccountCache};
use supabase::Supabase;

/// Told where Supabase Auth signs people in.
const MANAGED_ELSEWHERE: &str =
    "people sign in at Supabase Auth here: whoever runs it invites them, and changes their addresses, there";

/// Signs people in, and changes their passwords.
pub(crate) enum Authority {
    /// We do, from the database.
    Builtin,
    /// Supabase Auth does.
    Supabase(Supabase),
}

/// The tools with which a request signs someone in.
pub(crate) struct SigningIn<'a> {
    /// Issues and verifies access tokens.
    pub(crate) keeper: &'a Keeper,
    /// The gateway.
    pub(crate) backend: &'a Backend,
    /// The id of the request, for the gateway's log.
    pub(crate) request_id: &'a str,
    /// The address of whoever signs in, where the platform tells it.
    pub(crate) address: Option<IpAddr>,
}

impl<'a> SigningIn<'a> {
    /// The gateway, asked as this function itself.
    fn own_session(&self) -> GatewaySession<'a, FetchTransport> {
        self.backend.own().within_request(self.request_id)
    }

    /// The gateway, asked as this person.
    fn session_of<'b>(&'b self, caller: &'b Caller) -> GatewaySession<'b, FetchTransport> {
        self.backend.on_behalf_of(&caller.token).within_request(self.request_id)
    }
}

/// Two tokens and the profile of the person who signed in with them. Deliberately without `Debug`.
pub(crate) struct TokenResponse {
    /// For the `Authorization` header.
    access_token: String,
    /// Seconds until the access token ends.
    expires_in: i64,
    /// For the next access token. Good for one use.
    refresh_token: Secret,
    /// Seconds until the refresh token ends, where that is known.
    refresh_expires_in: Option<u32>,
    /// The secret by which the device is known from now on, at a sign-in.
    device: Option<Secret>,
    /// The person.
    user: Profile,
}

impl TokenResponse {
    /// Writes it as a client reads it.
    pub(crate) fn body(&self) -> Value {
        let mut told = json!({
            "access_token": self.access_token, "token_type": "Bearer", "expires_in": self.expires_in,
            "refresh_token": self.refresh_token.expose(), "user": self.user,
        });
        let mut tell = |name: &str, value: Value| {
            told.as_object_mut().and_then(|told| told.insert(name.to_owned(), value))
        };
        if let Some(seconds) = self.refresh_expires_in {
            tell("refresh_expires_in", seconds.into());
        }
        if let Some(device) = &self.device {
            tell("device", device.expose().into());
        }
        told
    }
}

impl Authority {
    /// Reads `AUTH_MODE`: `builtin`, if it is not set, or `supabase`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        if reader.choice("AUTH_MODE", ["builtin", "supabase"]) == "supabase" {
            return Self::Supabase(Supabase::read(reader));
        }
        if reader.choice("JWT_ALGORITHM", ["HS256", "ES256"]) == "ES256" {
            reader.wrong("AUTH_MODE builtin signs with HS256, so JWT_ALGORITHM cannot be ES256".to_owned());
        }
        Self::Builtin
    }

    /// Its word in `AUTH_MODE`.
    pub(crate) fn mode(&self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::Supabase(_) => "supabase",
        }
    }

    /// Signs a person in.
    pub(crate) async fn sign_in(
        &self,
        with: &SigningIn<'_>,
        credentials: &Credentials,
    ) -> Result<TokenResponse, Problem> {
        match self {
            Self::Builtin => builtin::sign_in(with, credentials).await,
            Self::Supabase(supabase) => supabase.sign_in(with, credentials).await,
        }
    }

    /// Exchanges a refresh token for the next two tokens.
    pub(crate) async fn refresh(
        &self,
        with: &SigningIn<'_>,
        token: &Secret,
    ) -> Result<TokenResponse, Problem> {
        match self {
            Self::Builtin => builtin::refresh(with, token).await,
            Self::Supabase(supabase) => supabase.refresh(with, token).await,
        }
    }

    /// Ends the login that a refresh token belongs to. One that is unknown has ended already.
    pub(crate) async fn sign_out(&self, with: &SigningIn<'_>, token: &Secret) -> Result<(), Problem> {
        match self {
            Self::Builtin => builtin::sign_out(with, token).await,
            Self::Supabase(supabase) => supabase.sign_out(token).await,
        }
    }

    /// Changes a password and ends all logins of the person.
    pub(crate) async fn change_password(
        &self,
        with: &SigningIn<'_>,
        caller: &Caller,
        change: &PasswordChange,
    ) -> Result<(), Problem> {
        match self {
            Self::Builtin => builtin::change_password(with, caller, change).await,
            Self::Supabase(supabase) => supabase.change_password(with, caller, change).await,
        }
    }

    /// Sends a link to whoever has forgotten their password, if there is such a person; which is not told.
    pub(crate) async fn forgot(&self, with: &SigningIn<'_>, email: &str) -> Result<(), Problem> {
        match self {
            Self::Builtin => builtin::forgot(with, email).await,
            Self::Supabase(supabase) => supabase.forgot(email).await,
        }
    }

    /// Sets a password by the link of an invitation, or after it was forgotten, and signs the person in.
    pub(crate) async fn accept(
        &self,
        with: &SigningIn<'_>,
        said: &Acceptance,
    ) -> Result<TokenResponse, Problem> {
        match self {
            Self::Builtin => builtin::accept(with, said).await,
            Self::Supabase(supabase) => supabase.accept(with, said).await,
        }
    }

    /// Sends a link to the address that a person wants to have.
    pub(crate) async fn change_email(
        &self,
        with: &SigningIn<'_>,
        caller: &Caller,
        change: &EmailChange,
    ) -> Result<(), Problem> {
        self.must_be_ours()?;
        builtin::change_email(with, caller, change).await
    }

    /// Gives a person the address that a link was sent to.
    pub(crate) async fn confirm_email(&self, with: &SigningIn<'_>, token: &Secret) -> Result<(), Problem> {
        self.must_be_ours()?;
        builtin::confirm_email(with, token).await
    }

    /// Refuses what is not done here where Supabase Auth signs people in: to invite people there takes a key that may do
    /// everything, and an address that is changed there has to be changed in the profile, too.
    pub(crate) fn must_be_ours(&self) -> Result<(), Problem> {
        match self {
            Self::Builtin => Ok(()),
            Self::Supabase(_) => Err(Problem::conflict("managed_elsewhere", MANAGED_ELSEWHERE)),
        }
    }
}

/// The same for a wrong address and for a wrong password, so that nobody learns which addresses have accounts.
fn wrong_credentials() -> Problem {
    Problem::unauthenticated("the email or the password is wrong")
}

/// The same for every refresh token that does not hold, whatever the reason.
fn wrong_refresh_token() -> Problem {
    Problem::unauthenticated("the refresh token is not valid; sign in again")
}

/// The same for every link that does not hold, whatever the reason.
fn wrong_link() -> Problem {
    Problem::wrong_field(
        "token",
        "is of no link that holds: it was used, is too old, or a newer one was sent",
    )
}

/// 422 and not 401: the caller is known, and a client that took 401 for an expired token would try again, and again.
fn wrong_current_password() -> Problem {
    Problem::wrong_field("current_password", "is not the current password")
}

/// The same whether the address has an account or not, and whatever the password was.
fn slowed(retry_after: u32) -> Problem {
    Problem::too_many(
        retry_after,
        "too many attempts; please wait, or sign in on a device that you have signed in on before",
    )
}

/// Told where no device helps: to someone who has signed in already, and at Supabase.
fn slowed_anywhere(retry_after: u32) -> Problem {
    Problem::too_many(retry_after, "too many attempts; wait a while")
}
