//! Moments are told and kept in UTC, whatever zone a client prefers: what is written as text must not depend on who wrote it.

use anyhow::{Context, Result};
use millwright_contract_tests::World;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// Every table.
const TABLES: &str = "select jsonb_agg(c.oid::regclass::text order by 1) from pg_class c
  where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)";

#[test]
fn nothing_that_is_written_depends_on_the_time_zone_that_a_client_prefers() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Asia/Kolkata")?;
    let (supervisor, admin) = (world.person("supervisor", warehouse)?, world.person("admin", warehouse)?);
    let (caller, admin) = (world.caller(&supervisor.email)?, world.caller(&admin.email)?);
    let due = json!({"due_at": "2026-03-02T08:00:00Z"});
    let order = Uuid::now_v7();
    let new =
        json!({"id": order, "type": "corrective", "title": "Belt slips", "due_at": "2026-03-01T08:00:00Z"});

    let zone = ("prefer", "timezone=Asia/Kolkata");
    let plain = caller.send(Method::POST, "public", "work_orders", Some(&new), &[zone])?;
    assert_eq!((plain.status, &plain.body["message"]), (400, &json!("no_time_zones")), "{plain:?}");

    // Of two headers the gateway obeys both, and shows the database the last.
    let hidden =
        [zone, ("prefer", "return=representation"), ("idempotency-key", "a key"), ("x-fingerprint", "f")];
    let opened = caller.send(Method::POST, "public", "work_orders", Some(&new), &hidden)?;
    assert_eq!(opened.status, 201, "{opened:?}");
    let path = format!("work_orders?id=eq.{order}");
    let changed = caller.send(Method::PATCH, "public", &path, Some(&due), &hidden[..2])?;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert!(changed.body[0]["due_at"].as_str().context("a moment")?.ends_with("+00:00"), "{changed:?}");
    let log = json!({"work_order_id": order, "started_at": "2026-03-02T08:00:00Z", "stopped_at": "2026-03-02T09:00:00Z"});
    assert_eq!(caller.send(Method::POST, "public", "time_logs", Some(&log), &hidden[..2])?.status, 201);
    let token = json!({"p_token": {"name": "A token", "role": "technician", "warehouse_id": warehouse},
        "p_hash": format!("{}{}", order.simple(), order.simple())});
    let made = admin.send(Method::POST, "public", "rpc/open_api_token", Some(&token), &hidden[..2])?;
    assert!(made.status < 500, "{made:?}");

    let history =
        "select count(*) from public.work_order_history where work_order_id = $1 and changes ? 'due_at'";
    assert_eq!(world.value(history, &[&order])?, 1);
    let tables = world.value(TABLES, &[])?;
    let mut found = 0;
    for table in tables.as_array().context("no tables")?.iter().filter_map(Value::as_str) {
        for mark in [order, supervisor.id, warehouse] {
            // This session tells moments in UTC: another zone is one that stands there as text.
            let rows = "select jsonb_build_array(count(*), count(*) filter (where t::text like '%+05:30%'))";
            let rows = format!("{rows} from {table} t where t::text like '%' || $1 || '%'");
            let rows = world.value(&rows, &[&mark.to_string()])?;
            found += i64::from(rows[0] != 0);
            assert_eq!(rows[1], 0, "{table} {mark}");
        }
    }
    assert!(found > 10, "{found}");
    Ok(())
}
