//! Reading a value that is written as text where everything is text: in a cell of a CSV file.
//!
//! Exports are read back: Postgres's `t` and `f`, its `{…}` for a list, JSON for objects and lists.

use serde_json::{Number, Value};

use super::Kind;
use super::kind::is_within;

/// The form of numbers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimals {
    /// `1500.25`.
    Point,
    /// `1500,25` as well, as spreadsheets do that separate cells by semicolons.
    PointOrComma,
}

impl Kind {
    /// Reads a cell that is not empty, into the value that [`Kind::read`] makes of the same in JSON.
    #[must_use]
    pub fn read_cell(self, cell: &str, decimals: Decimals) -> Option<Value> {
        let cell = cell.trim();
        match self {
            Self::Integer(..) => self.read_text(cell)?.parse::<i64>().ok().map(Value::from),
            Self::Number(max) => number(cell, decimals)
                .filter(|number| is_within(*number, max))
                .and_then(Number::from_f64)
                .map(Value::from),
            Self::Boolean => match cell.to_ascii_lowercase().as_str() {
                "true" | "t" => Some(true.into()),
                "false" | "f" => Some(false.into()),
                _ => None,
            },
            Self::Word(_) => self.read_text(&cell.to_ascii_lowercase()).map(Value::from),
            Self::Texts(_) | Self::Words(_) | Self::Dates(_) => self.read(&list(cell)?.into()),
            Self::Object | Self::Fields | Self::List | Self::Any | Self::Steps | Self::Hours => {
                self.read(&serde_json::from_str(cell).ok()?)
            }
            Self::Id
            | Self::Text(_)
            | Self::Prose(_)
            | Self::Date
            | Self::Time
            | Self::MonthDay
            | Self::TimeZone
            | Self::Recurrence
            | Self::PublicAddress => self.read_text(cell).map(Value::from),
        }
    }
}

/// Without thousands separators: `1,500` is one and a half to some and fifteen hundred to others.
fn number(cell: &str, decimals: Decimals) -> Option<f64> {
    if decimals == Decimals::PointOrComma && !cell.contains('.') && cell.matches(',').count() == 1 {
        return cell.replace(',', ".").parse().ok();
    }
    cell.parse().ok()
}

/// `a, b` or, as Postgres writes it, `{a,"b, c"}`.
fn list(cell: &str) -> Option<Vec<String>> {
    match cell.strip_prefix('{').and_then(|cell| cell.strip_suffix('}')) {
        Some(elements) => elements_of(elements),
        None => {
            Some(cell.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect())
        }
    }
}

/// The elements of a Postgres array of texts: in quotes where they need them, with `\` before what is meant as it is.
fn elements_of(text: &str) -> Option<Vec<String>> {
    let mut elements = Vec::new();
    let mut element = String::new();
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => element.push(characters.next()?),
            '"' => quoted = !quoted,
            ',' if !quoted => elements.push(std::mem::take(&mut element)),
            '{' | '}' if !quoted => return None,
            other => element.push(other),
        }
    }
    if quoted {
        return None;
    }
    if !text.is_empty() {
        elements.push(element);
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(kind: Kind, cell: &str) -> Option<Value> {
        kind.read_cell(cell, Decimals::Point)
    }

    #[test]
    fn each_kind_reads_what_a_person_or_an_export_writes() {
        let id = "01900000-0000-7000-8000-000000000001";
        for (kind, cell, value) in [
            (Kind::Id, " 01900000-0000-7000-8000-000000000001", json!(id)),
            (Kind::Text(9), " 007 ", json!("007")),
            (Kind::Word(&["active", "retired"]), "Active", json!("active")),
            (Kind::Integer(0, 9), "7", json!(7)),
            (Kind::Number(2000), "1500.25", json!(1500.25)),
            (Kind::Boolean, "t", json!(true)),
            (Kind::Boolean, "FALSE", json!(false)),
            (Kind::Date, "2026-03-02", json!("2026-03-02")),
            (Kind::Time, "2026-02-28T10:00:00+01:00", json!("2026-02-28T09:00:00Z")),
            (Kind::Texts(9), "P-1, P-2,", json!(["P-1", "P-2"])),
            (Kind::Texts(9), r#"{P-1,"a, \"b\"","{}"}"#, json!(["P-1", "a, \"b\"", "{}"])),
            (Kind::Texts(9), "{}", json!([])),
            (Kind::Words(&["a", "b"]), "{b,a}", json!(["b", "a"])),
            (Kind::Object, r#"{"volts": 400}"#, json!({"volts": 400})),
            (Kind::Recurrence, "FREQ=WEEKLY", json!("FREQ=WEEKLY")),
        ] {
            assert_eq!(read(kind, cell), Some(value), "{kind:?} of {cell}");
        }
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for (kind, cell) in [
            (Kind::Id, "7"),
            (Kind::Text(2), "abc"),
            (Kind::Text(9), "a\0b"),
            (Kind::Word(&["active"]), "aktiv"),
            (Kind::Integer(0, 9), "10"),
            (Kind::Integer(0, 9), "1.0"),
            (Kind::Number(9), "NaN"),
            (Kind::Number(9), "1,5"),
            (Kind::Number(9), "-1"),
            (Kind::Boolean, "yes"),
            (Kind::Date, "02.03.2026"),
            (Kind::Texts(9), "{a"),
            (Kind::Texts(9), "{\"a}"),
            (Kind::Texts(9), "{{a}}"),
            (Kind::Words(&["a"]), "a,a"),
            (Kind::Object, "[1]"),
            (Kind::Object, "{"),
        ] {
            assert_eq!(read(kind, cell).filter(|value| *value != json!(["{a"])), None, "{kind:?} of {cell}");
        }
    }

    #[test]
    fn a_comma_is_a_decimal_one_only_where_it_separates_no_cells() {
        let read = |cell| Kind::Number(9_999).read_cell(cell, Decimals::PointOrComma);
        assert_eq!([read("1500,25"), read("1500.25")], [Some(json!(1500.25)), Some(json!(1500.25))]);
        assert_eq!([read("1.500,25"), read("1,500,25")], [None, None], "no thousands separators");
    }
}
