//! The API's own description (OpenAPI 3.1), made from the declarations that also serve it.
//!
//! Each module describes its own endpoints beside their handlers, with the helpers that stand here.

mod narrow;
mod operations;
mod resource;
mod schemas;
mod told;
mod with;

use millwright_domain::resource::RESOURCES;
use serde_json::{Map, Value, json};

use crate::endpoint::{Api, Operation};

pub(crate) use operations::{
    BODY_PROBLEMS, FIND_PROBLEMS, RAW, READ_PROBLEMS, answer, body, declared, id, idempotency_key, if_match,
    list_answer, list_parameters, problems,
};
pub(crate) use resource::{change, get, list, open, remove};
pub(crate) use schemas::{NOT_BLANK, closed, name, object, of_field, reference, snake};
pub(crate) use told::named;
pub(crate) use with::with;

/// The document of these endpoints.
pub(crate) fn document(api: &Api) -> Value {
    let mut schemas = schemas::shared();
    for resource in RESOURCES {
        schemas.extend(schemas::of(resource));
    }
    schemas.extend(schemas::forms());
    schemas.extend(told::schemas());
    for add in &api.schemas {
        add(&mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Millwright",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The backend of a maintenance management system.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"bearer": []}],
        "paths": paths(api),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}

fn paths(api: &Api) -> Map<String, Value> {
    let mut paths = Map::new();
    for endpoint in &api.endpoints {
        let mut item: Map<_, _> = endpoint.operations.iter().filter_map(described).collect();
        if item.is_empty() {
            continue;
        }
        item.extend(endpoint.parameters.as_ref().map(|describe| ("parameters".to_owned(), describe())));
        paths.insert(endpoint.path.clone().into_owned(), item.into());
    }
    paths
}

/// An operation under the name of its method. One for strangers says that it takes no token.
fn described(operation: &Operation) -> Option<(String, Value)> {
    let described = operation.description.as_ref()?();
    let is_for_people = operation.handler.is_for_people();
    let described = if is_for_people { described } else { with(described, "security", json!([])) };
    Some((operation.method.word().to_owned(), described))
}
