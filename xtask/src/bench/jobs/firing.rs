//! One firing: what it did, and whether that is what it should have done.

use super::engine::Engine;
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use millwright_harness::client::{StackInfo, fire_variant};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The calls of a firing that are not to the gateway: it nudges the sender.
const NUDGE: u64 = 1;

/// The result of a firing.
pub(super) struct Firing {
    pub(super) seconds: f64,
    pub(super) run: Run,
    /// The due rows that it wrote.
    pub(super) done: u64,
    /// Of the platform: of the gateway, and the nudge.
    pub(super) calls: u64,
    pub(super) memory_bytes: u64,
}

/// The row of `job_runs`.
#[derive(Debug, Deserialize)]
pub(super) struct Run {
    pub(super) outcome: String,
    counts: Map<String, Value>,
    pub(super) problems: Vec<Problem>,
}

/// A row that could not be done, and why.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
pub(super) struct Problem {
    pub(super) subject: String,
    pub(super) reason: String,
}

impl Firing {
    /// Fires for a moment: the function itself, or its variant with another limit.
    pub(super) fn of(
        engine: &Engine,
        info: &StackInfo,
        variant: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let fired = fire_variant(info, engine.function, variant, None, Some(at))?;
        let run = fired.run.context("the firing is not recorded")?;
        let run: Run = serde_json::from_value(run)?;
        let count = |name: &str| run.counts.get(name).and_then(Value::as_u64);
        let needed = |name: &str| count(name).with_context(|| format!("no {name} is recorded: {run:?}"));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a firing")]
        let seconds = fired.duration_ms as f64 / 1000.0;
        Ok(Self {
            seconds,
            done: count(engine.counted).unwrap_or_default(),
            calls: needed("gateway_calls")? + NUDGE,
            memory_bytes: needed("wasm_memory_bytes")?,
            run,
        })
    }

    /// Fails unless it did all that was due, and no more.
    pub(super) fn check(&self, due: u32) -> Result<()> {
        ensure!(
            self.run.outcome == "done" && self.done == u64::from(due),
            "of {due} due it did {}: {:?}",
            self.done,
            self.run
        );
        Ok(())
    }
}
