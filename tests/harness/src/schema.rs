//! A text of everything that migrations make, to compare two databases with.

use crate::database;
use anyhow::{Context, Result};

/// One sorted line for each object of the schemas that are ours, and for what each role may do with it.
///
/// # Errors
/// When the database does not answer.
pub fn dump(database_url: &str) -> Result<Vec<String>> {
    let mut client = database::connect(database_url)?;
    let rows = client
        .query(include_str!("schema.sql"), &[])
        .context("reading the catalog")?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
