//! The secrets of one state folder.

use crate::state;
use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// Made at random at the first start, reused at every later one.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Secrets {
    /// Signs people's and functions' tokens (HS256).
    pub(crate) jwt: String,
    /// The password of the database's superuser.
    pub(crate) postgres: String,
    /// The password of the role that the gateway connects as.
    pub(crate) authenticator: String,
    /// The bearer key of the mail provider's API.
    pub(crate) mail_key: String,
    /// The bearer token of `/api/health` outside development.
    pub(crate) health_token: String,
    /// Signs the addresses of pictures.
    pub(crate) picture: String,
}

impl Secrets {
    /// The secrets of the state folder, made now when it has none.
    pub(crate) fn of(state: &Path) -> Result<Self> {
        let path = state.join("secrets.json");
        if path.exists() {
            let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            return serde_json::from_slice(&text).with_context(|| {
                format!("{} is damaged, or of an older state; start with --fresh", path.display())
            });
        }
        let secrets = Self {
            jwt: random()?,
            postgres: random()?,
            authenticator: random()?,
            mail_key: random()?,
            health_token: random()?,
            picture: random()?,
        };
        state::write_private(&path, &serde_json::to_vec_pretty(&secrets)?)?;
        Ok(secrets)
    }
}

/// 32 random bytes in hexadecimal.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("the system has no randomness: {e}"))?;
    Ok(hex(&bytes))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16);
    let digits = bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]);
    digits.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_two_digits_each() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa5]), "000fa5");
    }

    #[test]
    fn no_two_secrets_are_the_same() {
        assert_ne!(random().unwrap(), random().unwrap());
        assert_eq!(random().unwrap().len(), 64);
    }
}
