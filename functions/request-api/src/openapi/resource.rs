//! The usual operations of a resource, as OpenAPI describes them.

use millwright_domain::resource::Resource;
use serde_json::{Value, json};

use super::operations::{
    BODY_PROBLEMS, FIND_PROBLEMS, READ_PROBLEMS, answer, body, guard, idempotency_key, list_answer,
    list_parameters, one_parameters, problems,
};
use super::schemas::{name, reference, snake};
use super::told::whole;
use super::with::with;

/// `GET` of a list.
pub(crate) fn list(resource: &Resource) -> Value {
    let page = list_answer(&reference(&format!("{}Row", name(resource))));
    let refusals = if resource.parent.is_some() { FIND_PROBLEMS } else { READ_PROBLEMS };
    json!({
        "operationId": format!("list_{}", snake(resource)),
        "summary": format!("Those that you may see, newest first: {}", resource.path),
        "tags": [tag(resource)],
        "parameters": list_parameters(resource),
        "responses": with(problems(refusals), "200", page),
    })
}

/// `POST` to a list.
pub(crate) fn open(resource: &Resource) -> Value {
    let name = name(resource);
    let opened = answer("What was opened.", &reference(&name));
    json!({
        "operationId": format!("open_{}", snake(resource)),
        "summary": format!("Opens a {}", resource.singular),
        "tags": [tag(resource)],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&format!("New{name}"))),
        "responses": with(problems(&[BODY_PROBLEMS, &[404]].concat()), "201", opened),
    })
}

/// `GET` of one.
pub(crate) fn get(resource: &Resource) -> Value {
    let found = answer(&format!("The {}.", resource.singular), &whole(resource));
    json!({
        "operationId": format!("get_{}", snake(resource)),
        "summary": format!("One {}", resource.singular),
        "tags": [tag(resource)],
        "parameters": one_parameters(resource),
        "responses": with(problems(FIND_PROBLEMS), "200", found),
    })
}

/// `PATCH` of one.
pub(crate) fn change(resource: &Resource) -> Value {
    let name = name(resource);
    let refusals = problems(&[FIND_PROBLEMS, BODY_PROBLEMS, &[412]].concat());
    json!({
        "operationId": format!("change_{}", snake(resource)),
        "summary": format!("Changes the fields of a {} that are named", resource.singular),
        "tags": [tag(resource)],
        "parameters": guard(resource),
        "requestBody": body(&reference(&format!("{name}Changes"))),
        "responses": with(refusals, "200", answer("As it is now.", &reference(&name))),
    })
}

/// `DELETE` of one.
pub(crate) fn remove(resource: &Resource) -> Value {
    json!({
        "operationId": format!("remove_{}", snake(resource)),
        "summary": format!("Removes a {}", resource.singular),
        "tags": [tag(resource)],
        "parameters": guard(resource),
        "responses": with(problems(&[FIND_PROBLEMS, &[412]].concat()), "204", json!({"description": "It is gone."})),
    })
}

/// The heading that it is listed under: its own path, or that of the resource that it lies under.
fn tag(resource: &Resource) -> &'static str {
    resource.parent.map_or(resource.path, |parent| tag(parent.of))
}
