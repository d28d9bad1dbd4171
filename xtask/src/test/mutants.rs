//! The domain with one mistake at a time, each of which some test has to notice.
//!
//! A mutant takes some seconds and there are well over a thousand of them, so a run tries one shard: that of the day, and with
//! so many nights all. What is not tried, and why, is in `.cargo/mutants.toml`.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use super::runner::Runner;
use super::tally::Tally;
use crate::{cargo, progress, setup};
use anyhow::{Context, Result};
use millwright_harness::Project;
use serde_json::Value;
use std::env;
use std::fs;
use std::time::SystemTime;

/// The number of shards, and so of nights until each mutant was tried.
const SHARDS: u64 = 10;

/// A mutant that runs for so many seconds is noticed; the tests take a tenth of it.
const TIMEOUT: &str = "300";

/// Cases that a property is tried with. Most tests of a mutant are for something else, and each runs to its end.
const CASES: &str = "32";

/// Some mutants never come to an end, and take memory all the while: more than so many kilobytes they do not get.
const MEMORY: &str = "ulimit -v 8000000 && exec \"$0\" \"$@\"";

/// Tries the shard of the day, or the one that `MILLWRIGHT_MUTANTS` names (`3/10`; all: `0/1`). A mutant that is noticed counts
/// as a test that passed.
pub(super) fn run(runner: &Runner) -> Result<Tally> {
    let project = Project::here();
    let shard = env::var("MILLWRIGHT_MUTANTS").unwrap_or_else(|_| format!("{}/{SHARDS}", of_today()));
    let mut mutants = cargo::clean(&project, "sh");
    mutants.args(["-c", MEMORY]).arg(setup::mutants(&project)?);
    let output = project.target();
    // The tests themselves have just passed; and a panic's trace takes longer than the test.
    mutants.args(["mutants", "--package", "millwright-domain", "--baseline", "skip", "--timeout", TIMEOUT]);
    mutants.args(["--shard", &shard, "--output"]).arg(&output);
    mutants.env("CARGO_TARGET_DIR", output.join("mutants")).env("RUST_BACKTRACE", "0");
    mutants.env("PROPTEST_CASES", CASES);
    progress::step(&format!(
        "breaking the domain piece by piece: shard {shard} (MILLWRIGHT_MUTANTS={shard})"
    ));
    let ended = runner.run(&mut mutants)?;
    let told =
        fs::read_to_string(output.join("mutants.out/outcomes.json")).context("reading what came of it")?;
    let tally = tally(&serde_json::from_str(&told)?);
    // All were noticed, some were not, or some never came to an end. Otherwise something else went wrong.
    let is_told = matches!(ended.code(), Some(0 | 2 | 3));
    Ok(if is_told { tally } else { Tally { failed: tally.failed + 1, ..tally } })
}

#[expect(clippy::disallowed_methods, reason = "a program of this machine, which has a clock")]
fn of_today() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / 86_400 % SHARDS
}

/// What does not compile is no mistake that anyone could make.
fn tally(outcomes: &Value) -> Tally {
    let count = |what: &str| outcomes[what].as_u64().unwrap_or(0);
    Tally { passed: count("caught") + count("timeout"), failed: count("missed") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mistake_that_no_test_notices_is_a_failure() {
        let outcomes =
            json!({"total_mutants": 9, "missed": 1, "caught": 5, "timeout": 1, "unviable": 2, "success": 0});
        assert_eq!(tally(&outcomes), Tally { passed: 6, failed: 1 });
    }
}
