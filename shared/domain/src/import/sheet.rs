//! A CSV file as cells, separated by commas, semicolons or tabs.

use super::{ImportError, MAX_LINES};
use crate::csv::{Line, Lines, unescaped};

/// The most bytes of a cell in quotation marks. What goes on for longer has a mark too many.
const LONGEST: usize = 64 * 1024;

/// A file as cells.
pub(super) struct Sheet {
    /// The names of its columns, in small letters.
    pub(super) header: Vec<String>,
    /// Its lines, each with as many cells as the header has, or with what is wrong with it.
    pub(super) records: Vec<Record>,
    /// True if commas separate its cells.
    pub(super) has_commas: bool,
}

/// A line of a file.
pub(super) struct Record {
    /// The number of its first line.
    pub(super) number: u64,
    /// The number of its last one.
    pub(super) last: u64,
    pub(super) cells: Result<Vec<String>, String>,
}

impl Sheet {
    /// Reads a file. Lines without anything in them are left out, and cells without a name that are empty.
    pub(super) fn read(text: &str) -> Result<Self, ImportError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Spreadsheets write the separator into a first line of its own.
        let (separator, text, first) = match said(text) {
            Some((separator, rest)) => (separator, rest, 2),
            None => (separator(text), text, 1),
        };
        let lines = Lines::of(text, separator, LONGEST).from(first);
        let mut lines = lines.filter(|line| line.cells.as_ref().map_or(true, |cells| !are_empty(cells)));
        let Some(Line { number, cells, .. }) = lines.next() else {
            return Err(ImportError::Broken(
                "the file is empty; it must begin with a header line".to_owned(),
            ));
        };
        let cells = cells.map_err(|reason| ImportError::Broken(format!("line {number}: {reason}")))?;
        let named = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        let header: Vec<_> = cells.iter().take(named).map(|cell| name(cell)).collect();
        let records: Vec<_> = lines.take(MAX_LINES + 1).map(|line| Record::of(line, header.len())).collect();
        if records.len() > MAX_LINES {
            return Err(ImportError::TooLong);
        }
        Ok(Self { header, records, has_commas: separator == ',' })
    }

    /// Takes off what an export puts before what looks like a formula.
    pub(super) fn unescape(&mut self) {
        for cell in self.records.iter_mut().flat_map(|record| record.cells.iter_mut().flatten()) {
            if unescaped(cell).len() < cell.len() {
                cell.remove(0);
            }
        }
    }
}

impl Record {
    fn of(Line { number, last, cells }: Line, columns: usize) -> Self {
        let cells = cells.map_err(str::to_owned).and_then(|mut cells| {
            let has = cells.len();
            if has < columns || !are_empty(cells.get(columns..).unwrap_or_default()) {
                return Err(format!("has {has} cells, and the header has {columns}"));
            }
            cells.truncate(columns);
            Ok(cells)
        });
        Self { number, last, cells }
    }
}

/// The separator that a first line `sep=;` says, and what follows it.
fn said(text: &str) -> Option<(char, &str)> {
    let mut rest = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP="))?.chars();
    let separator = rest.next()?;
    let rest = rest.as_str();
    let rest = ["\r\n", "\n", "\r"].iter().find_map(|end| rest.strip_prefix(end))?;
    Some((separator, rest))
}

/// The separator that the header has most of, outside of quotes.
fn separator(text: &str) -> char {
    let header = text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let unquoted: String = header.split('"').step_by(2).collect();
    let [commas, semicolons, tabs] = [',', ';', '\t'].map(|one| unquoted.matches(one).count());
    if tabs > commas.max(semicolons) {
        '\t'
    } else if semicolons > commas {
        ';'
    } else {
        ','
    }
}

fn are_empty(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

/// `Asset Tag` is `asset_tag`.
fn name(cell: &str) -> String {
    cell.trim().to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_as_many_commas_as_other_marks_is_one_of_commas() {
        for (header, mark) in [
            ("a,b;c", ','),
            ("a\tb,c", ','),
            ("a;b;c,d", ';'),
            ("a\tb\tc;d", '\t'),
            ("\";;\",b", ','),
            ("a", ','),
        ] {
            assert_eq!(separator(header), mark, "{header:?}");
        }
    }

    #[test]
    fn a_cell_may_be_long_and_not_go_on_for_ever() {
        let read = |length: usize| {
            let sheet = Sheet::read(&format!("a\n\"{}\"\n", "x".repeat(length))).ok()?;
            sheet.records.first()?.cells.as_ref().ok()?.first().map(String::len)
        };
        assert_eq!((read(65_000), read(66_000)), (Some(65_000), None));
    }
}
