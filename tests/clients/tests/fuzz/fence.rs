//! The other warehouse: what belongs to it, whether it is told to anyone, and whether it stays as it is.

use crate::catalog::{Catalog, Row, Table, rows};
use millwright_stack_tests::Api;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const OTHER: &str = "DEN";
/// Columns that tell something by themselves.
const TELLING: [&str; 5] = ["id", "email", "number", "asset_tag", "part_number"];

/// All that belongs to the other warehouse.
pub(crate) struct Fence {
    pub(crate) ids: BTreeSet<String>,
    words: BTreeSet<String>,
    before: BTreeMap<(String, String), Row>,
}

impl Fence {
    pub(crate) fn around_the_other(api: &Api, catalog: &Catalog) -> Self {
        let warehouse = api.ask(&format!("(select id from public.warehouses where code = '{OTHER}')"));
        let mut ids = BTreeSet::from([warehouse]);
        // A row belongs where it says, or where something belongs that it points to.
        loop {
            let known = ids.len();
            // A document that was there once has a row of changes left there, under its own id.
            for table in catalog.tables.iter().filter(|table| table.name != "changes") {
                let there = catalog.rows[&table.name].iter().filter(|row| is_there(table, row, &ids));
                ids.extend(there.filter_map(id).collect::<Vec<_>>());
            }
            if ids.len() == known {
                break;
            }
        }
        let before = there(catalog, &ids, |table| catalog.rows[table].clone());
        let told =
            before.values().flat_map(|row| TELLING.iter().filter_map(|column| row.get(*column)?.as_str()));
        let told: BTreeSet<_> = told.map(str::to_owned).filter(|word| word.len() > 5).collect();
        let here = catalog.rows.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)));
        let here = here.filter(|(table, row)| !before.contains_key(&((*table).clone(), key(row))));
        // A word may have been written here, into any column; an id elsewhere than in its own row points over the fence.
        let shared: BTreeSet<_> = here
            .flat_map(|(_, row)| row.iter())
            .filter_map(|(column, value)| Some((column, value.as_str()?)))
            .filter(|(column, word)| TELLING.contains(&column.as_str()) || !is_id(word))
            .map(|(_, word)| word)
            .collect();
        let words = told.iter().filter(|word| !shared.contains(word.as_str())).cloned().collect();
        Self { ids, words, before }
    }

    /// True for a row that does not say that it belongs there.
    pub(crate) fn is_outside(&self, row: &Row) -> bool {
        !["id", "warehouse_id"]
            .iter()
            .filter_map(|column| row.get(*column)?.as_str())
            .any(|id| self.ids.contains(id))
    }

    /// What of it stands in an answer, but not in its request. `said` are the requests before: a word of theirs may have been written
    /// and read again.
    pub(crate) fn leak(&self, said: &str, request: &str, answer: &[u8]) -> Option<&str> {
        let answer = String::from_utf8_lossy(answer);
        let is_told = |word: &str| {
            answer.contains(word) && !request.contains(word) && (is_id(word) || !said.contains(word))
        };
        self.words.iter().map(String::as_str).find(|word| is_told(word))
    }

    /// The rows that are other ones now, or gone, or new.
    pub(crate) fn changes(&self, api: &Api, catalog: &Catalog) -> Vec<String> {
        let now = there(catalog, &self.ids, |table| rows(api, table));
        let keys: BTreeSet<_> = self.before.keys().chain(now.keys()).collect();
        let changed = keys.into_iter().filter(|key| self.before.get(*key) != now.get(*key));
        changed.map(|key| format!("{key:?}: {:?} -> {:?}", self.before.get(key), now.get(key))).collect()
    }
}

fn is_id(word: &str) -> bool {
    word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// By table and id, the rows of the other warehouse.
fn there(
    catalog: &Catalog,
    ids: &BTreeSet<String>,
    rows: impl Fn(&str) -> Vec<Row>,
) -> BTreeMap<(String, String), Row> {
    let mut found = BTreeMap::new();
    for table in &catalog.tables {
        let there = rows(&table.name).into_iter().filter(|row| is_there(table, row, ids));
        found.extend(there.map(|row| ((table.name.clone(), key(&row)), row)));
    }
    found
}

fn is_there(table: &Table, row: &Row, ids: &BTreeSet<String>) -> bool {
    let is_one = |column: &str| row.get(column).and_then(Value::as_str).is_some_and(|id| ids.contains(id));
    // What is told to phones says in `place` whose phones: one who was here and is there now is told to be gone from here.
    match row.get("warehouse_id").or_else(|| row.get("place")) {
        Some(Value::String(warehouse)) => ids.contains(warehouse),
        _ => {
            is_one("id") || table.columns.iter().any(|column| column.target.is_some() && is_one(&column.name))
        }
    }
}

/// The id, and of what is told to phones the place, too: someone who came from another warehouse is gone from there.
fn key(row: &Row) -> String {
    let place = row.get("place").and_then(Value::as_str).unwrap_or_default();
    id(row).unwrap_or_default() + place
}

fn id(row: &Row) -> Option<String> {
    row.get("id").and_then(Value::as_str).map(str::to_owned)
}
