//! What lies under a work order is bounded: whoever reads it with its children reads all of them.

use anyhow::Result;
use chrono::{Days, NaiveDate};
use millwright_contract_tests::{World, with};
use serde_json::{Value, json};

const MOST: usize = 1_000;

#[test]
fn nobody_makes_a_work_order_too_large_to_be_read() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let requester = world.person("requester", warehouse)?;
    let caller = world.caller(&requester.email)?;
    let mut order = || world.work_order(warehouse, &json!({"requested_by": requester.id}));
    // Many short ones, and few long ones: four bytes a character.
    for (at_most, body) in [(MOST, "x".to_owned()), (52, "\u{1F600}".repeat(10_000))] {
        let order = order()?;
        let comments = |many: usize| -> Value {
            (0..many).map(|_| json!({"work_order_id": order, "body": body})).collect()
        };
        let answer = caller.insert("comments", &comments(at_most))?;
        assert_eq!(answer.status, 201, "{at_most}: {}", answer.code());
        let more = caller.insert("comments", &comments(1))?;
        assert_eq!((more.status, more.code()), (409, "PT409"), "{at_most}");
        assert_eq!(caller.read(&format!("comments?work_order_id=eq.{order}"))?.rows().len(), at_most);
    }
    Ok(())
}

#[test]
fn everything_that_people_put_under_a_work_order_is_bounded() -> Result<()> {
    let unbounded = World::open()?.value(
        "select jsonb_agg(c.oid::regclass) from pg_class c
         where exists (select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
             where k.contype = 'f' and k.conrelid = c.oid and k.confrelid = 'public.work_orders'::regclass
               and a.attname = 'work_order_id' and has_column_privilege('authenticated', c.oid, a.attnum, 'insert'))
           and (select count(*) from pg_trigger g where g.tgrelid = c.oid
             and g.tgfoid = 'private.children_are_bounded'::regproc) <> 2",
        &[],
    )?;
    assert_eq!(unbounded, Value::Null);
    Ok(())
}

/// A job that met more than it can read or write in good time would fail at each of its firings, for every warehouse.
#[test]
fn what_jobs_read_or_write_as_a_whole_is_bounded() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let caller = world.caller(&supervisor.email)?;
    let (name, machine) = (world.name.clone(), world.machine(warehouse)?);
    let template = json!({"title": "Look", "warehouse_id": warehouse, "starts_on": "2026-01-01", "rrule": "FREQ=DAILY",
        "lead_time_days": 7});
    let of = |whose: &Value| with(template.clone(), whose);
    let one = world.insert("pm_templates", &of(&json!({"equipment_model": format!("{name} of its own")})))?;
    let rows = [
        ("holidays", json!({"warehouse_id": warehouse, "name": "Off"}), "on_date"),
        ("pm_template_items", json!({"template_id": one, "component": "Belt", "action": "Look"}), "position"),
        ("pm_templates", of(&json!({"equipment_model": name})), "tolerance_days"),
        ("pm_templates", of(&json!({"equipment_id": machine})), "tolerance_days"),
    ];
    for (table, row, counted) in rows {
        let numbered = |nth: usize| -> Value {
            let value = match counted {
                "on_date" => json!(NaiveDate::default() + Days::new(nth as u64)),
                "position" => json!(nth),
                _ => json!(nth % 300),
            };
            with(row.clone(), &json!({ counted: value }))
        };
        for nth in 1..MOST {
            world.insert(table, &numbered(nth))?;
        }
        let last = caller.insert(table, &numbered(MOST))?;
        assert_eq!(last.status, 201, "{table}: {}", last.code());
        let more = caller.insert(table, &numbered(MOST + 1))?;
        assert_eq!((more.status, more.code()), (409, "PT409"), "{table}: {row}");
    }
    // Others have room of their own.
    let elsewhere = world.warehouse("UTC")?;
    let other = world.person("supervisor", elsewhere)?;
    let theirs = of(&json!({"equipment_model": name, "warehouse_id": elsewhere}));
    assert_eq!(world.caller(&other.email)?.insert("pm_templates", &theirs)?.status, 201);
    Ok(())
}
