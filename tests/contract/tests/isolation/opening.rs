//! Opening a work order through the store: for whom, on which machine, and saying what.

use crate::rooms::Rooms;
use anyhow::{Context, Result, anyhow, bail};
use millwright_contract_tests::{Caller, json as body_of, with};
use millwright_domain::resource::WORK_ORDERS;
use millwright_store::StoreError;
use millwright_store::resources::open;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The columns of a work order that a client may insert, and no others.
const SAID_BY_CLIENTS: [&str; 15] = [
    "area",
    "asset_model",
    "assigned_to",
    "custom_fields",
    "description",
    "due_at",
    "equipment_id",
    "fo_number",
    "id",
    "parent_id",
    "priority",
    "title",
    "type",
    "vendor_id",
    "warehouse_id",
];

fn opened(caller: &Caller, more: &Value) -> Result<Result<Value, StoreError>> {
    let said = with(json!({"type": "corrective", "title": "Belt slips"}), more);
    let order = WORK_ORDERS.read_new(&said).map_err(|errors| anyhow!("{errors:?}"))?;
    match caller.ask(async |session| open(&session, &WORK_ORDERS, &order, None).await) {
        Ok(reply) => Ok(Ok(caller.ask(async |_| body_of(reply).await)?)),
        Err(error) => Ok(Err(error)),
    }
}

#[test]
fn work_is_given_to_those_who_do_it_or_lead_it_here() -> Result<()> {
    let rooms = Rooms::open()?;
    let supervisor = rooms.caller("supervisor")?;
    for (who, fits) in [
        (rooms.here.person("technician")?.id, true),
        (rooms.here.person("contractor")?.id, true),
        (rooms.here.person("requester")?.id, false),
        (rooms.here.person("inventory_clerk")?.id, false),
        (rooms.there.person("technician")?.id, false),
    ] {
        match opened(&supervisor, &json!({"assigned_to": who}))? {
            Ok(order) => assert!(fits, "{order}"),
            Err(StoreError::Refused { refusal, .. }) => {
                assert!(!fits, "{refusal:?}");
                assert_eq!((refusal.code.as_str(), refusal.column()), ("23503", Some("assigned_to")));
            }
            Err(error) => bail!("{error:?}"),
        }
    }
    Ok(())
}

#[test]
fn what_is_not_said_is_filled_in_and_told_of() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let (requester, id) = (rooms.here.person("requester")?.id, Uuid::now_v7());
    let order = opened(&rooms.caller("requester")?, &json!({"id": id, "equipment_id": rooms.here.machine}))??;
    assert_eq!(order["id"], json!(id), "the id is the client's");
    assert_eq!(order["requested_by"], json!(requester));
    assert_eq!(order["warehouse_id"], json!(rooms.here.id));
    assert_eq!(
        (&order["status"], &order["priority"], &order["version"]),
        (&json!("new"), &json!("medium"), &json!(1))
    );
    assert!(
        order["number"].as_str().is_some_and(|number| number.starts_with("WO-") && number.len() >= 9),
        "{order}"
    );

    let told = "select jsonb_agg(jsonb_build_array(kind, actor_id, warehouse_id)) from public.events where work_order_id = $1";
    assert_eq!(rooms.world.value(told, &[&id])?, json!([["request_received", requester, rooms.here.id]]));
    Ok(())
}

#[test]
fn whoever_belongs_nowhere_has_to_say_where() -> Result<()> {
    let rooms = Rooms::open()?;
    let refused = opened(&rooms.caller("manager")?, &json!({}))?.err().context("it was opened")?;
    let StoreError::Refused { refusal, .. } = &refused else { bail!("{refused:?}") };
    assert_eq!((refusal.code.as_str(), refusal.column()), ("23502", Some("warehouse_id")));
    Ok(())
}

#[test]
fn the_machine_stands_in_the_same_warehouse() -> Result<()> {
    let rooms = Rooms::open()?;
    for (role, machine) in
        [("technician", rooms.there.machine), ("manager", rooms.there.machine), ("requester", Uuid::now_v7())]
    {
        let said = json!({"warehouse_id": rooms.here.id, "equipment_id": machine});
        let refused = opened(&rooms.caller(role)?, &said)?.err().context("it was opened")?;
        let StoreError::Refused { refusal, status } = &refused else { bail!("{refused:?}") };
        assert_eq!((*status, refusal.code.as_str()), (409, "23503"), "{role}: {refused:?}");
        assert_eq!(refusal.column(), Some("equipment_id"), "{role}: {refused:?}");
    }
    Ok(())
}

#[test]
fn the_same_id_twice_is_one_work_order() -> Result<()> {
    let rooms = Rooms::open()?;
    let (caller, said) = (rooms.caller("technician")?, json!({"id": Uuid::now_v7()}));
    opened(&caller, &said)??;
    let refused = opened(&caller, &said)?.err().context("it was opened twice")?;
    assert_eq!(refused.code(), "23505", "{refused:?}");
    Ok(())
}

#[test]
fn whoever_reports_a_problem_plans_no_work() -> Result<()> {
    let rooms = Rooms::open()?;
    for (role, kind, opens) in [
        ("requester", "corrective", true),
        ("requester", "emergency", true),
        ("requester", "preventive", false),
        ("technician", "preventive", true),
        ("supervisor", "preventive", true),
    ] {
        match opened(&rooms.caller(role)?, &json!({"type": kind}))? {
            Ok(order) => assert!(opens, "{role}: {order}"),
            Err(refused) => assert!(!opens && refused.code() == "42501", "{role}, {kind}: {refused:?}"),
        }
    }
    Ok(())
}

#[test]
fn what_is_not_for_clients_to_say_is_refused() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let columns = rooms.world.value(
        "select jsonb_agg(attname) from pg_attribute
         where attrelid = 'public.work_orders'::regclass and attnum > 0 and not attisdropped",
        &[],
    )?;
    let columns: BTreeSet<String> = serde_json::from_value(columns)?;
    assert!(SAID_BY_CLIENTS.iter().all(|known| columns.contains(*known)), "{columns:?}");
    for role in ["admin", "technician"] {
        let caller = rooms.caller(role)?;
        let accepted = json!({"type": "corrective", "title": "Belt slips", "warehouse_id": rooms.here.id});
        assert_eq!(caller.insert("work_orders", &accepted)?.status, 201);
        for column in columns.iter().filter(|column| !SAID_BY_CLIENTS.contains(&column.as_str())) {
            let said = with(accepted.clone(), &json!({column: null}));
            let answer = caller.insert("work_orders", &said)?;
            assert_eq!(answer.code(), "42501", "{column} said by {role}: {answer:?}");
        }
    }
    Ok(())
}
