//! What the processor is told from outside.

use millwright_edge::Backend;
use millwright_edge::config::{ConfigError, Reader};
use worker::{Bucket, Env};

/// Its configuration.
pub(crate) struct Config {
    /// The gateway.
    pub(crate) backend: Backend,
    /// Where the files are.
    pub(crate) bucket: Bucket,
    /// The queue of messages that were given up; those of every other one are processed.
    pub(crate) dead_letter_queue: String,
    /// How long a batch may take.
    pub(crate) wall_budget_seconds: u32,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        let mut reader = Reader::of(env);
        let backend = reader.backend();
        let dead_letter_queue = reader.text("DEAD_LETTER_QUEUE");
        let wall_budget_seconds = reader.parsed("WALL_BUDGET_SECONDS");
        let bucket = reader.bucket("WO_ATTACHMENTS");
        reader.finish(bucket.map(|bucket| Self { backend, bucket, dead_letter_queue, wall_budget_seconds }))
    }
}
