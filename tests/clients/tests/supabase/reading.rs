//! Reading: the same rows with the same fields.

use crate::technician::{Technician, address, tables};
use millwright_domain::resource::{RESOURCES, Resource};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Of how many that something lies under it is compared.
const PARENTS: usize = 5;

/// The tables that the API shows in another form: to phones, drawn as a label, as part of a machine's time line.
const TOLD_OTHERWISE: [&str; 3] = ["changes", "equipment_labels", "equipment_status_changes"];

/// A list of the API, and the question to the gateway that should have the same answer.
struct Pair {
    path: String,
    wish: Value,
}

fn pairs(technician: &Technician) -> Vec<Pair> {
    let pair = |resource: &Resource, row: &Map<String, Value>, equal: Value| Pair {
        path: address(resource, row),
        wish: json!({
            "verb": "select", "table": resource.table, "columns": columns(resource), "equal": equal,
            "empty": if resource.archived { vec!["archived_at"] } else { Vec::new() },
        }),
    };
    let mut pairs = Vec::new();
    for resource in RESOURCES {
        let Some(parent) = resource.parent else {
            pairs.push(pair(resource, &Map::new(), json!({})));
            continue;
        };
        let parents = technician.list(&format!("/api/v1/{}", parent.of.path)).unwrap();
        for id in parents.iter().take(PARENTS).map(|row| &row["id"]) {
            let under = Map::from_iter([(parent.field.to_owned(), id.clone())]);
            pairs.push(pair(resource, &under, Value::Object(under.clone())));
        }
    }
    pairs
}

fn columns(resource: &Resource) -> String {
    resource.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(",")
}

fn by_id(rows: Vec<Value>) -> BTreeMap<String, Value> {
    rows.into_iter().map(|row| (row["id"].to_string(), as_javascript_has_it(row))).collect()
}

/// JavaScript has one kind of number.
fn as_javascript_has_it(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(values) => values.into_iter().map(as_javascript_has_it).collect(),
        Value::Object(object) => {
            object.into_iter().map(|(name, value)| (name, as_javascript_has_it(value))).collect()
        }
        value => value,
    }
}

#[test]
fn it_sees_exactly_what_the_api_shows() {
    let technician = Technician::come();
    let pairs = pairs(&technician);
    let wishes: Vec<_> = pairs.iter().map(|pair| pair.wish.clone()).collect();
    let (mut rows, mut different) = (0, Vec::new());
    // Functions and the tests beside this one write meanwhile, so what differs is looked at again.
    for _ in 0..30 {
        (rows, different) = (0, Vec::new());
        let told = technician.wish("reading", &wishes);
        for (pair, told) in pairs.iter().zip(told) {
            assert_eq!(told.code, None, "{}", pair.path);
            let mut here = by_id(technician.list(&pair.path).unwrap());
            // The API alone makes the addresses of pictures.
            for row in here.values_mut().filter_map(Value::as_object_mut) {
                row.remove("addresses");
            }
            let there = by_id(told.rows);
            rows += here.len();
            let ids: BTreeSet<_> = here.keys().chain(there.keys()).collect();
            let unlike = ids.into_iter().filter(|id| here.get(*id) != there.get(*id));
            different.extend(
                unlike
                    .map(|id| format!("{}: API {:?}, gateway {:?}", pair.path, here.get(id), there.get(id))),
            );
        }
        if different.is_empty() {
            break;
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(rows > 100 && pairs.len() > RESOURCES.len(), "{rows} rows of {} lists", pairs.len());
}

#[test]
fn the_gateway_shows_no_other_row_and_no_other_column() {
    let technician = Technician::come();
    let tables = tables();
    let root = technician.gateway("/");
    let mut wishes = Vec::new();
    for (table, definition) in root["definitions"].as_object().unwrap() {
        let resources = tables.get(table.as_str()).map(Vec::as_slice).unwrap_or_default();
        let of_the_api = |column: &str| resources.iter().any(|resource| resource.field(column).is_some());
        let columns = definition["properties"].as_object().unwrap().keys();
        let hidden =
            columns.filter(|column| !of_the_api(column) && !TOLD_OTHERWISE.contains(&table.as_str()));
        wishes.extend(hidden.map(|column| json!({"verb": "select", "table": table, "columns": column})));
    }
    let told = technician.wish("columns", &wishes);
    let shown = wishes.iter().zip(told).filter(|(_, told)| !told.wrote_nothing());
    let shown: Vec<_> = shown.map(|(wish, _)| format!("{}.{}", wish["table"], wish["columns"])).collect();
    assert!(shown.is_empty(), "only the gateway shows: {}", shown.join(", "));
}
