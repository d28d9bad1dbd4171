//! Nothing is removed past the store, except an upload that its owner takes back, and hardly anything is changed.

use crate::rooms::{Rooms, upload};
use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, FUNCTIONS, World};
use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What people may open, within limits that the other tests are about.
const WRITTEN_BY_CLIENTS: [&str; 4] = ["attachments", "equipment", "parts", "work_orders"];

/// Every table with its first column, which no client may change.
fn tables(world: &mut World) -> Result<Vec<(String, String)>> {
    let rows = world.sql.query(
        "select t.relname::text, a.attname::text from pg_class t
         join pg_attribute a on a.attrelid = t.oid and a.attnum = 1
         where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'f') order by 1",
        &[],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Everyone of a room, a stranger, and our functions.
fn everyone(rooms: &Rooms) -> Result<Vec<(&'static str, Caller)>> {
    let mut callers: Vec<_> =
        rooms.callers()?.into_iter().map(|(person, caller)| (person.role, caller)).collect();
    callers.push(("a stranger", rooms.world.stranger()?));
    for function in FUNCTIONS {
        callers.push((function, rooms.world.caller(&format!("function:{function}"))?));
    }
    Ok(callers)
}

/// The filter finds no row: what is judged is the right to do it at all, and no row is lost to a test that fails.
#[test]
fn nobody_may_change_or_remove_a_row_of_any_table() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let tables = tables(&mut rooms.world)?;
    for (who, caller) in everyone(&rooms)? {
        let is_a_person = rooms.here.person(who).is_ok();
        for (table, column) in &tables {
            let nothing = format!("{table}?{column}=is.null");
            let change = Value::Object(Map::from_iter([(column.clone(), Value::Null)]));
            let changed = caller.send(Method::PATCH, "public", &nothing, Some(&change), &[])?;
            assert_eq!(
                (changed.is_denied(), changed.code()),
                (true, "42501"),
                "{table} changed by {who}: {changed:?}"
            );
            if table == "attachments" && is_a_person {
                continue;
            }
            let removed = caller.send(Method::DELETE, "public", &nothing, None, &[])?;
            assert_eq!(
                (removed.is_denied(), removed.code()),
                (true, "42501"),
                "{table} removed by {who}: {removed:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn nobody_may_add_a_row_to_any_other_table() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let tables = tables(&mut rooms.world)?;
    for (who, caller) in everyone(&rooms)? {
        let is_a_person = rooms.here.person(who).is_ok();
        for (table, column) in &tables {
            if is_a_person && WRITTEN_BY_CLIENTS.contains(&table.as_str()) {
                continue;
            }
            let row = Value::Object(Map::from_iter([(column.clone(), Value::Null)]));
            let added = caller.insert(table, &row)?;
            assert_eq!(
                (added.is_denied(), added.code()),
                (true, "42501"),
                "{table} added to by {who}: {added:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn opening_a_work_order_that_exists_does_not_change_it() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let order = rooms.here.orders[0].id;
    let row = json!({"id": order, "type": "emergency", "title": "Mine now", "warehouse_id": rooms.here.id});
    let query = "select to_jsonb(w) from public.work_orders w where id = $1";
    let before = rooms.world.value(query, &[&order])?;
    for (_, caller) in rooms.callers()? {
        for resolution in ["resolution=merge-duplicates", "resolution=ignore-duplicates"] {
            caller.send(Method::POST, "public", "work_orders", Some(&row), &[("prefer", resolution)])?;
        }
        caller.send(Method::PUT, "public", &format!("work_orders?id=eq.{order}"), Some(&row), &[])?;
    }
    assert_eq!(rooms.world.value(query, &[&order])?, before);
    Ok(())
}

/// The uploads of a technician here, one of each state, and one of a colleague.
struct Uploads {
    rooms: Rooms,
    technician: Caller,
    waiting: Uuid,
    begun: Uuid,
    done: Uuid,
    of_a_colleague: Uuid,
}

impl Uploads {
    fn open() -> Result<Self> {
        let mut rooms = Rooms::open()?;
        let (technician, supervisor) = (rooms.caller("technician")?, rooms.caller("supervisor")?);
        let order = rooms.here.orders.first().copied().context("no work order")?;
        let [waiting, begun, done] =
            [upload(&technician, &order)?, upload(&technician, &order)?, upload(&technician, &order)?];
        let of_a_colleague = upload(&supervisor, &order)?;
        rooms.world.change("update public.attachments set state = 'processing' where id = $1", &[&begun])?;
        rooms.world.change(
            "update public.attachments set state = 'ready', sha256 = repeat('a', 64) where id = $1",
            &[&done],
        )?;
        Ok(Self { rooms, technician, waiting, begun, done, of_a_colleague })
    }

    /// Those of them that are still there.
    fn left(&mut self) -> Result<Vec<Uuid>> {
        let all = [self.waiting, self.begun, self.done, self.of_a_colleague];
        let query = "select id from public.attachments where id = any ($1) order by array_position($1, id)";
        let rows = self.rooms.world.sql.query(query, &[&all.as_slice()])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

#[test]
fn without_a_filter_only_ones_own_waiting_uploads_go() -> Result<()> {
    let mut uploads = Uploads::open()?;
    // All that the policy lets them: there is no filter in the way.
    let answer = uploads.technician.send(Method::DELETE, "public", "attachments", None, &[])?;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(uploads.left()?, [uploads.begun, uploads.done, uploads.of_a_colleague]);
    Ok(())
}

#[test]
fn the_uploads_of_others_stay_whoever_asks() -> Result<()> {
    let mut uploads = Uploads::open()?;
    let all = uploads.left()?;
    for (person, caller) in uploads.rooms.callers()? {
        if !matches!(person.role, "technician" | "supervisor") {
            caller.send(Method::DELETE, "public", "attachments", None, &[])?;
        }
    }
    assert_eq!(uploads.left()?, all);
    Ok(())
}

#[test]
fn whoever_left_takes_nothing_back() -> Result<()> {
    let mut uploads = Uploads::open()?;
    let all = uploads.left()?;
    let technician = uploads.rooms.here.person("technician")?.id;
    uploads.rooms.world.change("update public.profiles set active = false where id = $1", &[&technician])?;
    for path in ["attachments".to_owned(), format!("attachments?id=eq.{}", uploads.waiting)] {
        uploads.technician.send(Method::DELETE, "public", &path, None, &[])?;
        assert_eq!(uploads.left()?, all, "DELETE /{path}");
    }
    Ok(())
}
