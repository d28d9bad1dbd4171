//! What must be unique is so among what its writer sees: a refusal tells nobody what exists elsewhere.

use anyhow::Result;
use millwright_contract_tests::World;
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
