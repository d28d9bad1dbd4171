//! The start page of each role, and the inbox.

use crate::scene::Scene;
use anyhow::Result;
use millwright_contract_tests::World;
use serde_json::{Value, json};
use uuid::Uuid;

fn home(world: &World, email: &str) -> Result<Value> {
    let answer = world.caller(email)?.call("public", "home", &json!({}))?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    Ok(answer.body)
}

fn told(scene: &Scene, role: &str) -> Result<Value> {
    home(&scene.world, &scene.person(role)?.email)
}

fn numbers(list: &Value) -> Vec<Value> {
    list.as_array().into_iter().flatten().map(|line| line["id"].clone()).collect()
}

fn some(count: u64) -> Value {
    json!({"count": count, "more": false})
}

#[test]
fn each_role_is_told_what_waits_for_it_here_and_not_elsewhere() -> Result<()> {
    let mut scene = Scene::open()?;
    let (here, away) = (scene.warehouse, scene.world.warehouse("UTC")?);
    let technician = scene.id("technician")?;
    for warehouse in [here, away, away] {
        scene.world.work_order(warehouse, &json!({"due_at": "2020-01-01T00:00:00Z"}))?;
        let part = json!({"part_number": Uuid::now_v7(), "name": "Belt", "warehouse_id": warehouse, "reorder_point": 2});
        scene.world.insert("parts", &part)?;
    }
    let late = json!({"assigned_to": technician, "status": "assigned", "due_at": "2020-01-02T00:00:00Z", "title": "Late"});
    let late = scene.world.work_order(here, &late)?;
    let never = scene.world.work_order(here, &json!({"assigned_to": technician, "status": "assigned"}))?;
    let soon = json!({"status": "assigned", "assigned_to": scene.id("supervisor")?, "due_at": "2099-01-01T00:00:00Z"});
    let soon = scene.world.work_order(here, &soon)?;
    scene.world.insert("work_order_crew", &json!({"work_order_id": soon, "profile_id": technician}))?;
    scene.world.change(
        "update public.work_orders set escalated = true, escalation_level = 1, escalated_at = now() where id = $1",
        &[&late],
    )?;
    let own = told(&scene, "technician")?;
    assert_eq!(
        numbers(&own["my_work"]),
        [json!(late), json!(soon), json!(never)],
        "what is due first comes first"
    );
    assert_eq!(own["my_work"][0]["open_moves"], json!(["in_progress"]));
    assert_eq!(
        (&own["my_work_count"], &own["my_overdue"], &own["unassigned"]),
        (&some(3), &some(1), &some(1))
    );
    assert_eq!(numbers(&own["escalations"]["first"]), [json!(late)]);
    assert_eq!(
        (&own["overdue"], &own["low_stock"], &own["my_requests"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!((&own["me"]["role"], &own["warehouse"]["id"]), (&json!("technician"), &json!(here)));

    let lead = told(&scene, "supervisor")?;
    assert_eq!((&lead["unassigned"], &lead["overdue"], &lead["low_stock"]), (&some(1), &some(2), &some(1)));
    assert_eq!(
        (numbers(&lead["my_work"]), numbers(&lead["escalations"]["first"])),
        (vec![json!(soon)], vec![json!(late)])
    );
    // All warehouses, those of other tests among them.
    assert!(told(&scene, "manager")?["overdue"]["count"].as_u64() >= Some(4));
    let clerk = told(&scene, "inventory_clerk")?;
    assert_eq!(
        (&clerk["low_stock"], &clerk["my_work"], &clerk["unassigned"]),
        (&some(1), &Value::Null, &Value::Null)
    );
    let contractor = told(&scene, "contractor")?;
    assert_eq!((&contractor["my_work"], &contractor["unassigned"]), (&json!([]), &Value::Null));

    scene.world.change(
        "update public.work_orders set acknowledged_until = now() + interval '1 hour' where id = $1",
        &[&late],
    )?;
    assert_eq!(told(&scene, "supervisor")?["escalations"]["count"], 0, "someone knows");
    Ok(())
}

#[test]
fn a_requester_is_told_what_became_of_their_requests() -> Result<()> {
    let mut scene = Scene::open()?;
    let requester = scene.person("requester")?;
    let first = scene.world.work_order(scene.warehouse, &json!({"requested_by": requester.id}))?;
    let second = scene.world.work_order(scene.warehouse, &json!({"requested_by": requester.id}))?;
    scene.world.work_order(scene.warehouse, &json!({"requested_by": requester.id, "status": "cancelled"}))?;
    let told = home(&scene.world, &requester.email)?;
    assert_eq!(numbers(&told["my_requests"]), [json!(second), json!(first)]);
    assert_eq!((&told["my_work"], &told["escalations"]), (&Value::Null, &Value::Null));
    Ok(())
}

#[test]
fn counts_end_where_nobody_reads_on() -> Result<()> {
    let mut scene = Scene::open()?;
    scene.world.change(
        "insert into public.work_orders (type, title, warehouse_id) select 'corrective', 'One of many', $1 from generate_series(1, 101)",
        &[&scene.warehouse],
    )?;
    let told = home(&scene.world, &scene.person("supervisor")?.email)?;
    assert_eq!(told["unassigned"], json!({"count": 100, "more": true}));
    Ok(())
}

#[test]
fn whoever_left_has_no_start_page() -> Result<()> {
    let mut scene = Scene::open()?;
    let person = scene.person("technician")?;
    let caller = scene.world.caller(&person.email)?;
    scene.world.change("update public.profiles set active = false where id = $1", &[&person.id])?;
    assert_eq!(caller.call("public", "home", &json!({}))?.status, 401);
    Ok(())
}

#[test]
fn an_inbox_is_read_up_to_what_was_shown_by_its_owner_alone() -> Result<()> {
    let mut scene = Scene::open()?;
    let (technician, other) = (scene.person("technician")?, scene.person("supervisor")?);
    let message = |to: Uuid, world: &mut World| -> Result<Uuid> {
        let event =
            world.insert("events", &json!({"kind": "wo_comment", "warehouse_id": scene.warehouse}))?;
        world.insert(
            "notifications",
            &json!({"type": "wo_comment", "title": "Told", "body": "", "recipient_id": to, "event_id": event}),
        )
    };
    let _first = message(technician.id, &mut scene.world)?;
    let second = message(technician.id, &mut scene.world)?;
    message(technician.id, &mut scene.world)?;
    message(other.id, &mut scene.world)?;
    let caller = scene.world.caller(&technician.email)?;
    let read = |up_to: Value| {
        Ok::<_, anyhow::Error>(caller.call("public", "read_notifications", &json!({"p_up_to": up_to}))?.body)
    };
    assert_eq!(read(json!(second))?, json!({"marked": 2, "unread": some(1)}));
    assert_eq!(read(json!(second))?, json!({"marked": 0, "unread": some(1)}));
    assert_eq!(read(Value::Null)?, json!({"marked": 1, "unread": some(0)}));
    assert_eq!(home(&scene.world, &other.email)?["unread"], some(1));
    Ok(())
}
