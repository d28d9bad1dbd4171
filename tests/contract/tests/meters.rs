//! A meter only counts up, whatever order its readings come in, and machines lie inside of machines.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::Result;
use millwright_contract_tests::{Answer, Caller, World};
use serde_json::{Value, json};
use uuid::Uuid;

struct Gauge {
    world: World,
    technician: Caller,
    meter: Uuid,
}

impl Gauge {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let machine = world.machine(warehouse)?;
        let meter =
            world.insert("meters", &json!({"equipment_id": machine, "name": "Hours", "unit": "hours"}))?;
        let technician = world.person("technician", warehouse)?;
        let technician = world.caller(&technician.email)?;
        Ok(Self { world, technician, meter })
    }

    /// Reads it on a day of March.
    fn shows(&self, day: u8, value: f64, is_reset: bool) -> Result<Answer> {
        let read_at = format!("2026-03-{day:02}T08:00:00Z");
        let row = json!({"meter_id": self.meter, "value": value, "is_reset": is_reset, "read_at": read_at});
        self.technician.insert("meter_readings", &row)
    }

    /// Its last value, and its total.
    fn state(&mut self) -> Result<[String; 2]> {
        let query = "select jsonb_build_array(trim_scale(last_value)::text, trim_scale(total)::text) from public.meters where id = $1";
        Ok(serde_json::from_value(self.world.value(query, &[&self.meter])?)?)
    }
}

fn is(answer: &Answer, status: u16, message: &str) -> bool {
    answer.status == status && answer.body["message"].as_str().unwrap_or_default() == message
}

#[test]
fn a_lower_reading_is_refused_unless_the_meter_was_set_back() -> Result<()> {
    let mut gauge = Gauge::open()?;
    assert_eq!(gauge.shows(1, 100.0, false)?.status, 201);
    let refused = gauge.shows(2, 99.5, false)?;
    assert!(is(&refused, 409, "reading_below_last"), "{refused:?}");
    assert_eq!(gauge.state()?, ["100", "100"]);
    assert_eq!(gauge.shows(2, 20.0, true)?.status, 201);
    assert_eq!(gauge.shows(3, 50.25, false)?.status, 201);
    assert_eq!(gauge.state()?, ["50.25", "150.25"], "what it counted in all goes on");
    Ok(())
}

#[test]
fn a_late_reading_is_judged_between_its_neighbours() -> Result<()> {
    let mut gauge = Gauge::open()?;
    for (day, value, reset) in [(1, 100.0, false), (10, 200.0, false), (20, 10.0, true)] {
        assert_eq!(gauge.shows(day, value, reset)?.status, 201);
    }
    assert!(is(&gauge.shows(5, 90.0, false)?, 409, "reading_below_last"));
    assert!(is(&gauge.shows(5, 201.0, false)?, 409, "reading_above_next"));
    assert_eq!(gauge.shows(5, 150.0, false)?.status, 201);
    assert_eq!(gauge.state()?, ["10", "210"], "between two readings nothing is added");
    assert_eq!(gauge.shows(15, 230.0, false)?.status, 201);
    assert_eq!(gauge.state()?, ["10", "240"], "before it was set back it had counted on");
    assert_eq!(gauge.shows(15, 230.0, false)?.code(), "23505", "the same moment is read once");
    Ok(())
}

#[test]
fn a_meter_counts_no_further_than_is_declared_however_often_it_is_reset() -> Result<()> {
    let gauge = Gauge::open()?;
    for (day, value, status) in [(1, 3_000_000_000.0, 201), (2, 1_000_000_000.0, 201), (3, 1.0, 409)] {
        let answer = gauge.shows(day, value, true)?;
        assert_eq!(answer.status, status, "{value}: {answer:?}");
    }
    Ok(())
}

#[test]
fn a_machine_knows_how_deep_it_lies_and_is_never_inside_of_itself() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let machines = (0..4).map(|_| world.machine(warehouse)).collect::<Result<Vec<_>>>()?;
    let supervisor = world.person("supervisor", warehouse)?;
    let supervisor = world.caller(&supervisor.email)?;
    let put = |inner: usize, outer: Option<usize>| {
        let path = format!("equipment?id=eq.{}", machines[inner]);
        let parent = outer.map(|outer| machines[outer]);
        supervisor.change(&path, &json!({"parent_id": parent}))
    };
    for (inner, outer) in [(2, 1), (3, 2), (1, 0)] {
        assert_eq!(put(inner, Some(outer))?.status, 204);
    }
    let depths =
        "select jsonb_agg(depth order by array_position($1, id)) from public.equipment where id = any ($1)";
    assert_eq!(world.value(depths, &[&machines])?, json!([0, 1, 2, 3]), "what is inside moves along");
    for (inner, outer) in [(0, 3), (1, 1)] {
        let refused = put(inner, Some(outer))?;
        assert!(is(&refused, 409, "inside_itself"), "{refused:?}");
    }
    assert_eq!(put(2, None)?.status, 204);
    assert_eq!(world.value(depths, &[&machines])?, json!([0, 1, 0, 1]));
    Ok(())
}

#[test]
fn a_technician_changes_the_status_of_a_machine_and_nothing_else() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let machine = format!("equipment?id=eq.{}", world.machine(warehouse)?);
    let technician = world.person("technician", warehouse)?;
    let technician = world.caller(&technician.email)?;
    let change = |row: Value| technician.change(&machine, &row);
    assert_eq!(change(json!({"status": "maintenance"}))?.status, 204);
    assert_eq!(change(json!({"status": "active", "area": "Yard"}))?.code(), "42501");
    assert_eq!(change(json!({"model": "Mine"}))?.code(), "42501");
    Ok(())
}
