//! Whoever edits a history directly in the database, past every guard, is found, and the entry is named.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, ROLES, World, json as body};
use millwright_harness::audit;
use millwright_store::audit::verify;
use postgres::Transaction;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A database of its own, because the guards are taken away here, with two histories of this length.
struct Archive {
    world: World,
    warehouse: Uuid,
    order: Uuid,
    other: Uuid,
}

const LENGTH: i32 = 5;

impl Archive {
    fn open(name: &str) -> Result<Self> {
        let mut world = World::aside(name)?;
        let warehouse = world.warehouse("UTC")?;
        let person = world.person("supervisor", warehouse)?;
        let supervisor = world.caller(&person.email)?;
        let order = history(&mut world, &supervisor, warehouse)?;
        let other = history(&mut world, &supervisor, warehouse)?;
        Ok(Self { world, warehouse, order, other })
    }

    /// The faults that the verifier finds after `tampering` with the trigger disabled; both are rolled back.
    fn after(&mut self, tampering: &str) -> Result<Vec<Value>> {
        let mut transaction = self.world.sql.transaction()?;
        transaction.batch_execute("alter table public.work_order_history disable trigger stays_as_it_is")?;
        let tampering = tampering.replace("$order", &format!("'{}'", self.order));
        let tampering = tampering.replace("$other", &format!("'{}'", self.other));
        transaction.batch_execute(&tampering).with_context(|| tampering.clone())?;
        broken(&mut transaction)
    }

    /// The one fault that is found after it, of the first work order: what it is, and at which entry.
    fn fault(&mut self, tampering: &str) -> Result<(String, i64)> {
        let number = self
            .world
            .value("(select to_jsonb(number) from public.work_orders where id = $1)", &[&self.order])?;
        let found = self.after(tampering)?;
        let of_it: Vec<_> = found.iter().filter(|one| one["work_order_id"] == json!(self.order)).collect();
        let [one] = of_it[..] else { anyhow::bail!("{tampering}: {found:?}") };
        anyhow::ensure!(one["number"] == number, "{one}");
        anyhow::ensure!(!one["detail"].as_str().unwrap_or_default().is_empty(), "{one}");
        Ok((
            one["fault"].as_str().unwrap_or_default().to_owned(),
            one["position"].as_i64().unwrap_or_default(),
        ))
    }
}

/// A work order with [`LENGTH`] entries, of more than one subject.
fn history(world: &mut World, supervisor: &Caller, warehouse: Uuid) -> Result<Uuid> {
    let order = world.work_order(warehouse, &json!({}))?;
    let path = format!("work_orders?id=eq.{order}");
    for title in ["a", "b", "c", "d"] {
        supervisor.change(&path, &json!({"title": title}))?;
    }
    let item = json!({"work_order_id": order, "component": "Belt", "action": "Look"});
    anyhow::ensure!(supervisor.insert("checklist_items", &item)?.status == 201);
    Ok(order)
}

fn broken(transaction: &mut Transaction<'_>) -> Result<Vec<Value>> {
    let said = transaction.query_one("select private.history_verify(null, 1000) -> 'broken'", &[])?;
    Ok(said.get::<_, Value>(0).as_array().cloned().unwrap_or_default())
}

#[test]
fn an_edit_of_any_column_of_any_entry_is_found() -> Result<()> {
    let mut archive = Archive::open("audit_edited")?;
    let columns = archive.world.sql.query(
        "select attname::text from pg_attribute
         where attrelid = 'public.work_order_history'::regclass and attnum > 0 and not attisdropped",
        &[],
    )?;
    assert!(columns.len() >= 11);
    for column in columns.iter().map(|row| row.get::<_, String>(0)) {
        let edited = match column.as_str() {
            "id" | "subject_id" | "mutation_id" => "gen_random_uuid()",
            "version" => "coalesce(version, 0) + 1",
            "work_order_id" => "$other",
            // To where nothing is: no two entries have the same place.
            "position" => "position + 100",
            "subject" => "subject || ' '",
            "changes" => "changes || '{\"area\": {\"from\": null, \"to\": \"Dock\"}}'",
            "actor_id" => "null",
            "actor_function" => "'pm-scheduler'",
            "happened_at" => "happened_at + interval '1 microsecond'",
            "previous_hash" | "hash" => "encode(sha256(hash::bytea), 'hex')",
            column => anyhow::bail!("how would someone edit {column}?"),
        };
        for position in 1..=LENGTH {
            // A foreign entry finds its place taken, so it comes in at the end there.
            let place = if column == "work_order_id" { ", position = 6" } else { "" };
            let found = archive.fault(&format!(
                "update public.work_order_history set {column} = {edited}{place}
                 where work_order_id = $order and position = {position}"
            ))?;
            let expected = match column.as_str() {
                "work_order_id" if position == LENGTH => "cut_off",
                "position" | "work_order_id" => "removed",
                _ => "altered",
            };
            assert_eq!(found, (expected.to_owned(), position.into()), "{column}");
        }
    }
    Ok(())
}

#[test]
fn a_removed_entry_and_an_end_that_is_cut_off_are_found() -> Result<()> {
    let mut archive = Archive::open("audit_removed")?;
    for position in 1..=LENGTH {
        let one = archive.fault(&format!(
            "delete from public.work_order_history where work_order_id = $order and position = {position}"
        ))?;
        let expected = if position == LENGTH { "cut_off" } else { "removed" };
        assert_eq!(one, (expected.to_owned(), position.into()));
        let end = archive.fault(&format!(
            "delete from public.work_order_history where work_order_id = $order and position >= {position}"
        ))?;
        assert_eq!(end, ("cut_off".to_owned(), position.into()));
    }
    Ok(())
}

#[test]
fn entries_that_changed_places_are_found() -> Result<()> {
    let mut archive = Archive::open("audit_swapped")?;
    for (first, second) in [(1, 2), (2, 4), (1, 5), (4, 5)] {
        let to = |from: &str, to: &str| {
            format!(
                "update public.work_order_history set position = {to} where work_order_id = $order and position = {from};"
            )
        };
        let (a, b) = (first.to_string(), second.to_string());
        let found = archive.fault(&[to(&a, "99"), to(&b, &a), to("99", &b)].concat())?;
        assert_eq!(found, ("altered".to_owned(), first.into()));
    }
    Ok(())
}

#[test]
fn who_computes_hashes_again_is_found_by_what_follows() -> Result<()> {
    let mut archive = Archive::open("audit_rehashed")?;
    let rewrite = |position: i32| {
        format!(
            "update public.work_order_history set subject = 'other' where work_order_id = $order and position = {position};
             update public.work_order_history h set hash = private.history_hash(h)
             where work_order_id = $order and position = {position};"
        )
    };
    for position in 1..=LENGTH {
        assert_eq!(archive.fault(&rewrite(position))?, ("altered".to_owned(), position.into()));
    }
    let added = "insert into public.work_order_history (work_order_id, position, subject, subject_id, changes, previous_hash, hash)
        select work_order_id, 6, 'work_order', work_order_id, '{}', hash, hash from public.work_order_history
        where work_order_id = $order and position = 5;
        update public.work_order_history h set hash = private.history_hash(h) where work_order_id = $order and position = 6";
    assert_eq!(archive.fault(added)?, ("added".to_owned(), 6));
    let headless = "delete from private.history_heads where work_order_id = $order";
    assert_eq!(archive.fault(headless)?, ("head_removed".to_owned(), LENGTH.into()));
    let gone = "delete from public.work_order_history where work_order_id = $order and position > 1;
        update private.history_heads set length = 1 where work_order_id = $order";
    assert_eq!(archive.fault(gone)?, ("altered".to_owned(), 1));
    Ok(())
}

#[test]
fn every_broken_history_is_named_in_batches_and_an_untouched_one_is_not() -> Result<()> {
    let mut archive = Archive::open("audit_batches")?;
    for _ in 0..3 {
        let order = archive.world.work_order(archive.warehouse, &json!({}))?;
        archive.world.change("update public.work_orders set title = 'b' where id = $1", &[&order])?;
    }
    for batch in [1, 2, 1000] {
        let clean = audit::verify(&archive.world.stack().database, batch)?;
        assert_eq!(
            (clean.work_orders, clean.entries, clean.broken),
            (5, 13, Vec::new()),
            "{batch} at a time"
        );
    }
    // Kept, unlike in the other tests: the verifier has a session of its own here.
    archive.world.sql.batch_execute(
        "alter table public.work_order_history disable trigger stays_as_it_is;
         update public.work_order_history set actor_id = null, subject = 'x' where position = 1",
    )?;
    let found = audit::verify(&archive.world.stack().database, 2)?;
    let named: BTreeSet<_> = found.broken.iter().map(|one| (&*one.work_order_id, one.position)).collect();
    assert_eq!((named.len(), found.broken.len()), (5, 5), "{:?}", found.broken);
    assert!(named.contains(&(&*archive.other.to_string(), 1)));
    Ok(())
}

#[test]
fn administrators_alone_ask_for_it_and_go_on_where_it_ended() -> Result<()> {
    let archive = Archive::open("audit_asked")?;
    let mut world = archive.world;
    for role in ROLES {
        let person = world.person(role, archive.warehouse)?;
        let caller = world.caller(&person.email)?;
        let said = caller.ask(async |session| match verify(&session, None, 1).await {
            Ok(reply) => body(reply).await,
            Err(error) => Ok(error.code().into()),
        })?;
        if role != "admin" {
            assert_eq!(said, "42501", "{role}");
            continue;
        }
        assert_eq!(
            (&said["work_orders"], &said["entries"], &said["next"]),
            (&json!(1), &json!(5), &json!(archive.order))
        );
        let rest =
            caller.ask(async |session| body(verify(&session, Some(archive.order), 1000).await?).await)?;
        assert_eq!(rest, json!({"work_orders": 1, "entries": 5, "broken": [], "next": null}));
    }
    Ok(())
}
