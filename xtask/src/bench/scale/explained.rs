//! Postgres's account of a statement that it has run: `explain (analyze, buffers, format json)`.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use serde::Serialize;
use serde_json::Value;

/// A step is named in the summary when it takes at least this part of the time.
const WORTH_NAMING: f64 = 0.15;
/// No summary names more.
const MOST_NAMED: usize = 3;

/// A statement that was run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Explained {
    pub(super) ms: f64,
    pub(super) planning_ms: f64,
    /// Pages of 8 kB that were looked at.
    pub(super) pages: f64,
    /// The steps that took the time.
    pub(super) summary: String,
    pub(super) plan: Value,
}

impl Explained {
    /// None when that is not what Postgres says.
    pub(super) fn of(told: &Value) -> Option<Self> {
        let told = &told[0];
        let plan = &told["Plan"];
        Some(Self {
            ms: told["Execution Time"].as_f64()?,
            planning_ms: told["Planning Time"].as_f64()?,
            pages: number(plan, "Shared Hit Blocks") + number(plan, "Shared Read Blocks"),
            summary: summary(plan),
            plan: plan.clone(),
        })
    }
}

fn summary(plan: &Value) -> String {
    let mut steps = Vec::new();
    walk(plan, &mut steps);
    let total = time_of(plan);
    steps.retain(|(ms, _)| *ms >= total * WORTH_NAMING);
    steps.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let named = steps.iter().take(MOST_NAMED).map(|(ms, step)| format!("{ms:.1} ms {}", in_words(step)));
    named.collect::<Vec<_>>().join("; ")
}

/// Each step with the milliseconds that it took itself.
fn walk<'p>(step: &'p Value, steps: &mut Vec<(f64, &'p Value)>) {
    let below = step["Plans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let taken_below: f64 = below.iter().map(time_of).sum();
    steps.push((time_of(step) - taken_below, step));
    for step in below {
        walk(step, steps);
    }
}

fn time_of(step: &Value) -> f64 {
    number(step, "Actual Total Time") * number(step, "Actual Loops")
}

fn in_words(step: &Value) -> String {
    let loops = number(step, "Actual Loops");
    let named = |before: &str, name: &str| step[name].as_str().map(|name| format!("{before}{name}"));
    let rows = format!(", {:.0} rows", number(step, "Actual Rows") * loops);
    let removed = number(step, "Rows Removed by Filter") + number(step, "Rows Removed by Index Recheck");
    let passed_over = (removed > 0.0).then(|| format!(", {:.0} passed over", removed * loops));
    let words = [
        named("", "Node Type"),
        named(" on ", "Relation Name"),
        named(" by ", "Index Name"),
        named(" of ", "Function Name"),
        Some(rows),
        passed_over,
    ];
    words.into_iter().flatten().collect()
}

fn number(step: &Value, name: &str) -> f64 {
    step[name].as_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_summary_names_what_took_the_time() {
        let scan = json!({
            "Node Type": "Index Scan", "Relation Name": "work_orders", "Index Name": "by_due", "Actual Total Time": 90.0,
            "Actual Loops": 1, "Actual Rows": 50, "Rows Removed by Filter": 9000,
        });
        let told = json!([{
            "Plan": {"Node Type": "Limit", "Actual Total Time": 91.0, "Actual Loops": 1, "Plans": [scan], "Shared Hit Blocks": 7},
            "Planning Time": 0.5, "Execution Time": 91.5,
        }]);
        let explained = Explained::of(&told).unwrap();
        assert_eq!(
            explained.summary,
            "90.0 ms Index Scan on work_orders by by_due, 50 rows, 9000 passed over"
        );
        assert_eq!((explained.ms.round(), explained.pages.round()), (92.0, 7.0));
        assert!(Explained::of(&json!({"message": "no"})).is_none());
    }
}
