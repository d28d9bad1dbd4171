//! The shared parts of the contract tests: people who ask the gateway, and a world of their own to ask about.
//!
//! **In scope**: the store driven natively against a real gateway and a real Postgres, without any function. Each
//! file of `tests/` holds one subject to what the migrations and the store promise each other.
//!
//! **Not in scope**: the functions themselves (those are the stack tests'), and starting the stack: `cargo xtask test
//! contract` does that.
//!
//! **Invariants**: all tests run at the same time on one database, so each makes its own rows in a [`World`] and judges
//! only these. A world leaves no work behind: the functions run later on the same database. What would disturb the
//! others has its world in a database of its own, from [`World::aside`]. Nothing sleeps; time passes by moving a deadline
//! in the database.

mod caller;
mod race;
mod transport;
mod world;

pub use caller::{Answer, Caller};
pub use race::at_once;
pub use transport::{Cut, NativeTransport, json, pauses};
pub use world::{Person, ROLES, World, with};

/// The functions that have a gateway token of their own.
pub const FUNCTIONS: [&str; 5] =
    ["request-api", "escalation-checker", "notification-sender", "pm-scheduler", "file-processor"];
