//! Values that our code could not read. Each column that a client may write is sent each of them, by an administrator at the
//! gateway; each is refused for what it is. The columns are the catalog's, so that one that is added later is among them.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use crate::granted::granted;
use crate::matrix::rule::{Place, Rule};
use crate::matrix::scene::Scene;
use crate::tables;
use anyhow::{Context, Result};
use millwright_contract_tests::{Answer, World, with};
use millwright_domain::decimal::Decimal;
use millwright_domain::resource::{Field, Kind, RESOURCES};
use reqwest::Method;
use serde_json::{Value, json};

/// The time by the database's own clock is written instead, whatever is said.
const NOT_TAKEN_AS_SAID: [(&str, &str); 1] = [("api_tokens", "revoked_at")];

/// A column that clients write, and how they may.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) of: String,
    pub(crate) opens: bool,
    pub(crate) changes: bool,
}

pub(crate) fn columns(world: &mut World, table: &str) -> Result<Vec<Column>> {
    let rows = world.sql.query(
        "select attname::text, format_type(atttypid, null),
           has_column_privilege('authenticated', attrelid, attnum, 'insert'),
           has_column_privilege('authenticated', attrelid, attnum, 'update')
         from pg_attribute where attrelid = format('public.%I', $1::text)::regclass and attnum > 0 and not attisdropped",
        &[&table],
    )?;
    let column = |row: &postgres::Row| Column {
        name: row.get(0),
        of: row.get(1),
        opens: row.get(2),
        changes: row.get(3),
    };
    Ok(rows.iter().map(column).filter(|column| column.opens || column.changes).collect())
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inside, _| json!({"a": inside}))
}

/// Poisons for a column of this type.
fn poisons(of: &str) -> Vec<Value> {
    let texts = || {
        let strange = ["\0", "\u{1}", "a\u{7f}b", "\u{200b}\u{feff}", " \u{202e}"].map(Value::from);
        [strange.to_vec(), vec![json!("x".repeat(10_001)), json!("x".repeat(1_000_000))]].concat()
    };
    match of {
        "timestamp with time zone" => [
            "infinity",
            "-infinity",
            "0044-03-15 12:00 BC",
            "294276-12-31",
            "1899-12-31T23:59:59Z",
            "2201-01-01T00:00:00Z",
        ]
        .map(Value::from)
        .to_vec(),
        "date" => ["infinity", "-infinity", "0044-03-15 BC", "300000-01-01", "1899-12-31", "2201-01-01"]
            .map(Value::from)
            .to_vec(),
        // Of a number with too many decimals none is taken for another one, and -1 is one only where something may become less.
        "numeric" => [
            "NaN",
            "Infinity",
            "1e308",
            "-1e308",
            "-1000001",
            "4000000001",
            "1.0000001",
            "0.0000001",
            "1.000000000000000000001",
        ]
        .map(Value::from)
        .to_vec(),
        "smallint" | "integer" | "bigint" => vec![json!(1.5), json!("0.1"), json!("NaN"), json!("1e308")],
        "jsonb" => vec![
            nested(9),
            nested(100),
            json!({"a": "x".repeat(17_000)}),
            json!({"a": "x".repeat(1_000_000)}),
            json!({"a": "\0"}),
        ],
        "text" => texts(),
        "date[]" => vec![
            json!("{infinity}"),
            json!([null]),
            json!("{{2026-01-01},{2026-01-02}}"),
            json!("{0044-03-15 BC}"),
        ],
        "text[]" => vec![
            json!([null]),
            json!([["a"], ["b"]]),
            json!(["\u{200b}"]),
            json!(vec!["a"; 101]),
            json!(["x".repeat(10_001)]),
        ],
        _ if of.ends_with("[]") => vec![json!([null]), json!("{{wo_comment},{wo_assigned}}")],
        // Ids, words, whole numbers, and true or false: nothing else has their form.
        _ => vec![json!("infinity"), json!("NaN"), json!("1e308"), json!("\u{200b}")],
    }
}

/// Refused for the value, and not for another reason.
pub(crate) fn is_refused_for_itself(answer: &Answer) -> bool {
    (400..500).contains(&answer.status)
        && (answer.code().starts_with("22") || answer.code() == "23514" || answer.code() == "PT409")
}

/// Where an administrator may do it, by the rules of the tables.
pub(crate) fn place(rule: &Rule, changes: bool) -> Option<Place> {
    let may =
        |(_, _, insert, update, _): &&(Place, _, crate::matrix::rule::Who, crate::matrix::rule::Who, _)| {
            if changes { update } else { insert }.has("admin")
        };
    rule.who.iter().find(may).map(|line| line.0)
}

/// The poisons that were taken in new rows of this table, or in changes of one.
fn taken(scene: &mut Scene, rule: &'static Rule, changes: bool) -> Result<Vec<String>> {
    let (table, mut wrong) = (rule.table(), Vec::new());
    let Some(place) = place(rule, changes) else { return Ok(wrong) };
    let made = scene.make(rule, place, "admin", changes)?;
    if made.row.exists && !changes {
        return Ok(wrong);
    }
    let columns = columns(&mut scene.world, table)?;
    let one = made.key.as_object().into_iter().flatten();
    let one: Vec<_> =
        one.map(|(name, value)| format!("{name}=eq.{}", value.as_str().unwrap_or_default())).collect();
    let caller = scene.caller("admin")?;
    for column in columns.iter().filter(|column| if changes { column.changes } else { column.opens }) {
        for poison in poisons(&column.of) {
            let said = json!({&column.name: poison});
            let answer = if changes {
                caller.change(&format!("{table}?{}", one.join("&")), &said)?
            } else {
                caller.send(Method::POST, "public", table, Some(&with(made.row.said.clone(), &said)), &[])?
            };
            if !is_refused_for_itself(&answer) && !NOT_TAKEN_AS_SAID.contains(&(table, &column.name)) {
                let poison: String = poison.to_string().chars().take(60).collect();
                wrong.push(format!(
                    "{table}.{} {} {poison}: {answer:?}",
                    column.name,
                    if changes { "becomes" } else { "is" }
                ));
            }
        }
    }
    Ok(wrong)
}

#[test]
fn no_column_takes_a_value_that_our_code_could_not_read() -> Result<()> {
    let mut scene = Scene::open("values")?;
    let mut wrong = Vec::new();
    for rule in tables::rules() {
        for changes in [false, true] {
            wrong.extend(taken(&mut scene, rule, changes)?);
        }
    }
    assert!(wrong.is_empty(), "{} are taken:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// The condition that the check of a column of this kind has to have.
fn condition(field: &Field) -> Option<String> {
    let name = field.name;
    Some(match field.kind {
        Kind::Text(max) => format!("is_line({name}, {max})"),
        Kind::Prose(max) => format!("is_prose({name}, {max})"),
        Kind::Recurrence => format!("is_line({name}, 500)"),
        Kind::Number(amount) => {
            let name = if amount.least() < 0.0 { format!("abs({name})") } else { name.to_owned() };
            format!("is_amount({name}, {}, {})", amount.most(), amount.places())
        }
        Kind::Time => format!("is_moment({name})"),
        Kind::Date => format!("is_day({name})"),
        Kind::TimeZone => format!("is_time_zone({name})"),
        Kind::MonthDay => format!("is_day_of_year({name})"),
        Kind::Texts(max) => format!("are_lines({name}, 100, {max})"),
        Kind::Dates(max) => format!("are_days({name}, {max})"),
        Kind::PublicAddress => format!("is_public_address({name})"),
        Kind::Words(_) => format!("is_set({name}, 100)"),
        Kind::Object | Kind::Any => format!("is_json({name})"),
        Kind::Steps => format!("are_steps({name})"),
        Kind::Hours => format!("are_hours({name})"),
        Kind::Id | Kind::Word(_) | Kind::Integer(..) | Kind::Boolean | Kind::Fields | Kind::List => {
            return None;
        }
    })
}

#[test]
fn the_check_of_a_column_has_the_bounds_that_are_declared() -> Result<()> {
    let mut world = World::open()?;
    let written = granted(&mut world, "^authenticated$", "insert, update")?;
    let mut wrong = Vec::new();
    for (resource, field) in
        RESOURCES.iter().flat_map(|resource| resource.fields.iter().map(move |f| (resource, f)))
    {
        let is_written = written.get(resource.table).is_some_and(|columns| columns.contains(field.name));
        let Some(condition) = condition(field).filter(|_| is_written) else { continue };
        // Numbers are kept with a cast of their own.
        let checks = world.value(
            "select coalesce(string_agg(regexp_replace(regexp_replace(
               pg_get_constraintdef(c.oid), '''([0-9]+)''(::bigint)?', '\\1', 'g'), '[(]?([0-9]+)[)]?(::bigint|::numeric)+', '\\1', 'g'), ' '), '')
             from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
             where c.contype = 'c' and c.conrelid = format('public.%I', $1::text)::regclass and a.attname = $2",
            &[&resource.table, &field.name],
        )?;
        let checks = checks.as_str().context("no text")?;
        // What must be said has a further condition: that it is not empty, or its form.
        let is_text = matches!(field.kind, Kind::Text(_) | Kind::Prose(_));
        let may_be_empty = field.required && is_text && !checks.contains(" AND ");
        if !checks.contains(&condition) || may_be_empty {
            wrong.push(format!("{}.{}: {condition}, but {checks}", resource.table, field.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn no_number_of_json_is_greater_than_a_float() -> Result<()> {
    let mut world = World::open()?;
    for (kept, number) in [(true, "1e300"), (false, "1e400"), (false, "-1e400")] {
        let is_kept = world.value(&format!("private.is_json('{{\"a\": [{number}]}}')"), &[])?;
        assert_eq!(is_kept, kept, "{number}");
    }
    Ok(())
}

#[test]
fn nobody_acknowledges_for_longer_than_the_api_allows() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let caller = world.caller(&supervisor.email)?;
    let path = format!("work_orders?id=eq.{}", world.work_order(warehouse, &json!({}))?);
    for (hours, status) in [(25, 409), (23, 204)] {
        let until = world.now()? + chrono::TimeDelta::hours(hours);
        let said = json!({"acknowledged_until": until});
        let answer = caller.change(&path, &said)?;
        assert_eq!(answer.status, status, "{hours} hours: {answer:?}");
    }
    Ok(())
}

/// Numbers of few and of many decimals, which are stored as they are or not at all.
const DECIMALS: [&str; 6] =
    ["1.5", "0.333", "0.00015", "0.1234567", "12345678.9012345", "1.0000000000000001"];

/// The numbers that were stored as others, in new rows of this table or in changes of one.
fn altered(scene: &mut Scene, rule: &'static Rule, changes: bool) -> Result<(usize, Vec<String>)> {
    let (table, mut kept, mut wrong) = (rule.table(), 0, Vec::new());
    let numbers = ["numeric", "real", "double precision", "smallint", "integer", "bigint"];
    let is_written = |column: &Column| if changes { column.changes } else { column.opens };
    let columns = columns(&mut scene.world, table)?;
    for column in columns.iter().filter(|column| is_written(column) && numbers.contains(&&*column.of)) {
        for number in DECIMALS {
            let Some(place) = place(rule, changes) else { continue };
            let made = scene.make(rule, place, "admin", changes)?;
            if made.row.exists && !changes {
                continue;
            }
            let one = made.key.as_object().into_iter().flatten();
            let one: Vec<_> = one
                .map(|(name, value)| format!("{name}=eq.{}", value.as_str().unwrap_or_default()))
                .collect();
            let caller = scene.caller("admin")?;
            let said = json!({&column.name: number});
            let told = [("prefer", "return=representation")];
            let answer = if changes {
                caller.send(
                    Method::PATCH,
                    "public",
                    &format!("{table}?{}", one.join("&")),
                    Some(&said),
                    &told,
                )?
            } else {
                caller.send(
                    Method::POST,
                    "public",
                    table,
                    Some(&with(made.row.said.clone(), &said)),
                    &told,
                )?
            };
            let stored = &answer.body[0][&column.name];
            if answer.status >= 300 {
                continue;
            }
            kept += 1;
            if stored.to_string().parse::<Decimal>() != number.parse() {
                wrong.push(format!("{table}.{} of {number} becomes {stored}", column.name));
            }
        }
    }
    Ok((kept, wrong))
}

#[test]
fn a_number_is_stored_as_it_was_sent_or_refused() -> Result<()> {
    let mut scene = Scene::open("decimals")?;
    let (mut kept, mut wrong) = (0, Vec::new());
    for rule in tables::rules() {
        for changes in [false, true] {
            let (more, altered) = altered(&mut scene, rule, changes)?;
            kept += more;
            wrong.extend(altered);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(kept > 10, "only {kept} were stored at all");
    Ok(())
}
