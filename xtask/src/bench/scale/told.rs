//! All figures of both sizes, judged, the worst first.

use super::FEWER;
use super::judge;
use super::side::{Measured, Side};
use serde_json::{Value, json};

/// All of it.
pub(super) struct Told {
    pub(super) work_orders: u32,
    pub(super) figures: Vec<Figure>,
}

/// One question, by one person.
pub(super) struct Figure {
    pub(super) who: String,
    pub(super) question: String,
    pub(super) large: Measured,
    /// Among a hundredth of the work orders: milliseconds in the database, and through the API.
    pub(super) small: Option<(f64, Option<f64>)>,
    pub(super) missed: Vec<String>,
    badness: f64,
}

impl Told {
    pub(super) fn of(work_orders: u32, small: &Side, large: Side) -> Self {
        let figure = |((who, question), large): ((String, String), Measured)| {
            let small = small.get(&(who.clone(), question.clone()));
            let (missed, badness) = (judge::missed(&large, small), judge::badness(&large, small));
            let small = small.filter(|small| small.failed.is_none()).map(|small| (small.ms(), small.api_ms));
            Figure { who, question, large, small, missed, badness }
        };
        let mut figures: Vec<_> = large.into_iter().map(figure).collect();
        figures.sort_by(|a, b| b.badness.total_cmp(&a.badness));
        Self { work_orders, figures }
    }

    pub(super) fn is_good(&self) -> bool {
        self.missed().next().is_none()
    }

    pub(super) fn missed(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| !figure.missed.is_empty())
    }

    /// For programs. What is missed has its plans.
    pub(super) fn json(&self) -> Value {
        json!({
            "work_orders": self.work_orders,
            "beside": self.work_orders / FEWER,
            "questions": self.figures.len(),
            "missed": self.missed().count(),
            "figures": self.figures.iter().map(Figure::json).collect::<Vec<_>>(),
        })
    }
}

impl Figure {
    fn json(&self) -> Value {
        let plans: Vec<_> = if self.missed.is_empty() {
            Vec::new()
        } else {
            self.large.explained.iter().map(|explained| &explained.plan).collect()
        };
        json!({
            "who": self.who, "question": self.question, "missed": self.missed,
            "database_ms": self.large.ms(), "planning_ms": self.large.planning_ms(), "pages": self.large.pages(),
            "api_ms": self.large.api_ms, "most_ms": self.large.allowance.most_ms(),
            "database_ms_among_few": self.small.map(|(ms, _)| ms), "api_ms_among_few": self.small.and_then(|(_, ms)| ms),
            "steps": self.steps(), "plans": plans,
        })
    }

    /// The steps that take the time.
    pub(super) fn steps(&self) -> String {
        let steps = self.large.explained.iter().map(|explained| explained.summary.as_str());
        steps.collect::<Vec<_>>().join(" | ")
    }
}
