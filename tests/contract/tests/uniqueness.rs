//! What must be unique is so among what its writer sees: a refusal tells nobody what exists elsewhere. And it is so for people:
//! in any case, and in any form of Unicode.

use anyhow::Result;
use millwright_contract_tests::{Caller, World, at_once};
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
fn a_browser_that_several_people_share_is_of_the_last_and_tells_none_of_the_others() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let browser: Value = json!({
        "endpoint": format!("https://push.example.com/{}", world.name), "p256dh": "a".repeat(87), "auth": "a".repeat(22),
    });
    let mut before: Option<Caller> = None;
    for role in ["technician", "requester"] {
        let person = world.person(role, warehouse)?;
        let caller = world.caller(&person.email)?;
        for _ in 0..2 {
            let taken = caller.insert("push_subscriptions", &browser)?;
            assert_eq!(taken.status, 201, "{role}: {taken:?}");
            assert_eq!(taken.rows()[0]["profile_id"], json!(person.id));
        }
        assert_eq!(caller.read("push_subscriptions")?.rows().len(), 1, "{role}");
        if let Some(before) = before.replace(caller) {
            assert_eq!(before.read("push_subscriptions")?.rows().len(), 0, "it has passed on");
        }
    }
    Ok(())
}

#[test]
fn a_choice_that_is_said_again_replaces_ones_own_and_nobody_elses() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let [one, other] = [world.person("technician", warehouse)?, world.person("technician", warehouse)?];
    let [one, other] = [world.caller(&one.email)?, world.caller(&other.email)?];
    let choice =
        |channel: &str, enabled: bool| json!({"type": "wo_comment", "channel": channel, "enabled": enabled});
    assert_eq!(other.insert("notification_settings", &choice("email", false))?.status, 201);
    for (channel, enabled) in [("email", true), ("push", true), ("email", false)] {
        assert_eq!(one.insert("notification_settings", &choice(channel, enabled))?.status, 201, "{channel}");
    }
    let told = |caller: &Caller| -> Result<Vec<Value>> {
        let told = caller.read("notification_settings?select=channel,enabled&order=channel")?;
        Ok(told.rows().to_vec())
    };
    let [email, push] =
        [json!({"channel": "email", "enabled": false}), json!({"channel": "push", "enabled": true})];
    assert_eq!(told(&one)?, [email.clone(), push]);
    assert_eq!(told(&other)?, [email]);
    Ok(())
}

#[test]
fn what_is_said_many_times_at_once_is_there_once() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let person = world.person("technician", warehouse)?;
    let browser: Value = json!({
        "endpoint": format!("https://push.example.com/{}", world.name), "p256dh": "a".repeat(87), "auth": "a".repeat(22),
    });
    let choice = json!({"type": "wo_comment", "channel": "email", "enabled": false});
    for (table, row) in [("push_subscriptions", &browser), ("notification_settings", &choice)] {
        let told =
            at_once(world.eight(&person.email)?, |caller: Caller| Ok(caller.insert(table, row)?.status))?;
        assert_eq!(told, [201; 8], "{table}");
        assert_eq!(world.caller(&person.email)?.read(table)?.rows().len(), 1, "{table}");
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
