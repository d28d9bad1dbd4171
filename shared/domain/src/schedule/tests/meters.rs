//! Steps and thresholds of a meter, alone and with dates.

use serde_json::{Value, json};

use super::OccurrenceDecision::{Generated, Skipped, Superseded};
use super::{Meter, World, all, date, decisions};

fn metered(more: Value, total: f64, due_at: Option<f64>) -> World {
    let mut world = World::of("annually", "2026-12-01").with(json!({"meter_every": 250.0})).with(more);
    world.schedule.meter = Some(Meter { total, base: 0.0, due_at, fired_on: None });
    world.schedule.generate_on = date("2026-03-02");
    world
}

#[test]
fn a_meter_has_its_steps() {
    let mut world = metered(json!({"rrule": null}), 249.0, None);
    world.schedule.next_due_on = None;
    let plan = world.plan("2026-03-02");
    assert_eq!((decisions(&plan), plan.meter_due_at, plan.generate_on), (vec![], Some(250.0), None));
    world.schedule.meter = Some(Meter { total: 1100.5, base: 0.0, due_at: Some(250.0), fired_on: None });
    let plan = world.plan("2026-03-02");
    let steps: Vec<_> = plan.occurrences.iter().map(|one| (one.meter_step, one.decision)).collect();
    let expected = [(250.0, Superseded), (500.0, Superseded), (750.0, Superseded), (1000.0, Generated)]
        .map(|(at, what)| (Some(at), what));
    assert_eq!(steps, expected);
    assert_eq!((plan.meter_base, plan.meter_due_at), (Some(1000.0), Some(1250.0)));
    assert_eq!(plan.occurrences[3].reason, "the meter has reached 1000, and counts 1100.5 now");
}

#[test]
fn a_threshold_is_reached_once() {
    let once = json!({"rrule": null, "meter_every": null, "meter_at": 10_000.0});
    let world = metered(once, 10_000.0, Some(10_000.0));
    let plan = world.plan("2026-03-02");
    assert_eq!(decisions(&plan), all(&[("2026-03-02", Generated),]));
    assert_eq!(plan.meter_due_at, None);
}

#[test]
fn of_a_meter_and_a_date_whichever_comes_first_stands_for_both() {
    let mut world = metered(json!({}), 260.0, Some(250.0));
    assert_eq!(world.fire(date("2026-03-02")), all(&[("2026-03-02", Generated)]));
    world.complete(date("2026-03-03"));
    assert_eq!(world.fire(date("2026-12-01")), all(&[("2026-12-01", Skipped)]), "the meter came first");
    assert_eq!(world.fire(date("2027-12-01")), all(&[("2027-12-01", Generated)]));
    assert_eq!(world.schedule.meter.unwrap().due_at, Some(510.0), "and now the date did");
}

#[test]
fn a_threshold_outlives_a_date_that_comes_first() {
    let more = json!({"basis": "floating", "meter_every": null, "meter_at": 500.0});
    let mut world = metered(more, 100.0, Some(500.0));
    assert_eq!(world.fire(date("2026-12-01")), all(&[("2026-12-01", Generated)]));
    assert_eq!(world.schedule.meter.as_ref().unwrap().due_at, Some(500.0));
}
