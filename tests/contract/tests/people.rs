//! What people change of themselves, at the gateway: their name, phone, language and time zone, and nothing else.

use anyhow::{Context, Result};
use millwright_contract_tests::World;
use serde_json::{Value, json};

const ROLES: [&str; 6] =
    ["technician", "supervisor", "manager", "inventory_clerk", "contractor", "requester"];

#[test]
fn each_role_edits_its_own_name_and_reach_and_nothing_else() -> Result<()> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let vendor = world.insert("vendors", &json!({"name": here, "kind": "contractor"}))?;
    for role in ROLES {
        let person = world.person(role, here)?;
        let colleague = world.person(role, here)?;
        let caller = world.caller(&person.email)?;
        let own = format!("profiles?id=eq.{}", person.id);
        let mine = json!({"full_name": "Ada", "phone": "+31 20 123", "locale": "pt-BR", "time_zone": "Europe/Lisbon"});
        assert_eq!(caller.change(&own, &mine)?.status, 204, "{role}");
        let row = |world: &mut World, id| {
            world.value("select to_jsonb(p) from public.profiles p where id = $1", &[&id])
        };
        let kept = row(&mut world, person.id)?;
        for (name, value) in mine.as_object().context("fields")? {
            assert_eq!(&kept[name], value, "{role}");
        }
        let others: [Value; 8] = [
            json!({"role": "admin"}),
            json!({"full_name": "Eve", "role": "admin"}),
            json!({"warehouse_id": there}),
            json!({"vendor_id": vendor}),
            json!({"active": false}),
            json!({"email": "mine@contract.test"}),
            json!({"service_account": true}),
            json!({"version": 7}),
        ];
        for said in others {
            let answer = caller.change(&own, &said)?;
            assert!(answer.status >= 400, "{role}: {said}: {} {}", answer.status, answer.body);
        }
        assert_eq!(row(&mut world, person.id)?, kept, "{role}");
        // A colleague's row is there for some, and changes for none.
        let before = row(&mut world, colleague.id)?;
        caller.change(&format!("profiles?id=eq.{}", colleague.id), &json!({"full_name": "Eve"}))?;
        assert_eq!(row(&mut world, colleague.id)?, before, "{role}");
        world.change("update public.profiles set active = false where id = $1", &[&person.id])?;
        let gone = row(&mut world, person.id)?;
        caller.change(&own, &json!({"full_name": "Eve"}))?;
        assert_eq!(row(&mut world, person.id)?, gone, "{role}, who has left");
    }
    Ok(())
}

#[test]
fn a_language_is_one() -> Result<()> {
    let mut world = World::open()?;
    let here = world.warehouse("UTC")?;
    let person = world.person("technician", here)?;
    let caller = world.caller(&person.email)?;
    let own = format!("profiles?id=eq.{}", person.id);
    for locale in ["nl", "pt-BR", "zh-Hant-TW", "es-419"] {
        assert_eq!(caller.change(&own, &json!({"locale": locale}))?.status, 204, "{locale}");
    }
    for locale in ["", "NL", "nl_NL", "pt-br", "english", "nl\n", "nl-"] {
        assert_eq!(caller.change(&own, &json!({"locale": locale}))?.code(), "23514", "{locale:?}");
    }
    Ok(())
}
