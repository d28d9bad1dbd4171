//! Rows with fewer columns than the gateway gave.
//!
//! A list that comes out of a function of the database (a search, the list of a contractor) is ordered and filtered by the
//! gateway only if it gives all columns. Where a client asks for some `fields` of it, the others are left out here.

use std::iter;

use serde_json::{Map, Value};

use crate::csv::{self, Lines};

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

/// The same lines of a CSV text with these columns only, in this order, or with all. Unless it is to be `raw`, no cell is a formula.
/// `None` if it lacks one of them, or is no CSV. A text without rows stays as it is.
#[must_use]
pub fn trim_csv(text: &[u8], columns: Option<&[&str]>, raw: bool) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?;
    let mut lines = Lines::of(text, ',', usize::MAX).map(|line| line.cells.ok());
    let header = lines.next().flatten().unwrap_or_default();
    if header.iter().all(String::is_empty) {
        // The gateway takes the header from the first row: without rows it writes none.
        return Some(text.into());
    }
    let place = |column: &&str| header.iter().position(|name| name == column);
    let places: Vec<usize> = match columns {
        Some(columns) => columns.iter().map(place).collect::<Option<_>>()?,
        None => (0..header.len()).collect(),
    };
    let mut trimmed = String::new();
    for line in iter::once(Some(header)).chain(lines) {
        let line = line?;
        let cells = places.iter().map(|place| line.get(*place).map_or("", String::as_str));
        csv::write(&mut trimmed, cells.map(|cell| if raw { cell.into() } else { csv::escaped(cell) }));
    }
    Some(trimmed.into())
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
        let trim = |columns: &[&str]| trim_csv(text, Some(columns), true);
        assert_eq!(trim(&["title", "id"]).unwrap(), b"title,id\n\"a, \"\"b\"\"\",1\n,2\n");
        assert_eq!(trim(&["colour"]), None);
        assert_eq!(trim_csv(text, None, false).unwrap(), text);
        assert_eq!(trim_csv(b"\n", Some(&["title"]), false).unwrap(), b"\n");
        assert_eq!(trim_csv(b"", None, false).unwrap(), b"");
    }

    #[test]
    fn no_cell_is_a_formula_unless_it_is_asked_for_as_it_is() {
        let text = b"title,cost\n\"=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\",-1.5\n";
        let safe = b"title,cost\n\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\",-1.5\n";
        assert_eq!(trim_csv(text, None, false).unwrap(), safe);
        assert_eq!(trim_csv(text, None, true).unwrap(), text);
    }
}
