//! Preventive work: each occurrence is decided once, on the warehouse's own calendar.

mod annulled;
mod archive;
mod engine;
mod firings;
mod isolated_scheduler;
mod schedules;
mod site;
mod two_years;

use anyhow::Result;
use millwright_contract_tests::at_once;
use serde_json::json;
use site::{Site, write};

/// Saturday morning in Denver.
const MORNING: &str = "2080-03-09T12:00:00Z";

#[test]
fn an_occurrence_becomes_a_work_order_with_its_checklist_until_midnight_there() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let plans = site.plans(MORNING)?;
    assert_eq!(site.apply(MORNING, &plans)?, [1, 2, 0]);
    // The night in between is the one in which an hour is missing.
    assert_eq!(
        site.generated()?,
        json!([
            ["2080-03-09", "generated", "2080-03-10T07:00:00", "new", ["Look", "Shake"], null],
            ["2080-03-10", "generated", "2080-03-11T06:00:00", "new", ["Look", "Shake"], null],
        ])
    );
    let order = site.world.value(
        "select to_jsonb(w) from public.work_orders w where warehouse_id = $1 order by due_at limit 1",
        &[&site.warehouse],
    )?;
    assert_eq!(order["type"], "preventive");
    assert_eq!(order["title"], "Daily look");
    assert_eq!(order["equipment_id"], json!(site.machine));
    assert_eq!(order["asset_model"], json!(site.world.name));
    assert_eq!(order["requested_by"], json!(null));
    Ok(())
}

#[test]
fn a_default_assignee_hears_of_it_unless_they_left() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let technician = site.world.person("technician", site.warehouse)?.id;
    site.world.change(
        "update public.pm_templates set default_assignee_id = $2, rrule = 'FREQ=WEEKLY' where id = $1",
        &[&site.template, &technician],
    )?;
    let plans = site.plans(MORNING)?;
    site.apply(MORNING, &plans)?;
    let told = json!([
        "2080-03-09",
        "generated",
        "2080-03-10T07:00:00",
        "assigned",
        ["Look", "Shake"],
        ["wo_assigned"]
    ]);
    assert_eq!(site.generated()?, json!([told]));

    site.world.change("update public.profiles set active = false where id = $1", &[&technician])?;
    let next_week = "2080-03-16T12:00:00Z";
    let plans = site.plans(next_week)?;
    site.apply(next_week, &plans)?;
    let not_told = json!(["2080-03-16", "generated", "2080-03-17T06:00:00", "new", ["Look", "Shake"], null]);
    assert_eq!(site.generated()?, json!([told, not_told]));
    Ok(())
}

#[test]
fn the_same_plans_again_change_nothing() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let plans = site.plans(MORNING)?;
    site.apply(MORNING, &plans)?;
    let (generated, schedules) = (site.generated()?, site.schedules()?);
    assert_eq!(site.apply(MORNING, &plans)?, [0, 0, 0]);
    assert!(site.plans(MORNING)?.is_empty(), "the same firing has nothing left");
    assert_eq!((site.generated()?, site.schedules()?), (generated, schedules));
    assert_eq!(site.work_orders()?, 2);
    Ok(())
}

#[test]
fn eight_at_once_generate_it_once() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let plans = site.plans(MORNING)?;
    let schedulers = site.world.eight("function:pm-scheduler")?;
    let written = at_once(schedulers, |scheduler| write(&scheduler, MORNING, &plans))?;
    assert_eq!(written.iter().map(|[_, generated, _]| generated).sum::<u64>(), 2, "{written:?}");
    assert_eq!(site.work_orders()?, 2);
    assert_eq!(site.generated()?.as_array().map(Vec::len), Some(2));
    Ok(())
}

#[test]
fn a_plan_of_yesterdays_schedule_changes_nothing() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let plans = site.plans(MORNING)?;
    // Somebody touched the schedule in between.
    site.world
        .change("update public.pm_schedules set since = since where template_id = $1", &[&site.template])?;
    assert_eq!(site.apply(MORNING, &plans)?, [0, 0, 0]);
    assert_eq!(site.generated()?, json!([]));
    let fresh = site.plans(MORNING)?;
    assert_eq!(site.apply(MORNING, &fresh)?, [1, 2, 0]);
    Ok(())
}

#[test]
fn an_occurrence_is_never_decided_twice_even_when_a_schedule_is_set_back() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let plans = site.plans(MORNING)?;
    site.apply(MORNING, &plans)?;
    site.world.change(
        "update public.pm_schedules set next_due_on = since, generate_on = since, last_due_on = null where template_id = $1",
        &[&site.template],
    )?;
    let again = site.plans(MORNING)?;
    assert_eq!(again.iter().map(|plan| plan.occurrences.len()).sum::<usize>(), 2);
    assert_eq!(site.apply(MORNING, &again)?, [1, 0, 0]);
    assert_eq!(site.work_orders()?, 2);
    Ok(())
}

#[test]
fn after_an_outage_only_the_latest_is_made_up_for() -> Result<()> {
    let mut site = Site::open()?.synced()?;
    let later = "2080-03-12T12:00:00Z";
    let plans = site.plans(later)?;
    assert_eq!(site.apply(later, &plans)?, [1, 3, 2]);
    let decisions = site.world.value(
        "select jsonb_agg(jsonb_build_array(o.due_on, o.decision) order by o.due_on)
         from public.pm_occurrences o join public.pm_schedules s on s.id = o.schedule_id where s.template_id = $1",
        &[&site.template],
    )?;
    let expected = json!([
        ["2080-03-09", "missed"],
        ["2080-03-10", "missed"],
        ["2080-03-11", "generated"],
        ["2080-03-12", "generated"],
        ["2080-03-13", "generated"],
    ]);
    assert_eq!(decisions, expected);
    Ok(())
}
