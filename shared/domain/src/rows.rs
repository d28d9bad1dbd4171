//! Rows of an answer, each read for itself: one that cannot be read does not hold up the others.
//!
//! Should a row hold what nothing here can hold, past the checks of its columns (`infinity`, a year before Christ, `NaN`, deeper
//! JSON), a list that is read as a whole would fail for it, for everyone, for ever. So a list is cut into the texts of its rows
//! first, and that looks at no value.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The rows that could be read, and the others.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    /// In their order.
    pub read: Vec<T>,
    /// In their order.
    pub unreadable: Vec<Unreadable>,
    last: Option<Box<RawValue>>,
}

/// A row that cannot be read.
#[derive(Debug, Clone)]
pub struct Unreadable {
    text: Box<RawValue>,
    reason: String,
}

impl<T> Rows<T> {
    /// The number of all of them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read.len() + self.unreadable.len()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Of the last row that was told, read or not, what is to be known of it: where the next page begins.
    #[must_use]
    pub fn last<R: DeserializeOwned>(&self) -> Option<R> {
        part(self.last.as_deref()?)
    }
}

impl Unreadable {
    /// What can be read of it all the same.
    #[must_use]
    pub fn part<R: DeserializeOwned>(&self) -> Option<R> {
        part(&self.text)
    }

    /// The problem that it is, in words.
    #[must_use]
    pub fn told(&self) -> String {
        format!("it cannot be read: {}", self.reason)
    }

    /// The word in one of its fields, such as its id.
    #[must_use]
    pub fn word(&self, field: &str) -> String {
        let fields: Option<BTreeMap<String, Box<RawValue>>> = self.part();
        let word = fields.and_then(|fields| serde_json::from_str(fields.get(field)?.get()).ok());
        word.unwrap_or_else(|| "?".to_owned())
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

/// Rows that nobody has to read.
impl<T> From<Vec<T>> for Rows<T> {
    fn from(read: Vec<T>) -> Self {
        Self { read, unreadable: Vec::new(), last: None }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(told: D) -> Result<Self, D::Error> {
        told.deserialize_seq(Each(PhantomData))
    }
}

/// Reads row by row, so that no more than one is there twice.
struct Each<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Each<T> {
    type Value = Rows<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows<T>, A::Error> {
        let mut rows = Rows::default();
        while let Some(text) = list.next_element::<Box<RawValue>>()? {
            match serde_json::from_str(text.get()) {
                Ok(row) => rows.read.push(row),
                Err(error) => {
                    rows.unreadable.push(Unreadable { text: text.clone(), reason: reason(&error) });
                }
            }
            rows.last = Some(text);
        }
        Ok(rows)
    }
}

/// Reads one object as two things, each of which takes the fields that it knows. Not with `#[serde(flatten)]`: to that, a number
/// with a fraction is an object, since `serde_json` keeps numbers as they were written (`arbitrary_precision`).
///
/// # Errors
/// If one of them cannot be read.
pub fn both<'de, A: DeserializeOwned, B: DeserializeOwned, D: Deserializer<'de>>(
    told: D,
) -> Result<(A, B), D::Error> {
    let text = Box::<RawValue>::deserialize(told)?;
    let one = serde_json::from_str(text.get()).map_err(|error| D::Error::custom(reason(&error)))?;
    let other = serde_json::from_str(text.get()).map_err(|error| D::Error::custom(reason(&error)))?;
    Ok((one, other))
}

fn part<R: DeserializeOwned>(text: &RawValue) -> Option<R> {
    serde_json::from_str(text.get()).ok()
}

/// The reason in words. The place in the text is of no use to those who see the row as a row.
fn reason(error: &serde_json::Error) -> String {
    let told = error.to_string();
    told.split(" at line ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Reading {
        id: u8,
        value: f64,
    }

    fn read(text: &str) -> Rows<Reading> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_row_that_cannot_be_read_stands_apart_and_the_others_are_read() {
        let rows = read(r#"[{"id": 1, "value": 1.5}, {"id": 2, "value": "NaN"}, {"id": 3, "value": 3}]"#);
        assert_eq!(rows.read.iter().map(|row| (row.id, row.value)).collect::<Vec<_>>(), [(1, 1.5), (3, 3.0)]);
        assert_eq!(rows.len(), 3);
        let [bad] = &rows.unreadable[..] else { panic!("{rows:?}") };
        assert_eq!(bad.reason, "invalid type: string \"NaN\", expected f64");
        assert_eq!(bad.word("value"), "NaN");
        assert_eq!(bad.word("name"), "?");
    }

    #[test]
    fn what_nothing_here_can_hold_is_one_rows_matter() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for bad in [deep.as_str(), "1e999", "\"\\ud800\"", "null"] {
            let rows = read(&format!(r#"[{{"id": 1, "value": 1}}, {{"id": 2, "value": {bad}}}]"#));
            assert_eq!((rows.read.len(), rows.unreadable.len()), (1, 1), "{bad}");
            assert_eq!(rows.last::<Named>().map(|last| last.id), Some(2), "the next page begins after it");
        }
    }

    #[test]
    fn an_object_is_two_things_whatever_numbers_it_has() {
        let read = |text: &str| both::<Named, Reading, _>(&mut serde_json::Deserializer::from_str(text));
        let (named, reading) = read(r#"{"id": 7, "value": 2.50}"#).unwrap();
        assert_eq!((named.id, reading.id, reading.value), (7, 7, 2.5));
        let error = read(r#"{"id": 7, "value": "NaN"}"#).map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("invalid type: string \"NaN\", expected f64"), "{error}");
    }

    #[test]
    fn how_many_there_are_and_what_is_wrong_with_one_is_told() {
        let none = read("[]");
        assert_eq!((none.len(), none.is_empty()), (0, true));
        assert!(none.last::<Named>().is_none());
        let rows = read(r#"[{"id": 1, "value": "NaN"}, {"id": 2, "value": "NaN"}]"#);
        assert_eq!((rows.len(), rows.is_empty()), (2, false));
        assert_eq!(
            rows.unreadable[0].told(),
            "it cannot be read: invalid type: string \"NaN\", expected f64"
        );
        assert_eq!(rows.unreadable[1].part::<Named>().map(|named| named.id), Some(2));
        let given = Rows::from(vec![1, 2]);
        assert_eq!((given.len(), given.is_empty()), (2, false));
        let error = serde_json::from_str::<Rows<Reading>>("7").map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("expected a list of rows"), "{error}");
    }

    #[derive(Deserialize)]
    struct Named {
        id: u8,
    }
}
