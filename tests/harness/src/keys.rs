//! The keys that the gateway verifies with, as hosted Supabase has them: the shared secret, and the public key of
//! Supabase Auth, whose stand-in has the private one.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use jwt_compact::Algorithm;
use jwt_compact::alg::{Es256, Hs256Key, SigningKey};
use jwt_compact::jwk::JsonWebKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The id of the stand-in's key.
pub(crate) const KID: &str = "stand-in";

type PrivateKey = <Es256 as Algorithm>::SigningKey;

/// The JWK set of the gateway.
pub(crate) fn published(secret: &str) -> Result<Value> {
    let shared = serde_json::to_value(JsonWebKey::from(&Hs256Key::new(secret)))?;
    let public = SigningKey::<Es256>::to_verifying_key(&key(secret)?);
    let mut public = serde_json::to_value(JsonWebKey::from(&public))?;
    public["kid"] = KID.into();
    Ok(json!({ "keys": [shared, public] }))
}

/// The private key of the stand-in, as a JWK.
pub(crate) fn private(secret: &str) -> Result<Value> {
    Ok(serde_json::to_value(JsonWebKey::from(&key(secret)?))?)
}

/// Made from the secret, so that nothing more has to be kept.
fn key(secret: &str) -> Result<PrivateKey> {
    let seed = Sha256::digest(format!("the stand-in for Supabase Auth {secret}"));
    SigningKey::<Es256>::from_slice(&seed).context("making the stand-in's key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_verifies_and_does_not_sign() {
        let secret = "s".repeat(64);
        let published = published(&secret).unwrap();
        let (shared, public) = (&published["keys"][0], &published["keys"][1]);
        assert_eq!((&shared["kty"], &public["kty"]), (&json!("oct"), &json!("EC")));
        assert_eq!((&public["kid"], &public["d"]), (&json!(KID), &Value::Null));
        assert_eq!(public["x"], private(&secret).unwrap()["x"]);
    }
}
