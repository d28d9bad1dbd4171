//! The API's own description (OpenAPI 3.1), made from the declarations that also serve it.
//!
//! Each module describes its own endpoints beside their handlers, with the helpers that stand here.

#[cfg(test)]
mod codes;
mod names;
mod narrow;
mod operations;
mod resource;
mod schemas;
mod sharing;
mod tags;
mod told;
mod with;

use millwright_domain::resource::RESOURCES;
use serde_json::{Map, Value, json};

use crate::endpoint::{Api, Endpoint, Operation};

pub(crate) use names::{camel, name, nouns, reference};
pub(crate) use narrow::ADDRESS;
pub(crate) use operations::{
    answer, answers, answers_to, body, choice, declared, done, header, id, idempotency_key, if_match,
    list_answer, list_parameters, not_modified, row_answer, shared,
};
pub(crate) use resource::{change, get, list, open, remove, tag};
pub(crate) use schemas::{NOT_BLANK, closed, object, of_field, with_children};
#[cfg(test)]
pub(crate) use tags::TAGS;
pub(crate) use told::named;
pub(crate) use with::with;

const ABOUT: &str = "The backend of a maintenance management system. What holds everywhere:\n\n\
    - **Lists** are arrays of whole rows, a page at a time; `Link` has the next page. `export.csv` at a list's address is all of it.\n\
    - **Filters** take several values, separated by commas or said again and again: `?status=new,assigned` is \
    `?status=new&status=assigned`. One that holds a comma stands in quotation marks. `null` is a row without a value, also among \
    others: `?assigned_to=null,ID` is mine or nobody's. `.not` behind the name leaves values out; `.gte`, `.gt`, `.lte` and `.lt` \
    are ranges. What takes one value and is said twice is refused.\n\
    - **`fields`** is for those who count bytes: the type of a row is that of the whole one, of which the other fields are missing then.\n\
    - **Changes** name the `ETag` that they were made from in `If-Match`; an `Idempotency-Key` makes a repeated `POST` harmless.\n\
    - **Problems** are `application/problem+json` with a `code` for programs.";

/// The document of these endpoints.
pub(crate) fn document(api: &Api) -> Value {
    let mut schemas = schemas::shared();
    for resource in RESOURCES {
        for (name, schema) in schemas::of(resource) {
            schemas.entry(name).or_insert(schema);
        }
    }
    schemas.extend(schemas::forms());
    schemas.extend(told::schemas());
    for add in &api.schemas {
        add(&mut schemas);
    }
    let mut paths = paths(api);
    sharing::share(&mut paths, &mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Millwright",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "contact": {"name": "The administrators of this installation"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The installation that this document comes from"}],
        "security": [{"bearer": []}],
        "tags": tags::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": operations::shared_parameters(),
            "headers": operations::shared_headers(),
            "responses": operations::shared_answers(),
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "The `access_token` of a sign-in, or an API token",
            }},
        },
    })
}

fn paths(api: &Api) -> Map<String, Value> {
    let mut paths = Map::new();
    for endpoint in &api.endpoints {
        let of_endpoint = |operation| described(endpoint, operation);
        let item: Map<_, _> = endpoint.operations.iter().filter_map(of_endpoint).collect();
        if !item.is_empty() {
            paths.insert(endpoint.path.clone().into_owned(), item.into());
        }
    }
    paths
}

/// An operation under the name of its method. One for strangers says that it takes no token.
fn described(endpoint: &Endpoint, operation: &Operation) -> Option<(String, Value)> {
    let mut described = operation.description.as_ref()?();
    let mut parameters = endpoint.parameters.as_ref().map_or_else(|| json!([]), |describe| describe());
    if let (Some(all), Some(own)) =
        (parameters.as_array_mut(), described.get("parameters").and_then(Value::as_array))
    {
        all.extend(own.iter().cloned());
    }
    if parameters.as_array().is_some_and(|all| !all.is_empty()) {
        described = with(described, "parameters", parameters);
    }
    let tags =
        described.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let tags: Vec<_> = tags.map(|tag| tag.replace('/', "-")).collect();
    described = with(described, "tags", json!(tags));
    if !operation.handler.is_for_people() {
        described = with(described, "security", json!([]));
    }
    Some((operation.method.word().to_owned(), described))
}
