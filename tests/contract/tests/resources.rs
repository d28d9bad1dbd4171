//! The declarations of the plain resources agree with the database.

use anyhow::{Context, Result, anyhow};
use millwright_contract_tests::{Caller, World, json};
use millwright_domain::resource::{
    Cursor, Field, Include, Kind, ListQuery, Narrowing, RESOURCES, Resource, VENDORS, WORK_ORDERS,
};
use millwright_domain::vocabulary::VOCABULARY;
use millwright_domain::words::Home;
use millwright_store::resources::{List, list};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The database's description of a column.
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

/// True if a column of this type, with these words, holds what is declared.
fn holds(kind: Kind, of: &str, words: &Value) -> bool {
    match kind {
        Kind::Word(declared) => *words == value!(declared) || is_kept_as(declared, of),
        Kind::Id => of == "uuid",
        Kind::Text(_)
        | Kind::Prose(_)
        | Kind::Recurrence
        | Kind::MonthDay
        | Kind::TimeZone
        | Kind::PublicAddress => of == "text" || !words.is_null(),
        Kind::Texts(_) => of == "text[]",
        Kind::Dates(_) => of == "date[]",
        Kind::Words(declared) => *words == value!(declared) && of.ends_with("[]"),
        Kind::Number(..) => of == "numeric",
        Kind::Integer(..) => matches!(of, "smallint" | "integer" | "bigint"),
        Kind::Boolean => of == "boolean",
        Kind::Date => of == "date",
        Kind::Time => of == "timestamp with time zone",
        Kind::Object | Kind::Fields | Kind::List | Kind::Any | Kind::Steps | Kind::Hours => of == "jsonb",
    }
}

/// True if the vocabulary says that these words are a domain of this name, or plain texts.
fn is_kept_as(declared: &[&str], of: &str) -> bool {
    let kept = |home| match home {
        Home::Enum(_) => false,
        Home::Domain(name) => of.trim_start_matches("public.") == name,
        Home::Check(..) | Home::Function(_) | Home::FunctionEach(_) | Home::Apart(_) => of == "text",
    };
    VOCABULARY.iter().any(|set| set.words == declared && kept(set.home))
}

/// Changed later, but not by naming them: `(table, column)`.
const CHANGED_OTHERWISE: [(&str, &str); 8] = [
    // By a DELETE, which revokes.
    ("api_tokens", "revoked_at"),
    // By a move.
    ("work_orders", "acknowledged_until"),
    ("work_orders", "assigned_to"),
    ("work_orders", "hold_reason"),
    ("work_orders", "signature_id"),
    ("work_orders", "signature_name"),
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

/// The differences between a field and its column, in words.
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

/// The gateway is asked for `*`: what it answers is exactly what is declared.
#[test]
fn a_table_has_the_declared_fields_and_no_other_columns_in_their_order() -> Result<()> {
    let mut world = World::open()?;
    for resource in RESOURCES {
        let columns = world.value(
            "select jsonb_agg(attname order by attnum) from pg_attribute
             where attrelid = format('public.%I', $1::text)::regclass and attnum > 0 and not attisdropped",
            &[&resource.table],
        )?;
        let fields: Vec<_> = resource.fields.iter().map(|field| field.name).collect();
        assert_eq!(columns, value!(fields), "{}", resource.path);
    }
    Ok(())
}

#[test]
fn every_list_can_be_asked_for_in_full() -> Result<()> {
    let world = World::open()?;
    let manager = world.caller("manager")?;
    for resource in RESOURCES {
        let mut whole = query(resource, &[], None)?;
        whole.include = Include { children: resource.children.iter().collect(), ..Include::default() };
        let answer = manager.ask(async |session| list(&session, &all(resource, &whole)).await);
        assert!(answer.is_ok(), "{}: {:?}", resource.path, answer.err());
        for sort in resource.sorts() {
            let query = query(resource, &[("sort", &sort), ("limit", "1")], None)?;
            let answer = manager.ask(async |session| list(&session, &all(resource, &query)).await);
            assert!(answer.is_ok(), "{} by {sort}: {:?}", resource.path, answer.err());
        }
        if resource.searched {
            let query =
                query(resource, &[("q", "conveyor OR belt OR supply OR manager"), ("limit", "1")], None)?;
            let found = manager.ask(async |session| {
                anyhow::Ok(json(list(&session, &all(resource, &query)).await?).await?)
            })?;
            assert_eq!(found.as_array().map(Vec::len), Some(1), "{} by words: {found}", resource.path);
        }
    }
    Ok(())
}

/// Everything that a query asks for, of all that there is.
fn all<'a>(resource: &'a Resource, query: &'a ListQuery) -> List<'a> {
    List { resource, parent: None, narrowing: &EVERYTHING, query }
}

const EVERYTHING: Narrowing = Narrowing { source: None, filter: None };

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
fn paged(caller: &Caller, resource: &'static Resource, warehouse: Uuid, sort: &str) -> Result<Vec<Uuid>> {
    let home = warehouse.to_string();
    let field = sort.trim_start_matches('-');
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let parameters = [("warehouse_id", home.as_str()), ("sort", sort), ("limit", "1")];
        let query = query(resource, &parameters, after.as_ref())?;
        let page = caller
            .ask(async |session| anyhow::Ok(json(list(&session, &all(resource, &query)).await?).await?))?;
        let Some(row) = page.get(0) else { return Ok(seen) };
        let id = row["id"].as_str().context("no id")?.parse()?;
        anyhow::ensure!(!seen.contains(&id), "{id} comes twice");
        seen.push(id);
        after = Some(Cursor(row[field].as_str().map(str::to_owned), id, None));
    }
}

fn each_comes_once(caller: &Caller, resource: &'static Resource, warehouse: Uuid, sort: &str) -> Result<()> {
    let found = paged(caller, resource, warehouse, sort)?;
    let different: BTreeSet<_> = found.iter().collect();
    assert_eq!((found.len(), different.len()), (5, 5), "{} sorted by {sort}", resource.path);
    Ok(())
}

#[test]
fn pages_of_one_visit_each_once_in_every_order_with_and_without_a_value() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    for (due_at, priority) in [
        (value!("2080-01-01T00:00:00Z"), "low"),
        (value!("2080-01-01T00:00:00Z"), "critical"),
        (value!("2080-01-01T00:00:00.000001Z"), "high"),
        (value!(null), "critical"),
        (value!(null), "medium"),
    ] {
        world.work_order(warehouse, &value!({"due_at": due_at, "priority": priority}))?;
    }
    let technician = world.person("technician", warehouse)?;
    let caller = world.caller(&technician.email)?;
    for sort in WORK_ORDERS.sorts() {
        each_comes_once(&caller, &WORK_ORDERS, warehouse, &sort)?;
    }
    Ok(())
}

#[test]
fn pages_of_a_short_list_visit_each_once_in_either_direction_with_and_without_a_value() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    for phone in [Some("a, \"b\" (c)"), Some("null"), Some(""), None, None] {
        let opens = "insert into public.vendors (name, kind, phone, warehouse_id)
            values (private.uuidv7()::text, 'supplier', $1, $2)";
        world.change(opens, &[&phone, &warehouse])?;
    }
    world.change(
        "update public.vendors set phone = '\\' where id = (select max(id::text)::uuid from public.vendors where warehouse_id = $1)",
        &[&warehouse],
    )?;
    let technician = world.person("technician", warehouse)?;
    let caller = world.caller(&technician.email)?;
    for sort in ["id", "-id", "phone", "-phone"] {
        each_comes_once(&caller, &VENDORS, warehouse, sort)?;
    }
    Ok(())
}

#[test]
fn the_most_pressing_come_first() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    for priority in ["low", "critical", "medium", "high"] {
        world.work_order(warehouse, &value!({"priority": priority}))?;
    }
    let technician = world.person("technician", warehouse)?;
    let home = warehouse.to_string();
    let query = query(&WORK_ORDERS, &[("warehouse_id", home.as_str()), ("sort", "-priority")], None)?;
    let page = world
        .caller(&technician.email)?
        .ask(async |session| anyhow::Ok(json(list(&session, &all(&WORK_ORDERS, &query)).await?).await?))?;
    let found: Vec<_> =
        page.as_array().context("no list")?.iter().map(|row| row["priority"].clone()).collect();
    assert_eq!(found, ["critical", "high", "medium", "low"]);
    Ok(())
}
