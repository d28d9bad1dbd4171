//! The last work order of a schedule, while it is in the way of the next.

use super::super::{OccurrenceDecision, OpenWork, Overlap};
use super::{Open, Planner};

impl Planner<'_> {
    /// The reason for generating nothing now, if the last work order is in the way. One that may be replaced makes room.
    pub(super) fn in_the_way(&mut self, instead: &str) -> Option<String> {
        let open = self.open.clone()?;
        match (self.rules.timing().overlap, open) {
            (Overlap::Generate, _) => None,
            (Overlap::Skip, Open::Work(OpenWork { number, .. })) => {
                Some(format!("{number}, the last one of this schedule, is still open (overlap: skip)"))
            }
            (Overlap::Skip, Open::Planned(_)) => {
                Some("the one before it is still open (overlap: skip)".to_owned())
            }
            (Overlap::Replace, Open::Work(OpenWork { number, untouched: false })) => {
                Some(format!("{number} is being worked on, and is not replaced"))
            }
            (Overlap::Replace, Open::Work(_)) => {
                self.plan.replaced = Some(format!("{instead} took its place (overlap: replace)"));
                None
            }
            (Overlap::Replace, Open::Planned(at)) => {
                if let Some(earlier) = self.plan.occurrences.get_mut(at) {
                    earlier.decision = OccurrenceDecision::Superseded;
                    earlier.reason = format!("{instead} took its place (overlap: replace)");
                }
                None
            }
        }
    }
}
