//! Tokens as the API and the gateway take them: HS256 JWTs.

use crate::clock;
use anyhow::{Context, Result};
use chrono::Duration;
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::prelude::*;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    iss: &'static str,
    aud: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<Value>,
}

/// The bearer of a person's token.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
}

/// The token that `function` shows to the gateway: its own Postgres role, for a year.
pub(crate) fn for_function(secret: &str, function: &str) -> Result<String> {
    let role = function_role(function);
    sign(secret, Body { role: &role, ..BLANK }, Duration::days(365))
}

/// A person's access token, for 12 hours. `reach` is the claim that the API narrows lists by.
pub(crate) fn for_person(secret: &str, person: &Person, reach: Option<Value>) -> Result<String> {
    let body =
        Body { sub: Some(&person.id), role: "authenticated", email: Some(&person.email), reach, ..BLANK };
    sign(secret, body, Duration::hours(12))
}

const BLANK: Body<'static> =
    Body { sub: None, role: "", email: None, iss: "millwright", aud: "authenticated", reach: None };

/// The Postgres role of a function.
fn function_role(function: &str) -> String {
    format!("millwright_{}", function.replace('-', "_"))
}

fn sign(secret: &str, body: Body<'_>, lasts: Duration) -> Result<String> {
    let now = clock::now();
    let mut claims = Claims::new(body);
    claims.issued_at = Some(now);
    claims.expiration = Some(now + lasts);
    let key = Hs256Key::new(secret.as_bytes());
    Hs256.token(&Header::empty().with_token_type("JWT"), &claims, &key).context("signing a token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_a_role_of_its_own() {
        assert_eq!(function_role("pm-scheduler"), "millwright_pm_scheduler");
    }

    #[test]
    fn a_token_verifies_with_its_secret() {
        let token =
            for_person("secret", &Person { id: "7".into(), email: "a@demo.test".into() }, None).unwrap();
        let token = UntrustedToken::new(&token).unwrap();
        let token: Token<serde_json::Value> =
            Hs256.validator(&Hs256Key::new(b"secret")).validate(&token).unwrap();
        let claims = token.claims();
        assert_eq!(claims.custom["sub"], "7");
        assert_eq!(claims.custom["role"], "authenticated");
        assert_eq!(claims.custom["aud"], "authenticated");
        let lasts = claims.expiration.unwrap() - claims.issued_at.unwrap();
        assert_eq!(lasts, Duration::hours(12));
    }
}
