//! What the checker is told from outside.

use millwright_edge::Backend;
use millwright_edge::config::{ConfigError, Reader};
use worker::Env;

/// Its configuration.
pub(crate) struct Config {
    /// The gateway.
    pub(crate) backend: Backend,
    /// The cron whose firing looks at emergency and critical work orders only; every other one sweeps all.
    pub(crate) urgent_cron: String,
    /// How long a firing may take.
    pub(crate) wall_budget_seconds: u32,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let mut reader = Reader::of(env);
        let config = Self {
            backend: reader.backend(),
            urgent_cron: reader.text("URGENT_CRON"),
            wall_budget_seconds: reader.parsed("WALL_BUDGET_SECONDS"),
        };
        reader.finish(Some(config))
    }
}
