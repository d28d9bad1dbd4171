//! JSON Web Tokens: who someone says they are, and whether it is true.
//!
//! The algorithm is pinned: a token that names another one, or none, is refused before its claims are read.

use chrono::{DateTime, TimeDelta, Utc};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header, TimeOptions, Token, UntrustedToken};
use millwright_domain::id::ProfileId;
use serde::{Deserialize, Serialize};

/// How long an access token is good for, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;

/// How far two clocks may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 30;

/// The Postgres role that people act in; which of our roles they have is in their profile, not in their token.
const PEOPLE: &str = "authenticated";

/// Signs and verifies people's tokens with a shared secret (HS256).
pub struct Keeper {
    key: Hs256Key,
    issuer: String,
    audience: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct PersonClaims {
    sub: ProfileId,
    role: String,
    iss: String,
    aud: Audience,
}

/// RFC 7519 allows one audience or a list.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn includes(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

impl Keeper {
    /// `secret` is the one that the gateway verifies with too.
    #[must_use]
    pub fn new(secret: &str, issuer: String, audience: String) -> Self {
        Self { key: Hs256Key::new(secret), issuer, audience }
    }

    /// A token for someone who has just proved who they are. `None` if it cannot be written, which does not happen.
    #[must_use]
    pub fn issue(&self, person: ProfileId, now: DateTime<Utc>) -> Option<String> {
        let claims = PersonClaims {
            sub: person,
            role: PEOPLE.to_owned(),
            iss: self.issuer.clone(),
            aud: Audience::One(self.audience.clone()),
        };
        let claims = Claims::new(claims)
            .set_duration_and_issuance(&times(now), TimeDelta::seconds(ACCESS_TOKEN_SECONDS));
        Hs256.token(&Header::empty().with_token_type("JWT"), &claims, &self.key).ok()
    }

    /// Whose token it is. `None` when it is not ours, not valid now, or not a person's.
    #[must_use]
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<ProfileId> {
        let untrusted = UntrustedToken::new(token).ok()?;
        let token: Token<PersonClaims> = Hs256.validator(&self.key).validate(&untrusted).ok()?;
        let claims = token.claims();
        claims.validate_expiration(&times(now)).ok()?;
        if claims.not_before.is_some() {
            claims.validate_maturity(&times(now)).ok()?;
        }
        let PersonClaims { sub, role, iss, aud } = &claims.custom;
        (role == PEOPLE && *iss == self.issuer && aud.includes(&self.audience)).then_some(*sub)
    }
}

fn times(now: DateTime<Utc>) -> TimeOptions<impl Fn() -> DateTime<Utc>> {
    TimeOptions::new(TimeDelta::seconds(LEEWAY_SECONDS), move || now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    const SECRET: &str = "a secret of at least thirty-two bytes";

    fn keeper() -> Keeper {
        Keeper::new(SECRET, "millwright".to_owned(), "authenticated".to_owned())
    }

    fn now() -> DateTime<Utc> {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn signed(secret: &str, claims: &Value) -> String {
        let claims: Claims<Value> = serde_json::from_value(claims.clone()).unwrap();
        Hs256.token(&Header::empty(), &claims, &Hs256Key::new(secret)).unwrap()
    }

    fn claims() -> Value {
        json!({
            "sub": Uuid::from_u128(7), "role": "authenticated", "iss": "millwright", "aud": "authenticated",
            "exp": now().timestamp() + 60,
        })
    }

    #[test]
    fn what_is_issued_is_accepted_until_it_expires() {
        let token = keeper().issue(ProfileId(Uuid::from_u128(7)), now()).unwrap();
        assert_eq!(keeper().verify(&token, now()), Some(ProfileId(Uuid::from_u128(7))));
        let late = now() + TimeDelta::seconds(ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS + 1);
        assert_eq!(keeper().verify(&token, late), None);
    }

    #[test]
    fn each_claim_is_checked() {
        assert!(
            keeper().verify(&signed(SECRET, &claims()), now()).is_some(),
            "the base of the variants is good"
        );
        let variants = [
            ("iss", json!("someone else")),
            ("aud", json!("another")),
            ("aud", json!(["another"])),
            ("role", json!("millwright_pm_scheduler")),
            ("role", json!("anon")),
            ("sub", json!("not an id")),
            ("exp", json!(now().timestamp() - 31)),
            ("nbf", json!(now().timestamp() + 31)),
        ];
        for (name, value) in variants {
            let mut claims = claims();
            claims[name] = value;
            assert_eq!(keeper().verify(&signed(SECRET, &claims), now()), None, "{name}");
        }
        for name in ["iss", "aud", "role", "sub", "exp"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(keeper().verify(&signed(SECRET, &claims), now()), None, "without {name}");
        }
    }

    #[test]
    fn another_key_or_no_algorithm_is_refused() {
        assert_eq!(keeper().verify(&signed("another secret, as long as the first", &claims()), now()), None);
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwIn0.";
        for token in ["", "a", "a.b.c", unsigned] {
            assert_eq!(keeper().verify(token, now()), None, "{token}");
        }
    }
}
