//! The sender's configuration.

use millwright_edge::config::{Background, ConfigError, read};
use worker::Env;

use crate::mail::Resend;

/// Its configuration.
pub(crate) struct Config {
    /// The settings of every background function.
    pub(crate) background: Background,
    /// The mail provider.
    pub(crate) mail: Resend,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        read(env, |reader| {
            let mail = Resend {
                url: reader.text("MAIL_API_URL"),
                key: reader.header_text("MAIL_API_KEY"),
                from: reader.text("MAIL_FROM"),
            };
            Some(Self { background: reader.background(), mail })
        })
    }
}
