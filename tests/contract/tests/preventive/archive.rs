//! Work orders that ended long ago are archived.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use millwright_contract_tests::World;
use millwright_store::housekeeping::archive;
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
    let (usual, patient) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let setting = json!({"key": "auto_archive_completed_wo_days", "warehouse_id": patient, "value": 7001});
    world.insert("settings", &setting)?;
    let now = world.now()?;
    for (status, days) in [("cancelled", 91), ("cancelled", 89), ("new", 200)] {
        work_order(&mut world, usual, status, now, days)?;
    }
    for days in [91, 7000, 7002, 7003] {
        work_order(&mut world, patient, "cancelled", now, days)?;
    }
    let scheduler = world.caller("function:pm-scheduler")?;
    let archives = |limit| {
        let archived = scheduler.ask(async |session| archive(&session, now, limit).await)?;
        anyhow::Ok(archived.counts.get("archived").cloned())
    };

    assert_eq!(archives(1)?, Some(json!(1)));
    assert_eq!(archived(&mut world, patient)?, json!(["cancelled, 7003 days ago"]));
    archives(1000)?;
    let by_its_own = json!(["cancelled, 7002 days ago", "cancelled, 7003 days ago"]);
    assert_eq!(archived(&mut world, patient)?, by_its_own);
    assert_eq!(archived(&mut world, usual)?, json!(["cancelled, 91 days ago"]));
    assert_eq!(archives(1000)?, Some(json!(0)), "nothing is archived twice");
    Ok(())
}

#[test]
fn what_the_database_refuses_to_archive_is_put_aside_alone() -> Result<()> {
    let mut world = World::aside("archive_refused")?;
    let warehouse = world.warehouse("UTC")?;
    let now = world.now()?;
    let bad = work_order(&mut world, warehouse, "cancelled", now, 92)?;
    work_order(&mut world, warehouse, "cancelled", now, 91)?;
    world.sql.batch_execute(
        "alter table public.work_orders add constraint kept check (title <> 'cancelled, 92 days ago' or archived_at is null)",
    )?;
    let scheduler = world.caller("function:pm-scheduler")?;
    let first = scheduler.ask(async |session| archive(&session, now, 1000).await)?;
    assert_eq!(first.counts.get("archived"), Some(&json!(1)));
    assert_eq!(
        first.problems.iter().map(|problem| problem.subject.clone()).collect::<Vec<_>>(),
        [format!("work order {bad}")]
    );
    assert_eq!(archived(&mut world, warehouse)?, json!(["cancelled, 91 days ago"]));
    let next = scheduler.ask(async |session| archive(&session, now, 1000).await)?;
    assert!(next.is_empty(), "not before tomorrow: {next:?}");
    Ok(())
}
