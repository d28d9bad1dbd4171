//! Signing in, staying signed in, signing out, changing a password: asked as our own function, because the person has no token yet.
//!
//! Refresh tokens go to the database as hashes only.

use millwright_domain::id::ProfileId;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::people::Profile;
use crate::transport::Transport;

/// How often a password is brought while others are being looked at, and how long it waits in between.
const TURNS: u8 = 15;
const TURN_MILLISECONDS: u32 = 200;

/// A refresh token that is about to be given out.
#[derive(Debug, Clone)]
pub struct NextToken {
    /// The hexadecimal SHA-256 of it.
    pub hash: String,
    /// Its lifetime in seconds.
    pub seconds: u32,
}

/// Where someone signs in.
#[derive(Debug, Clone)]
pub struct Place {
    /// The word for their network, where it is known.
    pub network: Option<String>,
    /// The hash of the secret that the device shows.
    pub device_hash: Option<String>,
    /// The hash of the one that it gets if that is not known.
    pub next_device_hash: String,
}

/// The database's answer to a password.
#[derive(Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Checked<T> {
    /// It is right.
    Ok(T),
    /// It is wrong, or there is no such account; which of both is not said.
    Invalid,
    /// There were too many attempts, and this one was not looked at.
    Slowed {
        /// Seconds until the next attempt is looked at.
        retry_after: u32,
    },
}

/// Someone who has shown a refresh token.
#[derive(Debug, Deserialize)]
pub struct StaysSignedIn {
    /// The person.
    pub profile: Profile,
}

/// Someone who has given the right password.
#[derive(Debug, Deserialize)]
pub struct SignedIn {
    /// They have signed in on this device before.
    pub known_device: bool,
    /// The person.
    pub profile: Profile,
}

/// The empty answer to what its owner may do with the right password.
#[derive(Debug, Deserialize)]
pub struct Changed {}

/// The database's answer to a refresh token.
#[derive(Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Refreshed {
    /// It held, and is used up; within a moment it may come again, for the same successor.
    Ok(StaysSignedIn),
    /// It is unknown, expired or revoked, or its owner is no longer with us.
    Invalid,
    /// It was used before, and not just now: the family is revoked with this.
    Reused {
        /// Its owner.
        profile_id: ProfileId,
    },
}

/// Checks a password. When it is right, a family of refresh tokens begins with `next`.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn sign_in<T: Transport>(
    session: &GatewaySession<'_, T>,
    credentials: &Credentials,
    next: &NextToken,
    place: &Place,
) -> Result<Checked<SignedIn>, StoreError> {
    let parameters = json!({
        "p_email": credentials.email, "p_password": credentials.password.expose(),
        "p_refresh_hash": next.hash, "p_refresh_seconds": next.seconds,
        "p_network": place.network, "p_device_hash": place.device_hash, "p_next_device_hash": place.next_device_hash,
    });
    in_turn(session, "sign_in", &parameters).await
}

/// Exchanges the refresh token with this hash for `next`.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn refresh<T: Transport>(
    session: &GatewaySession<'_, T>,
    hash: &str,
    next: &NextToken,
) -> Result<Refreshed, StoreError> {
    let parameters = json!({"p_hash": hash, "p_next_hash": next.hash, "p_next_seconds": next.seconds});
    session.call("sign_in_refresh", &parameters).await
}

/// Revokes the family of the refresh token with this hash. False if there was none to revoke.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn sign_out<T: Transport>(session: &GatewaySession<'_, T>, hash: &str) -> Result<bool, StoreError> {
    session.call("sign_out", &json!({"p_hash": hash})).await
}

/// Changes a person's password and revokes all their refresh tokens, when the current password is right.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn change_password<T: Transport>(
    session: &GatewaySession<'_, T>,
    person: ProfileId,
    change: &PasswordChange,
) -> Result<Checked<Changed>, StoreError> {
    let parameters =
        json!({"p_profile": person, "p_current": change.current.expose(), "p_new": change.new.expose()});
    in_turn(session, "password_change", &parameters).await
}

/// Calls until it is this one's turn. Passwords are looked at few at a time, and whoever comes in between waits here: in the
/// database, each who waits would hold a session that the others need.
pub(crate) async fn in_turn<T: Transport, R: DeserializeOwned>(
    session: &GatewaySession<'_, T>,
    function: &str,
    parameters: &Value,
) -> Result<Checked<R>, StoreError> {
    for _ in 0..TURNS {
        match session.call(function, parameters).await? {
            Checked::Slowed { retry_after: 0 } => T::pause(TURN_MILLISECONDS).await,
            looked_at => return Ok(looked_at),
        }
    }
    Ok(Checked::Slowed { retry_after: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_is_read() {
        let read = |text: &str| serde_json::from_str::<Checked<Changed>>(text).unwrap();
        assert!(matches!(read(r#"{"outcome": "ok"}"#), Checked::Ok(_)));
        assert!(matches!(read(r#"{"outcome": "invalid"}"#), Checked::Invalid));
        let slowed = read(r#"{"outcome": "slowed", "retry_after": 900}"#);
        assert!(matches!(slowed, Checked::Slowed { retry_after: 900 }));
        let profile = r#"{"outcome": "ok", "profile": {"id": "01900000-0000-7000-8000-000000000101",
            "email": "a@b", "full_name": "A", "role": "admin", "warehouse_id": null}}"#;
        assert!(matches!(serde_json::from_str(profile).unwrap(), Refreshed::Ok(_)));
    }
}
