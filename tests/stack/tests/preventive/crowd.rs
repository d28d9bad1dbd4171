//! More machines than a firing reads at once, and for how many of them something was generated.

use serde_json::{Value, json};

use crate::plant::{GENERATE, NIGHT, Plant, at};

/// Schedules that a firing reads together.
pub(crate) const PAGE: usize = 2_000;

/// A plant where something is due for so many machines, each with a checklist of two.
pub(crate) struct Crowd {
    pub(crate) plant: Plant,
    size: usize,
}

impl Crowd {
    pub(crate) fn open(size: usize) -> Self {
        let plant = Plant::open(size);
        // The first firing takes all other schedules that are due then.
        assert_eq!(GENERATE.run(&plant.api, at(NIGHT)).ended().0, "done");
        let template = plant.template(
            "Round",
            &json!({"rrule": "FREQ=MONTHLY", "starts_on": "2026-03-23", "lead_time_days": 0}),
        );
        plant.checklist(&template, 2);
        Self { plant, size }
    }

    /// For how many, each once and with all that belongs to it: a decision, a work order with its checklist and an entry of
    /// the history, and the next date.
    pub(crate) fn generated(&self) -> usize {
        let found = self.plant.found();
        let lines = found.as_array().map(Vec::as_slice).unwrap_or_default();
        let done = json!([["2026-03-23", "generated", "new", 2, 0, 0]]);
        let mut generated = 0;
        for line in lines {
            let expected = if line[4].is_null() {
                [json!("2026-03-23"), Value::Null]
            } else {
                [json!("2026-04-23"), done.clone()]
            };
            assert_eq!([line[2].clone(), line[4].clone()], expected, "{line}");
            generated += if line[4].is_null() { 0 } else { line[1].as_u64().unwrap() };
        }
        usize::try_from(generated).unwrap()
    }

    /// That firings which may do all they want generate the rest, and nothing twice.
    pub(crate) fn ends_well(&self) {
        for _ in 0..2 {
            assert_eq!(GENERATE.run(&self.plant.api, at(NIGHT)).ended().0, "done");
            assert_eq!(self.generated(), self.size);
        }
    }
}
