//! The kinds of value: read from JSON or from a query, and told in words.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Number, Value};
use uuid::Uuid;

use super::Amount;
use super::json::{MAX_BYTES, MAX_DEPTH, has_no_null_character, is_kept};
use crate::public_address::{MAX_ADDRESS, is_public};
use crate::recurrence::pasted::{Pasted, is_pasted};
use crate::recurrence::{self, Recurrence};
use crate::schedule::MonthDay;
use crate::text::{is_line, is_prose};
use crate::time_zone::is_time_zone;
use crate::{escalation, opening};

/// The most texts that a list of them may have.
pub const MAX_TEXTS: usize = 100;
/// The longest recurrence, in characters.
const MAX_RECURRENCE: usize = 500;
/// The bounds of JSON that is kept, in words.
const BOUNDS: &str = "of at most 16 KB and eight levels";
const _: () = assert!(MAX_BYTES == 16 << 10 && MAX_DEPTH == 8);

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A UUID.
    Id,
    /// At most so many characters in one line, without white space around them.
    Text(usize),
    /// At most so many characters in lines, without white space around them.
    Prose(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Texts of at most so many characters each, [`MAX_TEXTS`] at most.
    Texts(usize),
    /// Some of these words, each once.
    Words(&'static [&'static str]),
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// A number of these.
    Number(Amount),
    /// True or false.
    Boolean,
    /// A day of our time (1900 to 2200), `2026-03-02`.
    Date,
    /// A moment of our time (1900 to 2200), RFC 3339.
    Time,
    /// A JSON object of a bounded size and depth.
    Object,
    /// An object whose fields are read one by one.
    Fields,
    /// An array whose elements are read one by one.
    List,
    /// Any JSON of a bounded size and depth but null.
    Any,
    /// At most so many days, each once.
    Dates(usize),
    /// A day of every year, `05-01`.
    MonthDay,
    /// The name of a time zone, as [`crate::time_zone`] knows it.
    TimeZone,
    /// A recurrence, as [`crate::recurrence`] reads it.
    Recurrence,
    /// The steps of an escalation, as [`crate::escalation`] reads them.
    Steps,
    /// Opening hours of a week, as [`crate::opening`] reads them.
    Hours,
    /// An address that we call, as [`crate::public_address`] judges it.
    PublicAddress,
}

impl Kind {
    /// The values that are taken, in words.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Id => "a UUID".to_owned(),
            Self::Text(max) => {
                format!("a text of at most {max} characters in one line, with something to see")
            }
            Self::Prose(max) => {
                format!("a text of at most {max} characters without control characters, with something to see")
            }
            Self::Word(words) => format!("one of: {}", words.join(", ")),
            Self::Texts(max) => format!("a list of at most {MAX_TEXTS} texts of 1 to {max} characters"),
            Self::Words(words) => format!("a list, without repetition, of: {}", words.join(", ")),
            Self::Integer(min, max) => format!("a whole number from {min} to {max}"),
            Self::Number(amount) => amount.in_words(),
            Self::Boolean => "true or false".to_owned(),
            Self::Date => "a date like 2026-03-02, from 1900 to 2200".to_owned(),
            Self::Time => "a time in RFC 3339, from 1900 to 2200".to_owned(),
            Self::Object => format!("a JSON object {BOUNDS}"),
            Self::Fields => "a JSON object".to_owned(),
            Self::List => "a JSON array".to_owned(),
            Self::Any => format!("a JSON value {BOUNDS}"),
            Self::Dates(max) => format!("a list of at most {max} dates like 2026-03-02, each once"),
            Self::MonthDay => "a day of the year like 05-01".to_owned(),
            Self::TimeZone => "the name of a time zone as IANA writes it, like Europe/Berlin".to_owned(),
            Self::Recurrence => {
                "an RRULE of RFC 5545 such as FREQ=MONTHLY;BYDAY=1MO, or daily, weekly, monthly, quarterly, annually"
                    .to_owned()
            }
            Self::Steps => escalation::steps_in_words(),
            Self::Hours => opening::hours_in_words(),
            Self::PublicAddress => format!(
                "an https address of a host on the open internet, with a name, without user and password, of at most {MAX_ADDRESS} characters"
            ),
        }
    }

    /// The objection to a value that cannot be read, in words.
    #[must_use]
    pub fn objection(self, value: &Value) -> String {
        let rule = value.as_str().filter(|_| self == Self::Recurrence);
        let wrong = rule.and_then(|rule| {
            if is_pasted(rule) {
                // Whoever knows the time zone has written it out, where that is possible.
                Pasted::read(rule).and_then(|pasted| pasted.said(|_| None)).err()
            } else {
                rule.parse::<Recurrence>().err().filter(|_| is_line(rule, MAX_RECURRENCE))
            }
        });
        wrong.map_or_else(|| format!("must be {}", self.in_words()), |error| error.to_string())
    }

    /// Reads a JSON value, into the one that is stored: texts without white space around them.
    #[must_use]
    pub fn read(self, value: &Value) -> Option<Value> {
        match self {
            Self::Integer(min, max) => {
                whole(value.as_number()?).filter(|number| (min..=max).contains(number)).map(Value::from)
            }
            Self::Number(amount) => amount.read(&value.as_number()?.to_string()),
            Self::Boolean => value.is_boolean().then(|| value.clone()),
            Self::Object => (value.is_object() && is_kept(value)).then(|| value.clone()),
            Self::Fields => (value.is_object() && has_no_null_character(value)).then(|| value.clone()),
            Self::List => (value.is_array() && has_no_null_character(value)).then(|| value.clone()),
            Self::Any => is_kept(value).then(|| value.clone()),
            Self::Texts(max) => {
                let texts = value.as_array().filter(|texts| texts.len() <= MAX_TEXTS)?;
                texts.iter().map(|text| Self::Text(max).read(text).filter(|text| text != "")).collect()
            }
            Self::Words(words) => each_once(value.as_array()?, Self::Word(words)),
            Self::Dates(max) => each_once(value.as_array().filter(|dates| dates.len() <= max)?, Self::Date),
            Self::Steps => value.is_array().then(|| in_whole_numbers(value)).filter(escalation::are_steps),
            Self::Hours => value.is_array().then(|| in_whole_numbers(value)).filter(opening::are_hours),
            Self::Text(_)
            | Self::Prose(_)
            | Self::Word(_)
            | Self::Id
            | Self::Date
            | Self::Time
            | Self::MonthDay
            | Self::TimeZone
            | Self::Recurrence
            | Self::PublicAddress => self.read_text(value.as_str()?).map(Value::from),
        }
    }

    /// Reads a value written as text, as in a query.
    #[must_use]
    pub fn read_text(self, text: &str) -> Option<String> {
        let text = text.trim();
        let of_our_time = |year: i32| (1900..=2200).contains(&year);
        let good = match self {
            Self::Id => return text.parse::<Uuid>().ok().map(|id| id.to_string()),
            Self::Text(max) => is_line(text, max),
            Self::Prose(max) => is_prose(text, max),
            Self::Word(words) => words.contains(&text),
            Self::Integer(min, max) => text.parse().is_ok_and(|number: i64| (min..=max).contains(&number)),
            Self::Number(amount) => text.parse().is_ok_and(|number| amount.is_near(number)),
            Self::Boolean => matches!(text, "true" | "false"),
            // Written anew: chrono takes forms that Postgres does not.
            Self::Date => {
                let date = text.parse().ok().filter(|date: &NaiveDate| of_our_time(date.year()));
                return date.map(|date| date.to_string());
            }
            Self::Time => return moment(text).filter(|time| of_our_time(time.year())).map(in_utc),
            Self::MonthDay => text.parse::<MonthDay>().is_ok(),
            Self::TimeZone => is_time_zone(text),
            Self::Recurrence => {
                return recurrence::normal(text).ok().filter(|_| is_line(text, MAX_RECURRENCE));
            }
            Self::PublicAddress => is_public(text),
            Self::Texts(_)
            | Self::Words(_)
            | Self::Object
            | Self::Fields
            | Self::List
            | Self::Any
            | Self::Dates(_)
            | Self::Steps
            | Self::Hours => false,
        };
        good.then(|| text.to_owned())
    }
}

/// A list of values of one kind, none of which is there twice.
fn each_once(given: &[Value], kind: Kind) -> Option<Value> {
    let read = |(at, value): (usize, &Value)| {
        kind.read(value).filter(|value| given.iter().take(at).all(|other| other != value))
    };
    given.iter().enumerate().map(read).collect()
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::deserialize(Value::from(text)).ok()
}

/// RFC 3339 goes further from UTC (23:59) than Postgres does (15:59).
fn in_utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// JSON knows one kind of number: `2.0` is as whole as `2`.
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let text = number.as_f64().filter(|value| value.fract() == 0.0)?.to_string();
        text.parse().ok()
    })
}

/// The same, with every number that is whole written so.
fn in_whole_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => whole(number).map_or_else(|| value.clone(), Value::from),
        Value::Array(values) => values.iter().map(in_whole_numbers).collect(),
        Value::Object(object) => {
            object.iter().map(|(name, value)| (name.clone(), in_whole_numbers(value))).collect()
        }
        _ => value.clone(),
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
            (Kind::Time, json!("2026-02-28T10:00:00Z")),
            (Kind::Number(Amount::up_to(8, 3)), json!(7.5)),
            (Kind::Texts(3), json!(["abc"])),
            (Kind::Words(&["first", "second"]), json!(["second", "first"])),
            (Kind::Recurrence, json!("FREQ=WEEKLY;INTERVAL=2")),
            (Kind::MonthDay, json!("02-29")),
            (Kind::TimeZone, json!("Europe/Berlin")),
            (Kind::PublicAddress, json!("https://hooks.example/a")),
            (Kind::Dates(1), json!(["2026-02-28"])),
            (Kind::Steps, json!([{"action": "notify_manager", "wait_minutes": 0}])),
            (Kind::Hours, json!([{"day": 1, "from": "07:00", "until": "17:00"}])),
            (Kind::Object, json!({"a": 1})),
            (Kind::List, json!([1])),
        ];
        for (kind, value) in &good {
            assert_eq!(kind.read(value).as_ref(), Some(value));
            for (other, strange) in &good {
                let takes_more = match kind {
                    Kind::Text(_) => strange.as_str().is_some_and(|text| text.len() <= 3),
                    Kind::List => strange.is_array(),
                    _ => false,
                };
                if other != kind && !takes_more {
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
        assert_eq!(Kind::Integer(0, 9).read(&json!(1e300)), None);
        assert_eq!(Kind::Any.read(&json!(["\0"])), None);
        assert_eq!(Kind::Fields.read(&json!({"a\0": 1})), None);
    }

    #[test]
    fn what_nobody_can_count_with_or_see_is_refused_here() {
        for (kind, first, before) in [
            (Kind::Time, "1900-01-01T00:00:00Z", "1899-12-31T23:59:59Z"),
            (Kind::Time, "2200-12-31T23:59:59Z", "2201-01-01T00:00:00Z"),
            (Kind::Date, "1900-01-01", "1899-12-31"),
            (Kind::Date, "2200-12-31", "2201-01-01"),
            (Kind::Text(9), "a", "\u{200b}"),
            (Kind::Prose(9), "a\nb", "a\u{b}b"),
        ] {
            assert_eq!(kind.read(&json!(first)), Some(json!(first)));
            assert_eq!(kind.read(&json!(before)), None, "{kind:?} of {before:?}");
        }
        let deep = (0..9).fold(json!(1), |inside, _| json!([inside]));
        assert_eq!(Kind::Object.read(&json!({"a": deep})), None);
        assert_eq!(Kind::Any.read(&json!("x".repeat(16 << 10))), None);
    }

    #[test]
    fn lists_are_judged_piece_by_piece() {
        assert_eq!(Kind::Texts(3).read(&json!([" a ", "bcd"])), Some(json!(["a", "bcd"])));
        assert_eq!(Kind::Texts(3).read(&json!(["a", " "])), None);
        assert_eq!(Kind::Dates(2).read(&json!(["2026-02-28", "2026-02-28"])), None);
        assert_eq!(Kind::Dates(2).read(&json!(["2026-02-30"])), None);
        assert_eq!(Kind::Words(&["a", "b"]).read(&json!(["a", "a"])), None);
        assert_eq!(Kind::Steps.read(&json!([])), None);
        assert_eq!(Kind::Steps.read(&json!([{"action": "shout", "wait_minutes": 0}])), None);
        assert_eq!(Kind::Steps.read(&json!([{"action": "notify_manager", "wait_minutes": -1}])), None);
    }

    #[test]
    fn a_time_is_read_at_any_distance_from_utc() {
        let read = |text| Kind::Time.read(&json!(text));
        assert_eq!(read("2026-02-28T10:00:00.25+01:00"), Some(json!("2026-02-28T09:00:00.250Z")));
        assert_eq!(read("2026-02-28T23:59:00-23:59"), Some(json!("2026-03-01T23:58:00Z")));
        assert_eq!(read("2026-02-28T10:00:00"), None);
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        assert_eq!(Kind::Integer(0, 9).read(&json!(2.0)), Some(json!(2)));
        assert_eq!(Kind::Integer(-9, 9).read(&json!(-0.0)), Some(json!(0)));
        let steps = |minutes: Value| json!([{"action": "notify_manager", "wait_minutes": minutes}]);
        assert_eq!(Kind::Steps.read(&steps(json!(5.0))), Some(steps(json!(5))));
        assert_eq!(Kind::Steps.read(&steps(json!(5.5))), None);
    }

    #[test]
    fn what_is_read_in_several_forms_is_written_in_one() {
        assert_eq!(Kind::Date.read(&json!("+2026-3-2")), Some(json!("2026-03-02")));
        let id = "{01900000-0000-7000-8000-00000000000A}";
        assert_eq!(Kind::Id.read(&json!(id)), Some(json!("01900000-0000-7000-8000-00000000000a")));
        for (kind, wrong) in [
            (Kind::TimeZone, "europe/berlin"),
            (Kind::TimeZone, "GMT+2"),
            (Kind::Time, "2026-03-02T24:00:00Z"),
        ] {
            assert_eq!(kind.read(&json!(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn a_text_loses_the_white_space_around_it() {
        assert_eq!(Kind::Text(2).read(&json!(" ab ")), Some(json!("ab")));
    }
}
