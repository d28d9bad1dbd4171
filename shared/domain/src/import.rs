//! Importing what another system exported: each line of a CSV file is one of a resource, known by its key.
//!
//! A file is read to its end whatever is wrong with its lines, and each line says all that is wrong with it. What is
//! wrong with the file itself (it is no CSV, or has a column that nobody knows) ends it before anything is done.

mod sheet;
mod text;

use std::collections::HashMap;

use serde_json::Value;

use crate::input::FieldError;
use crate::resource::{EQUIPMENT, Field, Kind, Notation, PARTS, Resource, Row, Write};
use crate::words::words;
use sheet::{Record, Sheet};
pub use text::text_of;

/// The most lines of a file, without its header.
pub const MAX_LINES: usize = 5_000;
/// The largest file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A resource that can be imported.
#[derive(Debug)]
pub struct Import {
    /// The resource.
    pub resource: &'static Resource,
    /// The field by which a line is known to be one that is there already, in its warehouse. It must be a column of the file.
    pub key: &'static str,
}

/// Machines, known by their asset tag in their warehouse. Who has one warehouse need not say which.
pub static EQUIPMENT_IMPORT: Import = Import { resource: &EQUIPMENT, key: "asset_tag" };
/// Parts, known by their number in their warehouse.
pub static PARTS_IMPORT: Import = Import { resource: &PARTS, key: "part_number" };
/// All of them.
pub static IMPORTS: [&Import; 2] = [&EQUIPMENT_IMPORT, &PARTS_IMPORT];

words! {
    /// The outcome of a line.
    pub enum LineOutcome in Function("import") {
        /// There was none.
        Created => "created",
        /// There was one that was different.
        Updated => "updated",
        /// There is one, and it is so already.
        Unchanged => "unchanged",
        /// It cannot be, or not by this caller.
        Rejected => "rejected",
    }
}

/// What is said beside a file of how it is to be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading<'a> {
    /// The locale of its numbers and dates, one of [`crate::resource::LOCALES`].
    pub locale: Option<&'a str>,
    /// If true, a `'` before what looks like a formula is part of the text.
    pub raw: bool,
}

/// A file that has been read.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// Its lines in their order, without those that are empty.
    pub lines: Vec<Line>,
    /// Its columns that are not the client's to write.
    pub ignored: Vec<&'static str>,
    /// The fields that it has no column for, and a new one must have.
    pub lacks: Vec<&'static str>,
}

/// A line of a file.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// The number of its first line, as an editor counts; the header is line 1.
    pub number: u64,
    /// Its row, or all of its mistakes.
    pub row: Result<Row, Vec<CellError>>,
}

/// A mistake in a line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CellError {
    /// Its column; `None` for the line as a whole.
    pub column: Option<String>,
    /// The change that a person has to make, in words.
    pub message: String,
}

/// A file that cannot be imported at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// It is no CSV. In words, with the line.
    Broken(String),
    /// It has more than [`MAX_LINES`].
    TooLong,
    /// These columns are unknown, there twice, or missing.
    Columns(Vec<FieldError>),
}

impl CellError {
    /// Something wrong in a column.
    pub fn of(column: &str, message: impl Into<String>) -> Self {
        Self { column: Some(column.to_owned()), message: message.into() }
    }
}

impl Import {
    /// Reads a file: a header line that names fields, then one line each, separated by commas, semicolons or tabs.
    ///
    /// # Errors
    /// If the file as a whole cannot be imported.
    pub fn read(&self, text: &str, reading: Reading<'_>) -> Result<Plan, ImportError> {
        let mut sheet = Sheet::read(text)?;
        if !reading.raw {
            sheet.unescape();
        }
        let columns = self.fields(&sheet.header)?;
        let notation = match reading.locale {
            Some(locale) => Notation::of(locale),
            // Where semicolons or tabs separate cells, or one number has a comma, commas may be decimal.
            None => {
                Notation::unsaid(!sheet.has_commas || sheet.records.iter().any(|of| has_comma(&columns, of)))
            }
        };
        let read =
            |record: &Record| Line { number: record.number, row: read_record(&columns, record, notation) };
        let mut lines: Vec<_> = sheet.records.iter().map(read).collect();
        self.refuse_repeated(&mut lines);
        let has = |field: &Field| columns.contains(&field);
        let needed = self.resource.fields.iter().filter(|field| field.required && !has(field));
        let ignored = columns.iter().filter(|field| !is_read(field));
        Ok(Plan {
            ignored: ignored.map(|field| field.name).collect(),
            lacks: needed.map(|field| field.name).collect(),
            lines,
        })
    }

    /// The names of all columns that a file may say something in.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.resource.fields.iter().filter(|field| is_read(field)).map(|field| field.name)
    }

    /// The field of each column.
    fn fields(&self, header: &[String]) -> Result<Vec<&'static Field>, ImportError> {
        let mut errors = Vec::new();
        let mut columns: Vec<&'static Field> = Vec::new();
        for (at, name) in header.iter().enumerate() {
            if name.is_empty() {
                errors.push(FieldError::field(&format!("column {}", at + 1), "has no name in the header"));
                continue;
            }
            match self.resource.field(name) {
                Some(field) if columns.contains(&field) => {
                    errors.push(FieldError::field(name, "is there twice".to_owned()));
                }
                Some(field) => columns.push(field),
                None => {
                    let known: Vec<_> = self.columns().collect();
                    errors.push(FieldError::field(
                        name,
                        format!("is not a column; known are: {}", known.join(", ")),
                    ));
                }
            }
        }
        if !header.iter().any(|name| name == self.key) {
            errors.push(FieldError::field(self.key, "is required: a line is known by it".to_owned()));
        }
        if errors.is_empty() { Ok(columns) } else { Err(ImportError::Columns(errors)) }
    }

    /// Of two lines about the same one, the second is wrong: which of them holds is not for us to guess.
    fn refuse_repeated(&self, lines: &mut [Line]) {
        let mut seen = HashMap::new();
        for line in lines {
            let Ok(row) = &line.row else { continue };
            // In any case, as the database compares them.
            let key = ["warehouse_id", self.key]
                .map(|name| row.get(name).and_then(Value::as_str).map(str::to_lowercase));
            let first = *seen.entry(key).or_insert(line.number);
            if first != line.number {
                line.row = Err(vec![CellError::of(self.key, format!("is the same as in line {first}"))]);
            }
        }
    }
}

/// True for a field that a file may say. Ids are ours, and fields that functions set (stock, versions) are not imported; such
/// columns of an export are passed over.
fn is_read(field: &Field) -> bool {
    matches!(field.write, Write::Once | Write::Always) && field.name != "id"
}

/// True if a number of the line has a comma.
fn has_comma(columns: &[&'static Field], record: &Record) -> bool {
    let cells = columns.iter().zip(record.cells.iter().flatten());
    cells
        .filter(|(field, _)| matches!(field.kind, Kind::Number(_) | Kind::Integer(..)))
        .any(|(_, cell)| cell.contains(','))
}

fn read_record(
    columns: &[&'static Field],
    record: &Record,
    notation: Notation,
) -> Result<Row, Vec<CellError>> {
    let whole = |message| CellError { column: None, message };
    let row = match &record.cells {
        Ok(cells) => read_row(columns, cells, notation),
        Err(reason) => Err(vec![whole(reason.clone())]),
    };
    row.map_err(|mut errors| {
        if record.last > record.number {
            errors.push(whole(format!("it goes on to line {}, inside of quotation marks", record.last)));
        }
        errors
    })
}

fn read_row(columns: &[&'static Field], cells: &[String], notation: Notation) -> Result<Row, Vec<CellError>> {
    let mut row = Row::new();
    let mut errors = Vec::new();
    for (field, cell) in columns.iter().zip(cells) {
        match read_cell(field, cell, notation) {
            Ok(Some(value)) => drop(row.insert(field.name.to_owned(), value)),
            Ok(None) => {}
            Err(message) => errors.push(CellError::of(field.name, message)),
        }
    }
    if errors.is_empty() { Ok(row) } else { Err(errors) }
}

/// Reads a cell. An empty one empties a field that may be empty, and says nothing of one that always has a value.
fn read_cell(field: &Field, cell: &str, notation: Notation) -> Result<Option<Value>, String> {
    if !is_read(field) {
        return Ok(None);
    }
    match (cell.trim().is_empty(), field.required, field.nullable) {
        (true, true, _) => Err("must not be empty".to_owned()),
        (true, false, true) => Ok(Some(Value::Null)),
        (true, false, false) => Ok(None),
        (false, ..) => field.kind.read_cell(cell, notation).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Line numbers and rows; a wrong one's columns.
    fn read(import: &Import, text: &str) -> Vec<(u64, Value)> {
        let told = |row: Result<Row, Vec<CellError>>| match row {
            Ok(row) => row.into(),
            Err(errors) => errors.into_iter().filter_map(|error| error.column).collect::<Vec<_>>().into(),
        };
        import
            .read(text, AS_USUAL)
            .unwrap()
            .lines
            .into_iter()
            .map(|line| (line.number, told(line.row)))
            .collect()
    }

    const AS_USUAL: Reading<'_> = Reading { locale: None, raw: false };

    fn column_and_words(row: Result<Row, Vec<CellError>>) -> Vec<(Option<String>, String)> {
        row.unwrap_err().into_iter().map(|error| (error.column, error.message)).collect()
    }

    #[test]
    fn lines_are_rows_whatever_separates_and_ends_them() {
        let expected = json!({"asset_tag": "A-1", "name": "Press; \"old\"", "purchase_cost": 1500.5});
        for text in [
            "asset_tag,name,purchase_cost\nA-1,\"Press; \"\"old\"\"\",1500.5\n",
            "\u{feff}Asset Tag;Name;Purchase-Cost\r\nA-1;\"Press; \"\"old\"\"\";1500,5",
            "Asset Tag\tName\tPurchase-Cost\rA-1\tPress; \"old\"\t1500,5\r",
            "asset_tag,name,purchase_cost,,\nA-1,\"Press; \"\"old\"\"\",1500.5,,\n,,,,\n",
        ] {
            assert_eq!(read(&EQUIPMENT_IMPORT, text), [(2, expected.clone())], "{text}");
        }
        let said = "sep=|\r\nasset_tag|name|purchase_cost\r\nA-1|Press; \"old\"|1500.5\r\n";
        assert_eq!(read(&EQUIPMENT_IMPORT, said), [(3, expected)]);
    }

    #[test]
    fn lines_that_are_right_are_taken_and_the_others_told_with_their_numbers() {
        let text =
            "asset_tag,name\nA-1,Belt 3\" wide\nA-2,\"C\" Street pump\nA-3\nA-4,x,y\nA-5,\"Belt\nA-6,Saw,\n";
        let plan = EQUIPMENT_IMPORT.read(text, AS_USUAL).unwrap();
        let [one, two, three, four, five, six] = &plan.lines[..] else { panic!("{:?}", plan.lines) };
        assert_eq!(
            one.row.clone().map(Value::from),
            Ok(json!({"asset_tag": "A-1", "name": "Belt 3\" wide"}))
        );
        assert_eq!(six.row.clone().map(Value::from), Ok(json!({"asset_tag": "A-6", "name": "Saw"})));
        for (line, number, words) in [
            (two, 3, "behind a closing quotation mark"),
            (three, 4, "has 1 cells, and the header has 2"),
            (four, 5, "has 3 cells, and the header has 2"),
            (five, 6, "a quotation mark is opened here and not closed"),
        ] {
            let errors = column_and_words(line.row.clone());
            assert_eq!((line.number, errors.len(), &errors[0].0), (number, 1, &None));
            assert!(errors[0].1.contains(words), "{errors:?}");
        }
    }

    #[test]
    fn a_line_that_swallowed_another_says_so() {
        let text = "asset_tag,name\nA-1,\"Belt 3\nA-2,Belt 5\"\nA-3,Saw\n";
        let plan = EQUIPMENT_IMPORT.read(text, AS_USUAL).unwrap();
        let errors = column_and_words(plan.lines[0].row.clone());
        assert_eq!(errors[0].0.as_deref(), Some("name"), "one line of text");
        assert_eq!(errors[1], (None, "it goes on to line 3, inside of quotation marks".to_owned()));
        assert_eq!((plan.lines[1].number, plan.lines[1].row.is_ok()), (4, true));
    }

    #[test]
    fn what_has_two_meanings_is_refused_unless_a_locale_says_which() {
        let text = "asset_tag;purchase_cost;installed_on\nA-1;2.345,50;03/04/2026\nA-2;1.500;2026-04-03\nA-3;1500,5;\n";
        let plan = EQUIPMENT_IMPORT.read(text, AS_USUAL).unwrap();
        let wrong = column_and_words(plan.lines[0].row.clone());
        let columns: Vec<_> = wrong.iter().map(|(column, _)| column.as_deref()).collect();
        assert_eq!(columns, [Some("purchase_cost"), Some("installed_on")]);
        let factor = &column_and_words(plan.lines[1].row.clone())[0].1;
        assert!(
            factor.contains("'1.500' has more than one meaning") && factor.contains("locale=de"),
            "{factor}"
        );
        assert!(plan.lines[2].row.is_ok());
        let german = Reading { locale: Some("de"), ..AS_USUAL };
        let rows: Vec<_> = EQUIPMENT_IMPORT
            .read(text, german)
            .unwrap()
            .lines
            .into_iter()
            .map(|line| Value::from(line.row.unwrap()))
            .collect();
        assert_eq!(
            rows[0],
            json!({"asset_tag": "A-1", "purchase_cost": 2345.5, "installed_on": "2026-04-03"})
        );
        assert_eq!(rows[1]["purchase_cost"], 1500);
        // A spreadsheet may write such numbers beside commas, too.
        let commas = "asset_tag,purchase_cost\nA-1,\"2.345,50\"\nA-2,1.500\n";
        assert_eq!(read(&EQUIPMENT_IMPORT, commas)[1].1, json!(["purchase_cost"]));
        assert_eq!(
            read(&EQUIPMENT_IMPORT, "asset_tag,purchase_cost\nA-2,1.500\n")[0].1["purchase_cost"],
            1.5
        );
    }

    #[test]
    fn what_an_export_put_before_a_formula_is_taken_off() {
        let text = "part_number,name\n1,'=1+1\n2,''=1\n3,'tis\n";
        let names = |raw| {
            let plan = PARTS_IMPORT.read(text, Reading { raw, ..AS_USUAL }).unwrap();
            plan.lines.into_iter().map(|line| line.row.unwrap()["name"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(false), ["=1+1", "'=1", "'tis"]);
        assert_eq!(names(true), ["'=1+1", "''=1", "'tis"]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", "asset_tag,name", "A-1,\"two", "lines\"", "", ",", "A-2,x", ""].join(end);
            let lines: Vec<_> =
                read(&EQUIPMENT_IMPORT, &text).into_iter().map(|(number, _)| number).collect();
            assert_eq!(lines, [3, 7], "{text:?}");
        }
    }

    #[test]
    fn every_wrong_cell_of_a_line_is_named_and_the_others_go_on() {
        let text = "asset_tag,name,status,installed_on,area\n,,broken,soon,\nA-2,Press,Active,2026-03-02,\na-2,Again,,,\n";
        let found = read(&EQUIPMENT_IMPORT, text);
        assert_eq!(found[0], (2, json!(["asset_tag", "name", "status", "installed_on"])));
        let row = json!({
            "asset_tag": "A-2", "name": "Press", "status": "active", "installed_on": "2026-03-02", "area": null,
        });
        assert_eq!(found[1], (3, row));
        assert_eq!(found[2], (4, json!(["asset_tag"])), "the same machine again");
    }

    #[test]
    fn the_same_number_in_another_warehouse_is_another_part() {
        let (here, there) = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002");
        let text = format!("warehouse_id,part_number,name\n{here},1,a\n{there},1,b\n{here},1,c\n");
        let found = read(&PARTS_IMPORT, &text);
        assert_eq!(found[2].1, json!(["part_number"]));
        assert_eq!((found[0].1["name"].as_str(), found[1].1["name"].as_str()), (Some("a"), Some("b")));
    }

    #[test]
    fn an_export_is_read_back_without_what_is_not_said() {
        let text = "id,part_number,name,bin,warehouse_id,on_hand,reorder_point,compatible_models,archived_at,version\n\
                    x,P-1,Belt,,01900000-0000-7000-8000-000000000001,7,,\"{A,\"\"B 2\"\"}\",,3\n";
        let plan = PARTS_IMPORT.read(text, AS_USUAL).unwrap();
        assert_eq!((plan.ignored, plan.lacks), (vec!["id", "on_hand", "archived_at", "version"], vec![]));
        let row = json!({
            "part_number": "P-1", "name": "Belt", "bin": null,
            "warehouse_id": "01900000-0000-7000-8000-000000000001", "compatible_models": ["A", "B 2"],
        });
        assert_eq!(
            plan.lines[0].row.clone().map(Value::from),
            Ok(row),
            "an empty reorder point says nothing"
        );
        assert_eq!(EQUIPMENT_IMPORT.read("asset_tag,area\n", AS_USUAL).unwrap().lacks, ["name", "model"]);
    }

    #[test]
    fn a_file_that_is_none_is_one_problem() {
        let words = |import: &Import, text: &str| match import.read(text, AS_USUAL).unwrap_err() {
            ImportError::Broken(words) => words,
            ImportError::TooLong => "too long".to_owned(),
            ImportError::Columns(errors) => {
                errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>().join(" ")
            }
        };
        let equipment = |text: &str| words(&EQUIPMENT_IMPORT, text);
        assert!(equipment("").contains("empty"));
        assert!(equipment("asset_tag,\"name\nA-1,x\n").starts_with("line 1: a quotation mark"));
        assert_eq!(equipment("asset_tag,colour,,name,name,\n"), "/colour /column 3 /name");
        assert_eq!(words(&PARTS_IMPORT, "name\nBelt\n"), "/part_number");
        let long = |lines: usize| {
            let tags: Vec<_> = (0..lines).map(|n| format!("A-{n}")).collect();
            format!("asset_tag\n{}\n", tags.join("\n"))
        };
        assert_eq!(EQUIPMENT_IMPORT.read(&long(MAX_LINES), AS_USUAL).unwrap().lines.len(), MAX_LINES);
        assert_eq!(equipment(&long(MAX_LINES + 1)), "too long");
    }

    #[test]
    fn clients_are_told_the_columns_and_the_largest_file() {
        let columns: Vec<_> = PARTS_IMPORT.columns().collect();
        assert!(columns.contains(&"part_number") && columns.contains(&"warehouse_id"), "{columns:?}");
        assert!(!columns.contains(&"id") && !columns.contains(&"version"), "{columns:?}");
        assert_eq!(MAX_BYTES, 1_048_576);
    }
}
