//! What is embedded in what: there and back along every foreign key that there is.

use anyhow::Result;
use millwright_contract_tests::World;

/// Every foreign key between two tables that clients may read: its name, from where, to where.
const KEYS: &str = "select k.conname::text, f.relname::text, t.relname::text
  from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
  where k.contype = 'f' and k.conparentid = 0 and f.oid <> t.oid
    and f.relnamespace = 'public'::regnamespace and t.relnamespace = 'public'::regnamespace
    and has_any_column_privilege('authenticated', f.oid, 'select')
    and has_any_column_privilege('authenticated', t.oid, 'select')
  order by 1";

#[test]
fn nothing_is_embedded_deeper_than_two_levels() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    let email = world.person("admin", warehouse)?.email;
    let caller = world.caller(&email)?;
    let keys = world.sql.query(KEYS, &[])?;
    assert!(keys.len() > 50, "{} keys", keys.len());
    for key in keys {
        let (key, from, to): (String, String, String) = (key.get(0), key.get(1), key.get(2));
        for (here, there) in [(&from, &to), (&to, &from)] {
            let two = format!("{here}?limit=1&select={there}!{key}({here}!{key}(id))");
            let answer = caller.read(&two)?;
            assert_ne!(answer.body["message"], "too_deep", "{two}");
            let three = format!("{here}?limit=1&select={there}!{key}({here}!{key}({there}!{key}(*)))");
            let answer = caller.read(&three)?;
            assert_eq!(
                (answer.status, &answer.body["message"]),
                (400, &"too_deep".into()),
                "{three}: {answer:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn nothing_that_a_client_writes_hides_a_level() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    let email = world.person("supervisor", warehouse)?.email;
    let caller = world.caller(&email)?;
    for (name, how) in [("", ""), ("x:", "!inner"), ("\"a\\\"b\":", ""), ("\"a\\\" ON \":", "")] {
        let inner = |inner, table| format!("id,{name}{table}{how}({inner})");
        let deep = ["comments", "work_orders", "comments"].into_iter().fold("id".to_owned(), inner);
        let answer = caller.read(&format!("work_orders?limit=1&select={deep}"))?;
        assert_eq!(answer.body["message"], "too_deep", "{deep}: {answer:?}");
    }
    let spread = "...work_orders(...profiles!work_orders_assigned_to_fkey(...warehouses(name)))";
    let answer = caller.read(&format!("comments?limit=1&select={spread}"))?;
    assert_eq!(answer.body["message"], "too_deep", "{answer:?}");
    Ok(())
}
