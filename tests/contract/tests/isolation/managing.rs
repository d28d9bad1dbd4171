//! Machines and parts, opened and changed through the store: late, nowhere in particular, and twice.

use crate::rooms::Rooms;
use anyhow::{Context, Result, anyhow};
use millwright_contract_tests::{Caller, json as body_of, with};
use millwright_domain::resource::{EQUIPMENT, PARTS, Resource};
use millwright_store::StoreError;
use millwright_store::resources::{change, open};
use serde_json::{Value, json};
use uuid::Uuid;

const KINDS: [&Resource; 2] = [&EQUIPMENT, &PARTS];

/// A name of its own, where it must have one.
fn new(kind: &Resource, warehouse: Option<Uuid>) -> Value {
    let name = Uuid::now_v7();
    let row = match kind.table {
        "equipment" => json!({"asset_tag": name, "name": "Lift", "model": name}),
        _ => json!({"part_number": name, "name": "Belt"}),
    };
    match warehouse {
        Some(warehouse) => with(row, &json!({"warehouse_id": warehouse})),
        None => row,
    }
}

fn opened(caller: &Caller, kind: &Resource, row: &Value) -> Result<Result<Value, StoreError>> {
    let row = kind.read_new(row).map_err(|errors| anyhow!("{errors:?}"))?;
    match caller.ask(async |session| open(&session, kind, &row, None).await) {
        Ok(reply) => Ok(Ok(caller.ask(async |_| body_of(reply).await)?)),
        Err(error) => Ok(Err(error)),
    }
}

/// Renames it, if it has that version.
fn renamed(caller: &Caller, kind: &Resource, id: Uuid, version: Option<i64>) -> Result<Option<Value>> {
    let changes = kind.read_changes(&json!({"name": "Renamed"})).map_err(|errors| anyhow!("{errors:?}"))?;
    caller.ask(async |session| match change(&session, kind, id.into(), version, &changes).await {
        Ok(Some(reply)) => Ok(Some(body_of(reply).await?)),
        Ok(None) => Ok(None),
        Err(error) => Err(error.into()),
    })
}

/// One of that kind.
fn one(manager: &Caller, kind: &Resource, warehouse: Uuid) -> Result<Uuid> {
    let row = opened(manager, kind, &new(kind, Some(warehouse)))??;
    Ok(row.get("id").and_then(Value::as_str).context("no id")?.parse()?)
}

#[test]
fn a_change_of_what_has_changed_since_changes_nothing() -> Result<()> {
    let rooms = Rooms::open()?;
    let manager = rooms.caller("manager")?;
    for (kind, role) in [(&EQUIPMENT, "supervisor"), (&PARTS, "inventory_clerk")] {
        let (id, caller) = (one(&manager, kind, rooms.here.id)?, rooms.caller(role)?);
        assert!(renamed(&caller, kind, id, Some(1))?.is_some());
        assert!(renamed(&caller, kind, id, Some(1))?.is_none(), "it has version 2");
        assert_eq!(renamed(&caller, kind, id, None)?.context("without a guard")?["version"], 3);
        assert!(renamed(&caller, kind, Uuid::now_v7(), None)?.is_none(), "there is none");
    }
    Ok(())
}

#[test]
fn whoever_has_one_warehouse_need_not_name_it() -> Result<()> {
    let rooms = Rooms::open()?;
    for (kind, role) in [(&EQUIPMENT, "supervisor"), (&PARTS, "inventory_clerk")] {
        let row = opened(&rooms.caller(role)?, kind, &new(kind, None))??;
        assert_eq!(row["warehouse_id"], json!(rooms.here.id));
        let refused =
            opened(&rooms.caller("manager")?, kind, &new(kind, None))?.err().context("opened nowhere")?;
        let StoreError::Refused { refusal, .. } = &refused else { return Err(refused.into()) };
        assert_eq!((refusal.code.as_str(), refusal.column()), ("23502", Some("warehouse_id")));
    }
    Ok(())
}

#[test]
fn what_is_in_use_twice_is_refused() -> Result<()> {
    let rooms = Rooms::open()?;
    for kind in KINDS {
        let (caller, row) = (rooms.caller("admin")?, new(kind, Some(rooms.here.id)));
        opened(&caller, kind, &row)??;
        let refused = opened(&caller, kind, &row)?.err().context("opened twice")?;
        assert_eq!(refused.code(), "23505", "{refused:?}");
    }
    Ok(())
}
