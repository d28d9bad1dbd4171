//! The checker's configuration.

use millwright_edge::config::{Background, ConfigError, read};
use worker::Env;

/// Its configuration.
pub(crate) struct Config {
    /// The settings of every background function.
    pub(crate) background: Background,
    /// The cron whose firing looks at emergency and critical work orders only; every other one sweeps all.
    pub(crate) urgent_cron: String,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        read(env, |reader| {
            Some(Self { background: reader.background(), urgent_cron: reader.text("URGENT_CRON") })
        })
    }
}
