//! The background functions' calls of the database, each in a transaction that is rolled back.

use super::explained::Explained;
use anyhow::{Context, Result};
use postgres::Client;
use serde_json::Value;

/// Each with its name. The moment is the last one of the company.
const SWEEPS: [(&str, &str); 9] = [
    ("archive", "functions.archive_work_orders('2026-11-02', 100)"),
    ("escalation, a page", "functions.escalation_page('2026-11-01', false, null, null, 100)"),
    ("preventive, what is due", "functions.pm_due('2026-11-01', null, null, 100)"),
    ("events that wait", "functions.events_waiting(100)"),
    ("deliveries that wait", "functions.deliveries_claim('01900000-0000-7000-8000-000000000001', 100, 60)"),
    ("forget changes", "functions.forget_changes('2024-11-02')"),
    ("forget keys", "functions.forget_keys('2024-11-02')"),
    ("forget mutations", "functions.forget_mutations('2024-11-02')"),
    ("health", "functions.health()"),
];

/// The runs of each; the fastest is told.
const TIMES: usize = 3;

pub(super) fn measure(client: &mut Client) -> Result<Vec<(&'static str, Explained)>> {
    let mut measured = Vec::new();
    for (name, call) in SWEEPS {
        let mut runs = Vec::new();
        for _ in 0..TIMES {
            runs.push(run(client, call).with_context(|| name)?);
        }
        let fastest = runs.into_iter().min_by(|a, b| a.ms.total_cmp(&b.ms));
        measured.extend(fastest.map(|fastest| (name, fastest)));
    }
    Ok(measured)
}

fn run(client: &mut Client, call: &str) -> Result<Explained> {
    let mut transaction = client.transaction()?;
    let rows = transaction.simple_query(&format!("explain (analyze, buffers, format json) select {call}"))?;
    transaction.rollback()?;
    let lines = rows.iter().filter_map(|message| match message {
        postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let told: Value = serde_json::from_str(&lines.collect::<Vec<_>>().join("\n"))?;
    Explained::of(&told).context("Postgres explains nothing")
}
