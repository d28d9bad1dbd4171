//! Everything in the database that belongs to a warehouse: what hangs on it, and what hangs on that.

use anyhow::{Result, ensure};
use chrono::NaiveDate;
use millwright_contract_tests::{Answer, World};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Shorter ones are those of lists, or small numbers.
const LEAST_LETTERS: usize = 9;

/// Rows, each with its table, and the strings that are in them and in no other row.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Belongings {
    rows: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

impl Belongings {
    /// Those of a warehouse, or all that there are.
    pub(crate) fn of(world: &mut World, warehouse: Option<Uuid>) -> Result<Self> {
        let mut others = everything(world)?;
        let mut names: BTreeSet<_> = warehouse.iter().map(Uuid::to_string).collect();
        let mut found = Self::default();
        loop {
            let hangs_on = |(_, row): &(String, Value)| {
                warehouse.is_none() || strings(row).into_iter().any(|word| names.contains(word))
            };
            let (more, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(hangs_on);
            others = rest;
            if more.is_empty() {
                break;
            }
            for (table, row) in more {
                names.extend(row.get("id").and_then(Value::as_str).map(str::to_owned));
                found
                    .secrets
                    .extend(strings(&row).into_iter().filter(|word| is_telling(word)).map(str::to_owned));
                found.rows.insert(format!("{table} {row}"));
            }
        }
        for (_, row) in &others {
            for word in strings(row) {
                found.secrets.remove(word);
            }
        }
        ensure!(found.secrets.len() > 100, "{} words can be told apart", found.secrets.len());
        Ok(found)
    }

    /// What an answer tells of them that was not in the question.
    pub(crate) fn told_in(&self, answer: &Answer, question: &str) -> Option<&str> {
        let words = strings(&answer.body);
        let told =
            words.iter().find_map(|word| self.secrets.get(*word).filter(|told| !question.contains(*told)));
        // A refusal puts them into sentences.
        let in_a_sentence = || {
            let hidden = |secret: &&String| !question.contains(*secret);
            let said = |secret: &&String| words.iter().any(|word| word.contains(*secret));
            self.secrets.iter().filter(|_| answer.status >= 400).filter(said).find(hidden)
        };
        told.or_else(in_a_sentence).map(String::as_str)
    }

    /// The rows that are only in one of both.
    pub(crate) fn difference(&self, other: &Self) -> Vec<String> {
        self.rows.symmetric_difference(&other.rows).cloned().collect()
    }
}

/// Every row of every table of ours.
fn everything(world: &mut World) -> Result<Vec<(String, Value)>> {
    let tables: Vec<String> = world
        .sql
        .query(
            "select oid::regclass::text from pg_class where relkind in ('r', 'p')
               and relnamespace in ('public'::regnamespace, 'private'::regnamespace)",
            &[],
        )?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let each =
        tables.iter().map(|table| format!("select '{table}' as name, to_jsonb(t) as row from {table} t"));
    let rows = world.sql.query(&each.collect::<Vec<_>>().join(" union all "), &[])?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// All strings in a value, however deep.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word],
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        Value::Object(object) => object.values().flat_map(strings).collect(),
        _ => vec![],
    }
}

/// Ids, codes, numbers, moments and tokens have digits or letters of both cases, which the names of tables and roles have
/// not; a day may be the same anywhere.
fn is_telling(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    let is_made_up = has(u8::is_ascii_digit)
        || (has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && !word.contains(' '));
    is_made_up && word.len() >= LEAST_LETTERS && word.parse::<NaiveDate>().is_err()
}
