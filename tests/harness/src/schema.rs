//! The schema that migrations make, as text: for people to read, and to compare two databases with.

use crate::database;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

const HEAD: &str = "\
-- The whole schema that the migrations beside this file make: to read and to review, not to run.
-- `cargo xtask migrate dump` writes it; a test fails when it is not what they make.
";

/// Everything of the schemas that are ours, and what each role may do with it, as DDL in a fixed order.
///
/// # Errors
/// If the database does not answer.
pub fn dump(database_url: &str) -> Result<String> {
    let mut client = database::connect(database_url)?;
    // With nothing on the path, every name is written with its schema.
    client.batch_execute("set search_path = ''").context("reading the catalog")?;
    let rows = client.query(include_str!("schema/ddl.sql"), &[]).context("reading the catalog")?;
    let mut text = HEAD.to_owned();
    let (mut section, mut subject) = (String::new(), String::new());
    for row in &rows {
        let ddl: String = row.get(2);
        if section != row.get::<_, String>(0) {
            section = row.get(0);
            subject.clear();
            text.extend(["\n-- ", &"-".repeat(66), " ", &section, "\n"]);
        }
        if subject != row.get::<_, String>(1) {
            // A type is one line, and needs no space around it.
            if ddl.contains('\n') || subject.is_empty() {
                text.push('\n');
            }
            subject = row.get(1);
        }
        text += ddl.trim_end();
        text.push('\n');
    }
    Ok(text)
}

/// The lines that only one of two dumps has, marked with `-` and `+`, each below the statement that it is part of; where only
/// their order differs, the first two that do.
#[must_use]
pub fn differences(first: &str, second: &str) -> Vec<String> {
    let told = changed(first, second);
    if !told.is_empty() {
        return told;
    }
    let moved = places(first).zip(places(second)).find(|(one, other)| one != other);
    moved.map_or_else(Vec::new, |((statement, one), (_, other))| {
        vec![format!("  {statement}"), format!("- {one}"), format!("+ {other}")]
    })
}

fn changed(first: &str, second: &str) -> Vec<String> {
    let mut counted: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for place in places(first) {
        counted.entry(place).or_default().0 += 1;
    }
    for place in places(second) {
        counted.entry(place).or_default().1 += 1;
    }
    let mut told = Vec::new();
    let mut before = "";
    for ((statement, line), (first, second)) in counted {
        if first == second {
            continue;
        }
        if statement != before && statement != line {
            told.push(format!("  {statement}"));
            before = statement;
        }
        told.push(format!("{} {line}", if first > second { '-' } else { '+' }));
    }
    told
}

/// Every line, after the first line of its statement.
fn places(dump: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut statement = "";
    dump.lines().filter(|line| !line.is_empty()).map(move |line| {
        if line.starts_with("create ") || line.starts_with("CREATE ") {
            statement = line;
        }
        (statement, line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let with = |column: &str| {
            format!("create table a (\n  id uuid,\n  {column}\n);\n\ncreate table b (\n  id uuid\n);\n")
        };
        let found = differences(&with("name text"), &with("label text"));
        assert_eq!(found, ["  create table a (", "+   label text", "-   name text"]);
        assert!(differences(&with("name text"), &with("name text")).is_empty());
    }

    #[test]
    fn another_order_is_a_difference() {
        let all = "create table a (\n  id uuid,\n  name text,\n);\n";
        let found = differences(all, "create table a (\n  name text,\n  id uuid,\n);\n");
        assert_eq!(found, ["  create table a (", "-   id uuid,", "+   name text,"]);
    }

    #[test]
    fn a_statement_that_is_missing_is_shown_by_itself() {
        let all = "create type a as enum ('x');\ncreate type b as enum ('y');\n";
        let found = differences(all, "create type b as enum ('y');\n");
        assert_eq!(found, ["- create type a as enum ('x');"]);
    }

    #[test]
    fn a_line_that_comes_once_less_is_shown() {
        let found = differences("create function f()\nend if;\nend if;\n", "create function f()\nend if;\n");
        assert_eq!(found, ["  create function f()", "- end if;"]);
    }
}
