//! What is read and written, as JSON Schema.

use millwright_domain::resource::{Field, Kind, Resource, Write};
use serde_json::{Map, Value, json};

use super::operations::with;

/// Where a schema is.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A resource's name in words of code: `WorkOrder`.
pub(super) fn name(resource: &Resource) -> String {
    let words = resource.one.split(' ');
    words
        .map(|word| word.split_at_checked(1).map_or_else(String::new, |(a, b)| a.to_uppercase() + b))
        .collect()
}

/// A resource's name in words of code: `work_order`.
pub(super) fn snake(resource: &Resource) -> String {
    resource.one.replace(' ', "_")
}

/// All schemas of a resource: what is read, what opens one, what changes one.
pub(super) fn of(resource: &Resource) -> Map<String, Value> {
    let name = name(resource);
    let mut schemas = Map::new();
    schemas.insert(name.clone(), object(resource, |_| true, |_| true));
    // A list may be asked for some of the fields only.
    schemas.insert(format!("{name}Row"), object(resource, |_| true, |field| field.name == "id"));
    if !resource.children.is_empty() {
        let children = resource.children.iter().map(|child| {
            let columns = child.columns.split(',').map(|column| (column.to_owned(), json!({})));
            let item = json!({"type": "object", "properties": columns.collect::<Map<_, _>>()});
            (child.name.to_owned(), json!({"type": "array", "items": item}))
        });
        let children = json!({"type": "object", "properties": children.collect::<Map<_, _>>()});
        schemas.insert(format!("{name}WithChildren"), json!({"allOf": [reference(&name), children]}));
    }
    if resource.opens {
        let new = object(resource, |field| field.write != Write::Never, |field| field.required);
        schemas.insert(format!("New{name}"), closed(new));
    }
    if resource.changes() {
        let changes = closed(object(resource, |field| field.write == Write::Always, |_| false));
        schemas.insert(format!("{name}Changes"), with(changes, "minProperties", json!(1)));
    }
    schemas
}

/// The schemas that belong to no resource.
pub(super) fn shared() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let error = json!({
        "type": "object",
        "required": ["pointer", "message"],
        "properties": {
            "pointer": {"type": "string", "description": "A JSON Pointer into the body, or `?name` of a parameter"},
            "message": text,
        },
    });
    let problem = json!({
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "code": text, "detail": text,
            "request_id": text, "errors": {"type": "array", "items": error},
        },
    });
    let person = json!({
        "type": "object",
        "required": ["id", "email", "full_name", "role", "warehouse_id"],
        "properties": {
            "id": {"type": "string", "format": "uuid"}, "email": text, "full_name": text, "role": text,
            "warehouse_id": {"type": ["string", "null"], "format": "uuid"},
        },
    });
    let fixed = json!({
        "Problem": problem,
        "Me": person,
        "Live": {"type": "object", "properties": {"status": text, "function": text, "version": text}},
        "Ready": {"type": "object", "properties": {"status": text, "schema_version": text}},
    });
    match fixed {
        Value::Object(fixed) => fixed,
        _ => Map::new(),
    }
}

fn object(resource: &Resource, holds: impl Fn(&Field) -> bool, required: impl Fn(&Field) -> bool) -> Value {
    let fields = || resource.fields.iter().filter(|field| holds(field));
    let properties: Map<_, _> = fields().map(|field| (field.name.to_owned(), of_field(field))).collect();
    let required: Vec<_> = fields().filter(|field| required(field)).map(|field| field.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// No other field than those that are known.
pub(super) fn closed(schema: Value) -> Value {
    with(schema, "additionalProperties", json!(false))
}

/// What a field may hold.
pub(super) fn of_field(field: &Field) -> Value {
    let kind = if field.nullable { |name: &str| json!([name, "null"]) } else { |name: &str| json!(name) };
    match field.kind {
        Kind::Id => json!({"type": kind("string"), "format": "uuid"}),
        Kind::Text(max) if field.required => {
            json!({"type": kind("string"), "minLength": 1, "maxLength": max})
        }
        Kind::Text(max) => json!({"type": kind("string"), "maxLength": max}),
        Kind::Word(words) => {
            let nothing = field.nullable.then_some(Value::Null);
            let words: Vec<_> = words.iter().map(|word| json!(word)).chain(nothing).collect();
            json!({"type": kind("string"), "enum": words})
        }
        Kind::Integer(min, max) => json!({"type": kind("integer"), "minimum": min, "maximum": max}),
        Kind::Boolean => json!({"type": kind("boolean")}),
        Kind::Date => json!({"type": kind("string"), "format": "date"}),
        Kind::Time => json!({"type": kind("string"), "format": "date-time"}),
        Kind::Object => json!({"type": kind("object")}),
        Kind::List => json!({"type": kind("array")}),
    }
}
