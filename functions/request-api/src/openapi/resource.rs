//! The usual operations of a resource, as OpenAPI describes them.

use millwright_domain::resource::Resource;
use serde_json::{Value, json};

use super::names::{name, noun, nouns, reference};
use super::operations::{
    answers, body, done, guard, idempotency_key, list_answer, list_parameters, not_modified, one_parameters,
    row_answer,
};
use super::schemas::new_name;
use super::with::with;

/// `GET` of a list.
pub(crate) fn list(resource: &Resource) -> Value {
    json!({
        "operationId": format!("list{}", nouns(resource)),
        "summary": format!("List: {}", resource.path),
        "description": "Those that you may see, newest first.",
        "tags": [tag(resource)],
        "parameters": list_parameters(resource),
        "responses": answers("200", list_answer(&reference(&name(resource)))),
    })
}

/// `POST` to a list.
pub(crate) fn open(resource: &Resource) -> Value {
    json!({
        "operationId": format!("create{}", noun(resource)),
        "summary": format!("Open: {}", resource.singular),
        "description": "It is answered as it is stored.",
        "tags": [tag(resource)],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&new_name(resource))),
        "responses": answers("201", row_answer(resource)),
    })
}

/// `GET` of one.
pub(crate) fn get(resource: &Resource) -> Value {
    json!({
        "operationId": format!("get{}", noun(resource)),
        "summary": format!("Read: {}", resource.singular),
        "description": "One that you may see.",
        "tags": [tag(resource)],
        "parameters": one_parameters(resource),
        "responses": known(resource, answers("200", row_answer(resource))),
    })
}

/// Whoever has a version is not sent it again.
fn known(resource: &Resource, answers: Value) -> Value {
    match resource.field("version") {
        Some(_) => with(answers, "304", not_modified()),
        None => answers,
    }
}

/// `PATCH` of one.
pub(crate) fn change(resource: &Resource) -> Value {
    json!({
        "operationId": format!("update{}", noun(resource)),
        "summary": format!("Change: {}", resource.singular),
        "description": "Only the fields that are named.",
        "tags": [tag(resource)],
        "parameters": guard(resource),
        "requestBody": body(&reference(&format!("{}Changes", name(resource)))),
        "responses": answers("200", row_answer(resource)),
    })
}

/// `DELETE` of one.
pub(crate) fn remove(resource: &Resource) -> Value {
    json!({
        "operationId": format!("delete{}", noun(resource)),
        "summary": format!("Remove: {}", resource.singular),
        "description": "It is gone for good.",
        "tags": [tag(resource)],
        "parameters": guard(resource),
        "responses": answers("204", done()),
    })
}

/// The heading that it is listed under: its own path, or that of the resource that it lies under.
pub(crate) fn tag(resource: &Resource) -> &'static str {
    resource.parent.map_or(resource.path, |parent| tag(parent.of))
}
