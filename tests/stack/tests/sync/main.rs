//! Phones that were offline, over HTTP.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and a phone has a clock"
)]

mod bringing;
mod phone;
mod reviewing;
mod scene;
mod simulation;
mod telling;
