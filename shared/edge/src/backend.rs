//! The gateway, as one function speaks to it.

use millwright_store::{Gateway, Session};

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
    pub fn own(&self) -> Session<'_, FetchTransport> {
        self.gateway.session(&self.token)
    }

    /// Speaks as the person whose token it is, so that row level security judges them and not us.
    #[must_use]
    pub fn on_behalf_of<'a>(&'a self, token: &'a str) -> Session<'a, FetchTransport> {
        self.gateway.session(token)
    }
}
