//! The history of changes: the database writes it together with the change, and nobody can rewrite it unseen.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::Result;
use millwright_contract_tests::{Caller, World};
use postgres::error::DbError;
use serde_json::{Value, json};
use uuid::Uuid;

struct Office {
    world: World,
    supervisor: Caller,
    supervisor_id: Uuid,
    warehouse: Uuid,
    order: Uuid,
}

impl Office {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let person = world.person("supervisor", warehouse)?;
        let supervisor = world.caller(&person.email)?;
        let order = world.work_order(warehouse, &json!({}))?;
        Ok(Self { world, supervisor, supervisor_id: person.id, warehouse, order })
    }

    fn change(&self, row: &Value) -> Result<()> {
        let path = format!("work_orders?id=eq.{}", self.order);
        let answer = self.supervisor.change(&path, row)?;
        anyhow::ensure!(answer.status == 204, "{answer:?}");
        Ok(())
    }

    fn history(&mut self) -> Result<Value> {
        self.world.value(
            "select coalesce(jsonb_agg(to_jsonb(h) order by position), '[]') from public.work_order_history h
             where work_order_id = $1",
            &[&self.order],
        )
    }
}

#[test]
fn every_change_says_who_and_what_from_what_to_what() -> Result<()> {
    let mut office = Office::open()?;
    office.change(&json!({"title": "Belt torn", "priority": "high"}))?;
    office.change(&json!({"title": "Belt torn"}))?;
    let item = json!({"work_order_id": office.order, "component": "Belt", "action": "Look"});
    assert_eq!(office.supervisor.insert("checklist_items", &item)?.status, 201);
    let history = office.history()?;
    assert_eq!(history.as_array().map(Vec::len), Some(2), "what changes nothing is no entry: {history}");
    let expected = json!({"title": {"from": "Belt slips", "to": "Belt torn"}, "priority": {"from": "medium", "to": "high"}});
    assert_eq!((&history[0]["changes"], &history[0]["actor_id"]), (&expected, &json!(office.supervisor_id)));
    assert_eq!(
        (&history[1]["subject"], &history[1]["changes"]["action"]),
        (&json!("checklist_item"), &json!({"from": null, "to": "Look"}))
    );
    Ok(())
}

#[test]
fn each_entry_carries_the_hash_of_the_one_before_it() -> Result<()> {
    let mut office = Office::open()?;
    for title in ["a", "b", "c"] {
        office.change(&json!({"title": title}))?;
    }
    let history = office.history()?;
    assert_eq!(history[0]["previous_hash"], "");
    for at in 1..3 {
        assert_eq!(history[at]["previous_hash"], history[at - 1]["hash"]);
    }
    let head = office.world.value(
        "select jsonb_build_array(length, hash) from private.history_heads where work_order_id = $1",
        &[&office.order],
    )?;
    assert_eq!(head, json!([3, history[2]["hash"]]));
    let computed = "select bool_and(private.history_hash(h) = h.hash) from public.work_order_history h where work_order_id = $1";
    assert_eq!(office.world.value(computed, &[&office.order])?, json!(true));
    Ok(())
}

#[test]
fn nothing_of_it_can_be_edited_or_removed() -> Result<()> {
    let mut office = Office::open()?;
    office.change(&json!({"title": "a"}))?;
    for statement in [
        "update public.work_order_history set changes = '{}' where work_order_id = $1",
        "delete from public.work_order_history where work_order_id = $1",
    ] {
        let refused = office.world.sql.execute(statement, &[&office.order]).err();
        let message = refused.as_ref().and_then(|error| error.as_db_error()).map(DbError::message);
        assert_eq!(message, Some("work_order_history is never edited"), "{statement}");
    }
    assert_eq!(office.history()?.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[test]
fn rules_people_and_settings_leave_a_trace_without_secrets() -> Result<()> {
    let mut office = Office::open()?;
    let setting = json!({"key": "default_pm_lead_time_days", "value": 14});
    let set = office.supervisor.insert("settings", &setting)?;
    assert_eq!((set.status, &set.body[0]["warehouse_id"]), (201, &json!(office.warehouse)));
    let one = format!("settings?id=eq.{}", set.body[0]["id"].as_str().unwrap_or_default());
    office.supervisor.change(&one, &json!({"value": 21}))?;
    let id: Uuid = set.body[0]["id"].as_str().unwrap_or_default().parse()?;
    let audit = "select jsonb_agg(jsonb_build_array(action, changes -> 'value', actor_id) order by id)
        from public.audit_log where subject = 'settings' and subject_id = $1";
    assert_eq!(
        office.world.value(audit, &[&id])?,
        json!([
            ["insert", {"from": null, "to": 14}, office.supervisor_id],
            ["update", {"from": 14, "to": 21}, office.supervisor_id],
        ])
    );
    let told = office.world.value(
        "select count(*) from public.audit_log where changes ?| array['token_hash', 'secret', 'password_hash']",
        &[],
    )?;
    assert_eq!(told, json!(0));
    Ok(())
}

#[test]
fn a_template_takes_its_lead_time_from_the_settings() -> Result<()> {
    let mut office = Office::open()?;
    let machine = office.world.machine(office.warehouse)?;
    let template = json!({"title": "Grease", "equipment_id": machine, "rrule": "FREQ=WEEKLY", "starts_on": "2080-01-01"});
    assert_eq!(office.supervisor.insert("pm_templates", &template)?.body[0]["lead_time_days"], 7);
    office.supervisor.insert("settings", &json!({"key": "default_pm_lead_time_days", "value": 14}))?;
    assert_eq!(office.supervisor.insert("pm_templates", &template)?.body[0]["lead_time_days"], 14);
    for wrong in [json!(-1), json!("14"), json!(1.5), json!(366)] {
        let refused = office
            .supervisor
            .insert("settings", &json!({"key": "default_pm_lead_time_days", "value": wrong}))?;
        assert_eq!(refused.code(), "23514", "{refused:?}");
    }
    Ok(())
}
