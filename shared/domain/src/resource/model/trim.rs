//! Rows with fewer columns than the gateway gave.
//!
//! A list that comes out of a function of the database (a search, the list of a contractor) is ordered and filtered by the
//! gateway only if it gives all columns. Where a client asks for some `fields` of it, the others are left out here.

use serde_json::{Map, Value};

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

/// The same lines of a CSV text with these columns only, in this order. `None` if it lacks one of them, or is no CSV. A text
/// without rows stays as it is.
#[must_use]
pub fn trim_csv(text: &[u8], columns: &[&str]) -> Option<Vec<u8>> {
    let mut lines = csv::Reader::from_reader(text);
    let header = lines.headers().ok()?;
    if header.is_empty() {
        // The gateway takes the header from the first row: without rows it writes none.
        return Some(text.to_vec());
    }
    let places = columns.iter().map(|column| header.iter().position(|name| name == *column));
    let places: Vec<usize> = places.collect::<Option<_>>()?;
    let mut trimmed = csv::Writer::from_writer(Vec::new());
    trimmed.write_record(columns).ok()?;
    for line in lines.records() {
        let line = line.ok()?;
        trimmed.write_record(places.iter().map(|place| line.get(*place).unwrap_or_default())).ok()?;
    }
    trimmed.into_inner().ok()
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
    fn csv_keeps_them_in_the_order_in_which_they_are_asked_for() {
        let text = b"id,title,area\n1,\"a, \"\"b\"\"\",\n2,,x\n";
        assert_eq!(trim_csv(text, &["title", "id"]).unwrap(), b"title,id\n\"a, \"\"b\"\"\",1\n,2\n");
        assert_eq!(trim_csv(text, &["colour"]), None);
        assert_eq!(trim_csv(b"\n", &["title"]).unwrap(), b"\n");
    }
}
