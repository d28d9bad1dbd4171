//! What a document says in many places stands in its components once: words, ids and moments.

use millwright_domain::vocabulary::VOCABULARY;
use serde_json::{Map, Value, json};

use super::names::reference;

/// The names of sets of words that say too little for themselves, or are those of resources.
const CALLED: [(&str, &str); 8] = [
    ("Status", "WorkOrderStatus"),
    ("Action", "EscalationAction"),
    ("Clock", "EscalationClock"),
    ("Group", "ReportGroup"),
    ("Basis", "ScheduleBasis"),
    ("Document", "SyncDocument"),
    ("Entity", "SyncEntity"),
    ("Kept", "SyncKept"),
];

/// The formats that have a name.
const FORMATS: [(&str, &str, &str); 3] = [
    ("uuid", "Id", "A UUID"),
    ("date", "Day", "A day, like 2026-03-02"),
    ("date-time", "Moment", "A moment, in RFC 3339"),
];

/// Puts references in the places of what is shared, and adds that to the schemas.
pub(super) fn share(paths: &mut Map<String, Value>, schemas: &mut Map<String, Value>) {
    let mut used = Map::new();
    paths.values_mut().for_each(|path| refer(path, &words, &mut used));
    let words_and_formats = |schema: &Map<String, Value>| words(schema).or_else(|| format(schema));
    schemas.values_mut().for_each(|schema| refer(schema, &words_and_formats, &mut used));
    schemas.extend(used);
}

/// A component: its name, and its schema.
type Component = (&'static str, Value);

fn refer(
    value: &mut Value,
    component: &impl Fn(&Map<String, Value>) -> Option<Component>,
    used: &mut Map<String, Value>,
) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| refer(value, component, used)),
        Value::Object(members) => {
            let Some((name, schema)) = component(members) else {
                return members.values_mut().for_each(|value| refer(value, component, used));
            };
            used.insert(name.to_owned(), schema);
            let is_nullable = members.get("type").is_some_and(Value::is_array);
            let about = members.remove("description");
            let shared = reference(name);
            *value = if is_nullable { json!({"anyOf": [shared, {"type": "null"}]}) } else { shared };
            if let (Some(about), Some(members)) = (about, value.as_object_mut()) {
                members.insert("description".to_owned(), about);
            }
        }
        _ => {}
    }
}

/// The set of words that a schema names, with or without null.
fn words(schema: &Map<String, Value>) -> Option<Component> {
    let named: Vec<_> = schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let set = VOCABULARY.iter().find(|set| set.words == named)?;
    let called = CALLED.iter().find(|(name, _)| *name == set.name);
    let name = called.map_or(set.name, |(_, called)| called);
    Some((name, json!({"type": "string", "enum": set.words})))
}

/// The format of a text, if it says nothing else.
fn format(schema: &Map<String, Value>) -> Option<Component> {
    if schema.keys().any(|key| !matches!(&**key, "type" | "format" | "description")) {
        return None;
    }
    let format = schema.get("format")?.as_str()?;
    let (format, name, about) = FORMATS.iter().find(|(name, ..)| *name == format)?;
    Some((name, json!({"type": "string", "format": format, "description": about})))
}
