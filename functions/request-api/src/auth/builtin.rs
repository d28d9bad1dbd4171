//! `AUTH_MODE=builtin`: people sign in with the passwords in our database.

use millwright_domain::secret::Secret;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use millwright_edge::token::{ACCESS_TOKEN_SECONDS, Bearer, OpaqueToken};
use millwright_edge::{Problem, clock, log};
use millwright_store::people::Profile;
use millwright_store::sign_in::{self, Checked, NextToken, Place, Refreshed};
use serde_json::json;

use super::{
    Caller, SigningIn, TokenResponse, slowed, slowed_anywhere, wrong_credentials, wrong_current_password,
    wrong_refresh_token,
};
use crate::function::FUNCTION;

/// Seconds until a refresh token ends: 7 days.
const REFRESH_TOKEN_SECONDS: u32 = 7 * 24 * 60 * 60;

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
