//! Links that go out by mail: invitations, forgotten passwords, new addresses. The database makes their tokens and writes the
//! letters; only hashes of what people show come back.

use millwright_domain::id::ProfileId;
use millwright_domain::links::EmailChange;
use millwright_domain::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::resources::Once;
use crate::sign_in::{Changed, Checked, NextToken, StaysSignedIn, in_turn};
use crate::transport::Transport;

/// The database's answer to a link.
#[derive(Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Held<T> {
    /// It held, and is used up.
    Ok(T),
    /// It is unknown, used, replaced or expired, or its owner has left; which of these is not said.
    Invalid,
}

/// Invites someone anew: `{"expires_at"}`, or null for someone whom the caller does not invite.
///
/// # Errors
/// If the gateway refuses (they have a password, or were invited too often) or does not answer. When `once` was used before,
/// [`StoreError::is_repeated`] says so.
pub async fn invite<T: Transport>(
    session: &GatewaySession<'_, T>,
    person: Uuid,
    once: Option<&Once>,
) -> Result<Value, StoreError> {
    session.call_as_client("invite", &json!({"p_profile": person}), &Once::headers(once)?).await
}

/// Writes a letter to whoever has this address, if anyone has.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn forgot<T: Transport>(
    session: &GatewaySession<'_, T>,
    email: &str,
    network: Option<&str>,
) -> Result<Checked<Changed>, StoreError> {
    session.call("password_forgot", &json!({"p_email": email, "p_network": network})).await
}

/// Sets a password by the link whose token has this hash, ends every sign-in of that person, and begins one with `next`, on a
/// device whose secret has the hash `device`.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn accept<T: Transport>(
    session: &GatewaySession<'_, T>,
    link: &str,
    password: &Secret,
    next: &NextToken,
    device: &str,
) -> Result<Held<StaysSignedIn>, StoreError> {
    let parameters = json!({
        "p_hash": link, "p_password": password.expose(), "p_refresh_hash": next.hash, "p_refresh_seconds": next.seconds,
        "p_next_device_hash": device,
    });
    session.call("password_accept", &parameters).await
}

/// Writes a letter to the address that a person wants to have, when their password is right.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn change_email<T: Transport>(
    session: &GatewaySession<'_, T>,
    person: ProfileId,
    change: &EmailChange,
) -> Result<Checked<Changed>, StoreError> {
    let parameters =
        json!({"p_profile": person, "p_password": change.password.expose(), "p_email": change.email});
    in_turn(session, "email_change", &parameters).await
}

/// Gives a person the address that the link whose token has this hash was sent to.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn confirm_email<T: Transport>(
    session: &GatewaySession<'_, T>,
    link: &str,
) -> Result<Held<Changed>, StoreError> {
    session.call("email_confirm", &json!({"p_hash": link})).await
}
