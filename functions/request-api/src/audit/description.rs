//! The history's verifier, as OpenAPI describes it.

use serde_json::{Map, Value, json};

use super::PARAMETERS;
use crate::openapi::{answer, answers, declared, reference};

/// `GET /api/v1/audit/verify`.
pub(super) fn verify() -> Value {
    let verified = answer("What was found among these work orders.", &reference("Verified"));
    json!({
        "operationId": "verifyHistories",
        "summary": "Finds histories that are not as they were written",
        "description": "Of work orders: edited, removed or cut off. For administrators.",
        "tags": ["audit-log"],
        "parameters": declared(&PARAMETERS),
        "responses": answers("200", verified),
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
