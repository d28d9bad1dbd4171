//! The API's own description (OpenAPI 3.1), made from the declarations that also serve it.

mod audit;
mod auth;
mod escalations;
mod files;
mod imports;
mod labels;
mod machines;
mod moves;
mod narrow;
mod operations;
mod preventive;
mod reorders;
mod reports;
mod scan;
mod schemas;
mod sync;

use millwright_domain::resource::{RESOURCES, Resource};
use millwright_edge::{Problem, Response, json};
use serde_json::{Map, Value, json};

use operations::{BODY_PROBLEMS, FIND_PROBLEMS, READ_PROBLEMS, answer, problems, with};

/// `GET /api/openapi.json`.
pub(crate) fn answer_with_document() -> Result<Response, Problem> {
    thread_local! {
        static DOCUMENT: Value = document();
    }
    DOCUMENT.with(|document| json(200, document))
}

fn document() -> Value {
    let mut paths = fixed_paths();
    paths.extend(auth::paths());
    paths.extend(moves::paths());
    paths.extend(audit::paths());
    paths.extend(reports::paths());
    paths.extend(sync::paths());
    paths.extend(labels::paths());
    paths.extend(scan::paths());
    paths.extend(machines::paths());
    paths.extend(preventive::paths());
    paths.extend(escalations::paths());
    let mut components = schemas::shared();
    components.extend(auth::schemas());
    components.extend(moves::schemas());
    components.extend(audit::schemas());
    components.extend(reports::schemas());
    components.extend(sync::schemas());
    components.extend(scan::schemas());
    components.extend(machines::schemas());
    components.extend(escalations::schemas());
    components.extend(reorders::schemas());
    components.extend(preventive::schemas());
    for resource in RESOURCES {
        let path = format!("/api/v1/{}", resource.path);
        let one = if resource.parent.is_some() { "{child}" } else { "{id}" };
        paths.insert(path.clone(), collection(resource));
        paths.insert(format!("{path}/{one}"), item(resource));
        components.extend(schemas::of(resource));
    }
    auth::describe_api_tokens(&mut paths);
    paths.extend(imports::paths());
    components.insert("ImportReport".to_owned(), imports::report());
    moves::describe_follow_up(&mut components);
    sync::describe_mutations(&mut components);
    files::describe(&mut paths);
    reorders::describe(&mut paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Millwright",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The backend of a maintenance management system.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}

fn collection(resource: &Resource) -> Value {
    let name = schemas::name(resource);
    let page = operations::list_answer(&schemas::reference(&format!("{name}Row")));
    let list = json!({
        "operationId": format!("list_{}", schemas::snake(resource)),
        "summary": format!("Those that you may see, newest first: {}", resource.path),
        "tags": [tag(resource)],
        "parameters": operations::list_parameters(resource),
        "responses": with(problems(if resource.parent.is_some() { FIND_PROBLEMS } else { READ_PROBLEMS }), "200", page),
    });
    let collection = match resource.parent {
        Some(parent) => json!({"parameters": [id("id", parent.of)], "get": list}),
        None => json!({"get": list}),
    };
    if !resource.opens {
        return collection;
    }
    let opened = answer("What was opened.", &schemas::reference(&name));
    let open = json!({
        "operationId": format!("open_{}", schemas::snake(resource)),
        "summary": format!("Opens a {}", resource.one),
        "tags": [tag(resource)],
        "parameters": [operations::idempotency_key()],
        "requestBody": operations::body(&schemas::reference(&format!("New{name}"))),
        "responses": with(problems(&[BODY_PROBLEMS, &[404]].concat()), "201", opened),
    });
    with(collection, "post", open)
}

fn item(resource: &Resource) -> Value {
    let name = schemas::name(resource);
    let whole = if resource.children.is_empty() { name.clone() } else { format!("{name}WithChildren") };
    let found = answer(&format!("The {}.", resource.one), &schemas::reference(&whole));
    let get = json!({
        "operationId": format!("get_{}", schemas::snake(resource)),
        "summary": format!("One {}", resource.one),
        "tags": [tag(resource)],
        "parameters": operations::include(resource).into_iter().collect::<Vec<_>>(),
        "responses": with(problems(FIND_PROBLEMS), "200", found),
    });
    let item = match resource.parent {
        Some(parent) => json!({"parameters": [id("id", parent.of), id("child", resource)], "get": get}),
        None => json!({"parameters": [id("id", resource)], "get": get}),
    };
    let item = if resource.removes { with(item, "delete", remove(resource)) } else { item };
    if !resource.changes() {
        return item;
    }
    let refusals = problems(&[FIND_PROBLEMS, BODY_PROBLEMS, &[412]].concat());
    let change = json!({
        "operationId": format!("change_{}", schemas::snake(resource)),
        "summary": format!("Changes the fields of a {} that are named", resource.one),
        "tags": [tag(resource)],
        "parameters": operations::guard(resource),
        "requestBody": operations::body(&schemas::reference(&format!("{name}Changes"))),
        "responses": with(refusals, "200", answer("As it is now.", &schemas::reference(&name))),
    });
    with(item, "patch", change)
}

fn remove(resource: &Resource) -> Value {
    json!({
        "operationId": format!("remove_{}", schemas::snake(resource)),
        "summary": format!("Removes a {}", resource.one),
        "tags": [tag(resource)],
        "parameters": operations::guard(resource),
        "responses": with(problems(&[FIND_PROBLEMS, &[412]].concat()), "204", json!({"description": "It is gone."})),
    })
}

/// What it is listed under: its own path, or that of what it lies under.
fn tag(resource: &Resource) -> &'static str {
    resource.parent.map_or(resource.path, |parent| tag(parent.of))
}

fn id(name: &str, of: &Resource) -> Value {
    let schema = json!({"type": "string", "format": "uuid"});
    json!({"name": name, "in": "path", "required": true, "description": format!("Which {}", of.one), "schema": schema})
}

/// What is not a plain resource.
fn fixed_paths() -> Map<String, Value> {
    let mut paths = Map::new();
    for (path, id, summary, schema, refusals, security) in [
        ("/api/auth/me", "me", "Whose token it is", "Me", READ_PROBLEMS, json!([{"bearer": []}])),
        ("/api/config", "config", "Limits, words and features for clients", "Config", &[503], json!([])),
        ("/api/live", "live", "Whether this function runs", "Live", &[503], json!([])),
        ("/api/ready", "ready", "Whether it can serve", "Ready", &[500, 503, 504], json!([])),
    ] {
        let get = json!({
            "operationId": id,
            "summary": summary,
            "tags": ["system"],
            "security": security,
            "responses": with(problems(refusals), "200", answer(summary, &schemas::reference(schema))),
        });
        paths.insert(path.to_owned(), json!({"get": get}));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let mut names: Vec<_> = paths
            .values()
            .flat_map(|path| ["get", "post", "patch", "delete"].map(|method| &path[method]["operationId"]))
            .filter_map(Value::as_str)
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count > RESOURCES.len() * 2);
    }
}
