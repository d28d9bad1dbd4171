//! Offline sync: the changes that a phone is told of when it comes back, and the decisions on its own.
//!
//! In scope: which documents a phone holds ([`crate::resource::Document`]), how its mutations are read ([`Batch`]), and the decision about
//! each of them ([`Replica::decide`]: merge, command, addition). Out of scope: finding what changed (the database's
//! snapshots do that) and writing.
//!
//! Invariants: any order of any number of phones ends in the same fields, no typed text is lost, and no status is
//! decided twice in silence.

mod answer;
mod decide;
mod merge;
mod mutation;
mod replica;
#[cfg(test)]
mod tests;
mod text;

pub use answer::{Answer, Decision, FieldOutcome, Kept, MutationOutcome, Op};
pub use decide::add;
pub use mutation::{Batch, MAX_MUTATIONS, Mutation, Sent, Wish};
pub use replica::{Change, Replica, Written};

use crate::parameters::Parameter;
use crate::resource::Kind;

/// The most documents of one answer.
pub const MAX_CHANGES: u32 = 1_000;

/// The documents of one answer if nothing is said.
pub const USUAL_CHANGES: u32 = 500;

/// The parameters of `GET /api/v1/sync`.
pub const PARAMETERS: [Parameter; 3] = [
    Parameter {
        name: "since",
        kind: Kind::Text(4_000),
        required: false,
        about: "The `cursor` of the answer before; everything without one",
    },
    Parameter {
        name: "limit",
        kind: Kind::Integer(1, MAX_CHANGES as i64),
        required: false,
        about: "How many documents at most; 500 unless said",
    },
    Parameter {
        name: "warehouse_id",
        kind: Kind::Id,
        required: false,
        about: "Only what is there; for whoever sees more than one",
    },
];
