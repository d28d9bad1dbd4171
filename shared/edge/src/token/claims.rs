//! The claims of a token.

use chrono::{DateTime, TimeDelta, Utc};
use jwt_compact::{Claims, Header, TimeOptions};
use millwright_domain::access::Reach;
use millwright_domain::id::ProfileId;
use serde::{Deserialize, Serialize};

use super::Bearer;

/// Seconds by which two clocks may differ.
pub(super) const LEEWAY_SECONDS: i64 = 30;

/// The Postgres role that people act in; which of our roles they have is in their profile, not in their token.
const PEOPLE: &str = "authenticated";

/// The claims that we read. Nothing else in a token counts, least of all what its owner can edit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PersonClaims {
    sub: ProfileId,
    role: String,
    iss: String,
    aud: Audience,
    /// Narrows lists, and allows nothing: the database compares it with the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reach: Option<Reach>,
}

/// RFC 7519 allows one audience or a list.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// The facts that a verified token proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Proven {
    /// The bearer.
    pub(super) bearer: Bearer,
    /// Until when it is good, leeway included.
    pub(super) until: DateTime<Utc>,
}

/// The issuer that tokens must come from, and the audience that they must be for.
pub(super) struct Expected {
    pub(super) issuer: String,
    pub(super) audience: String,
}

impl Expected {
    /// The token of a person, from `now` for so many seconds.
    pub(super) fn claims_of(
        &self,
        bearer: &Bearer,
        seconds: i64,
        now: DateTime<Utc>,
    ) -> (Header, Claims<PersonClaims>) {
        let claims = Claims::new(PersonClaims {
            sub: bearer.id,
            role: PEOPLE.to_owned(),
            iss: self.issuer.clone(),
            aud: Audience::One(self.audience.clone()),
            reach: bearer.reach,
        });
        let claims = claims.set_duration_and_issuance(&times(now), TimeDelta::seconds(seconds));
        (Header::empty().with_token_type("JWT"), claims)
    }

    /// Checks claims: they must be a person's, have the issuer and the audience, and hold at `now`.
    pub(super) fn check(&self, claims: &Claims<PersonClaims>, now: DateTime<Utc>) -> Option<Proven> {
        claims.validate_expiration(&times(now)).ok()?;
        if claims.not_before.is_some() {
            claims.validate_maturity(&times(now)).ok()?;
        }
        let PersonClaims { sub, role, iss, aud, reach } = &claims.custom;
        if role != PEOPLE || *iss != self.issuer || !aud.includes(&self.audience) {
            return None;
        }
        let until = claims.expiration?.checked_add_signed(TimeDelta::seconds(LEEWAY_SECONDS))?;
        Some(Proven { bearer: Bearer { id: *sub, reach: *reach }, until })
    }
}

fn times(now: DateTime<Utc>) -> TimeOptions<impl Fn() -> DateTime<Utc>> {
    TimeOptions::new(TimeDelta::seconds(LEEWAY_SECONDS), move || now)
}
