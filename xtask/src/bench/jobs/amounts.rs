//! The amounts that a bench measures.

use super::engine::Engine;
use serde::Serialize;

/// The amounts that a person may set; the others are the job's own.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Rows that are due in one firing [default: 100,000 of preventive maintenance, 10,000 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    due: Option<u32>,
    /// Rows that are stored, those that are due among them [default: as many as are due, or ten times as many for escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    stored: Option<u32>,
    /// Rows that the row-at-a-time Worker is measured with [default: 2,000, or 1,000 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    sample: Option<u32>,
    /// Rounds of a firing and its floor; the medians are told [default: 1, or 3 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: Option<u32>,
    /// Then again among this many times as many that are stored; 1 leaves that out [default: 10]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=50))]
    times: Option<u32>,
    /// Rows that are due on the free plan; 0 leaves that out [default: 100,000, or 50,000 of escalation]
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    free: Option<u32>,
}

/// The amounts that a bench measures.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Amounts {
    /// Due in one firing.
    pub(super) due: u32,
    /// Stored, those that are due among them.
    pub(super) stored: u32,
    /// Due for the Worker that writes row by row.
    pub(super) sample: u32,
    /// Rounds of a firing and its floor.
    pub(super) rounds: u32,
    /// The multiple of the stored rows among which the last rounds are measured.
    pub(super) times: u32,
    /// Due on the free plan.
    pub(super) free: u32,
}

impl Amounts {
    /// Stored rows keep their proportion to those that are due, unless their number is given.
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
