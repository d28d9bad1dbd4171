//! A CSV file (RFC 4180) as cells, separated by commas or semicolons.

use csv::{ReaderBuilder, StringRecord};

use super::{ImportError, MAX_LINES};
use crate::resource::Decimals;

/// A file as cells.
pub(super) struct Sheet {
    /// The names of its columns, in small letters.
    pub(super) header: Vec<String>,
    /// The number of each line, and its cells: as many as the header has.
    pub(super) records: Vec<(u64, Vec<String>)>,
    /// The form of its numbers.
    pub(super) decimals: Decimals,
}

impl Sheet {
    /// Reads a file. Lines without anything in them are left out.
    pub(super) fn read(text: &str) -> Result<Self, ImportError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        quotes_are_closed(text)?;
        let (separator, decimals) =
            match text.lines().find(|line| !line.trim().is_empty()).map(semicolons_separate) {
                Some(true) => (b';', Decimals::PointOrComma),
                _ => (b',', Decimals::Point),
            };
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut record = StringRecord::new();
        let mut header = Vec::new();
        let mut records = Vec::new();
        let mut counter = LineCounter { text, at: 0, line: 1 };
        while reader.read_record(&mut record).map_err(|_| unreadable())? {
            let begins = counter.line_of(record.position().map_or(0, csv::Position::byte));
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if header.is_empty() {
                header = record.iter().map(name).collect();
                continue;
            }
            if record.len() != header.len() {
                let (has, columns) = (record.len(), header.len());
                return Err(ImportError::Broken(format!(
                    "line {begins} has {has} cells, and the header has {columns}"
                )));
            }
            if records.len() == MAX_LINES {
                return Err(ImportError::TooLong);
            }
            records.push((begins, record.iter().map(str::to_owned).collect()));
        }
        if header.is_empty() {
            return Err(ImportError::Broken(
                "the file is empty; it must begin with a header line".to_owned(),
            ));
        }
        Ok(Self { header, records, decimals })
    }
}

/// Counts the lines of a text up to a byte. (The reader's own count is one behind if lines end with `\r\n`.)
struct LineCounter<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
    /// The line of what begins at this byte, or behind the line ends that are there. Only forwards.
    fn line_of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.get(from..).unwrap_or_default();
        let begins = from + rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let passed = self.text.get(self.at..begins).unwrap_or_default();
        self.line += passed.matches('\n').count() as u64;
        self.at = begins;
        self.line
    }
}

/// Quotation marks come in pairs, also those that stand for themselves.
fn quotes_are_closed(text: &str) -> Result<(), ImportError> {
    let marks = |text: &str| text.matches('"').count();
    if marks(text) % 2 == 0 {
        return Ok(());
    }
    let line = text.lines().position(|line| marks(line) % 2 == 1).map_or(1, |at| at + 1);
    Err(ImportError::Broken(format!("from line {line} on, a quotation mark is opened and not closed")))
}

/// True if a header line, outside of quotes, has more semicolons than commas.
fn semicolons_separate(header: &str) -> bool {
    let unquoted: String = header.split('"').step_by(2).collect();
    unquoted.matches(';').count() > unquoted.matches(',').count()
}

/// `Asset Tag` is `asset_tag`.
fn name(cell: &str) -> String {
    cell.trim().to_lowercase().replace([' ', '-'], "_")
}

fn unreadable() -> ImportError {
    ImportError::Broken("the file cannot be read as CSV".to_owned())
}
