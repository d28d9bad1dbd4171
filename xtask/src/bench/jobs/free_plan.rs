//! The free plan allows a firing fifty calls. What does not fit is done by the firings that follow.

use super::bench::Bench;
use crate::progress;
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use serde::Serialize;

/// Calls that the platform allows a firing on its free plan (read, not tried).
pub(super) const CALLS: u64 = 50;
/// The functions with that limit.
const VARIANT: &str = "free-plan";
/// More firings than any amount takes that is measured.
const PATIENCE: usize = 100;

/// The firings that it took.
#[derive(Debug, Serialize)]
pub(super) struct FreePlan {
    pub(super) due: u32,
    /// For each firing, the rows that it did and its calls.
    pub(super) firings: Vec<Bounded>,
}

/// A firing on the free plan.
#[derive(Debug, Serialize)]
pub(super) struct Bounded {
    pub(super) done: u64,
    pub(super) calls: u64,
}

impl FreePlan {
    /// The most of any firing.
    pub(super) fn most_calls(&self) -> u64 {
        self.firings.iter().map(|firing| firing.calls).max().unwrap_or_default()
    }
}

/// Fires until all is done. Fails unless each firing before the last one stopped by itself, and all is written once.
pub(super) fn measure(bench: &mut Bench) -> Result<FreePlan> {
    let due = bench.amounts.free;
    let first = bench.make_due(due)?;
    progress::step("firings on the free plan, until all is done");
    let (mut at, mut firings, mut done) = (first, Vec::new(), false);
    while !done {
        ensure!(firings.len() < PATIENCE, "after {PATIENCE} firings it is not done");
        let firing = bench.fire(Some(VARIANT), at)?;
        println!("  {} done with {} calls: {}", firing.done, firing.calls, firing.run.outcome);
        done = firing.run.outcome == "done";
        ensure!(done || firing.run.outcome == "out_of_time", "{:?}", firing.run);
        firings.push(Bounded { done: firing.done, calls: firing.calls });
        // The next one comes later, and goes on.
        at += TimeDelta::minutes(1);
    }
    ensure!(firings.len() > 1, "{due} fit into one firing: measure with more");
    let sum: u64 = firings.iter().map(|firing| firing.done).sum();
    ensure!(sum == u64::from(due), "of {due} due, {sum} are said to be done");
    bench.check_written(first, due)?;
    Ok(FreePlan { due, firings })
}
