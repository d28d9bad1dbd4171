//! Which machines have a schedule, and when it is their turn.

use crate::isolated_scheduler::{IsolatedScheduler, MACHINES};
use crate::site::{SATURDAY, Site};
use anyhow::Result;
use millwright_contract_tests::at_once;
use millwright_store::preventive::{due, sync_schedules};
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn syncing_opens_each_schedule_once() -> Result<()> {
    let mut site = Site::open()?;
    let second = site.world.machine(site.warehouse)?;
    let elsewhere = site.world.warehouse("UTC")?;
    site.world.machine(elsewhere)?;

    site.sync()?;
    let opened = site.schedules()?;
    let machines: BTreeSet<_> =
        opened.as_array().into_iter().flatten().map(|s| s["equipment_id"].to_string()).collect();
    assert_eq!(machines, BTreeSet::from([json!(site.machine).to_string(), json!(second).to_string()]));
    for schedule in opened.as_array().into_iter().flatten() {
        assert_eq!((&schedule["since"], &schedule["next_due_on"]), (&json!(SATURDAY), &json!(SATURDAY)));
        assert_eq!(schedule["generate_on"], "2080-03-08");
    }
    site.sync()?;
    assert_eq!(site.schedules()?, opened, "not even a version changed");
    Ok(())
}

#[test]
fn eight_at_once_open_it_once() -> Result<()> {
    let mut site = Site::open()?;
    let now = site.world.now()?;
    at_once(site.world.eight("function:pm-scheduler")?, |scheduler| {
        Ok(scheduler.ask(async |session| sync_schedules(&session, now, None, 10_000).await)?)
    })?;
    assert_eq!(site.schedules()?.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[test]
fn what_was_due_before_the_machine_came_is_nobodys_duty() -> Result<()> {
    let mut site = Site::open_in("Pacific/Kiritimati", &json!({"starts_on": "2020-01-01"}))?.synced()?;
    let today = site.world.value("(clock_timestamp() at time zone 'Pacific/Kiritimati')::date", &[])?;
    assert_eq!(site.schedules()?[0]["since"], today);
    Ok(())
}

#[test]
fn a_machine_that_is_retired_stops_and_one_that_comes_back_goes_on() -> Result<()> {
    let now = "2080-03-09T12:00:00Z";
    let mut site = Site::open()?.synced()?;
    let planned_before = site.plans(now)?;
    site.put("retired")?;
    site.sync()?;
    assert_eq!(site.due(now, 1000)?.schedules, []);
    assert_eq!(site.apply(now, &planned_before)?, [0, 0, 0], "a plan made when it was still in service");
    assert_eq!(site.work_orders()?, 0);

    site.put("maintenance")?;
    site.sync()?;
    let plans = site.plans(now)?;
    assert_eq!(site.apply(now, &plans)?, [1, 2, 0]);
    Ok(())
}

#[test]
fn a_day_begins_when_it_begins_there() -> Result<()> {
    // The schedule is generated a day ahead, on the 8th.
    for (time_zone, before, from) in [
        ("America/Denver", "2080-03-08T06:59:59Z", "2080-03-08T07:00:00Z"),
        ("UTC", "2080-03-07T23:59:59Z", "2080-03-08T00:00:00Z"),
        ("Pacific/Kiritimati", "2080-03-07T09:59:59Z", "2080-03-07T10:00:00Z"),
        ("Etc/GMT+12", "2080-03-08T11:59:59Z", "2080-03-08T12:00:00Z"),
    ] {
        let mut site = Site::open_in(time_zone, &json!({}))?.synced()?;
        assert_eq!(site.due(before, 1000)?.schedules, [], "{time_zone}");
        let due = site.due(from, 1000)?;
        assert_eq!(due.schedules.len(), 1, "{time_zone}");
        let warehouse = due.warehouses.iter().find(|warehouse| warehouse.id == due.schedules[0].warehouse_id);
        let today = warehouse.and_then(|warehouse| warehouse.today).map(|today| today.to_string());
        assert_eq!(today.as_deref(), Some("2080-03-08"), "{time_zone}");
    }
    Ok(())
}

#[test]
fn pages_of_one_visit_each_once() -> Result<()> {
    let mut site = Site::open()?;
    for _ in 0..4 {
        site.world.machine(site.warehouse)?;
    }
    site.sync()?;
    let visited = site.due("2080-03-09T12:00:00Z", 1)?.schedules;
    let different: BTreeSet<_> = visited.iter().map(|schedule| schedule.id).collect();
    assert_eq!((visited.len(), different.len()), (5, 5));
    Ok(())
}

#[test]
fn many_machines_are_brought_in_step_some_at_a_time() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_step")?;
    let warehouse = isolated.warehouse(&json!({}))?;
    let scheduler = isolated.scheduler()?;
    let now = isolated.world.now()?;
    let step = |further| scheduler.ask(async |session| sync_schedules(&session, now, further, 2).await);
    let first = step(None)?;
    assert_eq!(first.counts["schedules_opened"], 4, "two templates for two machines");
    // A change made meanwhile has its turn afterwards.
    let active = "update public.pm_templates set active = false where warehouse_id = $1 and title = 'Round'";
    isolated.world.change(active, &[&warehouse.id])?;
    let second = step(first.further)?;
    assert_eq!(second.counts["schedules_opened"], 2, "the other template for the next two");
    // A firing that was cut off leaves it to the next one, which begins with the first machine again; and if it was only slow,
    // it finds nothing left.
    let mut ends = vec![step(None)?];
    assert_eq!(step(second.further)?.counts["schedules_opened"], 0);
    while let Some(further) = ends.last().and_then(|last| last.further) {
        ends.push(step(Some(further))?);
    }
    let counted = |of: &str| ends.iter().filter_map(|end| end.counts[of].as_u64()).sum::<u64>();
    assert_eq!((ends.len(), counted("schedules_opened"), counted("schedules_switched")), (3, 1, 2));
    let found = isolated.world.value(
        "select jsonb_agg(n) from (select count(*) as n from public.pm_schedules s
           join public.pm_templates t on t.id = s.template_id
           where t.warehouse_id = $1 group by t.title, s.active order by t.title, s.active) counted",
        &[&warehouse.id],
    )?;
    assert_eq!(found, json!([MACHINES, 2]), "what is active, and what was there before it rests");
    assert_eq!(step(None)?.counts["schedules_switched"], 0, "and nothing is left to do");
    Ok(())
}

/// A page may have thousands of templates, each with a text of forty kilobytes.
#[test]
fn a_page_tells_of_templates_what_dates_follow_from_and_no_texts() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_texts")?;
    let warehouse = isolated.warehouse(&json!({"description": "\u{1F600}".repeat(10_000)}))?;
    let scheduler = isolated.scheduler()?;
    let now = isolated.world.now()?;
    scheduler.ask(async |session| sync_schedules(&session, now, None, 10_000).await)?;
    let asked =
        json!({"p_now": "2100-01-01T00:00:00Z", "p_after_date": null, "p_after_id": null, "p_limit": 1});
    let page = scheduler.call("functions", "pm_due", &asked)?.body;
    assert_eq!(page["schedules"][0]["warehouse_id"], json!(warehouse.id));
    assert!(page.to_string().len() < 5_000, "{} bytes", page.to_string().len());
    let supervisor = isolated.world.person("supervisor", warehouse.id)?;
    let asked = json!({"p_schedule": null, "p_from": "2026-01-01", "p_until": "2026-12-31", "p_warehouse": null,
        "p_equipment": null, "p_after": null, "p_limit": 500});
    let planned = isolated.world.caller(&supervisor.email)?.call("public", "pm_planned", &asked)?.body;
    assert_eq!(planned["templates"].as_array().map(Vec::len), Some(2));
    assert!(planned["templates"].to_string().len() < 5_000, "{planned}");
    let checklists: Vec<_> = scheduler
        .ask(async |session| due(&session, "2100-01-01T00:00:00Z".parse().unwrap_or(now), None, 100).await)?
        .templates
        .read
        .into_iter()
        .map(|template| template.items)
        .collect();
    assert_eq!(checklists.iter().sum::<usize>(), 2, "the items of Round, and none of Grease: {checklists:?}");
    Ok(())
}
