//! The secrets of one state folder.

use crate::state;
use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
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
}

impl Secrets {
    /// The secrets of the state folder, made now when it has none.
    pub(crate) fn of(state: &Path) -> Result<Self> {
        let path = state.join("secrets.json");
        if path.exists() {
            let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            return serde_json::from_slice(&text)
                .with_context(|| format!("{} is damaged; start with --fresh", path.display()));
        }
        let secrets = Self {
            jwt: random()?,
            postgres: random()?,
            authenticator: random()?,
            mail_key: random()?,
            health_token: random()?,
        };
        state::write_private(&path, &serde_json::to_vec_pretty(&secrets)?)?;
        Ok(secrets)
    }
}

/// 32 random bytes in hexadecimal.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("the system has no randomness: {e}"))?;
    let mut text = String::with_capacity(64);
    for byte in bytes {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}
