//! Random requests to the gateway.

use crate::catalog::{Catalog, Table};
use crate::fence::Fence;
use crate::value;
use millwright_stack_tests::{Answer, Api, Dice};
use serde_json::{Map, Value};
use std::fmt;
use ureq::http::Method;

/// One request, of which everything is chosen.
pub(crate) struct Request {
    pub(crate) verb: &'static str,
    path: String,
    prefer: &'static str,
    body: Option<Value>,
}

const PREFERENCES: [&str; 6] = [
    "return=representation",
    "return=minimal",
    "count=exact",
    "return=representation,resolution=merge-duplicates",
    "return=headers-only",
    "tx=rollback",
];
const OPERATORS: [&str; 9] = ["eq", "neq", "gt", "lte", "in", "is", "like", "fts", "not.eq"];

impl Request {
    /// Any.
    pub(crate) fn any(dice: &mut Dice, catalog: &Catalog, fence: &Fence) -> Self {
        let table = dice.throw(&catalog.tables);
        let kind = dice.below(10);
        let mut request = match kind {
            0..=2 => Self::of("GET", read(dice, catalog, fence, table), None),
            3 | 4 => Self::call(dice, catalog, fence),
            5..=6 => Self::of("POST", table.name.clone(), Some(row(dice, catalog, fence, table, true))),
            9 if table.deleted => Self::of("DELETE", one(dice, catalog, fence, table), None),
            _ => Self::of(
                "PATCH",
                one(dice, catalog, fence, table),
                Some(row(dice, catalog, fence, table, false)),
            ),
        };
        if dice.below(3) > 0 {
            request.prefer = *dice.throw(&PREFERENCES);
        }
        request
    }

    fn of(verb: &'static str, path: String, body: Option<Value>) -> Self {
        Self { verb, path, prefer: "", body }
    }

    fn call(dice: &mut Dice, catalog: &Catalog, fence: &Fence) -> Self {
        let function = dice.throw(&catalog.functions);
        let mut body = Map::new();
        for argument in &function.arguments {
            if dice.below(8) > 0 {
                // Most names of arguments are those of columns after `p_`.
                let named = argument.name.trim_start_matches("p_");
                let target = catalog.tables.iter().find(|table| table.name.trim_end_matches('s') == named);
                let value = match target {
                    Some(table) if argument.kind == "uuid" => value::id(dice, catalog, fence, &table.name),
                    _ => value::any(dice, catalog, fence, None, argument),
                };
                body.insert(argument.name.clone(), value);
            }
        }
        Self::of("POST", format!("rpc/{}", function.name), Some(Value::Object(body)))
    }

    /// Sends it.
    pub(crate) fn send(&self, api: &Api, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers =
            [("authorization", &*bearer), ("content-type", "application/json"), ("prefer", self.prefer)];
        let headers = if self.prefer.is_empty() { &headers[..2] } else { &headers[..] };
        let method = Method::from_bytes(self.verb.as_bytes()).expect("a method");
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        api.send_to(&api.stack.gateway, &method, &format!("/{}", self.path), headers, body.as_bytes())
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        write!(f, "{} /{} (prefer {:?}) {:.3000}", self.verb, self.path, self.prefer, body)
    }
}

/// True if the gateway has cut the request off because it took too long, as it should.
pub(crate) fn is_cut_off(answer: &Answer) -> bool {
    answer.json()["code"] == "57014"
}

/// A new row like one that is there, or a change of one: with a few columns that are like none.
fn row(dice: &mut Dice, catalog: &Catalog, fence: &Fence, table: &Table, new: bool) -> Value {
    let columns: Vec<_> =
        table.columns.iter().filter(|column| if new { column.inserted } else { column.updated }).collect();
    let mut row = Map::new();
    if columns.is_empty() {
        return Value::Object(row);
    }
    let here: Vec<_> = catalog.rows[&table.name].iter().filter(|row| fence.is_outside(row)).collect();
    if new && !here.is_empty() {
        let like = dice.throw(&here);
        row.extend(
            columns
                .iter()
                .filter_map(|column| like.get_key_value(&column.name))
                .map(|(k, v)| (k.clone(), v.clone())),
        );
    }
    for _ in 0..=dice.below(3) {
        let column = dice.throw(&columns);
        row.insert(column.name.clone(), value::any(dice, catalog, fence, Some(&table.name), column));
    }
    if new {
        row.insert("id".to_owned(), value::uuid(dice).into());
        row.retain(|name, _| columns.iter().any(|column| column.name == *name));
    }
    Value::Object(row)
}

/// The address of one row, or now and then of many.
fn one(dice: &mut Dice, catalog: &Catalog, fence: &Fence, table: &Table) -> String {
    let id = value::id(dice, catalog, fence, &table.name);
    match dice.below(12) {
        0 => format!("{}?{}", table.name, filter(dice, catalog, fence, table)),
        _ => format!("{}?id=eq.{}", table.name, id.as_str().unwrap_or_default()),
    }
}

fn read(dice: &mut Dice, catalog: &Catalog, fence: &Fence, table: &Table) -> String {
    let mut query = vec![format!("select={}", selection(dice, catalog, table, 2))];
    for _ in 0..dice.below(3) {
        query.push(filter(dice, catalog, fence, table));
    }
    if dice.below(3) == 0 {
        query.push(format!("order={}.desc.nullslast", dice.throw(&table.columns).name));
    }
    query.push(format!("limit={}", dice.throw(&[0, 1, 20, 1_000])));
    format!("{}?{}", table.name, query.join("&"))
}

/// Columns, and other tables that the gateway may know a way to.
fn selection(dice: &mut Dice, catalog: &Catalog, table: &Table, depth: usize) -> String {
    let mut selected = match dice.below(4) {
        0 => dice.throw(&table.columns).name.clone(),
        1 => format!("{}.count()", dice.throw(&table.columns).name),
        _ => "*".to_owned(),
    };
    if depth > 0 && dice.below(2) == 0 {
        let targets: Vec<_> =
            table.columns.iter().filter_map(|column| Some((column, column.target.as_deref()?))).collect();
        let (hint, other) = match targets.as_slice() {
            [] => (String::new(), dice.throw(&catalog.tables)),
            known => {
                let (column, name) = dice.throw(known);
                let name = name.trim_start_matches("public.");
                (format!("!{}", column.name), catalog.table(name).unwrap_or(table))
            }
        };
        let inner = selection(dice, catalog, other, depth - 1);
        selected = format!("{selected},{}{hint}({inner})", other.name);
    }
    selected
}

fn filter(dice: &mut Dice, catalog: &Catalog, fence: &Fence, table: &Table) -> String {
    let column = dice.throw(&table.columns);
    let value = value::any(dice, catalog, fence, Some(&table.name), column);
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = encoded(&text);
    match *dice.throw(&OPERATORS) {
        "in" => format!("{}=in.({text})", column.name),
        "is" => format!("{}=is.null", column.name),
        operator if dice.below(6) == 0 => format!("or=({0}.{operator}.{text},{0}.is.null)", column.name),
        operator => format!("{}={operator}.{text}", column.name),
    }
}

/// As it stands in an address; ids and plain words stay readable.
fn encoded(text: &str) -> String {
    text.bytes().take(200).fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
            text + char::from(byte).encode_utf8(&mut [0; 4])
        }
        _ => text + &format!("%{byte:02X}"),
    })
}
