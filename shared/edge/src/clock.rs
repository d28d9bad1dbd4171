//! The one place that reads the clock.
//!
//! The runtime's clock stands still while code runs and moves on with each answer from outside: enough for deadlines,
//! not for measuring our own CPU time.

use chrono::{DateTime, Utc};
use worker::js_sys::Date;

/// Now.
#[must_use]
pub fn now() -> DateTime<Utc> {
    // Whole milliseconds, far below what an i64 holds.
    #[allow(clippy::cast_possible_truncation, reason = "`as` saturates")]
    DateTime::from_timestamp_millis(Date::now() as i64).unwrap_or_default()
}

/// A moment the runtime tells as milliseconds since 1970. One that does not exist becomes 1970.
#[must_use]
pub fn from_millis(millis: u64) -> DateTime<Utc> {
    i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
}
