//! `AUTH_MODE=builtin`: people sign in with the passwords in our database.

use millwright_domain::links::{Acceptance, EmailChange};
use millwright_domain::secret::Secret;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use millwright_edge::token::{ACCESS_TOKEN_SECONDS, Bearer, OpaqueToken};
use millwright_edge::{FetchTransport, Problem, clock, log};
use millwright_store::Transport;
use millwright_store::links::{self, Held};
use millwright_store::people::Profile;
use millwright_store::sign_in::{self, Checked, NextToken, Place, Refreshed};
use serde_json::json;

use super::{
    Caller, SigningIn, TokenResponse, slowed, slowed_anywhere, wrong_credentials, wrong_current_password,
    wrong_link, wrong_refresh_token,
};
use crate::function::FUNCTION;

/// Seconds until a refresh token ends: 7 days.
const REFRESH_TOKEN_SECONDS: u32 = 7 * 24 * 60 * 60;

/// Milliseconds after which someone who forgot their password is answered: more than it takes to write a letter.
const FORGOT_MILLISECONDS: u32 = 400;

/// One round trip.
pub(super) async fn sign_in(
    with: &SigningIn<'_>,
    credentials: &Credentials,
) -> Result<TokenResponse, Problem> {
    let (token, device) = (OpaqueToken::random("")?, OpaqueToken::random("")?);
    let shown = credentials.device.as_ref();
    let place = Place {
        network: network(with),
        device_hash: shown.map(|shown| OpaqueToken::hash_of(shown.expose())),
        next_device_hash: device.hash,
    };
    match sign_in::sign_in(&with.own_session(), credentials, &next(&token), &place).await? {
        Checked::Ok(signed_in) => {
            let shown = shown.filter(|_| signed_in.known_device).cloned();
            let told = respond(with, signed_in.profile, token.secret)?;
            Ok(TokenResponse { device: Some(shown.unwrap_or(device.secret)), ..told })
        }
        Checked::Invalid => Err(wrong_credentials()),
        Checked::Slowed { retry_after } => Err(slowed(retry_after)),
    }
}

/// The network that someone signs in from. The machine of whoever develops is none: what they try counts for no one.
fn network(with: &SigningIn<'_>) -> Option<String> {
    let address = with.address.filter(|address| !address.is_loopback());
    address.map(|address| with.backend.network_of(address))
}

/// One round trip.
///
/// The next token follows from the one that is shown, so a second tab, or a client that lost the answer, gets the same one
/// again. The database decides for how long.
pub(super) async fn refresh(with: &SigningIn<'_>, token: &Secret) -> Result<TokenResponse, Problem> {
    let successor = with.backend.token_after(token);
    let hash = OpaqueToken::hash_of(token.expose());
    match sign_in::refresh(&with.own_session(), &hash, &next(&successor)).await? {
        Refreshed::Ok(signed_in) => respond(with, signed_in.profile, successor.secret),
        Refreshed::Invalid => Err(wrong_refresh_token()),
        Refreshed::Reused { profile_id } => {
            log::error(FUNCTION, "refresh_token_reused", json!({"user": profile_id}));
            Err(wrong_refresh_token())
        }
    }
}

/// One round trip.
pub(super) async fn sign_out(with: &SigningIn<'_>, token: &Secret) -> Result<(), Problem> {
    sign_in::sign_out(&with.own_session(), &OpaqueToken::hash_of(token.expose())).await?;
    Ok(())
}

/// One round trip. Access tokens that are about stay good for their quarter of an hour.
pub(super) async fn change_password(
    with: &SigningIn<'_>,
    caller: &Caller,
    change: &PasswordChange,
) -> Result<(), Problem> {
    match sign_in::change_password(&with.own_session(), caller.id, change).await? {
        Checked::Ok(_) => Ok(()),
        Checked::Invalid => Err(wrong_current_password()),
        Checked::Slowed { retry_after } => Err(slowed_anywhere(retry_after)),
    }
}

/// One round trip. The answer comes after the same time, whether a letter was written or not.
pub(super) async fn forgot(with: &SigningIn<'_>, email: &str) -> Result<(), Problem> {
    let begun = clock::now();
    let asked = links::forgot(&with.own_session(), email, network(with).as_deref()).await;
    let taken = clock::now().signed_duration_since(begun).num_milliseconds();
    let rest = FORGOT_MILLISECONDS.saturating_sub(u32::try_from(taken).unwrap_or_default());
    FetchTransport::pause(rest).await;
    match asked? {
        Checked::Slowed { retry_after } => Err(slowed_anywhere(retry_after)),
        Checked::Ok(_) | Checked::Invalid => Ok(()),
    }
}

/// One round trip.
pub(super) async fn accept(with: &SigningIn<'_>, said: &Acceptance) -> Result<TokenResponse, Problem> {
    let (token, device) = (OpaqueToken::random("")?, OpaqueToken::random("")?);
    let link = OpaqueToken::hash_of(said.token.expose());
    match links::accept(&with.own_session(), &link, &said.password, &next(&token), &device.hash).await? {
        Held::Ok(signed_in) => {
            let told = respond(with, signed_in.profile, token.secret)?;
            Ok(TokenResponse { device: Some(device.secret), ..told })
        }
        Held::Invalid => Err(wrong_link()),
    }
}

/// One round trip.
pub(super) async fn change_email(
    with: &SigningIn<'_>,
    caller: &Caller,
    change: &EmailChange,
) -> Result<(), Problem> {
    match links::change_email(&with.own_session(), caller.id, change).await? {
        Checked::Ok(_) => Ok(()),
        Checked::Invalid => Err(wrong_current_password()),
        Checked::Slowed { retry_after } => Err(slowed_anywhere(retry_after)),
    }
}

/// One round trip.
pub(super) async fn confirm_email(with: &SigningIn<'_>, token: &Secret) -> Result<(), Problem> {
    match links::confirm_email(&with.own_session(), &OpaqueToken::hash_of(token.expose())).await? {
        Held::Ok(_) => Ok(()),
        Held::Invalid => Err(wrong_link()),
    }
}

fn next(token: &OpaqueToken) -> NextToken {
    NextToken { hash: token.hash.clone(), seconds: REFRESH_TOKEN_SECONDS }
}

fn respond(with: &SigningIn<'_>, user: Profile, refresh_token: Secret) -> Result<TokenResponse, Problem> {
    let bearer = Bearer { id: user.id, reach: Some(user.reach()) };
    let access_token = with
        .keeper
        .issue(&bearer, ACCESS_TOKEN_SECONDS, clock::now())
        .ok_or_else(|| Problem::internal("a token could not be written"))?;
    Ok(TokenResponse {
        access_token,
        expires_in: ACCESS_TOKEN_SECONDS,
        refresh_token,
        refresh_expires_in: Some(REFRESH_TOKEN_SECONDS),
        device: None,
        user,
    })
}
