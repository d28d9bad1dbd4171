//! The figures of a job's bench, each with its limit.

use super::amounts::Amounts;
use super::engine::Engine;
use super::firing::{Firing, Problem};
use super::free_plan::{self, FreePlan};
use crate::bench::figures::Spread;
use anyhow::{Context, Result};
use millwright_harness::{Project, wrangler};
use serde::Serialize;
use serde_json::{Value, json};

/// At most so many times the floor.
const MOST_OF_FLOOR: f64 = 2.5;
const MOST_MEMORY_MB: f64 = 64.0;
/// A firing among ten times as many that are stored may take at most so many times as long: with a cost that grows with what
/// is stored it would be ten.
const MOST_GROWTH: f64 = 2.0;

/// All of one job.
#[derive(Serialize)]
pub(super) struct Told {
    pub(super) function: &'static str,
    pub(super) due: &'static str,
    pub(super) amounts: Amounts,
    pub(super) limits: Limits,
    /// With as many stored as usually, and with many times as many.
    pub(super) sides: Vec<Side>,
    pub(super) row_by_row: RowByRow,
    pub(super) free_plan: Option<FreePlan>,
    /// The bad rows, as each firing has reported them.
    pub(super) reported: Vec<Problem>,
}

/// The limit of each figure.
#[derive(Serialize)]
pub(super) struct Limits {
    pub(super) of_floor: f64,
    pub(super) memory_mb: f64,
    pub(super) growth: f64,
    /// As `wrangler.toml` says.
    pub(super) seconds: f64,
    /// As `wrangler.toml` says.
    pub(super) calls: f64,
    pub(super) free_plan_calls: f64,
}

/// Rounds with so many stored: the floor and the firing of each.
#[derive(Serialize)]
pub(super) struct Side {
    pub(super) stored: u32,
    floor_seconds: Vec<f64>,
    firing_seconds: Vec<f64>,
    /// The most of any round.
    pub(super) calls: u64,
    memory_bytes: u64,
}

/// The Worker that writes row by row.
#[derive(Serialize)]
pub(super) struct RowByRow {
    pub(super) sample: u32,
    pub(super) seconds: f64,
}

/// A figure that is judged, and what it may be at most.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) most: f64,
}

impl Limits {
    pub(super) fn of(project: &Project, engine: &Engine) -> Result<Self> {
        let vars = wrangler::function(project, engine.function)?.vars;
        let number = |name: &str| -> Result<f64> {
            let value = vars.get(name).with_context(|| format!("{} has no {name}", engine.function))?;
            value.parse().with_context(|| format!("{name} is {value}"))
        };
        Ok(Self {
            of_floor: MOST_OF_FLOOR,
            memory_mb: MOST_MEMORY_MB,
            growth: MOST_GROWTH,
            seconds: number("WALL_BUDGET_SECONDS")?,
            calls: number("SUBREQUEST_LIMIT")?,
            free_plan_calls: as_figure(free_plan::CALLS),
        })
    }
}

impl Side {
    pub(super) fn new(stored: u32) -> Self {
        Self { stored, floor_seconds: Vec::new(), firing_seconds: Vec::new(), calls: 0, memory_bytes: 0 }
    }

    pub(super) fn add(&mut self, firing: &Firing, floor_seconds: f64) {
        self.floor_seconds.push(floor_seconds);
        self.firing_seconds.push(firing.seconds);
        self.calls = self.calls.max(firing.calls);
        self.memory_bytes = self.memory_bytes.max(firing.memory_bytes);
    }

    pub(super) fn floor(&self) -> f64 {
        median(self.floor_seconds.clone())
    }

    pub(super) fn firing(&self) -> f64 {
        median(self.firing_seconds.clone())
    }

    /// Within each round, so that what slows down a whole round does not count.
    pub(super) fn ratio(&self) -> f64 {
        median(self.firing_seconds.iter().zip(&self.floor_seconds).map(|(a, b)| a / b).collect())
    }

    pub(super) fn memory_mb(&self) -> f64 {
        as_figure(self.memory_bytes) / 1e6
    }
}

fn median(values: Vec<f64>) -> f64 {
    Spread::of(values).map_or(f64::NAN, |spread| spread.median)
}

impl RowByRow {
    /// Of so many, at the same rate.
    pub(super) fn scaled(&self, due: u32) -> f64 {
        self.seconds * f64::from(due) / f64::from(self.sample)
    }
}

impl Told {
    /// The time of a firing among many times as many stored rows, as a multiple of that among the usual number.
    pub(super) fn growth(&self) -> Option<f64> {
        let [once, many] = &self.sides[..] else { return None };
        Some(many.firing() / once.firing())
    }

    /// The figures that are judged.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let limits = &self.limits;
        let mut figures = Vec::new();
        let mut judge = |name: String, value: f64, most: f64| figures.push(Figure { name, value, most });
        for side in &self.sides {
            let name = |what: &str| format!("{what}, {} stored", side.stored);
            judge(name("seconds of a firing"), side.firing(), limits.seconds);
            judge(name("a firing ÷ one statement"), side.ratio(), limits.of_floor);
            judge(name("calls"), as_figure(side.calls), limits.calls);
            judge(name("MB of Wasm memory"), side.memory_mb(), limits.memory_mb);
        }
        if let Some(growth) = self.growth() {
            judge(format!("a firing, {} times stored ÷ once", self.amounts.times), growth, limits.growth);
        }
        if let Some(free_plan) = &self.free_plan {
            judge(
                "calls on the free plan".to_owned(),
                as_figure(free_plan.most_calls()),
                limits.free_plan_calls,
            );
        }
        figures
    }

    /// Those that are not reached.
    pub(super) fn missed(&self) -> Vec<Figure> {
        self.figures().into_iter().filter(|figure| !figure.is_reached()).collect()
    }

    pub(super) fn is_good(&self) -> bool {
        self.missed().is_empty()
    }

    /// All of it, with the figures that are judged.
    pub(super) fn json(&self) -> Value {
        json!({"measured": self, "figures": self.figures(), "is_good": self.is_good()})
    }
}

impl Figure {
    /// A figure that could not be measured is not reached.
    fn is_reached(&self) -> bool {
        self.value <= self.most
    }
}

#[expect(clippy::cast_precision_loss, reason = "calls of a firing, bytes of a module's memory")]
fn as_figure(count: u64) -> f64 {
    count as f64
}
