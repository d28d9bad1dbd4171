//! A record that is only added to has an entry that corrects it, and that compensates no more than there was.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Answer, Caller, World, json as body};
use millwright_domain::kpi::Report;
use millwright_domain::parameters::Given;
use millwright_store::reports::report;
use serde_json::{Value, json};
use uuid::Uuid;

struct Plant {
    world: World,
    warehouse: Uuid,
    machine: Uuid,
}

impl Plant {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let machine = world.machine(warehouse)?;
        Ok(Self { world, warehouse, machine })
    }

    fn someone(&mut self, role: &'static str) -> Result<(Uuid, Caller)> {
        let person = self.world.person(role, self.warehouse)?;
        Ok((person.id, self.world.caller(&person.email)?))
    }

    /// The first row of a report about October.
    fn report(&self, name: &str) -> Result<Value> {
        let wanted = Report::named(name).context("no such report")?;
        let given = Given::from([
            ("from", "2025-10-01".to_owned()),
            ("until", "2025-10-31".to_owned()),
            ("warehouse_id", self.warehouse.to_string()),
            ("by", "warehouse".to_owned()),
        ]);
        let manager = self.world.caller("manager@demo.test")?;
        let told = manager.ask(async |session| body(report(&session, wanted, &given).await?).await)?;
        Ok(told["rows"][0].clone())
    }
}

fn is(answer: &Answer, status: u16, message: &str) -> bool {
    answer.status == status && answer.body["message"].as_str().unwrap_or_default() == message
}

#[test]
fn a_stop_that_was_never_one_is_struck_through() -> Result<()> {
    let mut plant = Plant::open()?;
    let (_, technician) = plant.someone("technician")?;
    let (lead, supervisor) = plant.someone("supervisor")?;
    let stop = json!({"id": Uuid::now_v7(), "equipment_id": plant.machine, "started_at": "2025-10-05T08:00:00Z",
        "ended_at": "2025-10-06T08:00:00Z"});
    assert_eq!(technician.insert("downtime_intervals", &stop)?.status, 201);
    assert_eq!(plant.report("mtbf")?["denominator"], 1);
    let path = format!("downtime_intervals?id=eq.{}", stop["id"].as_str().unwrap_or_default());
    let why = json!({"annulled_reason": "It was the machine beside it"});
    assert_eq!(technician.change(&path, &why)?.code(), "42501", "those who lead do that");
    assert_eq!(supervisor.change(&path, &why)?.status, 204);
    assert_eq!(plant.report("mtbf")?["denominator"], 0);
    assert_eq!(plant.report("availability")?["counts"]["downtime_hours"], 0);
    for change in [json!({"reason": "It burnt"}), json!({"annulled_reason": null})] {
        assert!(is(&supervisor.change(&path, &change)?, 409, "annulled"), "{change}");
    }
    let kept = supervisor.read(&path)?.rows()[0].clone();
    assert_eq!((&kept["annulled_by"], &kept["annulled_reason"]), (&json!(lead), &why["annulled_reason"]));
    let line = plant.world.value(
        "select details from public.equipment_history($1, 10, null, null, 'downtime')",
        &[&plant.machine],
    )?;
    assert_eq!(
        line["annulled_reason"], why["annulled_reason"],
        "it is struck through in the life of the machine, too"
    );
    Ok(())
}

#[test]
fn time_that_was_logged_for_the_wrong_work_is_struck_through_and_logged_for_the_right_one() -> Result<()> {
    let mut plant = Plant::open()?;
    let (me, technician) = plant.someone("technician")?;
    let (_, supervisor) = plant.someone("supervisor")?;
    let (warehouse, machine) = (plant.warehouse, plant.machine);
    let mut order = || {
        plant.world.work_order(
            warehouse,
            &json!({"assigned_to": me, "status": "in_progress", "equipment_id": machine, "created_at": "2025-10-01T00:00:00Z"}),
        )
    };
    let (wrong, right) = (order()?, order()?);
    let log = |order: Uuid, hours: Value| {
        millwright_contract_tests::with(json!({"id": Uuid::now_v7(), "work_order_id": order}), &hours)
    };
    let hours = json!({"started_at": "2025-10-05T08:00:00Z", "stopped_at": "2025-10-05T10:00:00Z"});
    let first = log(wrong, hours.clone());
    assert_eq!(technician.insert("time_logs", &first)?.status, 201);
    assert_eq!(
        technician.insert("time_logs", &log(right, hours.clone()))?.code(),
        "23P01",
        "nobody works on two things"
    );
    let path = format!("time_logs?id=eq.{}", first["id"].as_str().unwrap_or_default());
    let why = json!({"annulled_reason": "Of the other lift"});
    assert_eq!(technician.change(&path, &why)?.code(), "42501");
    assert_eq!(supervisor.change(&path, &why)?.status, 204);
    assert_eq!(technician.insert("time_logs", &log(right, hours))?.status, 201);
    assert_eq!(plant.report("technician_load")?["numerator"], 2, "two hours, once");
    assert_eq!(plant.report("machine_costs")?["counts"]["hours"], 2);
    // A clock that runs by mistake stops with it, and is not in the way of the work's end.
    let running = log(wrong, json!({}));
    assert_eq!(technician.insert("time_logs", &running)?.status, 201);
    let path = format!("time_logs?id=eq.{}", running["id"].as_str().unwrap_or_default());
    assert_eq!(supervisor.change(&path, &why)?.status, 204);
    let done = technician.change(&format!("work_orders?id=eq.{wrong}"), &json!({"status": "completed"}))?;
    assert_eq!(done.status, 204, "{done:?}");
    let told = plant.world.value(
        "select to_jsonb(count(*)) from public.work_order_history where work_order_id = $1 and changes ? 'annulled_reason'
           and changes -> 'annulled_reason' ->> 'to' is not null",
        &[&wrong],
    )?;
    assert_eq!(told, 2, "the history of the work tells who and when");
    Ok(())
}

#[test]
fn whoever_had_a_hand_in_work_does_not_get_rid_of_it() -> Result<()> {
    let mut plant = Plant::open()?;
    let (lead, supervisor) = plant.someone("supervisor")?;
    let order =
        plant.world.work_order(plant.warehouse, &json!({"status": "in_progress", "assigned_to": lead}))?;
    let log = json!({"id": Uuid::now_v7(), "work_order_id": order});
    assert_eq!(supervisor.insert("time_logs", &log)?.status, 201);
    let path = format!("time_logs?work_order_id=eq.{order}");
    assert_eq!(supervisor.change(&path, &json!({"annulled_reason": "It was not me"}))?.status, 204);
    let other = plant.someone("technician")?.0;
    plant.world.change(
        "update public.work_orders set assigned_to = $2, completed_by = $2, completed_at = now(), status = 'completed' where id = $1",
        &[&order, &other],
    )?;
    let judged = supervisor.change(&format!("work_orders?id=eq.{order}"), &json!({"status": "verified"}))?;
    assert!(is(&judged, 409, "move_not_open"), "{judged:?}");
    Ok(())
}

#[test]
fn a_typo_in_stock_is_corrected_by_an_entry_of_its_own() -> Result<()> {
    let mut plant = Plant::open()?;
    let (_, clerk) = plant.someone("inventory_clerk")?;
    let warehouse = plant.warehouse;
    let part = json!({"warehouse_id": warehouse, "part_number": "SEAL", "name": "Seal"});
    let part = plant.world.insert("parts", &part)?;
    let order = plant.world.work_order(warehouse, &json!({"equipment_id": plant.machine}))?;
    let moves = |kind: &str, quantity: i32, of: Value| {
        clerk.insert(
            "part_transactions",
            &json!({"part_id": part, "type": kind, "quantity": quantity, "work_order_id": of,
            "unit_cost": 2}),
        )
    };
    // Received: 1000 in the place of 100. Used: 50 in the place of 5.
    for (kind, quantity, of) in [
        ("inbound", 1000, Value::Null),
        ("adjustment", -900, Value::Null),
        ("used", 50, json!(order)),
        ("returned", 45, json!(order)),
    ] {
        let answer = moves(kind, quantity, of)?;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let booked = plant.world.value(
        "select jsonb_build_array(p.on_hand, (select trim_scale(sum(case x.type when 'used' then x.quantity else -x.quantity end * x.unit_cost))
           from public.part_transactions x where x.work_order_id = $2)) from public.parts p where p.id = $1",
        &[&part, &order],
    )?;
    assert_eq!(booked, json!([95, 10]));
    assert!(is(&moves("returned", 6, json!(order))?, 409, "not_taken"), "no more than is out there");
    Ok(())
}
