//! A schedule over time, in the database: it waits, is woken, counts from completion and from meters.

use crate::site::Site;
use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

/// Weeks in a year in which nothing else is due. All are Mondays.
const FIRST: &str = "2080-03-11T12:00:00Z";
const SECOND: &str = "2080-03-18T12:00:00Z";
const THIRD: &str = "2080-03-25T12:00:00Z";

fn weekly(more: &Value) -> Result<Site> {
    let mut said =
        json!({"rrule": "FREQ=WEEKLY", "starts_on": "2080-03-11", "lead_time_days": 0, "overlap": "skip"});
    said.as_object_mut()
        .into_iter()
        .for_each(|said| said.extend(more.as_object().cloned().unwrap_or_default()));
    Site::open_in("America/Denver", &said)?.synced()
}

impl Site {
    /// `[date or step, due date, decision, status of the work order]` each.
    pub(crate) fn told(&mut self) -> Result<Value> {
        self.world.value(
            "select coalesce(jsonb_agg(jsonb_build_array(coalesce(o.occurs_on::text, o.meter_step::float::text), o.due_on,
               o.decision, w.status) order by o.due_on, o.meter_step), '[]')
             from public.pm_occurrences o join public.pm_schedules s on s.id = o.schedule_id
             left join public.work_orders w on w.id = o.work_order_id where s.template_id = $1",
            &[&self.template],
        )
    }

    fn reasons(&mut self) -> Result<Value> {
        self.world.value(
            "select jsonb_agg(o.reason order by o.due_on) from public.pm_occurrences o
             join public.pm_schedules s on s.id = o.schedule_id where s.template_id = $1",
            &[&self.template],
        )
    }

    fn numbers(&mut self) -> Result<Value> {
        self.world.value(
            "select jsonb_agg(number order by number) from public.work_orders where warehouse_id = $1",
            &[&self.warehouse],
        )
    }

    /// Ends the work order that is open, or takes up the last one that has ended.
    pub(crate) fn turn(&mut self, status: &str, at: &str) -> Result<()> {
        let technician = self.world.person("technician", self.warehouse)?.id;
        self.world.change(
            "update public.work_orders set status = $2::text::public.work_order_status, assigned_to = $3,
               completed_by = $3, completed_at = $4::text::timestamptz
             where id = (select last_work_order_id from public.pm_schedules where template_id = $1)",
            &[&self.template, &status, &technician, &at],
        )
    }

    pub(crate) fn meter(&mut self) -> Result<Uuid> {
        let (machine, warehouse) = (self.machine, self.warehouse);
        let row =
            json!({"equipment_id": machine, "warehouse_id": warehouse, "name": "Hours", "unit": "hours"});
        self.world.insert("meters", &row)
    }

    pub(crate) fn read(&mut self, meter: Uuid, value: f64, at: &str) -> Result<()> {
        let row = json!({"meter_id": meter, "value": value, "read_at": at});
        self.world.insert("meter_readings", &row).map(drop)
    }
}

#[test]
fn only_its_own_last_work_order_is_in_the_way() -> Result<()> {
    let mut site = weekly(&json!({}))?;
    let (machine, warehouse) = (site.machine, site.warehouse);
    let other = json!({"type": "preventive", "equipment_id": machine});
    site.world.work_order(warehouse, &other)?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    assert_eq!(site.fire(SECOND)?, [1, 0, 0]);
    let number = site.numbers()?[1].as_str().unwrap_or_default().to_owned();
    let reason = format!("{number}, the last one of this schedule, is still open (overlap: skip)");
    assert_eq!(site.reasons()?[1], reason);
    site.turn("completed", SECOND)?;
    assert_eq!(site.fire(THIRD)?, [1, 1, 0]);
    let expected = json!([
        ["2080-03-11", "2080-03-11", "generated", "completed"],
        ["2080-03-18", "2080-03-18", "skipped", null],
        ["2080-03-25", "2080-03-25", "generated", "new"]
    ]);
    assert_eq!(site.told()?, expected);
    Ok(())
}

#[test]
fn an_open_one_that_nobody_has_begun_is_replaced() -> Result<()> {
    let mut site = weekly(&json!({"overlap": "replace"}))?;
    site.fire(FIRST)?;
    let plans = site.plans(SECOND)?;
    assert_eq!(site.apply(SECOND, &plans)?, [1, 1, 0]);
    let expected = json!([
        ["2080-03-11", "2080-03-11", "superseded", "cancelled"],
        ["2080-03-18", "2080-03-18", "generated", "new"]
    ]);
    assert_eq!(site.told()?, expected);
    let why = "that of 2080-03-18 took its place (overlap: replace)";
    let note = "select status_note from public.work_orders where warehouse_id = $1 and status = 'cancelled'";
    assert_eq!(site.world.value(note, &[&site.warehouse])?, why);
    assert_eq!(site.reasons()?[0], why);

    // Somebody begins after the plan was made.
    let plans = site.plans(THIRD)?;
    site.turn("in_progress", THIRD)?;
    assert_eq!(site.apply(THIRD, &plans)?, [0, 0, 0]);
    assert_eq!(site.fire(THIRD)?, [1, 0, 0]);
    assert_eq!(site.told()?[2][2], "skipped");
    Ok(())
}

#[test]
fn a_waiting_date_is_generated_as_soon_as_the_last_work_ends() -> Result<()> {
    let mut site = weekly(&json!({"lead_time_days": 7}))?;
    site.fire("2080-03-04T12:00:00Z")?;
    assert_eq!(site.fire(FIRST)?, [1, 0, 0], "the next one waits");
    assert_eq!(site.due("2080-03-12T12:00:00Z", 1000)?.schedules, [], "and is not even looked at");
    site.turn("completed", "2080-03-12T12:00:00Z")?;
    assert_eq!(site.fire("2080-03-13T12:00:00Z")?, [1, 1, 0]);
    assert_eq!(site.told()?[1], json!(["2080-03-18", "2080-03-18", "generated", "new"]));
    Ok(())
}

#[test]
fn a_floating_schedule_counts_from_the_local_day_of_completion() -> Result<()> {
    let mut site = weekly(&json!({"basis": "floating", "rrule": "FREQ=DAILY;INTERVAL=10"}))?;
    site.fire(FIRST)?;
    assert_eq!(site.due("2081-01-01T00:00:00Z", 1000)?.schedules, [], "it waits for completion");
    // Still the 20th in Denver.
    site.turn("completed", "2080-03-21T05:30:00Z")?;
    site.fire("2080-03-22T12:00:00Z")?;
    assert_eq!(site.schedules()?[0]["next_due_on"], "2080-03-30");
    // Taken up again, it waits again; a completion that is verified stays one.
    site.turn("in_progress", THIRD)?;
    assert_eq!(site.schedules()?[0]["generate_on"], json!(null));
    site.turn("completed", "2080-03-25T20:00:00Z")?;
    site.turn("verified", "2080-03-25T20:00:00Z")?;
    assert_eq!(site.fire("2080-04-04T12:00:00Z")?, [1, 1, 0]);
    assert_eq!(site.told()?[1], json!(["2080-04-04", "2080-04-04", "generated", "new"]));
    // Cancelled, it counts from its date.
    site.turn("cancelled", "2080-04-04T12:00:00Z")?;
    assert_eq!(site.fire("2080-04-14T12:00:00Z")?, [1, 1, 0]);
    Ok(())
}

#[test]
fn a_meter_wakes_its_schedule_when_the_step_is_reached() -> Result<()> {
    let mut site = Site::open_in(
        "UTC",
        &json!({"rrule": null, "meter_name": "Hours", "meter_every": 250, "starts_on": "2026-01-01", "overlap": "skip", "active": false}),
    )?;
    let meter = site.meter()?;
    site.read(meter, 100.0, "2026-01-01T00:00:00Z")?;
    // Steps are counted from what the meter shows when the schedule opens, whoever opens it.
    site.world.change("update public.pm_templates set active = true where id = $1", &[&site.template])?;
    site.sync()?;
    assert_eq!(site.due(FIRST, 1000)?.schedules, [], "nothing to do before the step");
    site.read(meter, 349.9, "2026-01-02T00:00:00Z")?;
    assert_eq!(site.due(FIRST, 1000)?.schedules, []);
    site.read(meter, 350.0, "2026-01-03T00:00:00Z")?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    assert_eq!(site.told()?, json!([["350", "2080-03-11", "generated", "new"]]));
    // Set back, it counts on: 350 and 250 are 600.
    site.turn("completed", FIRST)?;
    let reset = json!({"meter_id": meter, "value": 250, "is_reset": true, "read_at": "2026-01-04T00:00:00Z"});
    site.world.insert("meter_readings", &reset)?;
    assert_eq!(site.fire(SECOND)?, [1, 1, 0]);
    assert_eq!(site.told()?[1], json!(["600", "2080-03-18", "generated", "new"]));
    assert_eq!(site.due(SECOND, 1000)?.schedules, []);
    Ok(())
}

#[test]
fn a_paused_schedule_leaves_out_what_falls_into_its_pause() -> Result<()> {
    let mut site = weekly(&json!({}))?;
    let pause = |site: &mut Site, paused: bool| {
        site.world.change(
            "update public.pm_schedules set paused = $2 where template_id = $1",
            &[&site.template, &paused],
        )
    };
    pause(&mut site, true)?;
    assert_eq!(site.schedules()?[0]["active"], false);
    assert_eq!(site.due(SECOND, 1000)?.schedules, []);
    pause(&mut site, false)?;
    site.sync()?;
    // It was for a moment of today only: as if it had been from the 10th to the 20th.
    site.world.change(
        "update public.pm_schedules set rested_from = '2080-03-10', rested_until = '2080-03-20' where template_id = $1",
        &[&site.template],
    )?;
    assert_eq!(site.fire(THIRD)?, [1, 1, 0]);
    let expected = json!([
        "it was paused from 2080-03-10 until 2080-03-20",
        "it was paused from 2080-03-10 until 2080-03-20",
        "generated on its day"
    ]);
    assert_eq!(site.reasons()?, expected);
    assert_eq!(site.schedules()?[0]["rested_from"], json!(null), "and that is over");
    Ok(())
}

#[test]
fn a_template_that_says_other_dates_keeps_what_was_decided() -> Result<()> {
    let mut site = weekly(&json!({"overlap": "generate"}))?;
    site.fire(FIRST)?;
    site.world.change(
        "update public.pm_templates set rrule = 'FREQ=DAILY;INTERVAL=2' where id = $1",
        &[&site.template],
    )?;
    site.sync()?;
    assert_eq!(site.schedules()?[0]["next_due_on"], "2080-03-12", "the day after the last decision");
    assert_eq!(site.fire("2080-03-13T12:00:00Z")?, [1, 1, 0]);
    assert_eq!(site.told()?[1], json!(["2080-03-13", "2080-03-13", "generated", "new"]));
    Ok(())
}

#[test]
fn holidays_are_those_of_the_warehouse() -> Result<()> {
    let mut site = weekly(&json!({"holidays": "after", "lead_time_days": 1}))?;
    let holiday = json!({"warehouse_id": site.warehouse, "on_date": "2080-03-11", "name": "A day off"});
    site.world.insert("holidays", &holiday)?;
    assert_eq!(site.fire("2080-03-10T12:00:00Z")?, [1, 0, 0], "not yet");
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    assert_eq!(site.told()?, json!([["2080-03-11", "2080-03-12", "generated", "new"]]));
    assert_eq!(
        site.reasons()?[0],
        "generated 1 day ahead of its date; moved from 2080-03-11 to a working day"
    );
    Ok(())
}

#[test]
fn a_holiday_that_is_declared_later_moves_the_next_date_in_time() -> Result<()> {
    let mut site = weekly(&json!({"holidays": "before"}))?;
    site.fire(FIRST)?;
    site.turn("completed", FIRST)?;
    let holiday = json!({"warehouse_id": site.warehouse, "on_date": "2080-03-18", "name": "A day off"});
    site.world.insert("holidays", &holiday)?;
    assert_eq!(site.fire("2080-03-17T12:00:00Z")?, [1, 1, 0]);
    assert_eq!(site.told()?[1], json!(["2080-03-18", "2080-03-17", "generated", "new"]));
    Ok(())
}

#[test]
fn a_date_that_is_left_out_does_not_stand_for_one_that_is_moved_to_its_day() -> Result<()> {
    // Mondays and Sundays; a Sunday is moved to the Monday after it, the 18th, which is taken out of the rule.
    let mut site =
        weekly(&json!({"rrule": "FREQ=WEEKLY;BYDAY=MO,SU", "weekends": "after", "overlap": "generate",
        "exdates": ["2080-03-18"], "lead_time_days": 1}))?;
    // One firing decides up to the day before, and the next one goes on from what the database knows.
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    assert_eq!(site.fire("2080-03-17T12:00:00Z")?, [1, 1, 0]);
    assert_eq!(site.fire("2080-03-24T12:00:00Z")?, [1, 1, 0]);
    let expected = json!([
        ["2080-03-11", "2080-03-11", "generated", "new"],
        ["2080-03-17", "2080-03-18", "generated", "new"],
        ["2080-03-18", "2080-03-18", "skipped", null],
        ["2080-03-24", "2080-03-25", "generated", "new"],
        ["2080-03-25", "2080-03-25", "skipped", null]
    ]);
    let mut told = site.told()?;
    told.as_array_mut().into_iter().for_each(|told| told.sort_by_key(|one| one[0].to_string()));
    assert_eq!(told, expected);
    Ok(())
}

#[test]
fn the_database_tells_the_days_that_have_a_work_order_and_not_those_left_out() -> Result<()> {
    let mut site = weekly(&json!({"rrule": "FREQ=DAILY", "holidays": "before", "overlap": "generate",
        "exdates": ["2080-03-12"], "lead_time_days": 0}))?;
    let day_off = |site: &mut Site, day: &str| {
        let holiday = json!({"warehouse_id": site.warehouse, "on_date": day, "name": "A day off"});
        site.world.insert("holidays", &holiday)
    };
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    assert_eq!(site.fire("2080-03-12T12:00:00Z")?, [1, 0, 0], "it is taken out of the rule");
    // On the same day, tomorrow becomes a holiday, and is moved to the day that has no work order.
    day_off(&mut site, "2080-03-13")?;
    assert_eq!(site.fire("2080-03-12T13:00:00Z")?, [1, 1, 0]);
    assert_eq!(site.fire("2080-03-14T12:00:00Z")?, [1, 1, 0]);
    day_off(&mut site, "2080-03-15")?;
    assert_eq!(site.fire("2080-03-14T13:00:00Z")?, [1, 0, 0], "this day has one");
    let due = site.due("2080-03-16T12:00:00Z", 1000)?;
    let taken: Vec<_> =
        due.schedules.iter().flat_map(|schedule| &schedule.taken).map(ToString::to_string).collect();
    assert_eq!(taken, ["2080-03-11", "2080-03-12", "2080-03-14"]);
    Ok(())
}

#[test]
fn what_was_missed_is_told_once_for_all() -> Result<()> {
    let mut site = weekly(&json!({"overlap": "generate"}))?;
    assert_eq!(site.fire("2080-04-10T12:00:00Z")?, [1, 1, 4]);
    let told = site.world.value(
        "select jsonb_agg(details - 'schedule_id' - 'asset_tag') from public.events where warehouse_id = $1",
        &[&site.warehouse],
    )?;
    let expected = json!([{"title": "Daily look", "missed": 4, "from": "2080-03-11", "until": "2080-04-01"}]);
    assert_eq!(told, expected);
    Ok(())
}

#[test]
fn a_machine_in_maintenance_rests_where_its_template_says_so() -> Result<()> {
    for (rests, due) in [(true, 0), (false, 1)] {
        let mut site = weekly(&json!({"rests_in_maintenance": rests}))?;
        site.put("maintenance")?;
        site.sync()?;
        assert_eq!(site.due(FIRST, 1000)?.schedules.len(), due);
    }
    Ok(())
}

#[test]
fn a_machine_that_becomes_another_model_leaves_its_schedule() -> Result<()> {
    let mut site = weekly(&json!({}))?;
    let become_model = |site: &mut Site, model: &str| {
        site.world.change("update public.equipment set model = $2 where id = $1", &[&site.machine, &model])
    };
    become_model(&mut site, "something else")?;
    site.sync()?;
    assert_eq!(site.schedules()?[0]["rest_reason"], "its machine was of another model");
    assert_eq!(site.due(FIRST, 1000)?.schedules, []);
    let name = site.world.name.clone();
    become_model(&mut site, &name)?;
    site.sync()?;
    assert_eq!(site.fire(FIRST)?, [1, 1, 0]);
    Ok(())
}
