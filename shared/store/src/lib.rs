//! Postgres through its REST gateway, PostgREST.
//!
//! **In scope**: how each question and each guarded write is put to the gateway, and how its answers and refusals are
//! decoded. Requests are built with the `postgrest` crate and handed to a [`Transport`].
//!
//! **Not in scope**: what runs the code. The same crate is driven natively by the contract tests, against a real
//! gateway, and over the runtime's fetch by `millwright-edge`. It decides nothing either: that is the domain's.
//!
//! **Invariants**: one call of a public function here is one round trip. A write carries its guard; a batch is one
//! transaction. Client requests travel with the person's own token, so that row level security judges them; each
//! background function has a token for its own Postgres role.

pub mod api_tokens;
pub mod attachments;
pub mod audit;
mod error;
pub mod escalation;
mod gateway;
pub mod health;
pub mod home;
pub mod housekeeping;
pub mod jobs;
pub mod labels;
pub mod links;
pub mod machines;
pub mod notifications;
pub mod people;
pub mod preventive;
pub mod reorders;
pub mod reports;
pub mod resources;
pub mod reviews;
pub mod scan;
pub mod search;
pub mod sign_in;
pub mod sync;
mod transport;
pub mod work_orders;

pub use error::{GatewayRefusal, StoreError};
pub use gateway::{Gateway, GatewaySession};
pub use transport::{Reply, Transport, TransportError};

/// The newest migration that this code was written for; readiness compares it with the database's.
pub const SCHEMA_VERSION: &str = "0049";
