//! `AUTH_MODE=builtin`: people sign in with the passwords in our database.

use millwright_domain::secret::Secret;
use millwright_domain::sign_in::{Credentials, PasswordChange};
use millwright_edge::token::{ACCESS_TOKEN_SECONDS, Bearer, OpaqueToken};
use millwright_edge::{Problem, clock, log};
use millwright_store::people::Profile;
use millwright_store::sign_in::{self, Checked, NextToken, Refreshed};
use serde_json::json;

use super::{
    Caller, SigningIn, TokenResponse, locked, wrong_credentials, wrong_current_password, wrong_refresh_token,
};
use crate::function::FUNCTION;

/// Seconds until a refresh token ends: 7 days.
const REFRESH_TOKEN_SECONDS: u32 = 7 * 24 * 60 * 60;

/// One round trip.
pub(super) async fn sign_in(
    with: &SigningIn<'_>,
    credentials: &Credentials,
) -> Result<TokenResponse, Problem> {
    let (token, next) = new_refresh_token()?;
    match sign_in::sign_in(&with.own_session(), credentials, &next).await? {
        Checked::Ok(signed_in) => respond(with, signed_in.profile, token),
        Checked::Invalid => Err(wrong_credentials()),
        Checked::Locked { retry_after } => Err(locked(retry_after)),
    }
}

/// One round trip.
///
/// There is no grace for a token that comes twice within a moment: it would be one for thieves too. A client sends one
/// refresh at a time; if its answer was lost, it signs in again.
pub(super) async fn refresh(with: &SigningIn<'_>, token: &Secret) -> Result<TokenResponse, Problem> {
    let (next_token, next) = new_refresh_token()?;
    let hash = OpaqueToken::hash_of(token.expose());
    match sign_in::refresh(&with.own_session(), &hash, &next).await? {
        Refreshed::Ok(signed_in) => respond(with, signed_in.profile, next_token),
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
        Checked::Locked { retry_after } => Err(locked(retry_after)),
    }
}

fn new_refresh_token() -> Result<(Secret, NextToken), Problem> {
    let OpaqueToken { secret, hash } = OpaqueToken::random("")?;
    Ok((secret, NextToken { hash, seconds: REFRESH_TOKEN_SECONDS }))
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
        user,
    })
}
