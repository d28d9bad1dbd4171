//! What ended long ago leaves the lists.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use millwright_contract_tests::World;
use millwright_store::preventive::archive;
use serde_json::{Value, json};
use uuid::Uuid;

/// A work order whose last change is so many days old.
fn work_order(
    world: &mut World,
    warehouse: Uuid,
    status: &str,
    now: DateTime<Utc>,
    days: i64,
) -> Result<Uuid> {
    let changed = now - TimeDelta::days(days);
    let title = format!("{status}, {days} days ago");
    world.work_order(warehouse, &json!({"status": status, "updated_at": changed, "title": title}))
}

fn archived(world: &mut World, warehouse: Uuid) -> Result<Value> {
    world.value(
        "select jsonb_agg(title order by title) from public.work_orders
         where warehouse_id = $1 and archived_at is not null",
        &[&warehouse],
    )
}

/// Work orders are archived whosever they are, so one test does all the archiving.
#[test]
fn what_ended_long_ago_is_archived_oldest_first_and_nothing_else_is() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let now = world.now()?;
    for (status, days) in
        [("cancelled", 91), ("cancelled", 89), ("new", 200), ("cancelled", 7001), ("cancelled", 7002)]
    {
        work_order(&mut world, warehouse, status, now, days)?;
    }
    let scheduler = world.caller("function:pm-scheduler")?;
    let archives = |days, limit| scheduler.ask(async |session| archive(&session, now, days, limit).await);

    assert_eq!(archives(7000, 1)?, 1);
    assert_eq!(archived(&mut world, warehouse)?, json!(["cancelled, 7002 days ago"]));
    archives(90, 1000)?;
    let all = json!(["cancelled, 7001 days ago", "cancelled, 7002 days ago", "cancelled, 91 days ago"]);
    assert_eq!(archived(&mut world, warehouse)?, all);
    assert_eq!(archives(90, 1000)?, 0, "nothing is archived twice");
    assert_eq!(archived(&mut world, warehouse)?, all);
    Ok(())
}
