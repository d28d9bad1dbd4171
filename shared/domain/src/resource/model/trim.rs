//! Rows in another form than the gateway gave them in: with fewer columns, or as CSV.
//!
//! A list that comes out of a function of the database (a search, the list of a contractor) is ordered and filtered by the
//! gateway only if it gives all columns. Where a client asks for some `fields` of it, the others are left out here.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::csv;

/// The same rows of a JSON array with these columns only. `None` if it is no array of objects.
#[must_use]
pub fn trim_json(rows: &[u8], columns: &[&str]) -> Option<Vec<u8>> {
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(rows).ok()?;
    let trimmed = rows.into_iter().map(|mut row| {
        row.retain(|name, _| columns.contains(&name.as_str()));
        row
    });
    serde_json::to_vec(&trimmed.collect::<Vec<_>>()).ok()
}

/// Some rows as lines of CSV.
#[derive(Debug, PartialEq)]
pub struct CsvLines {
    /// The lines, each with its end.
    pub text: String,
    /// The number of rows.
    pub count: usize,
    /// The last row, as it came.
    pub last: Option<Map<String, Value>>,
}

/// The first line of a CSV file with these columns.
#[must_use]
pub fn csv_header(columns: &[&str]) -> String {
    let mut line = String::new();
    csv::write(&mut line, columns.iter().map(|column| Cow::Borrowed(*column)));
    line
}

/// The rows of a JSON array as lines of CSV, with these columns in this order: texts, numbers, moments and `true` or `false` as they
/// are, lists and objects as JSON, and nothing for null. Unless it is to be `raw`, no text is a formula. `None` if it is no array of
/// objects.
#[must_use]
pub fn csv_lines(rows: &[u8], columns: &[&str], raw: bool) -> Option<CsvLines> {
    let mut rows: Vec<Map<String, Value>> = serde_json::from_slice(rows).ok()?;
    let mut text = String::new();
    for row in &rows {
        let cells = columns.iter().map(|column| match row.get(*column) {
            None | Some(Value::Null) => Cow::Borrowed(""),
            Some(Value::String(cell)) if raw => Cow::Borrowed(cell.as_str()),
            Some(Value::String(cell)) => csv::escaped(cell),
            Some(other) => Cow::Owned(other.to_string()),
        });
        csv::write(&mut text, cells);
    }
    Some(CsvLines { text, count: rows.len(), last: rows.pop() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_columns_that_are_asked_for() {
        let rows = br#"[{"id":"1","title":"a, \"b\"","area":null},{"id":"2","title":"","area":"x"}]"#;
        let trimmed = trim_json(rows, &["id", "title"]).unwrap();
        assert_eq!(trimmed, br#"[{"id":"1","title":"a, \"b\""},{"id":"2","title":""}]"#);
        assert_eq!(trim_json(b"[]", &["id"]).unwrap(), b"[]");
        assert_eq!(trim_json(b"{", &["id"]), None);
    }

    #[test]
    fn csv_has_the_columns_that_are_asked_for_in_their_order() {
        let rows =
            br#"[{"id":"1","title":"a, \"b\"","done":true,"at":"2026-03-02T08:00:00+00:00","tags":["x","y"]},
            {"id":"2","title":null,"done":false,"at":null,"tags":[]}]"#;
        let columns = ["title", "done", "at", "tags", "id"];
        let lines = csv_lines(rows, &columns, false).unwrap();
        assert_eq!(
            csv_header(&columns) + &lines.text,
            "title,done,at,tags,id\n\"a, \"\"b\"\"\",true,2026-03-02T08:00:00+00:00,\"[\"\"x\"\",\"\"y\"\"]\",1\n,false,,[],2\n"
        );
        assert_eq!((lines.count, &lines.last.unwrap()["id"]), (2, &Value::from("2")));
        let none = CsvLines { text: String::new(), count: 0, last: None };
        assert_eq!(csv_lines(b"[]", &columns, false), Some(none));
        assert_eq!(csv_lines(b"{}", &columns, false), None);
    }

    #[test]
    fn no_text_is_a_formula_unless_it_is_asked_for_as_it_is() {
        let rows = br#"[{"title":"=1+1","cost":-1.5}]"#;
        let text = |raw| csv_lines(rows, &["title", "cost"], raw).unwrap().text;
        assert_eq!((text(false), text(true)), ("'=1+1,-1.5\n".to_owned(), "=1+1,-1.5\n".to_owned()));
    }
}
