//! The history's verifier, as OpenAPI describes it.

use serde_json::{Map, Value, json};

use super::PARAMETERS;
use crate::openapi::{READ_PROBLEMS, answer, declared, problems, reference, with};

/// `GET /api/v1/audit/verify`.
pub(super) fn verify() -> Value {
    let verified = answer("What was found among these work orders.", &reference("Verified"));
    json!({
        "operationId": "verify_history",
        "summary": "Finds histories of work orders that were edited, removed or cut off; for administrators",
        "tags": ["audit-log"],
        "parameters": declared(&PARAMETERS),
        "responses": with(problems(READ_PROBLEMS), "200", verified),
    })
}

/// Its answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let id = json!({"type": "string", "format": "uuid"});
    let broken = json!({
        "type": "object",
        "description": "The first entry of a history that is not as it was written",
        "required": ["work_order_id", "number", "position", "fault", "detail"],
        "properties": {
            "work_order_id": id,
            "number": {"type": ["string", "null"]},
            "position": {"type": "integer"},
            "fault": {"type": "string", "enum": ["removed", "altered", "cut_off", "added", "head_removed"]},
            "detail": {"type": "string"},
        },
    });
    let verified = json!({
        "type": "object",
        "required": ["work_orders", "entries", "broken", "next"],
        "properties": {
            "work_orders": {"type": "integer"},
            "entries": {"type": "integer"},
            "broken": {"type": "array", "items": broken},
            "next": {"type": ["string", "null"], "format": "uuid", "description": "The next call's `cursor`; null at the end"},
        },
    });
    schemas.insert("Verified".to_owned(), verified);
}
