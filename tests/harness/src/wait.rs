//! Waiting for a condition, with a deadline.

use crate::clock;
use anyhow::{Result, bail};
use std::thread;
use std::time::Duration;

const POLL: Duration = Duration::from_millis(15);

/// Asks `ready` again and again until it answers with a value; fails after `deadline`, naming `what`.
///
/// # Errors
/// The error of `ready`, or one that says that the deadline passed.
pub fn until<T>(what: &str, deadline: Duration, mut ready: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = clock::instant();
    loop {
        if let Some(value) = ready()? {
            return Ok(value);
        }
        if started.elapsed() > deadline {
            bail!("{what} did not happen within {} s", deadline.as_secs());
        }
        thread::sleep(POLL);
    }
}
