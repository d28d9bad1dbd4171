//! The scheduler's configuration.

use millwright_edge::config::{Background, ConfigError, read};
use worker::Env;

/// Its configuration.
pub(crate) struct Config {
    /// The settings of every background function.
    pub(crate) background: Background,
    /// The cron whose firing archives; every other one generates.
    pub(crate) archive_cron: String,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        read(env, |reader| {
            Some(Self { background: reader.background(), archive_cron: reader.text("ARCHIVE_CRON") })
        })
    }
}
