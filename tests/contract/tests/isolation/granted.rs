//! Which columns a client may write at all, whoever they are. To name any other one is refused.

use anyhow::Result;
use millwright_contract_tests::World;
use millwright_domain::resource::{Field, RESOURCES, Resource};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) type Columns = BTreeMap<String, BTreeSet<String>>;

/// Written by clients, but not by naming them: `(table, column)`.
const NOT_DECLARED: [(&str, &str); 13] = [
    ("api_tokens", "revoked_at"),
    // The columns of an uploaded file.
    ("attachments", "content_type"),
    ("attachments", "file_name"),
    ("attachments", "id"),
    ("attachments", "size_bytes"),
    ("attachments", "work_order_id"),
    // A work order's moves.
    ("work_orders", "acknowledged_until"),
    ("work_orders", "assigned_to"),
    ("work_orders", "hold_reason"),
    ("work_orders", "signature_id"),
    ("work_orders", "signature_name"),
    ("work_orders", "status"),
    ("work_orders", "status_note"),
];

/// The columns that the declarations let clients write, by table.
fn declared(writes: impl Fn(&Resource, &Field) -> bool) -> Columns {
    let mut found = Columns::new();
    for resource in RESOURCES {
        for field in resource.fields.iter().filter(|field| writes(resource, field)) {
            found.entry(resource.table.to_owned()).or_default().insert(field.name.to_owned());
        }
    }
    found
}

/// The granted columns that are neither declared nor in [`NOT_DECLARED`].
fn beyond(granted: Columns, declared: &Columns) -> Vec<(String, String)> {
    let columns =
        granted.into_iter().flat_map(|(table, columns)| columns.into_iter().map(move |c| (table.clone(), c)));
    let undeclared = columns.filter(|(table, column)| {
        let known = declared.get(table).is_some_and(|columns| columns.contains(column));
        !known && !NOT_DECLARED.contains(&(table, column))
    });
    undeclared.collect()
}

/// The columns that any of these roles has one of the privileges `what` on, by table.
pub(crate) fn granted(world: &mut World, roles: &str, what: &str) -> Result<Columns> {
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
fn people_may_write_what_is_declared_and_nothing_else() -> Result<()> {
    let mut world = World::open()?;
    let opened = declared(|resource, field| {
        let of_the_path = resource.parent.is_some_and(|parent| parent.field == field.name);
        resource.opens && (of_the_path || resource.is_said_at_first(field))
    });
    assert_eq!(beyond(granted(&mut world, "^authenticated$", "insert")?, &opened), []);
    let changed = declared(Resource::is_changed_later);
    assert_eq!(beyond(granted(&mut world, "^authenticated$", "update")?, &changed), []);
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
