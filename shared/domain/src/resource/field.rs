//! A field: what it may hold, and who writes it when.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// A field of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, in JSON and in the table.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// When a client may write it.
    pub write: Write,
    /// Whether it must be said when one is opened.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
}

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A UUID.
    Id,
    /// At most so many characters, without white space around them.
    Text(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// True or false.
    Boolean,
    /// A day, `2026-03-02`.
    Date,
    /// A moment, RFC 3339.
    Time,
    /// A JSON object.
    Object,
    /// A JSON array.
    List,
}

/// When a client may write a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Never: it follows from what happens.
    Never,
    /// When one is opened.
    Once,
    /// Then, and later.
    Always,
}

/// The longest text that is compared with a value, in characters. More would not fit into an address.
const LONGEST_COMPARED: usize = 254;

impl Field {
    /// A field that a client may leave out, write at any time, and set to null.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, write: Write::Always, required: false, nullable: true }
    }

    /// It must be said when one is opened, and is never null.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, nullable: false, ..self }
    }

    /// It is never null: the database has a value where the client says none.
    #[must_use]
    pub const fn filled(self) -> Self {
        Self { nullable: false, ..self }
    }

    /// It is said when one is opened and stays.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { write: Write::Once, ..self }
    }

    /// It is not the client's to write.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self { write: Write::Never, ..self }
    }

    /// Whether a list can be filtered and ordered by it. Long texts are searched, not compared.
    #[must_use]
    pub fn filters(&self) -> bool {
        match self.kind {
            Kind::Object | Kind::List => false,
            Kind::Text(max) => max <= LONGEST_COMPARED,
            _ => true,
        }
    }
}

impl Kind {
    /// What must be written, in words.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Id => "a UUID".to_owned(),
            Self::Text(max) => format!("a text of at most {max} characters"),
            Self::Word(words) => format!("one of: {}", words.join(", ")),
            Self::Integer(min, max) => format!("a whole number from {min} to {max}"),
            Self::Boolean => "true or false".to_owned(),
            Self::Date => "a date like 2026-03-02".to_owned(),
            Self::Time => "a time in RFC 3339".to_owned(),
            Self::Object => "a JSON object".to_owned(),
            Self::List => "a JSON array".to_owned(),
        }
    }

    /// Reads a JSON value. What comes out is what is stored: texts without white space around them.
    #[must_use]
    pub fn read(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Integer(min, max), Value::Number(number)) => {
                number.as_i64().filter(|number| (min..=max).contains(number)).map(Value::from)
            }
            (Self::Boolean, Value::Bool(_))
            | (Self::Object, Value::Object(_))
            | (Self::List, Value::Array(_)) => has_no_null_character(value).then(|| value.clone()),
            (Self::Text(_) | Self::Word(_) | Self::Id | Self::Date | Self::Time, Value::String(text)) => {
                self.read_text(text).map(Value::from)
            }
            _ => None,
        }
    }

    /// Reads a value written as text, as in a query.
    #[must_use]
    pub fn read_text(self, text: &str) -> Option<String> {
        let text = text.trim();
        // Postgres cannot store it, and its timestamps end before chrono's do.
        let of_this_age = |year: i32| (1..=9999).contains(&year);
        let good = match self {
            Self::Id => return text.parse::<Uuid>().ok().map(|id| id.to_string()),
            Self::Text(max) => text.chars().count() <= max && !text.contains('\0'),
            Self::Word(words) => words.contains(&text),
            Self::Integer(min, max) => text.parse().is_ok_and(|number: i64| (min..=max).contains(&number)),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::Date => {
                text.parse().is_ok_and(|date: NaiveDate| of_this_age(chrono::Datelike::year(&date)))
            }
            Self::Time => DateTime::<Utc>::deserialize(Value::from(text))
                .is_ok_and(|time| of_this_age(chrono::Datelike::year(&time))),
            Self::Object | Self::List => false,
        };
        good.then(|| text.to_owned())
    }
}

/// Postgres cannot store U+0000, not even inside JSON.
fn has_no_null_character(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(values) => values.iter().all(has_no_null_character),
        Value::Object(object) => {
            object.iter().all(|(name, value)| !name.contains('\0') && has_no_null_character(value))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_takes_its_own_and_nothing_else() {
        let id = "01900000-0000-7000-8000-000000000001";
        let good = [
            (Kind::Id, json!(id)),
            (Kind::Text(3), json!("abc")),
            (Kind::Word(&["a", "b"]), json!("b")),
            (Kind::Integer(0, 9), json!(9)),
            (Kind::Boolean, json!(false)),
            (Kind::Date, json!("2026-02-28")),
            (Kind::Time, json!("2026-02-28T10:00:00+01:00")),
            (Kind::Object, json!({"a": 1})),
            (Kind::List, json!([1])),
        ];
        for (kind, value) in &good {
            assert_eq!(kind.read(value).as_ref(), Some(value));
            for (other, strange) in &good {
                let takes_any_text =
                    matches!(kind, Kind::Text(_)) && strange.as_str().is_some_and(|s| s.len() <= 3);
                if other != kind && !takes_any_text {
                    assert_eq!(kind.read(strange), None, "{kind:?} of {strange}");
                }
            }
        }
    }

    #[test]
    fn what_postgres_cannot_store_is_refused_here() {
        assert_eq!(Kind::Text(9).read(&json!("a\0")), None);
        assert_eq!(Kind::Object.read(&json!({"a": {"b\0": 1}})), None);
        assert_eq!(Kind::Object.read(&json!({"a": ["\0"]})), None);
        assert_eq!(Kind::Time.read(&json!("+262000-01-01T00:00:00Z")), None);
        assert_eq!(Kind::Date.read(&json!("-0001-01-01")), None);
        assert_eq!(Kind::Date.read(&json!("2026-02-29")), None);
        assert_eq!(Kind::Integer(0, 9).read(&json!(1.5)), None);
    }

    #[test]
    fn a_text_loses_the_white_space_around_it() {
        assert_eq!(Kind::Text(2).read(&json!(" ab ")), Some(json!("ab")));
    }
}
