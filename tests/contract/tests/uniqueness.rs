//! What must be unique is so among what its writer sees: a refusal tells nobody what exists elsewhere. And it is so for people:
//! in any case, and in any form of Unicode.

use anyhow::Result;
use millwright_contract_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn the_same_tag_in_another_warehouse_is_another_machine() -> Result<()> {
    let mut world = World::open()?;
    let tag = world.name.clone();
    let machine = json!({"asset_tag": tag, "name": "Press", "model": "P"});
    for _ in 0..2 {
        let warehouse = world.warehouse("UTC")?;
        let supervisor = world.person("supervisor", warehouse)?;
        let caller = world.caller(&supervisor.email)?;
        let opened = caller.insert("equipment", &machine)?;
        assert_eq!(opened.status, 201, "{opened:?}");
        let again = caller.insert("equipment", &machine)?;
        assert_eq!((again.status, again.code()), (409, "23505"), "{again:?}");
        let seen = caller.read(&format!("equipment?asset_tag=eq.{tag}"))?;
        assert_eq!(seen.rows().len(), 1);
    }
    Ok(())
}

#[test]
fn a_browser_that_several_people_share_tells_none_of_the_others() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let browser: Value = json!({
        "endpoint": format!("https://push.example.com/{}", world.name), "p256dh": "a".repeat(87), "auth": "a".repeat(22),
    });
    for role in ["technician", "requester"] {
        let person = world.person(role, warehouse)?;
        let caller = world.caller(&person.email)?;
        assert_eq!(caller.insert("push_subscriptions", &browser)?.status, 201, "{role}");
        assert_eq!(caller.insert("push_subscriptions", &browser)?.status, 409, "{role}, again");
    }
    Ok(())
}

/// Unique texts that clients write and nobody types, or that have one form only.
const AS_WRITTEN: [&str; 2] = ["push_subscriptions.endpoint", "warehouses.code"];

#[test]
fn every_unique_text_that_a_person_types_is_compared_as_people_do() -> Result<()> {
    let mut world = World::open()?;
    let rows = world.sql.query(
        "select t.relname || '.' || a.attname
         from pg_index i
         join pg_class t on t.oid = i.indrelid
         cross join lateral unnest(i.indkey::int2[], i.indcollation::oid[]) k (attnum, compared)
         join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum
         where i.indisunique and t.relnamespace = 'public'::regnamespace and a.atttypid = 'text'::regtype
           and has_column_privilege('authenticated', t.oid, a.attnum, 'insert, update')
           and k.compared <> (select oid from pg_collation where collname = 'alike' and collnamespace = 'private'::regnamespace)
         order by 1",
        &[],
    )?;
    let found: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, AS_WRITTEN);
    Ok(())
}

#[test]
fn the_same_tag_in_other_letters_is_the_same_machine() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let caller = world.caller(&supervisor.email)?;
    let tag = format!("P\u{fc}mpe-{}", &world.name[16..]);
    let machine = |tag: &str, name: &str| json!({"asset_tag": tag, "name": name, "model": "P"});
    assert_eq!(caller.insert("equipment", &machine(&tag, "Press"))?.status, 201);
    let twins = [tag.to_uppercase(), tag.replace('\u{fc}', "u\u{308}")];
    for twin in &twins {
        let refused = caller.insert("equipment", &machine(twin, "Press"))?;
        assert_eq!((refused.status, refused.code()), (409, "23505"), "{twin}");
        let seen = caller.read(&format!("equipment?asset_tag_alike=eq.{twin}&select=asset_tag"))?;
        assert_eq!(seen.body, json!([{"asset_tag": tag}]));
        let merged = [("prefer", "resolution=merge-duplicates,return=representation")];
        let path = "equipment?on_conflict=warehouse_id,asset_tag";
        let row = machine(twin, &format!("Press {twin}"));
        let upserted = caller.send(Method::POST, "public", path, Some(&row), &merged)?;
        assert_eq!(upserted.status, 200, "{upserted:?}");
        assert_eq!(upserted.rows()[0]["name"], format!("Press {twin}"));
        caller.change(&format!("equipment?warehouse_id=eq.{warehouse}"), &json!({"asset_tag": tag}))?;
    }
    assert_eq!(caller.insert("equipment", &machine(&tag.replace('\u{fc}', "u"), "Another"))?.status, 201);
    Ok(())
}
