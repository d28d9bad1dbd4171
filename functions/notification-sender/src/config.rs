//! What the sender is told from outside.

use millwright_edge::Backend;
use millwright_edge::config::{ConfigError, Reader};
use worker::Env;

use crate::mail::Resend;

/// Its configuration.
pub(crate) struct Config {
    /// The gateway.
    pub(crate) backend: Backend,
    /// The mail provider.
    pub(crate) mail: Resend,
    /// How long a firing may take.
    pub(crate) wall_budget_seconds: u32,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let mut reader = Reader::of(env);
        let config = Self {
            backend: reader.backend(),
            mail: Resend {
                url: reader.text("MAIL_API_URL"),
                key: reader.header_text("MAIL_API_KEY"),
                from: reader.text("MAIL_FROM"),
            },
            wall_budget_seconds: reader.parsed("WALL_BUDGET_SECONDS"),
        };
        reader.finish(Some(config))
    }
}
