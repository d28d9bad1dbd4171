//! Opening, and calling functions: what the API would have let through, and nothing else.

use crate::technician::{Row, Table, Technician, Told, address};
use millwright_domain::resource::Resource;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use ureq::http::Method;

/// The SQLSTATEs of a missing right, of a write to a column that the database fills itself, and of a row under one that is not
/// there for them.
const DENIED: [&str; 3] = ["42501", "428C9", "23503"];

fn is_denied(told: &Told) -> bool {
    told.code.as_deref().is_some_and(|code| DENIED.contains(&code))
}

/// A new row like one that is there, with what a client may say of it.
fn like(resource: &Resource, row: &Row) -> Row {
    let said = resource.fields.iter().filter(|field| resource.is_said_at_first(field) && field.name != "id");
    said.map(|field| (field.name.to_owned(), row[field.name].clone())).collect()
}

#[test]
fn it_opens_what_the_api_lets_it_open() {
    let technician = Technician::come();
    let tables = technician.tables();
    let opening = |table: &Table| table.resources.iter().copied().filter(|of| of.opens).collect::<Vec<_>>();
    let cases: Vec<_> = tables
        .iter()
        .flat_map(|table| opening(table).into_iter().map(move |resource| (table, resource)))
        .flat_map(|(table, resource)| table.rows().map(move |(row, _)| (resource, row)))
        .collect();
    let here: Vec<_> = cases
        .iter()
        .map(|(resource, row)| {
            technician.ask(&Method::POST, &address(resource, row), &Value::Object(like(resource, row)))
        })
        .collect();
    let wishes: Vec<_> = cases
        .iter()
        .map(|(resource, row)| {
            let mut new = like(resource, row);
            new.extend(resource.parent.map(|of| (of.field.to_owned(), row[of.field].clone())));
            json!({"verb": "insert", "table": resource.table, "row": new})
        })
        .collect();
    let mut wrong = Vec::new();
    for (((resource, row), here), there) in cases.iter().zip(here).zip(technician.wish("opening", &wishes)) {
        // 422: what is there already would not be taken today, by whomever.
        if here.status != 422 && matches!(here.status, 403 | 404) != is_denied(&there) {
            let (path, id, answer) = (resource.path, &row["id"], here.json());
            wrong.push(format!("{path} like {id}: API {} {answer}, gateway {there:?}", here.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() > 20, "{} tried", cases.len());
}

/// True for the columns of an upload, which the API writes itself in the caller's name. Row level security judges them
/// like everything else.
fn is_written_by_the_api(table: &str, column: &str) -> bool {
    let of_an_upload = ["id", "work_order_id", "file_name", "content_type", "size_bytes"];
    match table {
        "attachments" => of_an_upload.contains(&column),
        _ => false,
    }
}

/// New rows that say more than the API lets anyone say.
fn saying_more(table: &Table) -> Vec<Value> {
    let row = table.rows().next().map_or(&table.empty, |(row, _)| row);
    let opened = table.resources.iter().find(|resource| resource.opens);
    let new = opened.map(|resource| like(resource, row)).unwrap_or_default();
    let said = |column: &str| {
        let says = |of: &Resource| of.field(column).is_some_and(|field| of.is_said_at_first(field));
        let above = |of: &Resource| of.parent.is_some_and(|parent| parent.field == column);
        table.resources.iter().any(|of| of.opens && (says(of) || above(of)))
    };
    let more = row.keys().filter(|column| !said(column) && !is_written_by_the_api(table.name, column)).map(
        |column| {
            let mut more = new.clone();
            more.insert(column.clone(), row[column].clone());
            json!({"verb": "insert", "table": table.name, "row": more})
        },
    );
    more.collect()
}

#[test]
fn it_says_nothing_that_the_api_would_not_let_it_say() {
    let technician = Technician::come();
    let wishes: Vec<_> = technician.tables().iter().flat_map(saying_more).collect();
    let told = technician.wish("saying", &wishes);
    let through = wishes.iter().zip(&told).filter(|(_, told)| !is_denied(told));
    let through: Vec<_> = through.map(|(wish, told)| format!("{wish}: {told:?}")).collect();
    assert!(through.is_empty(), "{}", through.join("\n"));
    assert!(wishes.len() > 50, "{} tried", wishes.len());
}

/// The functions that there are to call. What belongs to a row is embedded in it, and cannot be called.
const CALLABLE: &str = "pg_proc where pronamespace in ('public'::regnamespace, 'functions'::regnamespace)
    and prorettype <> 'trigger'::regtype
    and not exists (select from unnest(proargtypes) t join pg_type y on y.oid = t where y.typtype = 'c')";

#[test]
fn it_calls_the_functions_that_are_granted_and_no_other() {
    let technician = Technician::come();
    // Arguments with which a call that is let through changes nothing: null where that is harmless, a word that is no
    // number, time or id elsewhere.
    let functions = format!(
        "select json_agg(json_build_object('verb', 'rpc', 'schema', pronamespace::regnamespace::text,
          'name', proname, 'parameters', (select coalesce(json_object_agg(name,
            case when type in ('text'::regtype, 'jsonb'::regtype) then null else 'no' end), '{{}}')
            from unnest(proargnames[:pronargs], proargtypes::oid[]) as a(name, type)))) from {CALLABLE}"
    );
    // Who may call which is a table of the contract tests.
    let granted = format!(
        "select json_agg(json_build_array(pronamespace::regnamespace::text, proname)) from {CALLABLE}
         and has_function_privilege('authenticated', oid, 'execute')"
    );
    let wishes: Vec<Value> = serde_json::from_str(&technician.api.ask(&functions)).unwrap();
    assert!(wishes.len() > 20);
    let told = technician.wish("functions", &wishes);
    let through = wishes.iter().zip(&told).filter(|(_, told)| !is_denied(told));
    let through: BTreeSet<_> =
        through.map(|(wish, _)| ["schema", "name"].map(|of| wish[of].as_str().unwrap().to_owned())).collect();
    let granted: BTreeSet<[String; 2]> = serde_json::from_str(&technician.api.ask(&granted)).unwrap();
    assert!(granted.iter().all(|[schema, _]| schema == "public"), "{granted:?}");
    assert_eq!(through, granted);
}
