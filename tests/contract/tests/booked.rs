//! What is booked elsewhere before a row is there: stock, reservations, meters, profiles of tokens. A row that is passed over
//! must not leave its booking behind.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::Result;
use millwright_contract_tests::World;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn nothing_is_booked_for_a_row_that_is_passed_over() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let order = world.work_order(warehouse, &json!({}))?;
    let machine = world.machine(warehouse)?;
    let part = json!({"warehouse_id": warehouse, "part_number": "BRG", "name": "Bearing", "reorder_point": 0, "on_hand": 30});
    let part = world.insert("parts", &part)?;
    let meter = json!({"equipment_id": machine, "name": "Hours", "unit": "hours"});
    let meter = world.insert("meters", &meter)?;
    let caller = world.caller(&supervisor.email)?;
    let mut taken = |table: &str, row: Value| -> Result<()> {
        let first = caller.insert(table, &row)?;
        assert_eq!(first.status, 201, "{table}: {first:?}");
        let mut state = || {
            world.value(
                "select jsonb_build_array(p.on_hand, p.reserved, m.total, m.last_value) from public.parts p, public.meters m
                 where p.id = $1 and m.id = $2",
                &[&part, &meter],
            )
        };
        let before = state()?;
        // To change rows instead, nobody has the right.
        for (prefer, code) in
            [("resolution=ignore-duplicates", "PT409"), ("resolution=merge-duplicates", "42501")]
        {
            let answer = caller.send(Method::POST, "public", table, Some(&row), &[("prefer", prefer)])?;
            assert_eq!(answer.code(), code, "{table}, {prefer}: {answer:?}");
            assert_eq!(state()?, before, "{table}, {prefer}");
        }
        Ok(())
    };
    let id = Uuid::now_v7;
    taken("part_reservations", json!({"id": id(), "part_id": part, "work_order_id": order, "quantity": 2}))?;
    taken(
        "part_transactions",
        json!({"id": id(), "part_id": part, "work_order_id": order, "type": "used", "quantity": 5}),
    )?;
    taken("meter_readings", json!({"id": id(), "meter_id": meter, "value": 5}))
}

/// A trigger that writes before its row is there is found by its words.
#[test]
fn every_table_that_books_before_its_row_counts_each_row() -> Result<()> {
    let found = World::open()?.value(
        "select jsonb_object_agg(t.books, t.counts) from (
           select c.relname as books, exists (select from pg_trigger g
             where g.tgrelid = c.oid and g.tgfoid = 'private.each_row_counts'::regproc) as counts
           from pg_class c
           where c.relnamespace = 'public'::regnamespace and has_any_column_privilege('authenticated', c.oid, 'insert')
             and exists (select from pg_trigger g join pg_proc p on p.oid = g.tgfoid
               -- A row trigger, before, of inserts; a key of idempotency is the caller's own, and books nothing.
               where g.tgrelid = c.oid and g.tgtype & 7 = 7 and p.proname <> 'insert_takes_key'
                 and p.prosrc ~ '\\m(insert into|update|delete from)\\M\\s+(public|private)\\.')) t",
        &[],
    )?;
    let books = [
        "api_tokens",
        "meter_readings",
        "notification_settings",
        "part_reservations",
        "part_transactions",
        "push_subscriptions",
    ];
    assert_eq!(
        found,
        Value::Object(books.map(|table| (table.to_owned(), true.into())).into_iter().collect())
    );
    Ok(())
}
