//! The search, as OpenAPI describes it.

use millwright_domain::search::{FoundType, SEARCH};
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers, declared, reference};

/// `GET /api/v1/search`.
pub(super) fn search() -> Value {
    let summary = "Whatever has these words or this code, of all that you may see";
    json!({
        "operationId": "searchEverything",
        "summary": summary,
        "description": "First what has exactly this code. Of each type the first lines: the newest work orders, the others by name. \
                        All that there are: the list of that type, with the same `q`.",
        "tags": ["search"],
        "parameters": declared(&SEARCH),
        "responses": answers("200", answer(summary, &reference("SearchResult"))),
    })
}

/// Its answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let id = json!({"type": "string", "format": "uuid"});
    let of_type = json!({"type": "string", "enum": FoundType::WORDS});
    let found = json!({
        "type": "object",
        "required": ["type", "id", "code", "title", "status", "warehouse_id", "exact", "matched"],
        "properties": {
            "type": of_type,
            "id": id,
            "code": {"type": ["string", "null"], "description": "Its number, tag or part number"},
            "title": {"type": "string", "description": "Its title or name"},
            "status": {"type": ["string", "null"], "description": "Of a work order or a machine; of a person the role"},
            "warehouse_id": {"type": ["string", "null"], "format": "uuid"},
            "exact": {"type": "boolean", "description": "What was looked for is its code, name or address"},
            "matched": {
                "type": "array", "description": "The fields that the words are in", "items": {"type": "string"},
            },
        },
    });
    let result = json!({
        "type": "object",
        "required": ["found", "more"],
        "properties": {
            "found": {"type": "array", "items": reference("Found")},
            "more": {"type": "array", "description": "The types of which more is found than told", "items": of_type},
        },
    });
    schemas
        .extend([("Found", found), ("SearchResult", result)].map(|(name, schema)| (name.to_owned(), schema)));
}
