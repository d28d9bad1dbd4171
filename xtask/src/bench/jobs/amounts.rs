//! How much is measured.

use super::engine::Engine;
use serde::Serialize;

/// What a person may ask for; what is not said is as the job has it usually.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// How many are due in one firing [default: 100,000 of preventive maintenance, 10,000 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    due: Option<u32>,
    /// How many are stored, those that are due among them [default: as many as are due, or ten times as many for escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    stored: Option<u32>,
    /// How many the row-at-a-time Worker is measured with [default: 2,000, or 1,000 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    sample: Option<u32>,
    /// How often a firing and its floor are measured; the medians are told [default: 1, or 3 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: Option<u32>,
    /// Then again among this many times as many that are stored; 1 leaves that out [default: 10]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50))]
    times: Option<u32>,
    /// How many are due on the free plan; 0 leaves that out [default: 100,000, or 50,000 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    free: Option<u32>,
}

/// How much is measured.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Amounts {
    /// Due in one firing.
    pub(super) due: u32,
    /// Stored, those that are due among them.
    pub(super) stored: u32,
    /// Due for the Worker that writes row by row.
    pub(super) sample: u32,
    /// How often a firing and its floor are measured.
    pub(super) rounds: u32,
    /// How many times as many are stored at last.
    pub(super) times: u32,
    /// Due on the free plan.
    pub(super) free: u32,
}

impl Amounts {
    /// What is stored keeps its proportion to what is due, unless it is said.
    pub(super) fn of(engine: &Engine, said: &Arguments) -> Self {
        let usual = &engine.usual;
        let due = said.due.unwrap_or(usual.due);
        let stored = said.stored.unwrap_or(due.saturating_mul(usual.stored / usual.due)).max(due);
        Self {
            due,
            stored,
            sample: said.sample.unwrap_or(usual.sample),
            rounds: said.rounds.unwrap_or(usual.rounds),
            times: said.times.unwrap_or(usual.times),
            free: said.free.unwrap_or(usual.free),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::jobs::engine::{ESCALATION, PREVENTIVE};

    #[test]
    fn what_is_stored_keeps_its_proportion_unless_it_is_said() {
        let stored = |engine, due, stored| {
            Amounts::of(engine, &Arguments { due, stored, ..Arguments::default() }).stored
        };
        assert_eq!(stored(&PREVENTIVE, None, None), 100_000);
        assert_eq!(stored(&PREVENTIVE, Some(5_000), None), 5_000);
        assert_eq!(stored(&ESCALATION, Some(5_000), None), 50_000);
        assert_eq!(stored(&ESCALATION, Some(5_000), Some(20_000)), 20_000);
        assert_eq!(stored(&ESCALATION, Some(5_000), Some(1_000)), 5_000);
    }
}
