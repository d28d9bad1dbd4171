//! The common parts of the stack's tests: a client of the API, a look behind it, and made-up people and things.
//!
//! All tests run against one stack, most of them at the same time. So each makes what it judges and judges only that.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

pub mod alone;
pub mod api;
pub mod cron;
pub mod dice;
pub mod label;
pub mod made;
pub mod mail;
pub mod picture;
pub mod race;

pub use alone::{Alone, alone};
pub use api::{Answer, Api};
pub use cron::{Cron, FAULTS, Ran, moment, now, plan_faults};
pub use dice::Dice;
pub use label::{Labelled, Passer};
pub use made::Site;
pub use race::at_once;

use std::time::Duration;

/// The time limit for what happens by itself: a nudge, an upload's processing.
pub const SOON: Duration = Duration::from_secs(30);

/// True in a long run (`cargo xtask test --long`), which tries all that a test can try.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("MILLWRIGHT_LONG").is_some()
}

/// Waits until `ready` has a value, for at most [`SOON`].
///
/// # Panics
/// If it does not come.
pub fn eventually<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    millwright_harness::wait::until(what, SOON, || Ok(ready())).expect("it happens soon")
}
