//! CSV (RFC 4180) line by line: a line that is wrong does not take the others with it.
//!
//! Readers that others wrote forgive such a line in silence, and lose quotation marks or lines with it. Here it is told, and
//! reading goes on with the next one.

use std::borrow::Cow;

use crate::decimal::Decimal;

/// The characters that begin a formula where a spreadsheet opens a cell, their wide forms among them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A line, which is several lines of the file if there are line ends inside of quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The number of its first line, as an editor counts.
    pub number: u64,
    /// The number of its last one.
    pub last: u64,
    /// Its cells, or what is wrong with it as a whole, in words.
    pub cells: Result<Vec<String>, &'static str>,
}

/// The lines of a text.
#[derive(Debug)]
pub struct Lines<'a> {
    rest: &'a str,
    separator: char,
    longest: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    /// The lines of a text in which this separates cells, of at most so many bytes in quotation marks.
    #[must_use]
    pub fn of(text: &'a str, separator: char, longest: usize) -> Self {
        Self { rest: text, separator, longest, number: 1 }
    }

    /// Counts what is read from now on as these lines of a file.
    #[must_use]
    pub fn from(self, number: u64) -> Self {
        Self { number, ..self }
    }

    fn cells(&mut self) -> Result<Vec<String>, &'static str> {
        let mut cells = Vec::new();
        loop {
            cells.push(match self.rest.strip_prefix('"') {
                Some(rest) => self.quoted(rest)?,
                None => self.until(&[self.separator, '\r', '\n']).to_owned(),
            });
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
            } else if self.rest.is_empty() || self.rest.starts_with(['\r', '\n']) {
                self.end();
                return Ok(cells);
            } else {
                return Err(
                    "something stands behind a closing quotation mark; a cell with such marks stands in them as \
                            a whole, and each inside of it is doubled",
                );
            }
        }
    }

    /// The rest of a cell in quotation marks. White space behind it is none of it.
    fn quoted(&mut self, mut rest: &'a str) -> Result<String, &'static str> {
        let mut cell = String::new();
        loop {
            let near = rest.get(..rest.floor_char_boundary(self.longest)).unwrap_or(rest);
            let Some((more, _)) = near.split_once('"').filter(|_| cell.len() < self.longest) else {
                return Err("a quotation mark is opened here and not closed");
            };
            self.number += line_ends(more);
            cell.push_str(more);
            rest = rest.get(more.len() + 1..).unwrap_or_default();
            match rest.strip_prefix('"') {
                Some(behind) => {
                    cell.push('"');
                    rest = behind;
                }
                None => break,
            }
        }
        self.rest = rest.trim_start_matches(' ');
        Ok(cell)
    }

    fn until(&mut self, ends: &[char]) -> &'a str {
        let (before, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        before
    }

    fn end(&mut self) {
        let rest = self.rest;
        let mut ends = ["\r\n", "\n", "\r"].iter();
        self.rest = ends.find_map(|end| rest.strip_prefix(end)).unwrap_or_default();
        self.number += 1;
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let Self { rest, number, .. } = *self;
        if rest.is_empty() {
            return None;
        }
        let cells = self.cells();
        if cells.is_err() {
            // Which of the marks is one too many nobody can know: the next line of the file is read for itself.
            (self.rest, self.number) = (rest, number);
            self.until(&['\r', '\n']);
            self.end();
        }
        Some(Line { number, last: self.number - 1, cells })
    }
}

/// The ends of lines in a text: `\n`, `\r\n` or `\r`.
fn line_ends(text: &str) -> u64 {
    let count = |end: &str| text.matches(end).count() as u64;
    count("\n") + count("\r") - count("\r\n")
}

/// Adds a line to a text.
pub fn write<'a>(text: &mut String, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
}

/// A cell that no spreadsheet takes for a formula: with `'` before it, as is usual, if it begins like one and is no number. What
/// looks as if that had been done has one more, so that [`unescaped`] gives each text back.
#[must_use]
pub fn escaped(cell: &str) -> Cow<'_, str> {
    if is_escapable(cell) && cell.parse::<Decimal>().is_err() {
        return format!("'{cell}").into();
    }
    cell.into()
}

/// What [`escaped`] was told.
#[must_use]
pub fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|cell| is_escapable(cell)).unwrap_or(cell)
}

fn is_escapable(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        let cells = |line: Line| (line.number, line.cells.unwrap_or_else(|_| vec!["wrong".to_owned()]));
        Lines::of(text, ',', 100).map(cells).collect()
    }

    fn line(number: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_keep_their_quotation_marks() {
        assert_eq!(
            read("a,Belt 3\" wide,\"Belt 3\"\" wide\" \n"),
            [line(1, &["a", "Belt 3\" wide", "Belt 3\" wide"])]
        );
        assert_eq!(read("\"\"\"C\"\" Street pump\",\n"), [line(1, &["\"C\" Street pump", ""])]);
        assert_eq!(read("\"\",\"a,b\""), [line(1, &["", "a,b"])]);
    }

    #[test]
    fn lines_end_as_each_system_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,\"one", "two\"", "", "b,c", ""].join(end);
            let two = format!("one{end}two");
            assert_eq!(read(&text), [line(1, &["a", &two]), line(3, &[""]), line(4, &["b", "c"])], "{end:?}");
        }
    }

    #[test]
    fn a_line_that_is_wrong_is_told_and_the_next_one_is_read() {
        let text = "a,\"C\" Street pump\nb,x\nc,\"Belt\nd,y\ne,\"z\"\n";
        assert_eq!(
            read(text),
            [
                line(1, &["wrong"]),
                line(2, &["b", "x"]),
                line(3, &["wrong"]),
                line(4, &["d", "y"]),
                line(5, &["e", "z"])
            ]
        );
        let endless = format!("a,\"{}\"\nb\n", "ä".repeat(100));
        assert_eq!(read(&endless), [line(1, &["wrong"]), line(2, &["b"])]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let cells = ["a,b", "Belt 3\" wide", "two\nlines", "", "'=1", "x;y"];
        let mut text = String::new();
        write(&mut text, cells.into_iter().map(Cow::from));
        write(&mut text, ["z"].into_iter().map(Cow::from));
        assert_eq!(read(&text), [line(1, &cells), line(3, &["z"])]);
    }

    #[test]
    fn what_begins_like_a_formula_is_none_and_comes_back() {
        for (cell, safe) in [
            ("=HYPERLINK(\"https://evil.example\")", "'=HYPERLINK(\"https://evil.example\")"),
            ("+49 30 1234", "'+49 30 1234"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("＝1+1", "'＝1+1"),
            ("-", "'-"),
            ("-1.5", "-1.5"),
            ("+49301234", "+49301234"),
            ("'=1", "''=1"),
            ("'-5", "''-5"),
            ("'tis", "'tis"),
            ("''", "''"),
            ("", ""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(escaped(cell), safe);
            assert_eq!(unescaped(&escaped(cell)), cell);
        }
    }
}
