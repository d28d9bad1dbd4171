//! Changing and removing: what the API would have let through, and nothing else.

use crate::technician::{Row, Table, Technician, Told, address};
use millwright_domain::resource::{Resource, WORK_ORDERS};
use millwright_domain::work_order::Status;
use serde_json::{Value, json};
use ureq::http::Method;

/// The columns that the API writes by moves (`/transitions`, `/assign`, `/acknowledge`). The database knows the moves,
/// so that whoever comes past the API is held to them, too; that a column is set to what it is moves nothing.
const BY_MOVES: [&str; 7] = [
    "status",
    "assigned_to",
    "hold_reason",
    "signature_name",
    "signature_id",
    "acknowledged_until",
    "status_note",
];

fn is_moved(table: &str, column: &str) -> bool {
    table == WORK_ORDERS.table && BY_MOVES.contains(&column)
}

/// Sets a column to what it is: that takes the same right as to set it to something else.
fn set(table: &str, row: &Row, column: &str) -> Value {
    json!({"verb": "update", "table": table, "id": row["id"], "row": {column: row[column]}})
}

/// The status of the API's answer to the same change. None where it offers no such change.
fn through_the_api(technician: &Technician, resources: &[&Resource], row: &Row, column: &str) -> Option<u16> {
    let offers =
        |resource: &&Resource| resource.field(column).is_some_and(|field| resource.is_changed_later(field));
    let resource = resources.iter().copied().find(offers)?;
    let path = format!("{}/{}", address(resource, row), row["id"].as_str().unwrap());
    Some(technician.ask(&Method::PATCH, &path, &json!({column: row[column]})).status)
}

#[test]
fn it_changes_what_the_api_lets_it_change_and_nothing_else() {
    let technician = Technician::come();
    let tables = technician.tables();
    let cases: Vec<_> = tables
        .iter()
        .flat_map(|table| table.rows().map(move |(row, seen)| (table, row, seen)))
        .flat_map(|(table, row, seen)| row.keys().map(move |column| (table, row, seen, column.as_str())))
        .filter(|(table, _, seen, column)| !(*seen && is_moved(table.name, column)))
        .collect();
    let wishes: Vec<_> = cases.iter().map(|(table, row, _, column)| set(table.name, row, column)).collect();
    let (mut wrong, mut through) = (Vec::new(), 0);
    for ((table, row, seen, column), told) in cases.iter().zip(technician.wish("changing", &wishes)) {
        let here = through_the_api(&technician, &table.resources, row, column);
        let right = match here {
            // It is not what would be taken today, by whomever: that says nothing about who may.
            Some(409 | 422) => *seen || told.wrote_nothing(),
            Some(200) => *seen && !told.wrote_nothing(),
            _ => told.wrote_nothing(),
        };
        through += usize::from(here == Some(200));
        if !right {
            wrong.push(format!("{}.{column} of {}: API {here:?}, gateway {told:?}", table.name, row["id"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() > 500 && through > 5, "{} tried, {through} through", cases.len());
}

/// Everything that the technician may not do to a table.
fn forbidden(table: &Table) -> impl Iterator<Item = Value> {
    let offered = |column: &str| {
        let offers = |of: &&Resource| of.field(column).is_some_and(|field| of.is_changed_later(field));
        is_moved(table.name, column) || table.resources.iter().any(offers)
    };
    let changes = table.rows().flat_map(|(row, seen)| row.keys().map(move |column| (row, seen, column)));
    let changes = changes.filter(move |(_, seen, column)| !seen || !offered(column));
    let changes = changes.map(|(row, _, column)| set(table.name, row, column));
    let removes = table.resources.iter().any(|resource| resource.removes);
    let removals = table.rows().filter(move |(_, seen)| !seen || !removes);
    let removals = removals.map(|(row, _)| json!({"verb": "delete", "table": table.name, "id": row["id"]}));
    // An upsert would set the id, too, which nobody may.
    let upserts = table.rows().map(|(row, _)| json!({"verb": "upsert", "table": table.name, "row": row}));
    changes.chain(removals).chain(upserts)
}

#[test]
fn what_it_may_not_change_stays_as_it_was() {
    let technician = Technician::come();
    let tables = technician.tables();
    let wishes: Vec<_> = tables.iter().flat_map(forbidden).collect();
    let writers = || tables.iter().map(|table| technician.writers(table.name)).collect::<Vec<_>>();
    let before = writers();
    let told = technician.wish("forbidden", &wishes);
    let mut wrong: Vec<_> = wishes
        .iter()
        .zip(&told)
        .filter(|(wish, told)| went_through(wish, told))
        .map(|(wish, told)| format!("{wish}: {told:?}"))
        .collect();
    for ((table, before), after) in tables.iter().zip(before).zip(writers()) {
        let ids = table.rows().map(|(row, _)| row["id"].as_str().unwrap());
        let written = ids.filter(|id| before.get(*id) != after.get(*id));
        wrong.extend(written.map(|id| format!("{} {id} was written", table.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn went_through(wish: &Value, told: &Told) -> bool {
    told.code.is_none() && (wish["verb"] == "upsert" || !told.rows.is_empty())
}

#[test]
fn it_moves_a_work_order_where_the_api_would() {
    let technician = Technician::come();
    let supervisor = technician.api.token("supervisor");
    let assigned = || {
        let new = json!({"type": "corrective", "title": "To be moved", "assigned_to": technician.id});
        let opened = technician.api.post(&supervisor, "/api/v1/work-orders", &new).expect(201);
        opened["id"].as_str().unwrap().to_owned()
    };
    let mut through = 0;
    for status in Status::ALL.map(Status::word) {
        let (here, there) = (assigned(), assigned());
        let path = format!("/api/v1/work-orders/{here}/transitions");
        let here = technician.ask(&Method::POST, &path, &json!({"to": status})).status;
        let wish = json!({"verb": "update", "table": "work_orders", "id": there, "row": {"status": status}});
        let told = technician.wish("moves", &[wish]).remove(0);
        let now = technician.api.ask(&format!("select status from public.work_orders where id = '{there}'"));
        assert_eq!(
            now == status,
            here == 200 || status == "assigned",
            "to {status}: API {here}, gateway {told:?}, now {now}"
        );
        through += usize::from(here == 200);
    }
    assert!((1..Status::ALL.len()).contains(&through), "{through} moves are open");
}
