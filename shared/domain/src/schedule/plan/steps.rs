//! The steps that a machine's meter has reached.

use super::super::meter::{self, Step};
use super::super::{Meter, OccurrenceDecision};
use super::Planner;

impl Planner<'_> {
    pub(super) fn decide_steps(&mut self) {
        let Some(meter) = self.schedule.meter.as_ref().filter(|_| !self.waits_for_completion()) else {
            return;
        };
        if self.plan.meter_due_at.is_none() {
            self.plan.meter_due_at = meter::next_step(self.rules, meter.base);
        }
        let with_next = Meter { due_at: self.plan.meter_due_at, ..meter.clone() };
        for Step { at, decision, reason } in meter::reached(self.rules, &with_next) {
            self.plan.meter_base = Some(at);
            self.plan.meter_due_at = meter::next_step(self.rules, at);
            let key = (None, Some(at));
            match decision {
                OccurrenceDecision::Generated => {
                    if let Some(why) = self.in_the_way(&format!("the step at {at}")) {
                        self.add(key, self.today, OccurrenceDecision::Skipped, why);
                    } else {
                        self.fired_on = Some(self.today);
                        self.plan.meter_fired = true;
                        self.generate(key, self.today, reason);
                    }
                }
                OccurrenceDecision::Skipped | OccurrenceDecision::Missed | OccurrenceDecision::Superseded => {
                    self.add(key, self.today, decision, reason);
                }
            }
        }
    }

    /// Whichever comes first: after a date the meter's steps begin anew.
    pub(super) fn restart_meter(&mut self) {
        if let Some(meter) = &self.schedule.meter
            && self.rules.timing().meter_every.is_some()
        {
            self.plan.meter_base = Some(meter.total);
            let next = meter::next_step(self.rules, meter.total);
            self.plan.meter_due_at = next.filter(|_| !self.is_floating());
        }
    }
}
