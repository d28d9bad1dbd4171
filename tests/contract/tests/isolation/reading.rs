//! Every table, read past the store by everyone.

use crate::rooms::{Rooms, upload};
use anyhow::{Context, Result, ensure};
use millwright_contract_tests::{Answer, Caller, FUNCTIONS, World};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EVERYONE: &[&str] =
    &["technician", "supervisor", "manager", "inventory_clerk", "contractor", "requester", "admin"];
const STAFF: &[&str] = &["technician", "supervisor", "inventory_clerk", "manager", "admin"];
const CREW: &[&str] = &["technician", "supervisor", "manager", "admin"];
const LEADERS: &[&str] = &["supervisor", "manager", "admin"];
const OFFICE: &[&str] = &["manager", "admin"];

/// Rows that belong to a warehouse: who sees those of their own. Those of the other one are for the office only.
const OF_A_WAREHOUSE: [(&str, &[&str]); 9] = [
    ("equipment", STAFF),
    ("escalation_rules", LEADERS),
    ("parts", STAFF),
    ("pm_occurrences", CREW),
    ("pm_schedules", CREW),
    ("pm_template_items", CREW),
    ("pm_templates", CREW),
    ("profiles", STAFF),
    ("warehouses", EVERYONE),
];
/// Rows that are seen by whoever sees the work order, with the column that names it.
const OF_A_WORK_ORDER: [(&str, &str); 4] = [
    ("work_orders", "id"),
    ("attachments", "work_order_id"),
    ("checklist_items", "work_order_id"),
    ("escalations", "work_order_id"),
];
/// What the office sees to run the place.
const OF_THE_OFFICE: [&str; 4] = ["api_tokens", "dead_letters", "deliveries", "job_runs"];
/// What everyone sees of themselves only.
const OF_A_PERSON: [&str; 1] = ["notifications"];
/// What is no client's business.
const OF_NOBODY: [&str; 2] = ["events", "schema_migrations"];

fn tables() -> BTreeSet<&'static str> {
    let names =
        OF_A_WAREHOUSE.iter().map(|(table, _)| *table).chain(OF_A_WORK_ORDER.iter().map(|(table, _)| *table));
    names.chain(OF_THE_OFFICE).chain(OF_A_PERSON).chain(OF_NOBODY).collect()
}

fn found(answer: &Answer) -> Result<bool> {
    ensure!(answer.status == 200, "{answer:?}");
    Ok(!answer.rows().is_empty())
}

#[test]
fn every_table_has_its_readers_here() -> Result<()> {
    let mut world = World::open()?;
    let stored = world.sql.query(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace
           and relkind in ('r', 'p', 'v', 'm', 'f')",
        &[],
    )?;
    let stored: BTreeSet<String> = stored.iter().map(|row| row.get(0)).collect();
    assert_eq!(stored.iter().map(String::as_str).collect::<BTreeSet<_>>(), tables());
    Ok(())
}

#[test]
fn what_belongs_to_a_warehouse_is_seen_there() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let here = rooms.here.furnish(&mut rooms.world)?;
    let there = rooms.there.furnish(&mut rooms.world)?;
    for (person, caller) in rooms.callers()? {
        for (table, readers) in OF_A_WAREHOUSE {
            let filter =
                |rows: &[(&str, String)]| rows.iter().find(|row| row.0 == table).map(|row| row.1.clone());
            let (own, other) = (filter(&here).context(table)?, filter(&there).context(table)?);
            let own = found(&caller.read(&format!("{table}?{own}"))?)?;
            let other = found(&caller.read(&format!("{table}?{other}"))?)?;
            let expected = (readers.contains(&person.role), OFFICE.contains(&person.role));
            assert_eq!((own, other), expected, "{} of here and of there, seen by {}", table, person.role);
        }
        assert!(
            found(&caller.read(&format!("profiles?id=eq.{}", person.id))?)?,
            "{} sees themselves",
            person.role
        );
    }
    Ok(())
}

#[test]
fn what_belongs_to_a_work_order_is_seen_by_whoever_sees_it() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let orders = rooms.orders();
    let manager = rooms.caller("manager")?;
    let rule = rooms.world.value("select id from public.escalation_rules order by id limit 1", &[])?;
    for order in &orders {
        upload(&manager, order)?;
        let item = json!({"work_order_id": order.id, "position": 1, "component": "Belt", "action": "Look"});
        rooms.world.insert("checklist_items", &item)?;
        let raised = json!({"work_order_id": order.id, "rule_id": rule, "level": 1, "action": "notify_manager",
            "reason": "it waits", "decided_for": "2026-01-01"});
        rooms.world.insert("escalations", &raised)?;
    }
    let ids: Vec<_> = orders.iter().map(|order| order.id.to_string()).collect();
    for (person, caller) in rooms.callers()? {
        let expected: BTreeSet<_> = orders
            .iter()
            .filter(|order| order.is_seen_by(person.role, person.id, Some(rooms.here.id)))
            .map(|order| order.id.to_string())
            .collect();
        for (table, column) in OF_A_WORK_ORDER {
            let answer = caller.read(&format!("{table}?select={column}&{column}=in.({})", ids.join(",")))?;
            let found =
                answer.rows().iter().filter_map(|row| row[column].as_str().map(str::to_owned)).collect();
            assert_eq!(expected, found, "{table} seen by {}", person.role);
        }
    }
    Ok(())
}

#[test]
fn what_runs_the_place_is_for_the_office() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let name = rooms.world.name.clone();
    let order = rooms.here.orders[1].id;
    let event =
        rooms.world.value("select id from public.events where work_order_id = $1 limit 1", &[&order])?;
    let told = json!({"event_id": event, "recipient_id": rooms.here.person("technician")?.id, "type": "wo_assigned",
        "title": "It is yours", "body": "It is yours"});
    let told = rooms.world.insert("notifications", &told)?;
    // Dead, so that nobody claims it.
    let delivery = rooms
        .world
        .insert("deliveries", &json!({"notification_id": told, "channel": "email", "state": "dead"}))?;
    let letter = json!({"source": name, "reference": "a", "reason": "b", "body": {}});
    let letter = rooms.world.insert("dead_letters", &letter)?;
    let run = json!({"function": "pm-scheduler", "trigger": name, "scheduled_for": "2026-01-01"});
    let run = rooms.world.insert("job_runs", &run)?;
    let maker = rooms.here.person("admin")?.id;
    let token = json!({"name": name, "role": "manager", "token_hash": format!("{:064x}", maker.as_u128()), "created_by": maker});
    let token = rooms.world.insert("api_tokens", &token)?;
    for (person, caller) in rooms.callers()? {
        for (table, id) in OF_THE_OFFICE.iter().zip([token, letter, delivery, run]) {
            let seen = found(&caller.read(&format!("{table}?select=id&id=eq.{id}"))?)?;
            assert_eq!(seen, OFFICE.contains(&person.role), "{table} seen by {}", person.role);
        }
    }
    Ok(())
}

#[test]
fn a_notification_is_seen_by_its_recipient_alone() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let order = rooms.here.orders[1].id;
    let event =
        rooms.world.value("select id from public.events where work_order_id = $1 limit 1", &[&order])?;
    for recipient in rooms.here.people.clone() {
        let told = json!({"event_id": event, "recipient_id": recipient.id, "type": "wo_assigned", "title": "a", "body": "b"});
        rooms.world.insert("notifications", &told)?;
    }
    for (person, caller) in rooms.callers()? {
        let answer = caller.read("notifications?select=recipient_id")?;
        assert_eq!(answer.body, json!([{"recipient_id": person.id}]), "seen by {}", person.role);
    }
    Ok(())
}

#[test]
fn what_is_nobodys_business_is_refused() -> Result<()> {
    let rooms = Rooms::open()?;
    for (person, caller) in rooms.callers()? {
        for table in OF_NOBODY {
            let answer = caller.read(table)?;
            assert!(answer.is_denied(), "{table} read by {}: {answer:?}", person.role);
        }
        for schema in ["public", "functions", "private"] {
            let answer = caller.send(Method::GET, schema, "credentials", None, &[])?;
            // 406: the gateway does not know that schema.
            let refused = answer.is_denied() || answer.status == 406;
            assert!(refused, "credentials in {schema} read by {}: {answer:?}", person.role);
        }
        let beside = caller.read("profiles?select=id,credentials(password_hash)")?;
        assert_eq!(beside.status, 400, "credentials beside profiles read by {}: {beside:?}", person.role);
    }
    Ok(())
}

#[test]
fn strangers_and_our_own_functions_read_no_table() -> Result<()> {
    let world = World::open()?;
    let mut callers = vec![("a stranger", world.stranger()?)];
    for function in FUNCTIONS {
        callers.push((function, world.caller(&format!("function:{function}"))?));
    }
    for (who, caller) in &callers {
        for table in tables() {
            let answer = caller.read(table)?;
            assert!(answer.is_denied(), "{table} read by {who}: {answer:?}");
        }
    }
    Ok(())
}

#[test]
fn a_token_that_was_tampered_with_is_nobodys() -> Result<()> {
    let rooms = Rooms::open()?;
    let token = rooms.world.token(&rooms.here.person("manager")?.email)?;
    let forged: String = token.chars().rev().collect();
    for bad in [forged, format!("{token}x"), String::new(), "a token".to_owned()] {
        let answer = Caller::new(rooms.world.gateway(), Some(bad.clone()))?.read("work_orders?select=id")?;
        assert_eq!((answer.status, answer.rows()), (401, &[] as &[Value]), "{bad}: {answer:?}");
    }
    Ok(())
}
