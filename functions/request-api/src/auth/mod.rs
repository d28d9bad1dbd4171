//! Signing in, and who is asking.
//!
//! Who signs people in is a matter of configuration: [`builtin`], from our own database, or [`supabase`], by Supabase
//! Auth. Clients see the same paths and the same answers. Machines show an API token instead ([`api_tokens`]).

mod api_tokens;
mod builtin;
mod caller;
pub(crate) mod routes;
mod supabase;
pub(crate) mod token_routes;

use millwright_domain::secret::Secret;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use millwright_edge::Problem;
use millwright_edge::config::Reader;
use millwright_store::people::Profile;
use serde_json::{Value, json};

use crate::routes::Call;
pub(crate) use api_tokens::Machines;
pub(crate) use caller::{Caller, identify};
use supabase::Supabase;

/// Who signs people in.
pub(crate) enum Authority {
    /// We do, from the database.
    Builtin,
    /// Supabase Auth does.
    Supabase(Supabase),
}

/// What someone gets who has signed in. Deliberately without `Debug`.
pub(crate) struct Session {
    /// For the `Authorization` header.
    access_token: String,
    /// How long it is good for, in seconds.
    expires_in: i64,
    /// For the next access token. Good for one use.
    refresh_token: Secret,
    /// How long that is good for, in seconds, where that is known.
    refresh_expires_in: Option<u32>,
    /// Who it is.
    user: Profile,
}

impl Session {
    /// As a client is told.
    fn told(&self) -> Value {
        let mut told = json!({
            "access_token": self.access_token, "token_type": "Bearer", "expires_in": self.expires_in,
            "refresh_token": self.refresh_token.expose(), "user": self.user,
        });
        if let (Some(seconds), Some(told)) = (self.refresh_expires_in, told.as_object_mut()) {
            told.insert("refresh_expires_in".to_owned(), seconds.into());
        }
        told
    }
}

impl Authority {
    /// Reads `AUTH_MODE`: `builtin`, when nothing is said, or `supabase`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        if reader.choice("AUTH_MODE", ["builtin", "supabase"]) == "supabase" {
            return Self::Supabase(Supabase::read(reader));
        }
        if reader.choice("JWT_ALGORITHM", ["HS256", "ES256"]) == "ES256" {
            reader.wrong("AUTH_MODE builtin signs with HS256, so JWT_ALGORITHM cannot be ES256".to_owned());
        }
        Self::Builtin
    }

    /// What `AUTH_MODE` calls it.
    pub(crate) fn mode(&self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::Supabase(_) => "supabase",
        }
    }

    /// Signs someone in.
    async fn sign_in(&self, call: &Call, credentials: &Credentials) -> Result<Session, Problem> {
        match self {
            Self::Builtin => builtin::sign_in(call, credentials).await,
            Self::Supabase(supabase) => supabase.sign_in(call, credentials).await,
        }
    }

    /// Exchanges a refresh token for the next session.
    async fn refresh(&self, call: &Call, token: &Secret) -> Result<Session, Problem> {
        match self {
            Self::Builtin => builtin::refresh(call, token).await,
            Self::Supabase(supabase) => supabase.refresh(call, token).await,
        }
    }

    /// Ends what a refresh token belongs to. One that is unknown has ended already.
    async fn sign_out(&self, call: &Call, token: &Secret) -> Result<(), Problem> {
        match self {
            Self::Builtin => builtin::sign_out(call, token).await,
            Self::Supabase(supabase) => supabase.sign_out(token).await,
        }
    }

    /// Changes a password and ends all that was signed in with the old one.
    async fn change_password(
        &self,
        call: &Call,
        caller: &Caller,
        change: &PasswordChange,
    ) -> Result<(), Problem> {
        match self {
            Self::Builtin => builtin::change_password(call, caller, change).await,
            Self::Supabase(supabase) => supabase.change_password(call, caller, change).await,
        }
    }
}

/// What a wrong address and a wrong password are told alike.
fn wrong_credentials() -> Problem {
    Problem::unauthenticated("the email or the password is wrong")
}

/// What every refresh token is told that does not hold, whyever.
fn wrong_refresh_token() -> Problem {
    Problem::unauthenticated("the refresh token is not valid; sign in again")
}

/// Not 401: who asks is known, and a client that took it for an expired token would try again, and again.
fn wrong_current_password() -> Problem {
    Problem::wrong_field("current_password", "is not the current password")
}

fn locked(retry_after: u32) -> Problem {
    Problem::too_many(retry_after, "too many wrong passwords; the account is locked for a while")
}
