//! The history's verifier, as OpenAPI describes it.

use serde_json::{Map, Value, json};

use super::operations::{READ_PROBLEMS, answer, declared, problems, with};
use super::schemas::reference;
use crate::audit::PARAMETERS;

/// Its path.
pub(super) fn paths() -> Map<String, Value> {
    let verified = answer("What was found among these work orders.", &reference("Verified"));
    let get = json!({
        "operationId": "verify_history",
        "summary": "Finds histories of work orders that were edited, removed or cut off; for administrators",
        "tags": ["audit-log"],
        "parameters": declared(&PARAMETERS),
        "responses": with(problems(READ_PROBLEMS), "200", verified),
    });
    Map::from_iter([("/api/v1/audit/verify".to_owned(), json!({"get": get}))])
}

/// What it answers with.
pub(super) fn schemas() -> Map<String, Value> {
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
    Map::from_iter([("Verified".to_owned(), verified)])
}
