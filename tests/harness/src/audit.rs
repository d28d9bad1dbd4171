//! Verifies that the histories in a database are still as they were written. The database judges; here it is asked for one
//! batch after the other.

use crate::database;
use anyhow::{Context, Result};
use serde::Deserialize;

/// The result of a verification.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Work orders that have a history.
    pub work_orders: u64,
    /// Entries of their histories.
    pub entries: u64,
    /// The first entry of each history that is not as it was written.
    pub broken: Vec<Broken>,
}

/// A broken history.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Broken {
    /// The work order.
    pub work_order_id: String,
    /// The same for people; none when the work order itself is gone.
    pub number: Option<String>,
    /// Which entry, from 1.
    pub position: i64,
    /// `removed`, `altered`, `cut_off`, `added` or `head_removed`.
    pub fault: String,
    /// The same in words.
    pub detail: String,
}

#[derive(Deserialize)]
struct Batch {
    work_orders: u64,
    entries: u64,
    broken: Vec<Broken>,
    next: Option<String>,
}

/// Verifies the history of every work order, so many at a time.
///
/// # Errors
/// If the database does not answer, or has no verifier yet.
pub fn verify(database_url: &str, batch: u16) -> Result<Verified> {
    let mut client = database::connect(database_url)?;
    let mut verified = Verified::default();
    let mut after = None;
    loop {
        let row = client
            .query_one(
                "select private.history_verify($1::text::uuid, $2)::text",
                &[&after, &i32::from(batch.max(1))],
            )
            .context("asking for the histories: are all migrations applied?")?;
        let found: Batch = serde_json::from_str(row.get(0))?;
        verified.work_orders += found.work_orders;
        verified.entries += found.entries;
        verified.broken.extend(found.broken);
        if found.next.is_none() {
            return Ok(verified);
        }
        after = found.next;
    }
}
