//! The gateway, as one function speaks to it.

use std::net::IpAddr;

use hmac::{Hmac, Mac};
use millwright_domain::rate::counted_as;
use millwright_domain::secret::Secret;
use millwright_store::{Gateway, GatewaySession};
use sha2::Sha256;
use sha2::digest::Output;

use crate::token::OpaqueToken;
use crate::transport::FetchTransport;

/// The gateway and this function's own token, which stands for its own Postgres role and nothing more.
pub struct Backend {
    gateway: Gateway<FetchTransport>,
    token: String,
}

impl Backend {
    pub(crate) fn new(url: &str, apikey: Option<&str>, token: String) -> Self {
        Self { gateway: Gateway::new(FetchTransport, url, apikey), token }
    }

    /// Speaks as the function itself.
    #[must_use]
    pub fn own(&self) -> GatewaySession<'_, FetchTransport> {
        self.gateway.session(&self.token)
    }

    /// Speaks as the person whose token it is, so that row level security judges them and not us.
    #[must_use]
    pub fn on_behalf_of<'a>(&'a self, token: &'a str) -> GatewaySession<'a, FetchTransport> {
        self.gateway.session(token)
    }

    /// A word that stands for something which must not be stored as it is, such as an address. Nobody can try out what it
    /// stands for without this function's own token; with the next token it is another word.
    #[must_use]
    pub fn pseudonym(&self, of: &str) -> String {
        format!("{:x}", self.keyed("pseudonym", of))
    }

    /// The word for the network of this address, by which those who sign in or report from there are counted together.
    #[must_use]
    pub fn network_of(&self, address: IpAddr) -> String {
        self.pseudonym(&counted_as(address).to_string())
    }

    /// The token that follows this one: the same each time, so that it can be told again without being kept. Nobody can
    /// tell it without this function's own token; with the next token another one would follow.
    #[must_use]
    pub fn token_after(&self, token: &Secret) -> OpaqueToken {
        OpaqueToken::of(self.keyed("token_after", token.expose()).into(), "")
    }

    /// 256 bits that only this function can make of this text, others for each purpose.
    fn keyed(&self, purpose: &str, of: &str) -> Output<Sha256> {
        let keyed = Hmac::<Sha256>::new_from_slice(self.token.as_bytes());
        // A key may have any length, so there is always one.
        keyed.map_or_else(
            |_| Output::<Sha256>::default(),
            |hash| hash.chain_update(purpose).chain_update([0]).chain_update(of).finalize().into_bytes(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(token: &str) -> Backend {
        Backend::new("http://127.0.0.1", None, token.to_owned())
    }

    #[test]
    fn the_token_after_another_is_always_the_same_and_only_ours() {
        let token = Secret::new("a token".to_owned());
        let next = backend("our own").token_after(&token);
        assert_eq!(next.secret, backend("our own").token_after(&token).secret);
        assert_eq!(next.hash, OpaqueToken::hash_of(next.secret.expose()));
        assert_ne!(next.secret, backend("another").token_after(&token).secret);
        assert_ne!(next.secret, backend("our own").token_after(&next.secret).secret);
        assert_eq!(next.secret.expose().len(), 43);
        assert_ne!(backend("our own").pseudonym("a token"), next.hash);
    }
}
