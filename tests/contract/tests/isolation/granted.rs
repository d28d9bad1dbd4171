//! Which columns a client may write at all, whoever they are. To name any other one is refused.

use anyhow::Result;
use millwright_contract_tests::World;
use std::collections::{BTreeMap, BTreeSet};

type Columns = BTreeMap<String, BTreeSet<String>>;

const SAID_AT_FIRST: [(&str, &str); 5] = [
    ("api_tokens", "expires_at name role token_hash warehouse_id"),
    ("attachments", "content_type file_name id size_bytes work_order_id"),
    (
        "equipment",
        "area asset_tag criticality fo_number id installed_on manufacturer model name serial_number status warehouse_id",
    ),
    ("parts", "bin id name part_number reorder_point warehouse_id"),
    (
        "work_orders",
        "area asset_model assigned_to custom_fields description due_at equipment_id fo_number id parent_id priority title type warehouse_id",
    ),
];
const CHANGED_LATER: [(&str, &str); 3] = [
    // It says when a token was revoked; setting it is how that is done.
    ("api_tokens", "revoked_at"),
    (
        "equipment",
        "area asset_tag criticality fo_number installed_on manufacturer model name serial_number status",
    ),
    ("parts", "bin name reorder_point"),
];

fn columns(known: &[(&str, &str)]) -> Columns {
    let known = known.iter();
    known
        .map(|(table, columns)| ((*table).to_owned(), columns.split(' ').map(str::to_owned).collect()))
        .collect()
}

/// What these roles may do to single columns, by table.
fn granted(world: &mut World, roles: &str, what: &str) -> Result<Columns> {
    let rows = world.sql.query(
        "select distinct t.relname::text, a.attname::text from pg_roles r, pg_class t
         join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where r.rolname ~ $1 and t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'f')
           and has_column_privilege(r.oid, t.oid, a.attnum, $2)",
        &[&roles, &what],
    )?;
    let mut found = Columns::new();
    for row in rows {
        found.entry(row.get(0)).or_default().insert(row.get(1));
    }
    Ok(found)
}

#[test]
fn people_may_write_these_columns() -> Result<()> {
    let mut world = World::open()?;
    assert_eq!(granted(&mut world, "^authenticated$", "insert")?, columns(&SAID_AT_FIRST));
    assert_eq!(granted(&mut world, "^authenticated$", "update")?, columns(&CHANGED_LATER));
    Ok(())
}

#[test]
fn strangers_and_our_own_functions_may_neither_write_nor_read_any() -> Result<()> {
    let mut world = World::open()?;
    for what in ["insert", "update", "select", "references"] {
        let found = granted(&mut world, "^(anon|authenticator|millwright_.*)$", what)?;
        assert_eq!(found, Columns::new(), "{what}");
    }
    Ok(())
}
