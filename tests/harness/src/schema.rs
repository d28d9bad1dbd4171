//! A text of everything that migrations make, to compare two databases with.

use crate::database;
use anyhow::{Context, Result};
use std::collections::BTreeSet;

/// One sorted line for each object of the schemas that are ours, and for what each role may do with it.
///
/// # Errors
/// If the database does not answer.
pub fn dump(database_url: &str) -> Result<Vec<String>> {
    let mut client = database::connect(database_url)?;
    let rows = client.query(include_str!("schema.sql"), &[]).context("reading the catalog")?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The lines that only one of two dumps has, marked with `-` and `+`.
#[must_use]
pub fn differences(first: &[String], second: &[String]) -> Vec<String> {
    let [first, second] = [first, second].map(|lines| lines.iter().collect::<BTreeSet<_>>());
    let gone = first.difference(&second).map(|line| format!("- {line}"));
    let new = second.difference(&first).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let lines = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = differences(&lines(&["a", "b"]), &lines(&["b", "c"]));
        assert_eq!(found, ["- a", "+ c"]);
        assert!(differences(&lines(&["a"]), &lines(&["a"])).is_empty());
    }
}
