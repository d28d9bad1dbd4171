//! The filters of a list: a field compared with values.

use std::borrow::Cow;

use super::{Field, Kind, Resource};

/// The most values that a filter may name.
pub const MAX_VALUES: usize = 20;

/// Said of a parameter that takes one value.
pub const TWICE: &str = "is given twice";

/// A condition on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its name, or that of the column that it is looked up by.
    pub field: &'static str,
    /// The comparison.
    pub comparison: Comparison,
    /// The values. Where there are several, any of them will do, or none of them.
    pub values: Vec<String>,
    /// If true, a row without a value will do, too.
    pub or_missing: bool,
}

/// A comparison of a field with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It is one of the values: `field=a,b`; with `null` among them, it may have none.
    AnyOf,
    /// It is none of the values: `field.not=a,b`; with `null` among them, it has one.
    NoneOf,
    /// `field.gte=a`
    AtLeast,
    /// `field.gt=a`
    MoreThan,
    /// `field.lte=a`
    AtMost,
    /// `field.lt=a`
    LessThan,
}

/// The comparisons with one value, as they are written behind the name of a field.
pub const RANGES: [&str; 4] = ["gte", "gt", "lte", "lt"];

impl Field {
    /// True if its values can be chosen from one to another: `field.gte=a`, `field.lt=b`.
    #[must_use]
    pub const fn has_ranges(&self) -> bool {
        matches!(self.kind, Kind::Date | Kind::Time | Kind::Integer(..) | Kind::Number(_))
    }

    /// True if values of it can be left out: `field.not=a,b`.
    #[must_use]
    pub const fn has_exceptions(&self) -> bool {
        matches!(self.kind, Kind::Word(_)) || matches!(self.kind, Kind::Id) && self.nullable
    }
}

/// Reads all that is said under the name of a filter.
pub(super) fn filter(resource: &'static Resource, name: &str, said: &[&str]) -> Result<Filter, String> {
    let (name, comparison) = match name.split_once('.') {
        None => (name, Comparison::AnyOf),
        Some((name, "not")) => (name, Comparison::NoneOf),
        Some((name, "gte")) => (name, Comparison::AtLeast),
        Some((name, "gt")) => (name, Comparison::MoreThan),
        Some((name, "lte")) => (name, Comparison::AtMost),
        Some((name, "lt")) => (name, Comparison::LessThan),
        Some(_) => return Err("compares with gte, gt, lte, lt or not".to_owned()),
    };
    let field = resource.filters().find(|field| field.name == name).ok_or_else(|| {
        let flags = resource.flags.iter().copied();
        let filters: Vec<_> = resource.filters().map(|field| field.name).chain(flags).collect();
        format!("is not a parameter of this list; its rows are chosen by: {}", filters.join(", "))
    })?;
    match comparison {
        Comparison::AnyOf => any_of(field, said),
        Comparison::NoneOf if field.has_exceptions() => none_of(field, said),
        Comparison::NoneOf => Err("is not compared with not".to_owned()),
        _ if field.has_ranges() => {
            let values = vec![read(field, once(said)?)?];
            Ok(Filter { field: field.name, comparison, values, or_missing: false })
        }
        _ => Err("has no ranges".to_owned()),
    }
}

/// Reads the ids of the rows that are wanted, at `most` so many.
pub(super) fn ids(resource: &'static Resource, said: &[&str], most: usize) -> Result<Filter, String> {
    let field = resource.field("id").ok_or("is not a parameter of this list")?;
    let (values, or_missing) = values(field, said, most)?;
    Ok(Filter { field: field.name, comparison: Comparison::AnyOf, values, or_missing })
}

/// The value of a parameter that takes one.
pub(super) fn once<'v>(values: &[&'v str]) -> Result<&'v str, String> {
    match values {
        [value] => Ok(value),
        _ => Err(TWICE.to_owned()),
    }
}

fn any_of(field: &Field, said: &[&str]) -> Result<Filter, String> {
    let (values, or_missing) = values(field, said, MAX_VALUES)?;
    let column = field.alike.filter(|_| !values.is_empty()).unwrap_or(field.name);
    Ok(Filter { field: column, comparison: Comparison::AnyOf, values, or_missing })
}

fn none_of(field: &Field, said: &[&str]) -> Result<Filter, String> {
    let (values, but_missing) = values(field, said, MAX_VALUES)?;
    let or_missing = field.nullable && !but_missing;
    let Kind::Word(words) = field.kind else {
        return Ok(Filter { field: field.name, comparison: Comparison::NoneOf, values, or_missing });
    };
    // An index knows where a word is, not where it is not: all the others are asked for.
    let others = words.iter().filter(|word| values.iter().all(|value| value != *word));
    let values: Vec<_> = others.map(ToString::to_string).collect();
    if values.is_empty() && !or_missing {
        return Err("leaves nothing".to_owned());
    }
    Ok(Filter { field: field.name, comparison: Comparison::AnyOf, values, or_missing })
}

/// The values that are named, `most` of them, and whether `null` is among them.
fn values(field: &Field, said: &[&str], most: usize) -> Result<(Vec<String>, bool), String> {
    let (mut values, mut null) = (Vec::new(), false);
    for given in said.iter().flat_map(|text| several(text)) {
        match given {
            Given::AsIs("null") if field.nullable => null = true,
            Given::AsIs(text) => values.push(read(field, text)?),
            Given::Quoted(text) => values.push(read(field, &text)?),
        }
    }
    if values.len() > most {
        return Err(format!("may name at most {most} values"));
    }
    Ok((values, null))
}

fn read(field: &Field, value: &str) -> Result<String, String> {
    let read = field.kind.read_text(value).filter(|text| !text.is_empty());
    read.ok_or_else(|| format!("must be {}", field.kind.in_words()))
}

/// A value, as it is written.
#[derive(Debug, PartialEq, Eq)]
enum Given<'a> {
    AsIs(&'a str),
    Quoted(Cow<'a, str>),
}

/// The values of `a,b`. One in quotation marks may hold commas, and quotation marks that are doubled: `"A, ""left""",b`. What
/// only begins with one is taken as it is written.
fn several(value: &str) -> Vec<Given<'_>> {
    let mut values = Vec::new();
    let mut rest = Some(value);
    while let Some(text) = rest {
        let (one, after) = quoted(text).unwrap_or_else(|| match text.split_once(',') {
            Some((one, after)) => (Given::AsIs(one), Some(after)),
            None => (Given::AsIs(text), None),
        });
        values.push(one);
        rest = after;
    }
    values
}

/// A value in quotation marks at the beginning of a text, and what follows after the next comma.
fn quoted(text: &str) -> Option<(Given<'_>, Option<&str>)> {
    let inside = text.strip_prefix('"')?;
    let mut marks = inside.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = marks.next() {
        if marks.next_if_eq(&(at + 1)).is_some() {
            continue;
        }
        let value = Given::Quoted(inside.get(..at)?.replace("\"\"", "\"").into());
        let after = inside.get(at + 1..)?;
        return if after.is_empty() {
            Some((value, None))
        } else {
            Some((value, Some(after.strip_prefix(',')?)))
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::WORK_ORDERS;

    fn read(name: &str, said: &[&str]) -> Result<Filter, String> {
        filter(&WORK_ORDERS, name, said)
    }

    fn found(name: &str, said: &[&str]) -> (&'static str, Comparison, String, bool) {
        let Filter { field, comparison, values, or_missing } = read(name, said).unwrap();
        (field, comparison, values.join("|"), or_missing)
    }

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    #[test]
    fn filters_name_values_ranges_and_their_absence() {
        let any = Comparison::AnyOf;
        assert_eq!(found("status", &["new,assigned"]), ("status", any, "new|assigned".to_owned(), false));
        let until = "2026-03-02T00:00:00Z";
        assert_eq!(found("due_at.lt", &[until]), ("due_at", Comparison::LessThan, until.to_owned(), false));
        assert_eq!(found("assigned_to", &["null"]), ("assigned_to", any, String::new(), true));
        assert_eq!(found("assigned_to", &[ID, "null"]), ("assigned_to", any, ID.to_owned(), true));
    }

    #[test]
    fn values_that_are_left_out_leave_the_rows_without_one() {
        let none = Comparison::NoneOf;
        assert_eq!(found("assigned_to.not", &[ID]), ("assigned_to", none, ID.to_owned(), true));
        assert_eq!(found("assigned_to.not", &["null"]), ("assigned_to", none, String::new(), false));
        assert_eq!(found("assigned_to.not", &[ID, "null"]), ("assigned_to", none, ID.to_owned(), false));
        let others = ("priority", Comparison::AnyOf, "medium|high".to_owned(), false);
        assert_eq!(found("priority.not", &["low,critical"]), others);
        assert_eq!(read("priority.not", &["low,medium,high,critical"]), Err("leaves nothing".to_owned()));
    }

    #[test]
    fn what_does_not_compare_so_is_refused() {
        for name in ["title", "number.gte", "follow_up.not", "warehouse_id.not", "due_at.like", "due_at.not"]
        {
            assert!(read(name, &["x"]).is_err(), "{name}");
        }
        assert!(read("status", &["null"]).is_err(), "it always has one");
        assert!(read("number", &[&"WO-1,".repeat(MAX_VALUES + 1)]).is_err());
    }

    #[test]
    fn a_value_with_a_comma_stands_in_quotation_marks() {
        for (given, values) in [
            ("A,1", &["A", "1"][..]),
            (r#""A,1""#, &["A,1"]),
            (r#""A,1",B,"C ""left""","#, &["A,1", "B", "C \"left\"", ""]),
            (r#""A"#, &["\"A"]),
            (r#""A"1,B"#, &["\"A\"1", "B"]),
            (r#"A"1,""#, &["A\"1", "\""]),
            (r#""""#, &[""]),
        ] {
            let several = several(given).into_iter().map(|given| match given {
                Given::AsIs(text) => text.to_owned(),
                Given::Quoted(text) => text.into_owned(),
            });
            assert_eq!(several.collect::<Vec<_>>(), values, "{given}");
        }
        assert_eq!(found("fo_number", &[r#""A,1""#]).2, "A,1");
        let text = ("fo_number", Comparison::AnyOf, "null".to_owned(), false);
        assert_eq!(found("fo_number", &[r#""null""#]), text, "the text, not its absence");
    }
}
