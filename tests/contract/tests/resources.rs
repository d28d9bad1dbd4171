//! What is declared of the plain resources is what the database has.

use anyhow::{Context, Result, anyhow};
use millwright_contract_tests::{Caller, World, json};
use millwright_domain::resource::{Cursor, Field, Kind, ListQuery, RESOURCES, Resource, WORK_ORDERS};
use millwright_domain::vocabulary::VOCABULARY;
use millwright_domain::words::Home;
use millwright_store::resources::{Format, list};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What the database says of a column.
fn column(world: &mut World, table: &str, name: &str) -> Result<Value> {
    world.value(
        "select jsonb_build_object('nullable', not a.attnotnull, 'type', a.atttypid::regtype,
           'opens', has_column_privilege('authenticated', a.attrelid, a.attnum, 'insert'),
           'changes', has_column_privilege('authenticated', a.attrelid, a.attnum, 'update'),
           'words', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid in (a.atttypid, (select t.typelem from pg_type t where t.oid = a.atttypid))))
         from pg_attribute a
         where a.attrelid = ('public.' || $1::text)::regclass and a.attname = $2::text and not a.attisdropped",
        &[&table, &name],
    )
}

/// Whether a column of this type, with these words, holds what is declared.
fn holds(kind: Kind, of: &str, words: &Value) -> bool {
    match kind {
        Kind::Word(declared) => *words == value!(declared) || (of == "text" && is_kept_as_text(declared)),
        Kind::Id => of == "uuid",
        Kind::Text(_) | Kind::Recurrence | Kind::MonthDay => of == "text" || !words.is_null(),
        Kind::Texts(_) => of == "text[]",
        Kind::Dates(_) => of == "date[]",
        Kind::Words(declared) => *words == value!(declared) && of.ends_with("[]"),
        Kind::Number(_) => of == "numeric",
        Kind::Integer(..) => matches!(of, "smallint" | "integer" | "bigint"),
        Kind::Boolean => of == "boolean",
        Kind::Date => of == "date",
        Kind::Time => of == "timestamp with time zone",
        Kind::Object | Kind::List | Kind::Any | Kind::Steps | Kind::Hours => of == "jsonb",
    }
}

/// Whether the vocabulary says that these words are no enum of the database.
fn is_kept_as_text(declared: &[&str]) -> bool {
    VOCABULARY.iter().any(|set| set.words == declared && !matches!(set.home, Home::Enum(_)))
}

/// Changed later, but not by naming them: `(table, column)`.
const CHANGED_OTHERWISE: [(&str, &str); 6] = [
    // By a DELETE, which revokes.
    ("api_tokens", "revoked_at"),
    // By a move.
    ("work_orders", "acknowledged_until"),
    ("work_orders", "assigned_to"),
    ("work_orders", "hold_reason"),
    ("work_orders", "status"),
    ("work_orders", "status_note"),
];

/// Said at first, but not by naming them: an upload is a file, and these follow from it.
const OPENED_OTHERWISE: [(&str, &str); 5] = [
    ("attachments", "id"),
    ("attachments", "work_order_id"),
    ("attachments", "file_name"),
    ("attachments", "content_type"),
    ("attachments", "size_bytes"),
];

/// What is wrong with a field, in words.
fn differences(resource: &Resource, field: &Field, column: &Value) -> Vec<&'static str> {
    let of_the_path = resource.parent.is_some_and(|parent| parent.field == field.name);
    let opens = resource.opens && (of_the_path || resource.is_said_at_first(field))
        || OPENED_OTHERWISE.contains(&(resource.table, field.name));
    let changes =
        resource.is_changed_later(field) || CHANGED_OTHERWISE.contains(&(resource.table, field.name));
    let of = column["type"].as_str().unwrap_or_default();
    [
        (column.is_null(), "is no column"),
        (column["nullable"] != field.nullable, "may be null in one of both"),
        (!holds(field.kind, of, &column["words"]), "holds something else"),
        (column["opens"] != opens, "is said at first in one of both"),
        (column["changes"] != changes, "is changed later in one of both"),
    ]
    .into_iter()
    .filter_map(|(wrong, what)| wrong.then_some(what))
    .collect()
}

#[test]
fn every_declared_field_is_a_column_that_is_so() -> Result<()> {
    let mut world = World::open()?;
    let mut wrong = Vec::new();
    for resource in RESOURCES {
        for field in resource.fields {
            let column = column(&mut world, resource.table, field.name)?;
            for what in differences(resource, field, &column) {
                wrong.push(format!("{}.{} {what}: {column}", resource.table, field.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn every_list_can_be_asked_for_in_full() -> Result<()> {
    let world = World::open()?;
    let manager = world.caller("manager")?;
    for resource in RESOURCES {
        for (parameters, format) in [(&[][..], Format::Json), (&[("limit", "1")][..], Format::Csv)] {
            let mut query = query(resource, parameters, None)?;
            query.include = resource.children.iter().collect();
            let answer = manager.ask(async |session| list(&session, resource, None, &query, format).await);
            assert!(answer.is_ok(), "{}: {:?}", resource.path, answer.err());
        }
        for field in resource.fields.iter().filter(|field| field.filters()) {
            let query = query(resource, &[("sort", field.name), ("limit", "1")], None)?;
            let answer =
                manager.ask(async |session| list(&session, resource, None, &query, Format::Json).await);
            assert!(answer.is_ok(), "{} by {}: {:?}", resource.path, field.name, answer.err());
        }
    }
    Ok(())
}

fn query(
    resource: &'static Resource,
    parameters: &[(&str, &str)],
    after: Option<&Cursor>,
) -> Result<ListQuery> {
    let query = ListQuery::parse(resource, parameters.iter().copied(), |_| None);
    let query = query.map_err(|errors| anyhow!("{errors:?}"))?;
    Ok(ListQuery { after: after.cloned(), ..query })
}

/// All pages of one row, each begun where the one before ended.
fn paged(caller: &Caller, warehouse: Uuid, field: &str, sort: &str) -> Result<Vec<Uuid>> {
    let home = warehouse.to_string();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let parameters = [("warehouse_id", home.as_str()), ("sort", sort), ("limit", "1")];
        let query = query(&WORK_ORDERS, &parameters, after.as_ref())?;
        let page = caller.ask(async |session| {
            anyhow::Ok(json(list(&session, &WORK_ORDERS, None, &query, Format::Json).await?).await?)
        })?;
        let Some(row) = page.get(0) else { return Ok(seen) };
        let id = row["id"].as_str().context("no id")?.parse()?;
        anyhow::ensure!(!seen.contains(&id), "{id} comes twice");
        seen.push(id);
        after = Some(Cursor(row[field].as_str().map(str::to_owned), id));
    }
}

#[test]
fn pages_of_one_visit_each_once_in_either_direction_with_and_without_a_value() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    for (due_at, area) in [
        (value!("2080-01-01T00:00:00Z"), value!("a, \"b\" (c)")),
        (value!("2080-01-01T00:00:00Z"), value!("null")),
        (value!("2080-01-01T00:00:00.000001Z"), value!("")),
        (value!(null), value!(null)),
        (value!(null), value!("\\")),
    ] {
        world.work_order(warehouse, &value!({"due_at": due_at, "area": area}))?;
    }
    let technician = world.person("technician", warehouse)?;
    let caller = world.caller(&technician.email)?;
    for (field, sort) in [
        ("id", "id"),
        ("id", "-id"),
        ("due_at", "due_at"),
        ("due_at", "-due_at"),
        ("area", "area"),
        ("area", "-area"),
    ] {
        let found = paged(&caller, warehouse, field, sort)?;
        let different: BTreeSet<_> = found.iter().collect();
        assert_eq!((found.len(), different.len()), (5, 5), "sorted by {sort}");
    }
    Ok(())
}
