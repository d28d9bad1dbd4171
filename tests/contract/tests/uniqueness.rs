//! What must be unique is so among what its writer sees: a refusal tells nobody what exists elsewhere.

use anyhow::Result;
use millwright_contract_tests::World;
use serde_json::{Value, json};

/// Unique in all warehouses, `(table, column)`: written by administrators alone, who see all of them.
const OF_ADMINISTRATORS: [(&str, &str); 2] = [("profiles", "email"), ("warehouses", "code")];

/// A unique index whose columns clients write is confined by one that says where the row belongs: a warehouse, a person, or
/// something else that the row is a part of.
#[test]
fn what_clients_write_is_unique_within_what_it_belongs_to() -> Result<()> {
    let mut world = World::open()?;
    let open = world.value(
        "select coalesce(jsonb_agg(distinct jsonb_build_array(c.relname, a.attname)), '[]')
         from pg_index i
         join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
         -- Those of its expressions, too.
         cross join lateral (select array_agg(n) as columns from (
           select unnest(i.indkey)::integer as n
           union select d.refobjsubid from pg_depend d where d.objid = i.indexrelid and d.refobjid = c.oid) k
           where n > 0) uses
         join pg_attribute a on a.attrelid = c.oid and a.attnum = any (uses.columns)
         where i.indisunique and not i.indisprimary
           and (has_column_privilege('authenticated', c.oid, a.attnum, 'insert')
             or has_column_privilege('authenticated', c.oid, a.attnum, 'update'))
           and not exists (select from pg_constraint k where k.conrelid = c.oid
             -- Part of something else; or with the id of the row, beside which all is unique.
             and ((k.contype = 'f' and k.conkey && uses.columns::smallint[])
               or (k.contype = 'p' and k.conkey <@ uses.columns::smallint[])))",
        &[],
    )?;
    assert_eq!(open, json!(OF_ADMINISTRATORS));
    Ok(())
}

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
