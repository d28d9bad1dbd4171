//! JSON Web Tokens: a claim who someone is, and its proof.
//!
//! The algorithm is pinned by the configuration: a token that names another one, or none, is refused before a key is
//! looked for, so that a public key can never be taken for a shared secret. `HS256` knows one or two shared secrets,
//! `ES256` the public keys that an issuer publishes.

mod claims;
mod key_ring;
mod opaque;
mod remote_keys;
mod settings;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use jwt_compact::alg::{Es256, Hs256, Hs256Key};
use jwt_compact::{Algorithm, AlgorithmExt, UntrustedToken};
use millwright_domain::access::Reach;
use millwright_domain::id::ProfileId;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::problem::Problem;
use crate::recent::Recent;
use claims::{Expected, PersonClaims, Proven};
use key_ring::MAX_AGE;
use remote_keys::RemoteKeys;

pub use opaque::OpaqueToken;

/// Seconds until an access token ends.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;

/// The most tokens that an isolate remembers as verified.
const REMEMBERED: usize = 1_000;

/// The person or service account that a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The id of their profile.
    pub id: ProfileId,
    /// The scope of what they see, where the token says it. Tokens of other issuers do not.
    pub reach: Option<Reach>,
}

/// Signs and verifies people's tokens.
pub struct Keeper {
    verifier: Verifier,
    /// Signs what we issue; without it nothing is issued.
    signer: Option<Hs256Key>,
    expected: Expected,
}

/// The algorithm that the configuration pins, with its keys.
enum Verifier {
    Shared(SharedSecrets),
    Published(PublishedKeys),
}

/// The secret that the gateway verifies with too, and the one before it.
struct SharedSecrets {
    current: Hs256Key,
    previous: Option<Hs256Key>,
}

/// The issuer's keys. A signature of theirs takes long to verify, so each token is verified once.
struct PublishedKeys {
    keys: RemoteKeys,
    verified: RefCell<Recent<Proven>>,
}

/// The reason why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFault {
    /// It is not ours, not valid now, or not a person's.
    Invalid,
    /// That cannot be told now, because the issuer's keys cannot be had. The text is for the log.
    Unavailable(String),
}

impl From<TokenFault> for Problem {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Invalid => Self::unauthenticated("the token is not valid"),
            TokenFault::Unavailable(context) => {
                Self::unavailable("tokens cannot be verified at the moment", context)
            }
        }
    }
}

impl Keeper {
    /// A token (HS256) for someone who has just proved who they are, good for so many seconds. `None` when nothing is
    /// configured to sign with.
    #[must_use]
    pub fn issue(&self, bearer: &Bearer, seconds: i64, now: DateTime<Utc>) -> Option<String> {
        let (header, claims) = self.expected.claims_of(bearer, seconds, now);
        Hs256.token(&header, &claims, self.signer.as_ref()?).ok()
    }

    /// Verifies a token. Answers with its bearer.
    ///
    /// # Errors
    /// If it is not accepted.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, TokenFault> {
        let proven = match &self.verifier {
            Verifier::Shared(secrets) => {
                self.verify_shared(secrets, token, now).ok_or(TokenFault::Invalid)?
            }
            Verifier::Published(published) => self.verify_published(published, token, now).await?,
        };
        Ok(proven.bearer)
    }

    fn verify_shared(&self, secrets: &SharedSecrets, token: &str, now: DateTime<Utc>) -> Option<Proven> {
        let token = parsed(token)?;
        let signed = |key| signed_claims(&Hs256, key, &token);
        let claims = signed(&secrets.current).or_else(|| signed(secrets.previous.as_ref()?))?;
        self.expected.check(&claims, now)
    }

    async fn verify_published(
        &self,
        published: &PublishedKeys,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<Proven, TokenFault> {
        let remembered = published.verified.borrow().get(text, now);
        if let Some(proven) = remembered {
            return Ok(proven);
        }
        let token = parsed(text).ok_or(TokenFault::Invalid)?;
        // Before the key is looked for: a token that cannot pass must not cause a fetch.
        let kid = token.header().key_id.as_deref().filter(|_| token.algorithm() == "ES256");
        let key =
            published.keys.key(kid.ok_or(TokenFault::Invalid)?, now).await?.ok_or(TokenFault::Invalid)?;
        let claims = signed_claims(&Es256, &key, &token).ok_or(TokenFault::Invalid)?;
        let proven = self.expected.check(&claims, now).ok_or(TokenFault::Invalid)?;
        // No longer than a key is trusted without asking again.
        let until = proven.until.min(now + MAX_AGE);
        published.verified.borrow_mut().remember(text.to_owned(), proven, until, now);
        Ok(proven)
    }
}

/// The parts of a header that a verifier must not pass over, whether it knows them or not.
#[derive(Clone, Deserialize)]
struct Extensions {
    /// Names what must be understood (RFC 7515, 4.1.11). Nothing of the kind is.
    crit: Option<IgnoredAny>,
    /// If false, the payload is signed as it stands (RFC 7797).
    b64: Option<bool>,
}

/// A token that is not verified yet. `None` if it is none that this code understands.
fn parsed(text: &str) -> Option<UntrustedToken<'_, Extensions>> {
    let token = UntrustedToken::<Extensions>::try_from(text).ok()?;
    let extensions = &token.header().other_fields;
    (extensions.crit.is_none() && extensions.b64 != Some(false)).then_some(token)
}

/// The claims of a token that this key has signed with this algorithm, and no other.
fn signed_claims<A: Algorithm>(
    algorithm: &A,
    key: &A::VerifyingKey,
    token: &UntrustedToken<'_, Extensions>,
) -> Option<jwt_compact::Claims<PersonClaims>> {
    let token = algorithm.validator(key).validate(token).ok()?;
    Some(token.claims().clone())
}
