//! The jobs that are measured, and how they differ. What is seeded, and what is written, is in a folder of statements of
//! each: the same names, with the same parameters.
//!
//! - `open`: what is there from the beginning. No parameters.
//! - `seed`: so many rows (`$1`) that become due at a moment (`$2`).
//! - `floor`: one statement that writes what a firing at a moment (`$1`) writes.
//! - `written`: how many of those that were due at a moment (`$1`) have all their rows, once.
//! - `bad`: whether (`$1`) what is bad is there. `bad_reported`: what a firing has to say of it, as subject and a piece of the
//!   reason. `bad_written`: how much was made of it.
//! - `before_peer`, if there is one: what the Worker that writes row by row needs to find at a moment (`$1`).

use super::amounts::Amounts;

/// A job.
pub(super) struct Engine {
    /// The function.
    pub(super) function: &'static str,
    /// The folder of `tests/bench` with its statements, which is also the name of its TypeScript Worker and of its figures.
    pub(super) folder: &'static str,
    /// Which of a run's counts are the rows that were due.
    pub(super) counted: &'static str,
    /// The noun for the rows that are due.
    pub(super) due: &'static str,
    /// The amounts of a run without arguments.
    pub(super) usual: Amounts,
}

/// Preventive maintenance. All that is stored is due.
pub(super) const PREVENTIVE: Engine = Engine {
    function: "pm-scheduler",
    folder: "pm",
    counted: "generated",
    due: "due occurrences, each a decision and a work order with three checklist items and an event",
    usual: Amounts { due: 100_000, stored: 100_000, sample: 2_000, rounds: 1, times: 10, free: 100_000 },
};

/// Escalation. One in ten of what is stored is due.
pub(super) const ESCALATION: Engine = Engine {
    function: "escalation-checker",
    folder: "escalation",
    counted: "escalated",
    due: "work orders to escalate, each with its escalation, an event and an entry of the history",
    usual: Amounts { due: 10_000, stored: 100_000, sample: 1_000, rounds: 3, times: 10, free: 50_000 },
};
