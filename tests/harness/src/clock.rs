//! The machine's clock. The lint that forbids it is for code that runs in a worker.
#![allow(clippy::disallowed_methods, reason = "the harness runs on a machine that has a clock")]

use chrono::{DateTime, Utc};
use std::time::{Instant, SystemTime};

/// The time now.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from(SystemTime::now())
}

/// A point to measure a wait from.
pub(crate) fn instant() -> Instant {
    Instant::now()
}
