//! What rows are told with beside their fields, as JSON Schema: children, names, and what the database computes.

use millwright_domain::permission::Right;
use millwright_domain::resource::{Named, Resource};
use millwright_domain::work_order::Status;
use serde_json::{Map, Value, json};

use super::names::{name, reference};

/// The members that `include` may bring.
pub(super) fn members(resource: &Resource) -> Map<String, Value> {
    let children = resource
        .children
        .iter()
        .map(|child| (child.name.to_owned(), json!({"type": "array", "items": reference(&name(child.of))})));
    let nothing = json!({"type": "null"});
    let names =
        resource.names().map(|told| (told.name.to_owned(), json!({"oneOf": [named(told.of), nothing]})));
    let computed = resource.computed.iter().map(|computed| ((*computed).to_owned(), of_computed(computed)));
    children.chain(names).chain(computed).collect()
}

fn of_computed(name: &str) -> Value {
    let (about, words) = match name {
        "open_moves" => ("The statuses that you can move it to now", Status::WORDS),
        _ => ("What else you may do with it now", Right::WORDS),
    };
    json!({"type": "array", "description": about, "items": {"type": "string", "enum": words}})
}

/// A reference to what is told of something by its name.
pub(crate) fn named(of: Named) -> Value {
    reference(&format!("Named{of:?}"))
}

/// The schemas of names.
pub(super) fn schemas() -> Map<String, Value> {
    let schema = |of: Named| {
        let id = json!({"type": "string", "format": "uuid"});
        let text = json!({"type": "string"});
        let fields = [("id", &id), ("name", &text)].into_iter().chain(of.code().map(|code| (code, &text)));
        let properties: Map<_, _> = fields.map(|(name, schema)| (name.to_owned(), schema.clone())).collect();
        let required: Vec<_> = properties.keys().cloned().collect();
        (format!("Named{of:?}"), json!({"type": "object", "required": required, "properties": properties}))
    };
    Named::ALL.into_iter().map(schema).collect()
}
