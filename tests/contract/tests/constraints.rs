//! Every rule of the database that a client's write can break is told by its fields and a sentence. The rules are the
//! catalog's, so that one that is added later is among them.

use anyhow::{Context, Result};
use millwright_contract_tests::World;
use millwright_domain::constraint::{broken, named};
use serde_json::json;

/// Constraints and unique indexes, each with its table and columns, of which a client writes one at least. What contains the
/// primary key is never the first to break.
const BREAKABLE: &str = "
  with rules as (
    select c.conrelid as rel, c.conname::text as name, c.conkey as keys, c.contype::text as kind
      from pg_constraint c where c.connamespace = 'public'::regnamespace and c.contype in ('c', 'f', 'p', 'u', 'x')
    union all
    select i.indrelid, x.relname::text, i.indkey::int2[], 'u'
      from pg_index i join pg_class x on x.oid = i.indexrelid
      where i.indisunique and x.relnamespace = 'public'::regnamespace
        and not exists (select from pg_constraint c where c.conindid = i.indexrelid))
  select t.relname::text, r.name, r.kind, array(
    select a.attname::text from pg_attribute a where a.attrelid = r.rel and a.attnum > 0
      and (a.attnum = any (r.keys) or 0 = any (r.keys)))
  from rules r join pg_class t on t.oid = r.rel
  where exists (select from pg_attribute a where a.attrelid = r.rel and a.attnum > 0
      and (a.attnum = any (r.keys) or 0 = any (r.keys))
      and has_column_privilege('authenticated', r.rel, a.attnum, 'insert, update'))
    and not (r.kind = 'u' and exists (select from pg_constraint p
      where p.conrelid = r.rel and p.contype = 'p' and p.conkey <@ r.keys))
  order by 1, 2";

#[test]
fn every_rule_that_a_client_can_break_has_its_fields_and_its_sentence() -> Result<()> {
    let mut world = World::open()?;
    let mut wrong = Vec::new();
    for row in world.sql.query(BREAKABLE, &[])? {
        let (table, name, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let columns: Vec<String> = row.get(3);
        // A unique key's refusal does not name the table.
        let told = broken(Some(&table).filter(|_| kind != "u" && kind != "p").map(String::as_str), &name);
        let is_told = told.is_some_and(|told| {
            !told.fields.is_empty()
                && !told.message.is_empty()
                && told.fields.iter().all(|field| columns.iter().any(|column| column == field))
        });
        if !is_told {
            wrong.push(format!("{table}: {name} ({})", columns.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "say them in the domain's `constraint`:\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn no_sentence_is_about_a_rule_that_is_gone() -> Result<()> {
    let mut world = World::open()?;
    let names: Vec<&str> = named().collect();
    let gone = world.value(
        "select jsonb_agg(n) from unnest($1::text[]) n
         where not exists (select from pg_constraint where conname = n) and to_regclass('public.' || n) is null",
        &[&names],
    )?;
    assert_eq!(gone, json!(null));
    Ok(())
}

#[test]
fn what_the_gateway_says_of_a_broken_rule_leads_to_its_sentence() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let caller = world.caller(&supervisor.email)?;
    let machine = json!({"asset_tag": world.name, "name": "Press", "model": "P"});
    let id = caller.insert("equipment", &machine)?.rows()[0]["id"].clone();
    let stop =
        json!({"equipment_id": id, "started_at": "2026-03-02T10:00:00Z", "ended_at": "2026-03-02T09:00:00Z"});
    for (table, row, fields) in [
        ("downtime_intervals", &stop, "started_at ended_at"),
        ("equipment", &machine, "asset_tag"),
        ("equipment", &json!({"asset_tag": "\u{1}", "name": "Press", "model": "P"}), "asset_tag"),
    ] {
        let refused = caller.insert(table, row)?;
        let refusal: millwright_store::GatewayRefusal = serde_json::from_value(refused.body)?;
        let (table, constraint) = refusal.constraint().context("no constraint")?;
        let told = broken(table, constraint).context("no sentence")?;
        assert_eq!(told.fields.join(" "), fields, "{refusal:?}");
    }
    Ok(())
}
