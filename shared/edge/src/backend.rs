//! The gateway, as one function speaks to it.

use hmac::{Hmac, Mac};
use millwright_store::{Gateway, GatewaySession};
use sha2::Sha256;

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
        let keyed = Hmac::<Sha256>::new_from_slice(self.token.as_bytes());
        // A key may have any length, so there is always one.
        keyed.map_or_else(
            |_| String::new(),
            |hash| format!("{:x}", hash.chain_update(of).finalize().into_bytes()),
        )
    }
}
