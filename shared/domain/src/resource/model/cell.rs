//! Reading a value that is written as text where everything is text: in a cell of a CSV file.
//!
//! Exports are read back: `true` and `false`, JSON for objects and lists. So is what Postgres itself writes: `t` and `f`, `{…}` for a
//! list.

use serde_json::Value;

use super::{Kind, Notation};

impl Kind {
    /// Reads a cell that is not empty, into the value that [`Kind::read`] makes of the same in JSON.
    ///
    /// # Errors
    /// The change that a person has to make, in words.
    pub fn read_cell(self, cell: &str, notation: Notation) -> Result<Value, String> {
        let cell = cell.trim();
        let read = match self {
            Self::Integer(..) => self
                .read_text(&notation.number(cell)?)
                .and_then(|text| text.parse::<i64>().ok())
                .map(Value::from),
            Self::Number(amount) => amount.read(&notation.number(cell)?),
            Self::Date => self.read_text(&notation.date(cell)?).map(Value::from),
            Self::Boolean => match cell.to_ascii_lowercase().as_str() {
                "true" | "t" => Some(true.into()),
                "false" | "f" => Some(false.into()),
                _ => None,
            },
            Self::Word(_) => self.read_text(&cell.to_ascii_lowercase()).map(Value::from),
            Self::Texts(_) | Self::Words(_) | Self::Dates(_) => {
                list(cell).and_then(|list| self.read(&list.into()))
            }
            Self::Object | Self::Fields | Self::List | Self::Any | Self::Steps | Self::Hours => {
                serde_json::from_str(cell).ok().and_then(|value| self.read(&value))
            }
            Self::Id
            | Self::Text(_)
            | Self::Prose(_)
            | Self::Time
            | Self::MonthDay
            | Self::TimeZone
            | Self::Recurrence
            | Self::PublicAddress => self.read_text(cell).map(Value::from),
        };
        read.ok_or_else(|| format!("must be {}", self.in_words()))
    }
}

/// `a, b` or, in JSON, `["a", "b, c"]`, or, as Postgres writes it, `{a,"b, c"}`.
fn list(cell: &str) -> Option<Vec<String>> {
    if let Ok(list) = serde_json::from_str(cell) {
        return Some(list);
    }
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
    use super::super::Amount;
    use super::*;
    use serde_json::json;

    fn read(kind: Kind, cell: &str) -> Option<Value> {
        kind.read_cell(cell, Notation::unsaid(false)).ok()
    }

    #[test]
    fn each_kind_reads_what_a_person_or_an_export_writes() {
        let id = "01900000-0000-7000-8000-000000000001";
        for (kind, cell, value) in [
            (Kind::Id, " 01900000-0000-7000-8000-000000000001", json!(id)),
            (Kind::Text(9), " 007 ", json!("007")),
            (Kind::Word(&["active", "retired"]), "Active", json!("active")),
            (Kind::Integer(0, 9), "7", json!(7)),
            (Kind::Number(Amount::up_to(2_000, 3)), "1500.25", json!(1500.25)),
            (Kind::Boolean, "t", json!(true)),
            (Kind::Boolean, "FALSE", json!(false)),
            (Kind::Date, "2026-03-02", json!("2026-03-02")),
            (Kind::Time, "2026-02-28T10:00:00+01:00", json!("2026-02-28T09:00:00Z")),
            (Kind::Texts(9), "P-1, P-2,", json!(["P-1", "P-2"])),
            (Kind::Texts(9), r#"{P-1,"a, \"b\"","{}"}"#, json!(["P-1", "a, \"b\"", "{}"])),
            (Kind::Texts(9), r#"["P-1","a, \"b\""]"#, json!(["P-1", "a, \"b\""])),
            (Kind::Texts(9), "[]", json!([])),
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
            (Kind::Number(Amount::up_to(9, 3)), "NaN"),
            (Kind::Number(Amount::up_to(9, 3)), "1,5"),
            (Kind::Number(Amount::up_to(9, 3)), "-1"),
            (Kind::Number(Amount::up_to(9, 3)), "1.0001"),
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
    fn numbers_and_dates_are_read_as_the_locale_says() {
        let read = |kind: Kind, cell, locale| kind.read_cell(cell, Notation::of(locale));
        let number = Kind::Number(Amount::up_to(9_999, 3));
        assert_eq!(read(number, "1.500,25", "de"), Ok(json!(1500.25)));
        assert_eq!(read(Kind::Integer(0, 9_999), "1.500", "de"), Ok(json!(1500)));
        assert_eq!(read(Kind::Date, "03.04.2026", "de"), Ok(json!("2026-04-03")));
        assert!(read(Kind::Date, "31.02.2026", "de").is_err());
    }
}
