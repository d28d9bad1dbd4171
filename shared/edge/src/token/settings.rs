//! The configuration of tokens: which are accepted, and with which key we sign.

use std::cell::RefCell;

use jwt_compact::alg::Hs256Key;

use super::claims::Expected;
use super::remote_keys::RemoteKeys;
use super::{Keeper, PublishedKeys, REMEMBERED, SharedSecrets, Verifier};
use crate::config::Reader;
use crate::recent::Recent;

/// A shared secret that is shorter could be guessed (RFC 7518, section 3.2).
const SECRET_BYTES: usize = 32;

impl Keeper {
    /// Reads `JWT_ISSUER`, `JWT_AUDIENCE` and `JWT_ALGORITHM`: `HS256`, if it is not set, or `ES256`.
    ///
    /// `HS256` needs `JWT_SECRET`, which signs too; `JWT_SECRET_PREVIOUS` only verifies, as long as tokens signed with it
    /// are about. `ES256` needs `JWKS_URL`; `JWT_SECRET` may be set too, and then signs what we issue to ourselves.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let issuer = reader.text("JWT_ISSUER");
        let audience = reader.text("JWT_AUDIENCE");
        let signer = secret(reader, "JWT_SECRET");
        let verifier = if reader.choice("JWT_ALGORITHM", ["HS256", "ES256"]) == "ES256" {
            Verifier::Published(PublishedKeys {
                keys: RemoteKeys::at(reader.address("JWKS_URL")),
                verified: RefCell::new(Recent::of_at_most(REMEMBERED)),
            })
        } else {
            let current = signer.clone().unwrap_or_else(|| Hs256Key::new(reader.text("JWT_SECRET")));
            Verifier::Shared(SharedSecrets { current, previous: secret(reader, "JWT_SECRET_PREVIOUS") })
        };
        Self { verifier, signer, expected: Expected { issuer, audience } }
    }
}

fn secret(reader: &mut Reader<'_>, name: &str) -> Option<Hs256Key> {
    let secret = reader.optional(name)?;
    if secret.len() < SECRET_BYTES {
        reader.wrong(format!("{name} has less than {SECRET_BYTES} bytes"));
    }
    Some(Hs256Key::new(secret))
}
