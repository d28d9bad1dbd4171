//! An estimate counts rows that policies hide.

use anyhow::Result;
use millwright_contract_tests::{Answer, Caller, World};
use reqwest::Method;

fn counted(caller: &Caller, path: &str, prefer: &[&'static str]) -> Result<Answer> {
    let headers: Vec<_> = prefer.iter().map(|value| ("prefer", *value)).collect();
    caller.send(Method::GET, "public", path, None, &headers)
}

#[test]
fn rows_are_counted_exactly_or_not_at_all() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    let person = world.person("supervisor", warehouse)?;
    for _ in 0..2 {
        world.work_order(warehouse, &serde_json::json!({}))?;
    }
    let caller = world.caller(&person.email)?;
    let page = "work_orders?select=id&limit=1";
    // 206: there are more than those that came, which only a count tells.
    assert_eq!(counted(&caller, page, &["count=exact"])?.status, 206);
    assert_eq!(counted(&caller, page, &[])?.status, 200);
    // Up to the rows that the gateway gives at most it counts them; only of more it would estimate, and is refused.
    assert_eq!(counted(&caller, page, &["count=estimated"])?.status, 206);
    world.change(
        "insert into public.work_orders (type, title, warehouse_id) select 'corrective', 'Belt slips', $1 from generate_series(1, 1000)",
        &[&warehouse],
    )?;
    for estimate in [
        &["count=planned"][..],
        &["count=estimated"],
        &["return=minimal,count=planned"],
        // The gateway obeys the first, and shows the database the last.
        &["count=planned", "count=exact"],
        &["count=planned", "return=minimal"],
    ] {
        let answer = counted(&caller, page, estimate)?;
        assert_eq!(
            (answer.status, answer.body["message"].as_str()),
            (400, Some("no_estimates")),
            "{estimate:?}"
        );
    }
    Ok(())
}

#[test]
fn every_table_that_clients_read_judges_the_plan() -> Result<()> {
    let open = World::open()?.value(
        "select jsonb_agg(c.oid::regclass) from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and has_any_column_privilege('authenticated', c.oid, 'select')
           and not exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive
             and p.polcmd in ('r', '*') and 'authenticated'::regrole = any (p.polroles)
             and pg_get_expr(p.polqual, c.oid) = 'private.is_bounded()')",
        &[],
    )?;
    assert_eq!(open, serde_json::Value::Null);
    Ok(())
}

/// `vendors.json_agg` is a call of that function with a row, though the gateway is told to offer none.
#[test]
fn no_aggregate_is_called_as_a_column() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    let person = world.person("supervisor", warehouse)?;
    let caller = world.caller(&person.email)?;
    for path in ["json_agg", "jsonb_agg", "array_agg", "count", "total:count", "id,work_orders(count)"] {
        let answer = counted(&caller, &format!("warehouses?select={path}"), &[])?;
        assert_eq!(
            (answer.status, answer.body["message"].as_str()),
            (400, Some("no_aggregates")),
            "{path}: {answer:?}"
        );
    }
    Ok(())
}
