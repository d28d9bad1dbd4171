//! The measured phases, and the figures made of them.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use super::plan::Who;
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One contender on one route in one round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phase {
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    /// CPU time of the process with the workers, per request.
    pub(super) cpu_ms: f64,
    /// CPU time of the gateway's process, per request.
    pub(super) gateway_cpu_ms: f64,
}

impl Phase {
    /// `answered` is what the load says; the CPU times are those of the whole phase, in milliseconds.
    pub(super) fn of(answered: &Value, workerd_ms: f64, gateway_ms: f64) -> Result<Self> {
        let number = |name: &str| answered[name].as_f64().with_context(|| format!("the load says no {name}"));
        let requests = number("answered")?;
        Ok(Self {
            per_second: number("per_second")?,
            p50_ms: number("p50_ms")?,
            p99_ms: number("p99_ms")?,
            cpu_ms: workerd_ms / requests,
            gateway_cpu_ms: gateway_ms / requests,
        })
    }
}

/// A figure over all rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Spread {
    /// None without any value.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let upper = *values.get(values.len() / 2)?;
        let lower = *values.get((values.len() - 1) / 2)?;
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }
}

/// All phases, by route and contender, in the order of the rounds.
#[derive(Default)]
pub(super) struct Figures(BTreeMap<(&'static str, Who), Vec<Phase>>);

impl Figures {
    pub(super) fn add(&mut self, route: &'static str, who: Who, phase: Phase) {
        self.0.entry((route, who)).or_default().push(phase);
    }

    /// A figure of a contender. None when it had no part in the route.
    pub(super) fn of(&self, route: &'static str, who: Who, figure: fn(&Phase) -> f64) -> Option<Spread> {
        Spread::of(self.0.get(&(route, who))?.iter().map(figure).collect())
    }

    /// A figure of one contender through that of another, round by round, so that what slows down a whole round
    /// does not count.
    pub(super) fn ratio(
        &self,
        route: &'static str,
        (who, other): (Who, Who),
        figure: fn(&Phase) -> f64,
    ) -> Option<Spread> {
        let (ours, theirs) = (self.0.get(&(route, who))?, self.0.get(&(route, other))?);
        Spread::of(ours.iter().zip(theirs).map(|(a, b)| figure(a) / figure(b)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(cpu_ms: f64) -> Phase {
        Phase { per_second: 1.0, p50_ms: 1.0, p99_ms: 1.0, cpu_ms, gateway_cpu_ms: 0.0 }
    }

    #[test]
    fn the_median_is_told_with_its_spread() {
        let spread = |values: &[f64]| Spread::of(values.to_vec());
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(spread(&[4.0, 1.0]), Some(Spread { median: 2.5, min: 1.0, max: 4.0 }));
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        let mut figures = Figures::default();
        // The machine was three times as slow in the second round.
        for (ours, theirs) in [(1.0, 2.0), (3.0, 6.0)] {
            figures.add("r", Who::Millwright, phase(ours));
            figures.add("r", Who::TypeScript, phase(theirs));
        }
        let ratio = figures.ratio("r", (Who::Millwright, Who::TypeScript), |phase| phase.cpu_ms);
        assert_eq!(ratio, Some(Spread { median: 0.5, min: 0.5, max: 0.5 }));
        assert_eq!(figures.ratio("r", (Who::Millwright, Who::Gateway), |phase| phase.cpu_ms), None);
    }
}
