//! The query of a list: filters, words, order, page, fields.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Field, Include, Kind, Resource, include};
use crate::input::FieldError;

/// The rows of a page if nothing is said.
pub const DEFAULT_LIMIT: usize = 50;
/// The most rows of a page.
pub const MAX_LIMIT: usize = 200;
/// The longest search, in characters.
pub const MAX_SEARCH: usize = 200;
/// The most rows that are counted; of more it is told that there are more.
pub const MAX_COUNTED: usize = 1_000;
/// The most values that a filter may name.
pub const MAX_VALUES: usize = 20;

/// A question to a list.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// All of them hold.
    pub filters: Vec<Filter>,
    /// These words are in it.
    pub search: Option<String>,
    /// In this order; equals by id.
    pub sort: Sort,
    /// At most so many rows, `1..=MAX_LIMIT`.
    pub limit: usize,
    /// Those that follow this row.
    pub after: Option<Cursor>,
    /// Only these fields, and `id`.
    pub fields: Option<Vec<&'static str>>,
    /// Each with this.
    pub include: Include,
    /// If true, it is told how many rows there are, up to a bound.
    pub count: bool,
    /// If true, CSV has texts as they are, also those that a spreadsheet takes for a formula.
    pub raw: bool,
}

/// A condition on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its name, or that of the column that it is looked up by.
    pub field: &'static str,
    /// The comparison.
    pub comparison: Comparison,
    /// The values; more than one only if any of them will do.
    pub values: Vec<String>,
}

/// A comparison of a field with values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// It is one of the values: `field=a,b`.
    AnyOf,
    /// It has no value: `field=null`.
    Missing,
    /// `field.gte=a`
    AtLeast,
    /// `field.gt=a`
    MoreThan,
    /// `field.lte=a`
    AtMost,
    /// `field.lt=a`
    LessThan,
}

/// An order: `sort=field`, or `sort=-field` for the greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By this field.
    pub field: &'static Field,
    /// The greatest first.
    pub descending: bool,
}

/// The end of a page: the last row's value of the field that orders the list, and its id.
///
/// A client gets it as an opaque text, and gives it back as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Option<String>, pub uuid::Uuid);

impl ListQuery {
    /// Reads the parameters of a list. `cursor` decodes the opaque text of a cursor.
    ///
    /// # Errors
    /// Every parameter that is wrong or unknown.
    pub fn parse<T: AsRef<str>>(
        resource: &'static Resource,
        parameters: impl Iterator<Item = (T, T)>,
        cursor: impl Fn(&str) -> Option<Cursor>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut query = Self::of(resource)?;
        let mut errors = Vec::new();
        for (name, value) in parameters {
            let name = name.as_ref();
            if let Err(message) = query.read(resource, name, value.as_ref(), &cursor) {
                errors.push(FieldError::parameter(name, message));
            }
        }
        if errors.is_empty() { Ok(query) } else { Err(errors) }
    }

    /// True if the page tells how many rows there are. The pages that follow it do not tell it again.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.count && self.after.is_none()
    }

    /// The list as it is when nothing is asked: the newest first.
    fn of(resource: &'static Resource) -> Result<Self, Vec<FieldError>> {
        let field = resource.fields.first().ok_or_else(Vec::new)?;
        let sort = Sort { field, descending: true };
        Ok(Self {
            filters: Vec::new(),
            search: None,
            sort,
            limit: DEFAULT_LIMIT,
            after: None,
            fields: None,
            include: Include::default(),
            count: false,
            raw: false,
        })
    }

    fn read(
        &mut self,
        resource: &'static Resource,
        name: &str,
        value: &str,
        cursor: impl Fn(&str) -> Option<Cursor>,
    ) -> Result<(), String> {
        match name {
            "limit" => self.limit = limit(value)?,
            "cursor" => self.after = Some(cursor(value).ok_or("is not a cursor of this list")?),
            "sort" => self.sort = sort(resource, value)?,
            "fields" => self.fields = Some(fields(resource, value)?),
            "raw" => self.raw = truth(value)?,
            "count" => self.count = truth(value)?,
            "include" => self.include = include(resource, value, false)?,
            "ids" => {
                let filter = filter_of(resource, "id", value, MAX_LIMIT)?;
                // All that are named come on one page, unless less is said.
                if self.limit == DEFAULT_LIMIT {
                    self.limit = MAX_LIMIT;
                }
                self.filters.push(filter);
            }
            flag if resource.flags.contains(&flag) => {
                let field = resource.flags.iter().find(|known| **known == flag).ok_or("is not known")?;
                let values = vec![truth(value)?.to_string()];
                self.filters.push(Filter { field, comparison: Comparison::AnyOf, values });
            }
            "q" if resource.searched => {
                let words = Kind::Text(MAX_SEARCH);
                let good = words.read_text(value).filter(|text| !text.is_empty());
                self.search = Some(good.ok_or_else(|| format!("must be {}", words.in_words()))?);
            }
            _ => self.filters.push(filter(resource, name, value)?),
        }
        Ok(())
    }
}

fn limit(value: &str) -> Result<usize, String> {
    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("must be a number from 1 to {MAX_LIMIT}"))
}

fn sort(resource: &'static Resource, value: &str) -> Result<Sort, String> {
    let (descending, name) = value.strip_prefix('-').map_or((false, value), |name| (true, name));
    let field = resource.field(name).filter(|field| resource.sorts_by(field, value));
    field
        .map(|field| Sort { field, descending })
        .ok_or_else(|| format!("must be one of: {}", resource.sorts().join(", ")))
}

fn truth(value: &str) -> Result<bool, String> {
    Kind::Boolean.read_text(value).map(|text| text == "true").ok_or_else(|| "must be true or false".to_owned())
}

/// Reads the names of the fields that are asked for.
///
/// # Errors
/// The mistake, in words.
pub fn fields(resource: &'static Resource, value: &str) -> Result<Vec<&'static str>, String> {
    let named = value.split(',').map(|name| {
        resource.field(name).map(|field| field.name).ok_or_else(|| format!("'{name}' is not a field"))
    });
    named.collect()
}

/// The values of `a,b`. One in quotation marks may hold commas, and quotation marks that are doubled: `"A, ""left""",b`. What
/// only begins with one is taken as it is written.
fn several(value: &str) -> Vec<Cow<'_, str>> {
    let mut values = Vec::new();
    let mut rest = Some(value);
    while let Some(text) = rest {
        let (one, after) = quoted(text).unwrap_or_else(|| match text.split_once(',') {
            Some((one, after)) => (one.into(), Some(after)),
            None => (text.into(), None),
        });
        values.push(one);
        rest = after;
    }
    values
}

/// A value in quotation marks at the beginning of a text, and what follows after the next comma.
fn quoted(text: &str) -> Option<(Cow<'_, str>, Option<&str>)> {
    let inside = text.strip_prefix('"')?;
    let mut marks = inside.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = marks.next() {
        if marks.next_if_eq(&(at + 1)).is_some() {
            continue;
        }
        let value = inside.get(..at)?.replace("\"\"", "\"").into();
        let after = inside.get(at + 1..)?;
        return if after.is_empty() {
            Some((value, None))
        } else {
            Some((value, Some(after.strip_prefix(',')?)))
        };
    }
    None
}

fn filter(resource: &'static Resource, name: &str, value: &str) -> Result<Filter, String> {
    filter_of(resource, name, value, MAX_VALUES)
}

fn filter_of(resource: &'static Resource, name: &str, value: &str, most: usize) -> Result<Filter, String> {
    let (name, comparison) = match name.split_once('.') {
        None => (name, Comparison::AnyOf),
        Some((name, "gte")) => (name, Comparison::AtLeast),
        Some((name, "gt")) => (name, Comparison::MoreThan),
        Some((name, "lte")) => (name, Comparison::AtMost),
        Some((name, "lt")) => (name, Comparison::LessThan),
        Some(_) => return Err("compares with gte, gt, lte or lt".to_owned()),
    };
    let field = resource.filters().find(|field| field.name == name).ok_or_else(|| {
        let flags = resource.flags.iter().copied();
        let filters: Vec<_> = resource.filters().map(|field| field.name).chain(flags).collect();
        format!("is not a parameter of this list; its rows are chosen by: {}", filters.join(", "))
    })?;
    if comparison == Comparison::AnyOf && value == "null" && field.nullable {
        return Ok(Filter { field: field.name, comparison: Comparison::Missing, values: Vec::new() });
    }
    let (given, column) = match comparison {
        Comparison::AnyOf => (several(value), field.alike.unwrap_or(field.name)),
        Comparison::Missing
        | Comparison::AtLeast
        | Comparison::MoreThan
        | Comparison::AtMost
        | Comparison::LessThan => (vec![value.into()], field.name),
    };
    let read = |value: &Cow<'_, str>| field.kind.read_text(value).filter(|text| !text.is_empty());
    let values = given.iter().map(read).collect::<Option<Vec<_>>>();
    match values {
        Some(values) if values.len() <= most => Ok(Filter { field: column, comparison, values }),
        Some(_) => Err(format!("may name at most {most} values")),
        None => Err(format!("must be {}", field.kind.in_words())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::WORK_ORDERS;

    fn parse(parameters: &[(&str, &str)]) -> Result<ListQuery, Vec<String>> {
        let cursor = |text: &str| serde_json::from_str(text).ok();
        ListQuery::parse(&WORK_ORDERS, parameters.iter().copied(), cursor)
            .map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn when_nothing_is_asked_the_newest_come_first() {
        let query = parse(&[]).unwrap();
        assert_eq!((query.sort.field.name, query.sort.descending, query.limit), ("id", true, 50));
    }

    #[test]
    fn filters_name_values_ranges_and_their_absence() {
        let query = parse(&[
            ("status", "new,assigned"),
            ("due_at.lt", "2026-03-02T00:00:00Z"),
            ("assigned_to", "null"),
        ]);
        let filters: Vec<_> =
            query.unwrap().filters.into_iter().map(|f| (f.field, f.comparison, f.values.join("|"))).collect();
        assert_eq!(
            filters,
            [
                ("status", Comparison::AnyOf, "new|assigned".to_owned()),
                ("due_at", Comparison::LessThan, "2026-03-02T00:00:00Z".to_owned()),
                ("assigned_to", Comparison::Missing, String::new()),
            ]
        );
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
            assert_eq!(several(given), values, "{given}");
        }
        let query = parse(&[("fo_number", r#""A,1""#)]).unwrap();
        assert_eq!(query.filters[0].values, ["A,1"]);
        let query = parse(&[("fo_number", r#""null""#)]).unwrap();
        assert_eq!(query.filters[0].comparison, Comparison::AnyOf, "the text, not its absence");
    }

    #[test]
    fn order_page_words_and_fields() {
        let id = "01900000-0000-7000-8000-000000000001";
        let cursor = format!("[\"high\",\"{id}\"]");
        let query = parse(&[
            ("sort", "-priority"),
            ("cursor", &cursor),
            ("q", " belt "),
            ("fields", "number,title"),
            ("limit", "200"),
            ("raw", "true"),
        ])
        .unwrap();
        assert!(query.raw);
        assert_eq!((query.sort.field.name, query.sort.descending), ("priority", true));
        assert_eq!(query.after, Some(Cursor(Some("high".to_owned()), id.parse().unwrap())));
        assert_eq!(query.search.as_deref(), Some("belt"));
        assert_eq!((query.fields, query.limit), (Some(vec!["number", "title"]), 200));
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let wrong = parse(&[
            ("status", "done"),
            ("limit", "0"),
            ("assigned_to", "me"),
            ("colour", "red"),
            ("due_at.like", "x"),
            ("sort", "custom_fields"),
            ("cursor", "?"),
            ("fields", "number,colour"),
            ("q", " "),
            ("area", "a,,b"),
            ("raw", "1"),
        ])
        .unwrap_err();
        assert_eq!(
            wrong,
            [
                "?status",
                "?limit",
                "?assigned_to",
                "?colour",
                "?due_at.like",
                "?sort",
                "?cursor",
                "?fields",
                "?q",
                "?area",
                "?raw"
            ]
        );
    }
}
