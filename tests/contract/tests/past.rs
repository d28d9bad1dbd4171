//! A report about a period is made of what was true in it: what changes afterwards changes nothing of it.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, World, json as body, with};
use millwright_domain::kpi::Report;
use millwright_domain::parameters::Given;
use millwright_store::machines::kpis;
use millwright_store::reports::report;
use serde_json::{Value, json};
use uuid::Uuid;

/// A warehouse in UTC, with a machine that stood still twice in October.
struct Plant {
    world: World,
    warehouse: Uuid,
    machine: Uuid,
    manager: Caller,
}

fn october() -> Given {
    Given::from([("from", "2025-10-01".to_owned()), ("until", "2025-10-31".to_owned())])
}

impl Plant {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let machine = world.machine(warehouse)?;
        for day in [10, 20] {
            let stop = json!({"equipment_id": machine, "warehouse_id": warehouse,
                "started_at": format!("2025-10-{day}T10:00:00Z"), "ended_at": format!("2025-10-{day}T12:00:00Z")});
            world.insert("downtime_intervals", &stop)?;
        }
        let manager = world.caller("manager@demo.test")?;
        Ok(Self { world, warehouse, machine, manager })
    }

    /// The rows of a report about October.
    fn report(&self, name: &str, by: &str) -> Result<Value> {
        let wanted = Report::named(name).context("no such report")?;
        let mut given = october();
        given.extend([("warehouse_id", self.warehouse.to_string()), ("by", by.to_owned())]);
        let told = self.manager.ask(async |session| body(report(&session, wanted, &given).await?).await)?;
        Ok(told["rows"].clone())
    }

    fn change(&mut self, table: &str, id: Uuid, change: &str) -> Result<()> {
        self.world.change(&format!("update public.{table} set {change} where id = $1"), &[&id])
    }

    /// An order of its machine that someone had in October, with an hour of theirs.
    fn order(&mut self, whose: Uuid) -> Result<Uuid> {
        let order = json!({"equipment_id": self.machine, "assigned_to": whose, "status": "in_progress",
            "created_at": "2025-10-05T08:00:00Z", "due_at": "2025-10-15T08:00:00Z"});
        let order = self.world.work_order(self.warehouse, &order)?;
        let log = json!({"work_order_id": order, "profile_id": whose, "started_at": "2025-10-06T08:00:00Z",
            "stopped_at": "2025-10-06T09:00:00Z"});
        self.world.insert("time_logs", &log)?;
        Ok(order)
    }
}

fn figure(rows: &Value) -> Value {
    let row = &rows[0];
    json!([row["numerator"], row["denominator"], row["counts"]["machines"]])
}

#[test]
fn a_machine_that_is_retired_now_keeps_the_stops_that_it_had() -> Result<()> {
    let mut plant = Plant::open()?;
    let figures = |plant: &Plant| -> Result<Value> {
        let of_it = plant.manager.ask(async |session| kpis(&session, plant.machine, &october()).await)?;
        Ok(json!([
            figure(&plant.report("mtbf", "warehouse")?),
            figure(&plant.report("availability", "machine")?),
            figure(&plant.report("machine_costs", "warehouse")?),
            of_it.map(|told| told["kpis"].clone()),
        ]))
    };
    let before = figures(&plant)?;
    assert_eq!(before[0], json!([740, 2, 1]), "31 days without 4 hours, and two stops: {before}");
    for status in ["retired", "disposed", "inactive", "active", "retired"] {
        plant.change("equipment", plant.machine, &format!("status = '{status}'"))?;
        assert_eq!(figures(&plant)?, before, "it is {status} now");
    }
    Ok(())
}

#[test]
fn a_machine_counts_while_it_was_in_service() -> Result<()> {
    let mut plant = Plant::open()?;
    // Retired in the middle of the month, for two days of it, and taken out of service once more long after.
    let warehouse = plant.warehouse;
    let row =
        json!({"asset_tag": "R", "name": "R", "model": "R", "warehouse_id": warehouse, "status": "retired"});
    let retired = plant.world.insert("equipment", &row)?;
    for (from, to, at) in [
        ("active", "maintenance", "2025-09-01T00:00:00Z"),
        ("maintenance", "retired", "2025-10-11T00:00:00Z"),
        ("retired", "active", "2025-10-13T00:00:00Z"),
        ("active", "retired", "2025-12-01T00:00:00Z"),
    ] {
        let change =
            json!({"equipment_id": retired, "from_status": from, "to_status": to, "happened_at": at});
        plant.world.insert("equipment_status_changes", &change)?;
    }
    for (day, hours) in [(5, 1), (12, 1), (25, 1)] {
        let stop = json!({"equipment_id": retired, "warehouse_id": warehouse,
            "started_at": format!("2025-10-{day:02}T10:00:00Z"), "ended_at": format!("2025-10-{day:02}T{}:00:00Z", 10 + hours)});
        plant.world.insert("downtime_intervals", &stop)?;
    }
    let rows = plant.report("mtbf", "model")?;
    let row =
        rows.as_array().and_then(|rows| rows.iter().find(|row| row["model"] == "R")).context("no row")?;
    assert_eq!(json!([row["numerator"], row["denominator"]]), json!([29 * 24 - 2, 2]), "{row}");
    Ok(())
}

#[test]
fn a_model_is_the_one_that_it_was() -> Result<()> {
    let mut plant = Plant::open()?;
    let technician = plant.world.person("technician", plant.warehouse)?.id;
    plant.order(technician)?;
    let models = |plant: &Plant| -> Result<Value> {
        let names = ["mtbf", "availability", "machine_costs", "backlog", "overdue"];
        names.into_iter().map(|name| Ok(plant.report(name, "model")?[0]["model"].clone())).collect()
    };
    let before = models(&plant)?;
    plant.change("equipment", plant.machine, "model = 'Something else'")?;
    assert_eq!(models(&plant)?, before);
    assert_eq!(before, json!([before[0], before[0], before[0], before[0], before[0]]));
    Ok(())
}

#[test]
fn people_are_what_they_were() -> Result<()> {
    let mut plant = Plant::open()?;
    let elsewhere = plant.world.warehouse("UTC")?;
    let mut someone = || plant.world.person("technician", plant.warehouse).map(|person| person.id);
    let (mover, leads, gone) = (someone()?, someone()?, someone()?);
    for whose in [mover, leads, gone] {
        plant.order(whose)?;
    }
    let load = |plant: &Plant| -> Result<Value> {
        let rows = plant.report("technician_load", "warehouse")?;
        Ok(json!([rows[0]["numerator"], rows[0]["counts"]]))
    };
    let before = load(&plant)?;
    assert_eq!((&before[0], &before[1]["people"], &before[1]["open"]), (&json!(3), &json!(3), &json!(3)));
    let by_person = plant.report("technician_load", "technician")?;
    plant.change("profiles", mover, &format!("warehouse_id = '{elsewhere}'"))?;
    plant.change("profiles", leads, "role = 'supervisor'")?;
    plant.change("profiles", gone, "active = false")?;
    assert_eq!(load(&plant)?, before);
    assert_eq!(plant.report("technician_load", "technician")?, by_person);
    // Whoever has come since was not there.
    plant.change("profiles", mover, &format!("warehouse_id = '{}'", plant.warehouse))?;
    plant.change("profiles", leads, "role = 'technician'")?;
    plant.change("profiles", gone, "active = true")?;
    assert_eq!(load(&plant)?, before);
    Ok(())
}

#[test]
fn open_work_was_whose_it_was_and_was_due_when_it_was() -> Result<()> {
    let mut plant = Plant::open()?;
    let first = plant.world.person("technician", plant.warehouse)?.id;
    let second = plant.world.person("technician", plant.warehouse)?.id;
    let order = plant.order(first)?;
    let told = |plant: &Plant| -> Result<Value> {
        let of = |name: &str| -> Result<Vec<Value>> {
            let rows = plant.report(name, "technician")?;
            let rows = rows.as_array().cloned().unwrap_or_default();
            Ok(rows
                .into_iter()
                .map(|row| json!([row["profile_id"], row["numerator"], row["counts"]["open"]]))
                .collect())
        };
        Ok(json!([of("backlog")?, of("overdue")?]))
    };
    let before = told(&plant)?;
    assert_eq!(before, json!([[[first, 1, 1]], [[first, 1, 1]]]));
    plant.change("work_orders", order, &format!("assigned_to = '{second}', due_at = '2199-01-01'"))?;
    plant.change("work_orders", order, "due_at = null")?;
    assert_eq!(told(&plant)?, before);
    Ok(())
}

#[test]
fn a_planned_occurrence_is_of_the_model_that_the_machine_was() -> Result<()> {
    let mut plant = Plant::open()?;
    let (machine, warehouse) = (plant.machine, plant.warehouse);
    let template = json!({"title": "Look", "equipment_id": machine, "warehouse_id": warehouse, "rrule": "FREQ=DAILY",
        "starts_on": "2025-10-01", "active": false});
    let template = plant.world.insert("pm_templates", &template)?;
    let schedule = json!({"template_id": template, "equipment_id": machine, "warehouse_id": warehouse, "since": "2025-10-01"});
    let schedule = plant.world.insert("pm_schedules", &with(schedule, &json!({"active": false})))?;
    let missed = json!({"schedule_id": schedule, "warehouse_id": warehouse, "occurs_on": "2025-10-05", "due_on": "2025-10-05",
        "decision": "missed", "reason": "nobody was there", "decided_for": "2025-10-05T00:00:00Z"});
    plant.world.insert("pm_occurrences", &missed)?;
    let before = plant.report("pm_compliance", "model")?;
    plant.change("equipment", machine, "model = 'Something else'")?;
    assert_eq!(plant.report("pm_compliance", "model")?, before);
    assert_eq!(before[0]["counts"]["missed"], 1, "{before}");
    Ok(())
}
