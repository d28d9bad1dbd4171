//! What our five functions share of the runtime they run in.
//!
//! **In scope**: configuration, the clock, the transport to the gateway, who is asking, how answers and problems look,
//! log lines, running a job within its wall budget, reading queue messages.
//!
//! **Not in scope**: what is decided (`millwright-domain`), what is asked of the database (`millwright-store`), which
//! routes and jobs there are (the functions).
//!
//! **Invariants**: the only shared crate that knows `worker`. Nothing here panics on what comes from outside. A problem
//! that a client sees carries no internal text; that text goes to the log.

mod backend;
mod body;
pub mod clock;
pub mod config;
pub mod job;
pub mod live;
pub mod log;
pub mod nudge;
mod page;
mod problem;
pub mod queue;
mod recent;
mod reply;
mod request;
pub mod token;
mod transport;
mod versioned;

pub use backend::Backend;
pub use body::{discard, read_json, unread};
pub use page::page;
pub use problem::Problem;
pub use recent::Recent;
pub use reply::{empty, json, locate, pass_through, seal};
pub use request::{RequestInfo, bearer_token};
pub use transport::{FetchTransport, send_within};
pub use versioned::{version_in, versioned, versioned_row};

/// What every function does when its isolate starts: a panic then leaves its message and stack in the log.
pub fn start() {
    console_error_panic_hook::set_once();
}

/// A new id, sortable by time (`UUIDv7`).
#[must_use]
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
