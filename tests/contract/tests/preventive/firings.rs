//! Whole firings of the scheduler: killed at every call of the gateway, while a warehouse changes its time zone, and with what
//! cannot be planned. The stack's tests fire the function itself: many at once, early, late, after an outage, and stopped by
//! its limits.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use millwright_contract_tests::{Caller, Cut};
use millwright_store::preventive::due;
use serde_json::json;

use crate::isolated_scheduler::{IsolatedScheduler, MACHINES, at, fire};

/// Three in the night in Amsterdam, in the week before clocks go forward.
const NIGHT: &str = "2026-03-23T02:00:00Z";

#[test]
fn killed_at_any_call_the_next_firing_ends_where_an_undisturbed_one_does() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_killed")?;
    let now = at(NIGHT)?;
    let undisturbed = isolated.warehouse(&json!({}))?;
    fire(&isolated.scheduler()?, now)?;
    let expected = isolated.left_behind(&undisturbed)?;
    ensure!(
        isolated.count("public.work_orders", &undisturbed)? == 10,
        "one of each template for each machine: {expected}"
    );

    let token = isolated.world.token("function:pm-scheduler")?;
    let gateway = isolated.world.gateway().to_owned();
    let mut killed = 0;
    for answers in 0.. {
        let mut survived = 0;
        for after_commit in [false, true] {
            let warehouse = isolated.warehouse(&json!({}))?;
            let cut = Caller::with_cut(&gateway, Some(token.clone()), Cut::after(answers, after_commit))?;
            match fire(&cut, now) {
                Ok(()) => survived += 1,
                Err(_) => killed += 1,
            }
            fire(&isolated.scheduler()?, now)?;
            assert_eq!(
                isolated.left_behind(&warehouse)?,
                expected,
                "cut after {answers} answers, commit {after_commit}"
            );
        }
        if survived == 2 {
            break;
        }
    }
    // In step in three calls, five pages with two calls each, and a look at nothing.
    assert_eq!(killed, 2 * 14);
    Ok(())
}

#[test]
fn a_place_that_changes_its_time_zone_neither_loses_a_date_nor_gets_one_twice() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_zones")?;
    let warehouse = isolated
        .warehouse(&json!({"rrule": "FREQ=DAILY", "starts_on": "2026-03-23", "lead_time_days": 0}))?;
    // From one side of the date line to the other and back, over changes of clocks on both sides of the equator.
    let zones =
        ["Europe/Amsterdam", "Pacific/Kiritimati", "Pacific/Niue", "Australia/Lord_Howe", "America/Denver"];
    for (day, zone) in (0..14).zip(zones.iter().cycle()) {
        isolated
            .world
            .change("update public.warehouses set time_zone = $2 where id = $1", &[&warehouse.id, zone])?;
        fire(&isolated.scheduler()?, at(NIGHT)? + TimeDelta::days(day))?;
    }
    let dates = isolated.world.value(
        "select jsonb_agg(distinct jsonb_build_array(o.due_on, o.decision) order by jsonb_build_array(o.due_on, o.decision))
         from public.pm_occurrences o join public.pm_schedules s on s.id = o.schedule_id
         join public.pm_templates t on t.id = s.template_id where t.warehouse_id = $1 and t.title = 'Round'",
        &[&warehouse.id],
    )?;
    let days: Vec<_> = dates.as_array().into_iter().flatten().filter_map(|one| one[0].as_str()).collect();
    let first = days.first().copied().unwrap_or_default();
    let expected =
        "2026-03-23".parse::<chrono::NaiveDate>()?.iter_days().take(days.len()).map(|day| day.to_string());
    assert_eq!(days, expected.collect::<Vec<_>>(), "every day once from {first}");
    assert!(dates.as_array().into_iter().flatten().all(|one| one[1] == "generated"), "{dates}");
    Ok(())
}

#[test]
fn one_bad_template_and_one_unknown_time_zone_do_not_stop_the_others() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_bad")?;
    // A day to come, so that what is woken today is woken for it.
    let now = at("2080-03-20T02:00:00Z")?;
    isolated.world.sql.batch_execute(
        "do $$ declare c text; begin
           for c in select conname from pg_constraint where conrelid = 'public.warehouses'::regclass and contype = 'c' loop
             execute format('alter table public.warehouses drop constraint %I', c);
           end loop;
         end $$",
    )?;
    let good = isolated.warehouse(&json!({}))?;
    let bad = isolated.warehouse(&json!({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}))?;
    let nowhere = isolated.warehouse(&json!({}))?;
    isolated
        .world
        .change("update public.warehouses set time_zone = 'Mars/Base' where id = $1", &[&nowhere.id])?;
    let told = |isolated: &mut IsolatedScheduler| {
        let letters = "select coalesce(jsonb_object_agg(reference, reason), '{}') from public.dead_letters where source = 'pm-scheduler'";
        isolated.world.value(letters, &[])
    };
    let looked_at = |isolated: &IsolatedScheduler, at: DateTime<Utc>| {
        let page = isolated.scheduler()?.ask(async |session| due(&session, at, None, 100).await)?;
        anyhow::Ok(page.schedules.len())
    };
    fire(&isolated.scheduler()?, now)?;
    let each = i64::try_from(MACHINES)?;
    let all = isolated.count("public.work_orders", &good)?;
    assert!(all >= each);
    assert_eq!(
        isolated.count("public.work_orders", &bad)?,
        all - each,
        "the other template of that warehouse"
    );
    assert_eq!(isolated.count("public.work_orders", &nowhere)?, 0);
    let template = isolated.world.value(
        "select id from public.pm_templates where warehouse_id = $1 and title = 'Round'",
        &[&bad.id],
    )?;
    let template = template.as_str().context("an id")?.to_owned();
    let mut letters = json!({
        format!("template {template}"): "the rule 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' has no date",
        format!("warehouse {}", nowhere.id): "the time zone 'Mars/Base' is not known",
    });
    assert_eq!(told(&mut isolated)?, letters);

    // They are in nobody's way until tomorrow, whatever fires, and then they are still told of once.
    assert_eq!(looked_at(&isolated, now)?, 0);
    let tomorrow = now + TimeDelta::days(1);
    assert_eq!(looked_at(&isolated, tomorrow)?, 3 * MACHINES);
    fire(&isolated.scheduler()?, tomorrow)?;
    assert_eq!(told(&mut isolated)?, letters);

    // A problem that is mended leaves the list at once, and is made up for.
    let zone = "update public.warehouses set time_zone = 'Europe/Amsterdam' where id = $1";
    isolated.world.change(zone, &[&nowhere.id])?;
    letters.as_object_mut().context("a list")?.remove(&format!("warehouse {}", nowhere.id));
    assert_eq!(told(&mut isolated)?, letters);
    let rule = "update public.pm_templates set rrule = 'FREQ=DAILY' where id = $1::text::uuid";
    isolated.world.change(rule, &[&template])?;
    assert_eq!(told(&mut isolated)?, json!({}));
    fire(&isolated.scheduler()?, tomorrow)?;
    let all = isolated.count("public.work_orders", &good)?;
    assert_eq!(isolated.count("public.work_orders", &nowhere)?, all);
    assert!(isolated.count("public.work_orders", &bad)? >= all);
    assert_eq!(told(&mut isolated)?, json!({}));
    Ok(())
}

#[test]
fn what_cannot_be_read_or_is_refused_puts_only_itself_aside() -> Result<()> {
    let mut isolated = IsolatedScheduler::start("pm_unreadable")?;
    let now = at("2080-03-20T02:00:00Z")?;
    isolated.world.sql.batch_execute(
        // As if values had got past their guards.
        "alter table public.pm_templates drop constraint pm_templates_exdates_check;
         alter table public.holidays drop constraint holidays_on_date_check;
         alter table public.work_orders add constraint no_poison check (title <> 'Poison') not valid",
    )?;
    let good = isolated.warehouse(&json!({}))?;
    let unread = isolated.warehouse(&json!({}))?;
    let refused = isolated.warehouse(&json!({"title": "Poison"}))?;
    let closed = isolated.warehouse(&json!({}))?;
    let endless =
        "update public.pm_templates set exdates = '{infinity}' where warehouse_id = $1 and title = 'Round'";
    isolated.world.change(endless, &[&unread.id])?;
    let holiday =
        "insert into public.holidays (warehouse_id, on_date, name) values ($1, 'infinity', 'For ever')";
    isolated.world.change(holiday, &[&closed.id])?;
    fire(&isolated.scheduler()?, now)?;
    let (all, each) = (isolated.count("public.work_orders", &good)?, i64::try_from(MACHINES)?);
    assert!(all >= each);
    assert_eq!(isolated.count("public.work_orders", &unread)?, all - each);
    assert_eq!(isolated.count("public.work_orders", &refused)?, all - each);
    assert_eq!(isolated.count("public.work_orders", &closed)?, 0);
    let letters = isolated.world.value(
        "select jsonb_agg(split_part(reference, ' ', 1) order by reference) from public.dead_letters where source = 'pm-scheduler'",
        &[],
    )?;
    assert_eq!(letters, json!(["template", "template", "warehouse"]), "each told of once");
    let page = isolated.scheduler()?.ask(async |session| due(&session, now, None, 100).await)?;
    assert_eq!(page.schedules.len(), 0, "none of them stands at the head of the next page");
    isolated.world.change("delete from public.holidays where warehouse_id = $1", &[&closed.id])?;
    fire(&isolated.scheduler()?, now + TimeDelta::days(1))?;
    assert!(isolated.count("public.work_orders", &closed)? >= each, "mended, it is made up for");
    Ok(())
}
