//! The whole of Millwright on one machine: a real Postgres, the real gateway, all functions in workerd.
//!
//! In scope: starting and stopping that stack ([`Stack`]), a database and gateway of a test's own beside it ([`IsolatedDatabase`]),
//! its secrets and tokens, migrations, the history's verifier ([`audit`]), and a small client for tests and tasks
//! ([`client`]). Not in scope: building anything, and every product rule.
//!
//! Invariants:
//! - Everything listens on 127.0.0.1 only.
//! - No child outlives the process that started the stack, not even when that is killed with SIGKILL.
//! - Nothing waits for a fixed time: each wait has a condition and a deadline.
//! - A secret is made once per state folder, is readable by its owner only, and is never printed.

pub mod audit;
pub mod client;
mod clock;
mod database;
mod demo;
mod edge;
mod gateway;
mod isolated_database;
mod keys;
pub mod letters;
pub mod migrations;
mod ports;
mod process;
mod project;
pub mod schema;
mod secrets;
mod stack;
mod state;
mod tokens;
pub mod wait;
pub mod wrangler;

pub use isolated_database::IsolatedDatabase;
pub use ports::Port;
pub use project::{Profile, Project, platform};
pub use stack::{Durability, Options, Stack, StandIn, Workers};
