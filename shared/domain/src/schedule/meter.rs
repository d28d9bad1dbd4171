//! The steps of a meter: every so many units, or one threshold.

use chrono::NaiveDate;

use super::{CatchUp, MAX_ROWS, Meter, OccurrenceDecision, Rules};

/// A step that the meter has reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// The count of the meter there.
    pub(super) at: f64,
    /// The decision on it, unless the last work order is in the way.
    pub(super) decision: OccurrenceDecision,
    /// The reason, in words.
    pub(super) reason: String,
}

/// Half of the smallest part of a unit that a meter counts.
const CLOSE: f64 = 0.0005;

/// At most so many steps in one plan, or fewer where each has a long checklist; those that were passed before are one step.
const MAX_STEPS: u16 = 100;

/// The steps that have been reached, and none that was decided before. Those that were passed at once are one occurrence: the last
/// stands for all of them, and nobody missed the others.
pub(super) fn reached(rules: &Rules, meter: &Meter) -> Vec<Step> {
    let timing = rules.timing();
    let Some(mut at) = meter.due_at else { return Vec::new() };
    let mut steps = Vec::new();
    if let Some(every) = timing.meter_every {
        // A reading of years at once is not told step by step.
        let many = (meter.total - at) / every;
        let most = u16::try_from(MAX_ROWS / rules.rows_each()).unwrap_or(MAX_STEPS).clamp(1, MAX_STEPS);
        if many > f64::from(most) {
            at += (many - f64::from(most)).floor() * every;
        }
        while at <= meter.total + CLOSE && every > CLOSE {
            steps.push(at);
            at += every;
        }
    } else if at <= meter.total + CLOSE {
        steps.push(at);
    }
    let last = steps.last().copied();
    let makes_up_for_each = match timing.catch_up {
        CatchUp::All => true,
        CatchUp::Latest | CatchUp::None => false,
    };
    let decide = |at: f64| {
        if makes_up_for_each || Some(at) == last {
            Step {
                at,
                decision: OccurrenceDecision::Generated,
                reason: format!("the meter has reached {at}, and counts {} now", meter.total),
            }
        } else {
            Step {
                at,
                decision: OccurrenceDecision::Superseded,
                reason: format!("the meter passed {at} and reached the next step at once"),
            }
        }
    };
    steps.into_iter().map(decide).collect()
}

/// The count at which the step after `base` is due.
pub(super) fn next_step(rules: &Rules, base: f64) -> Option<f64> {
    rules.timing().meter_every.map(|every| base + every)
}

/// The day of a step that got a work order since the date before this one, and then stands for it too.
pub(super) fn came_first(fired_on: Option<NaiveDate>, last_due_on: Option<NaiveDate>) -> Option<NaiveDate> {
    fired_on.filter(|fired| last_due_on.is_none_or(|last| *fired > last))
}
