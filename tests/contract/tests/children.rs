//! What lies under a work order is bounded: whoever reads it with its children reads all of them.

use anyhow::Result;
use millwright_contract_tests::World;
use serde_json::{Value, json};

const MOST: usize = 1_000;

#[test]
fn nobody_makes_a_work_order_too_large_to_be_read() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let requester = world.person("requester", warehouse)?;
    let caller = world.caller(&requester.email)?;
    let mut order = || world.work_order(warehouse, &json!({"requested_by": requester.id}));
    // Many short ones, and few long ones: four bytes a character.
    for (at_most, body) in [(MOST, "x".to_owned()), (52, "\u{1F600}".repeat(10_000))] {
        let order = order()?;
        let comments = |many: usize| -> Value {
            (0..many).map(|_| json!({"work_order_id": order, "body": body})).collect()
        };
        let answer = caller.insert("comments", &comments(at_most))?;
        assert_eq!(answer.status, 201, "{at_most}: {}", answer.code());
        let more = caller.insert("comments", &comments(1))?;
        assert_eq!((more.status, more.code()), (409, "PT409"), "{at_most}");
        assert_eq!(caller.read(&format!("comments?work_order_id=eq.{order}"))?.rows().len(), at_most);
    }
    Ok(())
}

#[test]
fn everything_that_people_put_under_a_work_order_is_bounded() -> Result<()> {
    let unbounded = World::open()?.value(
        "select jsonb_agg(c.oid::regclass) from pg_class c
         where exists (select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
             where k.contype = 'f' and k.conrelid = c.oid and k.confrelid = 'public.work_orders'::regclass
               and a.attname = 'work_order_id' and has_column_privilege('authenticated', c.oid, a.attnum, 'insert'))
           and (select count(*) from pg_trigger g where g.tgrelid = c.oid
             and g.tgfoid = 'private.children_are_bounded'::regproc) <> 2",
        &[],
    )?;
    assert_eq!(unbounded, Value::Null);
    Ok(())
}
