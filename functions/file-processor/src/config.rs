//! The processor's configuration.

use millwright_edge::config::{Background, ConfigError, read};
use worker::{Bucket, Env};

/// Its configuration.
pub(crate) struct Config {
    /// The settings of every background function.
    pub(crate) background: Background,
    /// The bucket of the files.
    pub(crate) bucket: Bucket,
    /// The queue of messages that were given up; those of every other one are processed.
    pub(crate) dead_letter_queue: String,
}

impl Config {
    /// Reads it.
    pub(crate) fn read(env: &Env) -> Result<Self, ConfigError> {
        read(env, |reader| {
            let background = reader.background();
            let dead_letter_queue = reader.text("DEAD_LETTER_QUEUE");
            let bucket = reader.bucket("WO_ATTACHMENTS")?;
            Some(Self { background, bucket, dead_letter_queue })
        })
    }
}
