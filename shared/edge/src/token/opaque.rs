//! Secrets that say nothing: refresh tokens and API tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use millwright_domain::secret::Secret;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// 256 random bits in base64url, after a prefix that says what they are.
#[derive(Debug)]
pub struct OpaqueToken {
    /// The token itself, which its owner gets once.
    pub secret: Secret,
    /// Its hexadecimal SHA-256, which is kept.
    pub hash: String,
}

impl OpaqueToken {
    /// A new one.
    ///
    /// # Errors
    /// 500 when the runtime has no randomness, which does not happen.
    pub fn random(prefix: &str) -> Result<Self, Problem> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self::of(bytes, prefix))
    }

    /// The one of these bits.
    pub(crate) fn of(bits: [u8; 32], prefix: &str) -> Self {
        let secret = format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(bits));
        Self { hash: Self::hash_of(&secret), secret: Secret::new(secret) }
    }

    /// The hash of a token that someone shows.
    #[must_use]
    pub fn hash_of(token: &str) -> String {
        format!("{:x}", Sha256::digest(token))
    }
}

#[cfg(test)]
mod tests {
    use super::OpaqueToken;

    #[test]
    fn a_token_is_long_url_safe_and_unlike_the_next() {
        let (one, other) = (OpaqueToken::random("mw_").unwrap(), OpaqueToken::random("mw_").unwrap());
        assert_ne!(one.secret, other.secret);
        let text = one.secret.expose();
        assert_eq!(text.len(), 3 + 43);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        assert!(!format!("{one:?}").contains(text));
    }

    #[test]
    fn the_hash_is_the_usual_one() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(OpaqueToken::hash_of("abc"), known);
    }
}
