//! Ids are of their table alone: clients make them, so a row can have the id of a row of another table, also of one that its maker
//! does not see. Whatever is kept by an id is kept by its table, too.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::Result;
use millwright_contract_tests::World;
use serde_json::{Value, json};
use uuid::Uuid;

/// A log of time with the id of a work order elsewhere: what was written on that is not told of it.
#[test]
fn a_twin_does_not_tell_what_was_written_on_the_other() -> Result<()> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let secret = world.work_order(there, &json!({"title": "Plain"}))?;
    world.change("update public.work_orders set title = 'A secret' where id = $1", &[&secret])?;
    let technician = world.person("technician", here)?;
    let mine = world.work_order(here, &json!({"assigned_to": technician.id}))?;
    let twin = json!({"id": secret, "work_order_id": mine, "profile_id": technician.id,
        "started_at": "2026-01-01T08:00:00Z", "stopped_at": "2026-01-01T09:00:00Z"});
    world.insert("time_logs", &twin)?;
    let caller = world.caller(&technician.email)?;
    let rows = json!([{"entity": "time_logs", "id": secret, "fields": ["title"], "bases": [0]}]);
    let asked = json!({"p_device": Uuid::nil(), "p_mutations": [], "p_rows": rows});
    let told = caller.call("public", "sync_look", &asked)?;
    assert_eq!((told.status, &told.body["rows"][0]["id"]), (200, &json!(secret)), "{told:?}");
    assert!(!told.body.to_string().contains("secret"), "{told:?}");
    Ok(())
}

/// A machine with the id of a person: what it was is not what they were.
#[test]
fn a_twin_has_a_past_of_its_own() -> Result<()> {
    let mut world = World::open()?;
    let here = world.warehouse("UTC")?;
    let person = world.person("technician", here)?;
    let twin =
        json!({"id": person.id, "asset_tag": "T-1", "name": "Twin", "model": "Old", "warehouse_id": here});
    world.insert("equipment", &twin)?;
    world.change("update public.equipment set model = 'New' where id = $1", &[&person.id])?;
    let past = world.value(
        "select jsonb_agg(to_jsonb(p)) from private.report_people('2000-01-01') p where p.profile_id = $1",
        &[&person.id],
    )?;
    assert_eq!(past.as_array().map(Vec::len), Some(1), "{past}");
    assert_eq!(past[0]["role"], "technician");
    Ok(())
}

/// A machine with the id of a work order: what is brought for one is a review of that one.
#[test]
fn a_twin_is_not_reviewed_for_the_other() -> Result<()> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let person = world.person("technician", here)?;
    let order = world.work_order(there, &json!({"title": "Elsewhere"}))?;
    let twin = json!({"id": order, "asset_tag": "T-1", "name": "Twin", "model": "M", "warehouse_id": here});
    world.insert("equipment", &twin)?;
    let answer = json!({"outcome": "needs_review", "fields": [
        {"field": "status", "yours": "inactive", "theirs": "active", "kept": "theirs"}]});
    world.change(
        "insert into private.sync_mutations (caller, mutation, device, entity, fingerprint, phone_time, at, typed, entity_id, said, answer)
         values ($1, $2, $2, 'equipment', 'x', now(), now(), '{}', $3, '{}', $4)",
        &[&person.id, &Uuid::now_v7(), &order, &answer],
    )?;
    let reviews: Value = world.value(
        "select jsonb_agg(jsonb_build_array(entity, warehouse_id)) from public.reviews where entity_id = $1",
        &[&order],
    )?;
    assert_eq!(reviews, json!([["equipment", here]]));
    Ok(())
}
