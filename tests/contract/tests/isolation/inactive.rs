//! Someone who left, with a token that has not run out.

use crate::rooms::{Rooms, upload};
use anyhow::Result;
use serde_json::json;

#[test]
fn whoever_left_sees_nothing_and_adds_nothing() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let order = rooms.here.orders[0];
    upload(&rooms.caller("manager")?, &order)?;
    rooms.here.furnish(&mut rooms.world)?;
    let tables = rooms.world.sql.query(
        "select t.relname::text, string_agg(a.attname, ',') from pg_class t
         join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p')
           and has_column_privilege('authenticated', t.oid, a.attnum, 'select')
         group by t.relname",
        &[],
    )?;
    assert!(tables.len() > 10);
    let ids: Vec<_> = rooms.here.people.iter().map(|person| person.id).collect();
    rooms.world.change("update public.profiles set active = false where id = any ($1)", &[&ids])?;
    let mut wrong = Vec::new();
    for (person, caller) in rooms.callers()? {
        for row in &tables {
            let (table, columns): (String, String) = (row.get(0), row.get(1));
            let answer = caller.read(&format!("{table}?select={columns}"))?;
            if (answer.status, &answer.body) != (200, &json!([])) {
                wrong.push(format!("{table} read by {}: {} {}", person.role, answer.status, answer.body));
            }
        }
        for (table, row) in [
            (
                "work_orders",
                json!({"type": "corrective", "title": "Belt slips", "warehouse_id": rooms.here.id}),
            ),
            (
                "equipment",
                json!({"asset_tag": person.id, "name": "a", "model": "b", "warehouse_id": rooms.here.id}),
            ),
            ("parts", json!({"part_number": person.id, "name": "a", "warehouse_id": rooms.here.id})),
            (
                "attachments",
                json!({"work_order_id": order.id, "file_name": "a", "content_type": "b", "size_bytes": 1}),
            ),
        ] {
            let answer = caller.insert(table, &row)?;
            if answer.code() != "42501" {
                wrong.push(format!("{table} added to by {}: {} {}", person.role, answer.status, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
