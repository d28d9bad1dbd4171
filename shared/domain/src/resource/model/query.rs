//! The query of a list: filters, words, order, page, fields.

use serde::{Deserialize, Serialize};

use super::filter::{filter, ids, once};
use super::{Comparison, Field, Filter, Include, Kind, Resource, include};
use crate::input::FieldError;

/// The rows of a page if nothing is said.
pub const DEFAULT_LIMIT: usize = 50;
/// The most rows of a page.
pub const MAX_LIMIT: usize = 200;
/// The longest search, in characters.
pub const MAX_SEARCH: usize = 200;
/// The most rows that are counted; of more it is told that there are more.
pub const MAX_COUNTED: usize = 1_000;

/// Said of a cursor that was not given out for this list.
pub const NO_CURSOR: &str = "is not a cursor of this list";

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
}

/// An order: `sort=field`, or `sort=-field` for the greatest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By this field.
    pub field: &'static Field,
    /// The greatest first.
    pub descending: bool,
}

/// The end of a page: the last row's value of the field that orders the list, its id, and a mark of the list, by which the
/// cursor of another one is told. One without a mark is of any list.
///
/// A client gets it as an opaque text, and gives it back as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(
    pub Option<String>,
    pub uuid::Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")] pub Option<u32>,
);

impl ListQuery {
    /// Reads the parameters of a list. `cursor` decodes the opaque text of a cursor. What takes several values takes them
    /// separated by commas, or under its name again and again, as most generated clients send them.
    ///
    /// # Errors
    /// Every parameter that is wrong or unknown, or that takes one value and is there twice.
    pub fn parse<T: AsRef<str>>(
        resource: &'static Resource,
        parameters: impl Iterator<Item = (T, T)>,
        cursor: impl Fn(&str) -> Option<Cursor>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut query = Self::of(resource)?;
        let mut errors = Vec::new();
        for (name, values) in by_name(parameters) {
            let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
            if let Err(message) = query.read(resource, name.as_ref(), &values, &cursor) {
                errors.push(FieldError::parameter(name.as_ref(), message));
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
        })
    }

    fn read(
        &mut self,
        resource: &'static Resource,
        name: &str,
        values: &[&str],
        cursor: impl Fn(&str) -> Option<Cursor>,
    ) -> Result<(), String> {
        match name {
            "limit" => self.limit = limit(once(values)?)?,
            "cursor" => self.after = Some(cursor(once(values)?).ok_or(NO_CURSOR)?),
            "sort" => self.sort = sort(resource, once(values)?)?,
            "fields" => self.fields = Some(fields(resource, &values.join(","))?),
            "count" => self.count = truth(once(values)?)?,
            "include" if !resource.includable(false).is_empty() => {
                self.include = include(resource, &values.join(","), false)?;
            }
            "ids" => {
                self.filters.push(ids(resource, values, MAX_LIMIT)?);
                // All that are named come on one page, unless less is said.
                if self.limit == DEFAULT_LIMIT {
                    self.limit = MAX_LIMIT;
                }
            }
            flag if resource.flags.contains(&flag) => {
                let field = resource.flags.iter().find(|known| **known == flag).ok_or("is not known")?;
                let values = vec![truth(once(values)?)?.to_string()];
                self.filters.push(Filter { field, comparison: Comparison::AnyOf, values, or_missing: false });
            }
            "q" if resource.searched => {
                let words = Kind::Text(MAX_SEARCH);
                let good = words.read_text(once(values)?).filter(|text| !text.is_empty());
                self.search = Some(good.ok_or_else(|| format!("must be {}", words.in_words()))?);
            }
            _ => self.filters.push(filter(resource, name, values)?),
        }
        Ok(())
    }

    /// All that a page and the next one have in common: the order, the filters and the words, however they were written.
    #[must_use]
    pub fn identity(&self) -> String {
        let mut filters: Vec<_> = self.filters.iter().map(|filter| format!("{filter:?}")).collect();
        filters.sort_unstable();
        format!("{} {} {:?} {filters:?}", self.sort.field.name, self.sort.descending, self.search)
    }
}

/// The values of each parameter, in the order of the names.
fn by_name<T: AsRef<str>>(parameters: impl Iterator<Item = (T, T)>) -> Vec<(T, Vec<T>)> {
    let mut said: Vec<(T, Vec<T>)> = Vec::new();
    for (name, value) in parameters {
        match said.iter_mut().find(|(other, _)| other.as_ref() == name.as_ref()) {
            Some((_, values)) => values.push(value),
            None => said.push((name, vec![value])),
        }
    }
    said
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
    Kind::Boolean
        .read_text(value)
        .map(|text| text == "true")
        .ok_or_else(|| "must be true or false".to_owned())
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
    fn order_page_words_and_fields() {
        let id = "01900000-0000-7000-8000-000000000001";
        let cursor = format!("[\"high\",\"{id}\"]");
        let query = parse(&[
            ("sort", "-priority"),
            ("cursor", &cursor),
            ("q", " belt "),
            ("fields", "number,title"),
            ("limit", "200"),
        ])
        .unwrap();
        assert_eq!((query.sort.field.name, query.sort.descending), ("priority", true));
        assert_eq!(query.after, Some(Cursor(Some("high".to_owned()), id.parse().unwrap(), None)));
        assert_eq!(query.search.as_deref(), Some("belt"));
        assert_eq!((query.fields, query.limit), (Some(vec!["number", "title"]), 200));
    }

    #[test]
    fn what_is_said_again_and_again_is_the_same_as_with_commas() {
        let again = [
            ("status", "new"),
            ("include", "crew"),
            ("status", "assigned,on_hold"),
            ("fields", "number"),
            ("include", "comments"),
            ("fields", "title"),
        ];
        let query = parse(&again).unwrap();
        assert_eq!(query.filters[0].values, ["new", "assigned", "on_hold"]);
        assert_eq!(query.include.members().collect::<Vec<_>>(), ["crew", "comments"]);
        assert_eq!((query.filters.len(), query.fields), (1, Some(vec!["number", "title"])));
    }

    #[test]
    fn what_takes_one_value_is_said_once() {
        let id = "01900000-0000-7000-8000-000000000001";
        let cursor = format!("[null,\"{id}\"]");
        for (name, value) in [
            ("limit", "7"),
            ("cursor", &*cursor),
            ("sort", "id"),
            ("q", "belt"),
            ("due_at.lt", "2026-03-02T00:00:00Z"),
        ] {
            let twice = parse(&[(name, value), ("status", "new"), (name, value)]);
            assert_eq!(twice.unwrap_err(), [format!("?{name}")]);
            parse(&[(name, value)]).unwrap();
        }
    }

    #[test]
    fn a_list_is_known_by_its_order_filters_and_words() {
        let of = |parameters: &[(&str, &str)]| parse(parameters).unwrap().identity();
        let one = of(&[
            ("status", "new"),
            ("status", "on_hold"),
            ("due_at.lt", "2026-03-02T01:00:00+01:00"),
            ("limit", "7"),
        ]);
        assert_eq!(
            one,
            of(&[("due_at.lt", "2026-03-02T00:00:00Z"), ("fields", "title"), ("status", "new,on_hold")])
        );
        for other in [&[("status", "new")][..], &[("sort", "id")], &[("q", "belt")], &[]] {
            assert_ne!(one, of(other), "{other:?}");
        }
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
                "?area"
            ]
        );
    }
}
