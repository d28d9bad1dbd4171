//! The lists that the API documents, with all that each of them may be asked. They are read from `/api/openapi.json`, which is
//! made from the declarations: so what is offered is what is measured.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use serde_json::Value;

/// The parameters of lists that are not filters.
const NOT_FILTERS: [&str; 11] =
    ["limit", "cursor", "sort", "fields", "include", "q", "raw", "count", "ids", "overdue", "low_stock"];

/// The path of the API, before the lists' own.
const ROOT: &str = "/api/v1/";

/// A list.
pub(super) struct Collection {
    /// Its address below `/api/v1/`; `{id}` stands for what it lies under.
    pub(super) path: String,
    /// The values of `sort`.
    pub(super) sorts: Vec<String>,
    pub(super) filters: Vec<Filter>,
    /// The children that `include` may name.
    pub(super) children: Vec<String>,
    /// True if it has `q`.
    pub(super) searched: bool,
}

/// A field that a list may be filtered by.
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) values: Values,
}

/// The values of a field.
pub(super) enum Values {
    /// One of these.
    Words(Vec<String>),
    /// Moments or days: they are asked for as ranges.
    Times,
    Others,
}

impl Collection {
    /// All of them, in `/api/openapi.json`.
    pub(super) fn documented(document: &Value) -> Result<Vec<Self>> {
        let paths = document["paths"].as_object().context("the document has no paths")?;
        let is_list = |path: &str| !path.ends_with("/export.csv");
        let lists = paths.iter().filter(|(path, _)| is_list(path));
        Ok(lists.filter_map(|(path, described)| Self::of(path, &described["get"], document)).collect())
    }

    fn of(path: &str, get: &Value, document: &Value) -> Option<Self> {
        let resolved = |value| resolved(value, document);
        let parameters: Vec<_> = get["parameters"]
            .as_array()?
            .iter()
            .map(resolved)
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        let named = |name: &str| parameters.iter().find(|parameter| parameter["name"] == name);
        let sorts = words(&named("sort")?["schema"]);
        let filters = parameters.iter().filter_map(|parameter| {
            let of_lists = |name: &&str| !NOT_FILTERS.contains(name) && !name.contains('.');
            let name = parameter["name"].as_str().filter(of_lists)?;
            let value = &parameter["schema"]["items"];
            // Where a field may be null, `null` is another value.
            let value = value["anyOf"].get(0).unwrap_or(value);
            Some(Filter { name: name.to_owned(), values: Values::of(resolved(value)) })
        });
        Some(Self {
            path: path.strip_prefix(ROOT)?.to_owned(),
            sorts,
            filters: filters.collect(),
            children: named("include").map(|include| words(&include["schema"]["items"])).unwrap_or_default(),
            searched: named("q").is_some(),
        })
    }

    /// The address of the list that it lies under.
    pub(super) fn parent(&self) -> Option<&str> {
        self.path.split_once("/{id}/").map(|(parent, _)| parent)
    }
}

/// What a reference leads to; anything else is what it is.
fn resolved<'d>(value: &'d Value, document: &'d Value) -> &'d Value {
    let target = value["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#')));
    target.unwrap_or(value)
}

impl Values {
    fn of(schema: &Value) -> Self {
        let words = words(schema);
        if !words.is_empty() {
            return Self::Words(words);
        }
        match schema["format"].as_str() {
            Some("date" | "date-time") => Self::Times,
            _ => Self::Others,
        }
    }
}

fn words(schema: &Value) -> Vec<String> {
    let words = schema["enum"].as_array().into_iter().flatten();
    words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_what_can_be_sorted() {
        let id = json!({"name": "id", "in": "path"});
        let sort = json!({"name": "sort", "in": "query", "schema": {"enum": ["id", "-id"]}});
        let word = json!({"$ref": "#/components/schemas/State"});
        let filter = json!({"name": "state", "in": "query", "schema": {"items": {"anyOf": [word, {"const": "null"}]}}});
        let range = json!({"name": "due_at.lt", "in": "query", "schema": {"type": "string"}});
        let get = json!({"parameters": [id, sort, filter, range, {"$ref": "#/components/parameters/q"}]});
        let document = json!({"components": {
            "schemas": {"State": {"enum": ["done"]}}, "parameters": {"q": {"name": "q", "in": "query"}}}});
        let list = Collection::of("/api/v1/work-orders/{id}/checklist", &get, &document).unwrap();
        assert!(list.searched);
        assert_eq!((list.path.as_str(), list.parent()), ("work-orders/{id}/checklist", Some("work-orders")));
        assert_eq!(list.sorts, ["id", "-id"]);
        assert!(matches!(&list.filters[..], [Filter { name, values: Values::Words(_) }] if name == "state"));
        assert!(Collection::of("/api/v1/me", &json!({"parameters": []}), &document).is_none());
    }
}
