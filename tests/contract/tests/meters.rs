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

impl Gauge {
    /// Annuls the reading of a day, as someone of this role.
    fn annuls(&mut self, role: &'static str, day: u8, change: &Value) -> Result<Answer> {
        let warehouse =
            self.world.value("select warehouse_id from public.meters where id = $1", &[&self.meter])?;
        let person = self.world.person(role, serde_json::from_value(warehouse)?)?;
        let path = format!(
            "meter_readings?meter_id=eq.{}&read_at=eq.2026-03-{day:02}T08:00:00Z&annulled_at=is.null",
            self.meter
        );
        self.world.caller(&person.email)?.send(
            reqwest::Method::PATCH,
            "public",
            &path,
            Some(change),
            &[("prefer", "return=representation")],
        )
    }
}

#[test]
fn a_meter_counts_as_if_an_annulled_reading_had_never_been_taken() -> Result<()> {
    // Day, value, and whether the meter was set back.
    let readings: [(u8, f64, bool); 6] = [
        (1, 100.0, false),
        (2, 25_000.0, false),
        (3, 250.0, true),
        (4, 500.0, false),
        (5, 20.0, true),
        (6, 45.5, false),
    ];
    for (left_out, _, _) in readings {
        let (mut all, mut without) = (Gauge::open()?, Gauge::open()?);
        let mut as_if = true;
        for (day, value, is_reset) in readings {
            assert_eq!(all.shows(day, value, is_reset)?.status, 201);
            if day != left_out {
                as_if &= without.shows(day, value, is_reset)?.status == 201;
            }
        }
        let before = all.state()?;
        let annulled = all.annuls("supervisor", left_out, &json!({"annulled_reason": "A typo"}))?;
        if as_if {
            assert_eq!(annulled.status, 200, "{left_out}: {annulled:?}");
            let row = &annulled.rows()[0];
            assert!(row["annulled_at"].is_string() && row["annulled_by"].is_string(), "{row}");
            assert_eq!((&row["annulled_reason"], &row["version"]), (&json!("A typo"), &json!(2)));
            assert_eq!(all.state()?, without.state()?, "without that of day {left_out}");
        } else {
            assert!(is(&annulled, 409, "reading_below_last"), "{left_out}: {annulled:?}");
            assert_eq!(all.state()?, before);
        }
    }
    Ok(())
}

#[test]
fn of_a_typo_and_the_reset_that_undid_it_nothing_is_left_in_the_total() -> Result<()> {
    let mut gauge = Gauge::open()?;
    for (day, value, reset) in [(1, 100.0, false), (2, 25_000.0, false), (3, 250.0, true), (4, 500.0, false)]
    {
        assert_eq!(gauge.shows(day, value, reset)?.status, 201);
    }
    assert_eq!(gauge.state()?, ["500", "25500"]);
    for day in [2, 3] {
        assert_eq!(gauge.annuls("supervisor", day, &json!({"annulled_reason": "A typo"}))?.status, 200);
    }
    assert_eq!(gauge.state()?, ["500", "500"]);
    assert_eq!(gauge.shows(3, 250.0, false)?.status, 201, "it is read again, as it was");
    assert_eq!(gauge.state()?, ["500", "500"]);
    Ok(())
}

#[test]
fn readings_that_are_annulled_at_once_are_counted_out_once() -> Result<()> {
    for (days, left) in
        [("2,3", ["100", "100"]), ("1,2", ["300", "300"]), ("1,3", ["200", "200"]), ("1,2,3", ["0", "0"])]
    {
        let mut gauge = Gauge::open()?;
        for day in [1, 2, 3] {
            assert_eq!(gauge.shows(day, f64::from(day) * 100.0, false)?.status, 201);
        }
        let days: Vec<_> = days.split(',').map(|day| format!("2026-03-0{day}T08:00:00Z")).collect();
        let path = format!("meter_readings?meter_id=eq.{}&read_at=in.({})", gauge.meter, days.join(","));
        let manager = gauge.world.caller("manager@demo.test")?;
        assert_eq!(manager.change(&path, &json!({"annulled_reason": "All wrong"}))?.status, 204);
        assert_eq!(gauge.state()?, left, "without {days:?}");
    }
    Ok(())
}

#[test]
fn a_meter_that_someone_filled_up_is_free_again() -> Result<()> {
    let mut gauge = Gauge::open()?;
    assert_eq!(gauge.shows(1, 100.0, false)?.status, 201);
    assert_eq!(gauge.shows(2, 3_999_999_999.0, false)?.status, 201);
    assert!(is(&gauge.shows(3, 101.0, false)?, 409, "reading_below_last"));
    assert!(is(&gauge.shows(3, 101.0, true)?, 409, "meter_is_full"));
    assert_eq!(gauge.annuls("manager", 2, &json!({"annulled_reason": "Nobody reads that"}))?.status, 200);
    assert_eq!(gauge.shows(3, 101.0, false)?.status, 201);
    assert_eq!(gauge.state()?, ["101", "101"]);
    Ok(())
}

#[test]
fn whoever_annuls_a_reading_leads_and_says_why_and_it_is_kept() -> Result<()> {
    let mut gauge = Gauge::open()?;
    assert_eq!(gauge.shows(1, 100.0, false)?.status, 201);
    let why = json!({"annulled_reason": "A typo"});
    for role in ["technician", "inventory_clerk", "contractor", "requester"] {
        let nothing = gauge.annuls(role, 1, &why)?;
        assert!(nothing.rows().is_empty() && nothing.code().is_empty(), "{role}: {nothing:?}");
    }
    for (change, code) in [
        (json!({"annulled_reason": ""}), "23514"),
        (json!({"annulled_reason": "A typo", "value": 7}), "42501"),
        (json!({"annulled_at": "2026-01-01T00:00:00Z"}), "42501"),
    ] {
        assert_eq!(gauge.annuls("admin", 1, &change)?.code(), code, "{change}");
    }
    assert_eq!(gauge.annuls("admin", 1, &why)?.status, 200);
    let path = format!("meter_readings?meter_id=eq.{}", gauge.meter);
    for change in [json!({"annulled_reason": null}), json!({"annulled_reason": "No typo"})] {
        let manager = gauge.world.caller("manager@demo.test")?;
        assert!(is(&manager.change(&path, &change)?, 409, "annulled"), "{change}");
    }
    assert_eq!(gauge.technician.read(&path)?.rows().len(), 1, "it is kept");
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
