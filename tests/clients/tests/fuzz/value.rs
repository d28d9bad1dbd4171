//! Values: likely ones, ones from the data, and poison.

use crate::catalog::{Catalog, Column};
use crate::fence::Fence;
use millwright_stack_tests::Dice;
use serde_json::{Value, json};

/// A value for a column of a table, or for an argument of a function (no table).
pub(crate) fn any(
    dice: &mut Dice,
    catalog: &Catalog,
    fence: &Fence,
    table: Option<&str>,
    column: &Column,
) -> Value {
    match dice.below(10) {
        0 => poison(dice, &column.kind),
        1 => Value::Null,
        2..=4 => {
            known(dice, catalog, table, &column.name).unwrap_or_else(|| likely(dice, catalog, fence, column))
        }
        _ => likely(dice, catalog, fence, column),
    }
}

/// An id: most often of a row here, now and then of one there, or of none.
pub(crate) fn id(dice: &mut Dice, catalog: &Catalog, fence: &Fence, table: &str) -> Value {
    let rows = catalog.rows.get(table).map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<_> = rows.iter().filter_map(|row| row.get("id")?.as_str()).collect();
    let (there, here): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| fence.ids.contains(*id));
    let from = if dice.below(4) == 0 { &there } else { &here };
    if from.is_empty() || dice.below(20) == 0 { uuid(dice).into() } else { (*dice.throw(from)).into() }
}

/// A new id, the same for the same seed.
pub(crate) fn uuid(dice: &mut Dice) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits =
        |many: usize| -> String { (0..many).map(|_| char::from(*dice.throw(HEX.as_slice()))).collect() };
    format!("{}-{}-8{}-8{}-{}", digits(8), digits(4), digits(3), digits(3), digits(12))
}

fn known(dice: &mut Dice, catalog: &Catalog, table: Option<&str>, column: &str) -> Option<Value> {
    let rows = catalog.rows.get(table?)?;
    let row = if rows.is_empty() { return None } else { dice.throw(rows) };
    row.get(column).cloned()
}

fn likely(dice: &mut Dice, catalog: &Catalog, fence: &Fence, column: &Column) -> Value {
    if let Some(target) = column.target.as_deref().map(|name| name.trim_start_matches("public.")) {
        return id(dice, catalog, fence, target);
    }
    if !column.words.is_empty() {
        return dice.throw(&column.words).as_str().into();
    }
    match column.kind.as_str() {
        "uuid" => {
            let table = dice.throw(&catalog.tables);
            id(dice, catalog, fence, &table.name)
        }
        "uuid[]" => {
            let table = dice.throw(&catalog.tables);
            (0..dice.below(4)).map(|_| id(dice, catalog, fence, &table.name)).collect()
        }
        "boolean" => json!(dice.below(2) == 0),
        "smallint" | "integer" | "bigint" => json!(*dice.throw(&[0, 1, 2, 5, 12, 60, 250, -1])),
        "numeric" | "double precision" | "real" => json!(*dice.throw(&[0.0, 1.0, 2.5, 10.0, 499.999, -1.0])),
        "date" => json!(*dice.throw(&["2026-11-27", "2026-02-28", "2020-01-01"])),
        "timestamp with time zone" => {
            json!(*dice.throw(&["2026-11-26T10:00:00Z", "2026-11-27T23:30:00+01:00", "2020-01-01T00:00:00Z"]))
        }
        "jsonb" | "json" => {
            dice.throw(&[json!({}), json!([]), json!({"a": 1}), json!([{"id": 1}]), json!("a")]).clone()
        }
        "text[]" => json!([*dice.throw(&["a", "2026-01-01", "technician"])]),
        _ => json!(*dice.throw(&[
            "a word",
            "daily",
            "FREQ=WEEKLY;BYDAY=MO",
            "high",
            "05-01",
            "x@y.example",
            "in_progress"
        ])),
    }
}

/// What the database must not take, or all the rest must live with.
fn poison(dice: &mut Dice, kind: &str) -> Value {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    match kind {
        "date" | "timestamp with time zone" => json!(*dice.throw(&[
            "infinity",
            "-infinity",
            "0044-03-15 BC",
            "294276-12-31",
            "9999-12-31",
            "4713-01-01 BC",
            "now",
            "epoch",
            "allballs",
        ])),
        "smallint" | "integer" | "bigint" => {
            json!(*dice.throw(&[i64::MAX, i64::MIN, 32_767, 2_147_483_647, -2_147_483_648, 0]))
        }
        "numeric" | "double precision" | "real" => {
            json!(*dice.throw(&[
                "NaN",
                "Infinity",
                "-Infinity",
                "1e308",
                "-1e308",
                "99999999999.999",
                "1e-308"
            ]))
        }
        "jsonb" | "json" => match dice.below(4) {
            0 => serde_json::from_str(&nested(100)).expect("a list in a list"),
            1 => json!({"a": "x".repeat(100_000)}),
            2 => json!({"\u{202e}": "\u{1}", "constructor": null, "__proto__": 1e300}),
            _ => json!([[[[[[[[[[1e308]]]]]]]]]]),
        },
        "text[]" | "date[]" | "uuid[]" => dice
            .throw(&[
                json!([null]),
                json!("{infinity}"),
                json!("{{a,b},{c,d}}"),
                json!("{}"),
                json!(["x".repeat(5_000)]),
            ])
            .clone(),
        _ => dice
            .throw(&[
                json!("x".repeat(300_000)),
                json!("\u{0}"),
                json!("\u{200b}\u{200d}"),
                json!("\r\nBcc: a@b.example"),
                json!("\u{1b}[31m"),
                json!("\u{202e}gpj.exe"),
                json!("=HYPERLINK(\"http://a.example\")"),
                json!(" "),
                json!("'; drop table work_orders; --"),
                json!("\u{1F600}".repeat(3_000)),
            ])
            .clone(),
    }
}
