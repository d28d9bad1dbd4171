//! A typo in a meter's reading: what it set off is undone with it.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use crate::site::Site;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

const FIRST: &str = "2080-03-11T12:00:00Z";
const SECOND: &str = "2080-03-18T12:00:00Z";

/// A site whose meter shows 100 when its schedule of every 250 opens.
fn every_250(more: &Value) -> Result<(Site, Uuid)> {
    let template = json!({"rrule": null, "meter_name": "Hours", "meter_every": 250, "starts_on": "2026-01-01",
        "overlap": "skip", "active": false});
    let mut site = Site::open_in("UTC", &millwright_contract_tests::with(template, more))?;
    let meter = site.meter()?;
    site.read(meter, 100.0, "2026-01-01T00:00:00Z")?;
    site.world.change("update public.pm_templates set active = true where id = $1", &[&site.template])?;
    site.sync()?;
    Ok((site, meter))
}

impl Site {
    /// A supervisor annuls the reading of this value.
    fn annul(&mut self, meter: Uuid, value: i32) -> Result<()> {
        let supervisor = self.world.person("supervisor", self.warehouse)?;
        let path = format!("meter_readings?meter_id=eq.{meter}&value=eq.{value}");
        let answer =
            self.world.caller(&supervisor.email)?.change(&path, &json!({"annulled_reason": "A typo"}))?;
        anyhow::ensure!(answer.status == 204, "{answer:?}");
        Ok(())
    }

    /// Of its schedule: where its steps began, and where the next one is.
    fn steps(&mut self) -> Result<Value> {
        self.world.value(
            "select jsonb_build_array(meter_base::float, meter_due_at::float) from public.pm_schedules where template_id = $1",
            &[&self.template],
        )
    }

    /// How many occurrences there are of each decision.
    fn counts(&mut self) -> Result<Value> {
        self.world.value(
            "select jsonb_object_agg(decision, n) from (select o.decision, count(*) n from public.pm_occurrences o
               join public.pm_schedules s on s.id = o.schedule_id where s.template_id = $1 group by 1) d",
            &[&self.template],
        )
    }
}

#[test]
fn the_steps_of_one_jump_are_one_occurrence_and_nobody_missed_the_others() -> Result<()> {
    let (mut site, meter) = every_250(&json!({}))?;
    site.read(meter, 25_000.0, "2026-01-02T00:00:00Z")?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    assert_eq!(site.counts()?, json!({"generated": 1, "superseded": 98}));
    Ok(())
}

#[test]
fn what_a_typo_set_off_is_undone_and_comes_again_in_its_time() -> Result<()> {
    let (mut site, meter) = every_250(&json!({}))?;
    site.read(meter, 25_000.0, "2026-01-02T00:00:00Z")?;
    site.fire(FIRST)?;
    site.annul(meter, 25_000)?;
    assert_eq!(site.counts()?, json!({"superseded": 99}));
    assert_eq!(site.steps()?, json!([100, 350]), "as if it had never been");
    let order = "select jsonb_build_array(w.status, w.status_note) from public.work_orders w where w.warehouse_id = $1";
    let cancelled = site.world.value(order, &[&site.warehouse])?;
    assert_eq!(cancelled, json!(["cancelled", "the reading of 25000 was annulled"]));
    // The steps that it had reached are reached again, each when it is.
    site.read(meter, 350.0, "2026-01-03T00:00:00Z")?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    site.turn("completed", FIRST)?;
    site.read(meter, 25_000.0, "2026-01-04T00:00:00Z")?;
    assert_eq!(site.fire(SECOND)?, [1, 1, 0]);
    assert_eq!(site.steps()?, json!([24_850, 25_100]), "the same steps once more, now that it is so");
    Ok(())
}

#[test]
fn a_step_that_was_reached_all_the_same_gets_its_work_order() -> Result<()> {
    let (mut site, meter) = every_250(&json!({}))?;
    site.read(meter, 25_000.0, "2026-01-02T00:00:00Z")?;
    site.fire(FIRST)?;
    site.world.insert(
        "meter_readings",
        &json!({"meter_id": meter, "value": 400, "is_reset": true, "read_at": "2026-01-03T00:00:00Z"}),
    )?;
    site.annul(meter, 25_000)?;
    // 100, and 400 after it was set back.
    assert_eq!(site.fire(SECOND)?, [1, 1, 0]);
    assert_eq!(site.steps()?, json!([350, 600]));
    Ok(())
}

#[test]
fn work_that_was_begun_stands_and_the_steps_begin_anew_from_it() -> Result<()> {
    let (mut site, meter) = every_250(&json!({}))?;
    site.read(meter, 25_000.0, "2026-01-02T00:00:00Z")?;
    site.fire(FIRST)?;
    site.turn("completed", FIRST)?;
    site.annul(meter, 25_000)?;
    assert_eq!(site.counts()?, json!({"generated": 1, "superseded": 98}));
    assert_eq!(site.steps()?, json!([100, 350]), "it was done at a true 100");
    let told = site.world.value(
        "select o.reason from public.pm_occurrences o join public.pm_schedules s on s.id = o.schedule_id
         where s.template_id = $1 and o.decision = 'generated'",
        &[&site.template],
    )?;
    let told = told.as_str().context("a reason")?;
    assert!(told.ends_with("; the reading of 25000 was annulled"), "{told}");
    Ok(())
}

#[test]
fn what_was_decided_before_the_typo_stays() -> Result<()> {
    let (mut site, meter) = every_250(&json!({}))?;
    site.read(meter, 350.0, "2026-01-02T00:00:00Z")?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    site.turn("completed", FIRST)?;
    site.read(meter, 3510.0, "2026-01-03T00:00:00Z")?;
    site.fire(SECOND)?;
    site.annul(meter, 3510)?;
    assert_eq!(site.told()?[0], json!(["350", "2080-03-11", "generated", "completed"]));
    assert_eq!(site.steps()?, json!([350, 600]));
    Ok(())
}

#[test]
fn a_threshold_is_still_to_be_reached() -> Result<()> {
    let (mut site, meter) = every_250(&json!({"meter_every": null, "meter_at": 5000}))?;
    site.read(meter, 25_000.0, "2026-01-02T00:00:00Z")?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    site.annul(meter, 25_000)?;
    assert_eq!(site.steps()?[1], 5000.0);
    site.read(meter, 5000.0, "2026-01-03T00:00:00Z")?;
    assert_eq!(site.fire(SECOND)?, [1, 1, 0]);
    Ok(())
}
