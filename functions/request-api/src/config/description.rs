//! `/api/config`, as OpenAPI describes it.

use millwright_domain::notification::Channel;
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers_to, header, not_modified, reference, shared, with};

/// `GET /api/config`.
pub(super) fn config() -> Value {
    let summary = "Limits, words and features for clients";
    let found =
        with(answer("What there is.", &reference("Config")), "headers", json!({"ETag": header("ETag")}));
    json!({
        "operationId": "getConfig",
        "summary": summary,
        "description": "For strangers, too; it may be kept for five minutes.",
        "tags": ["system"],
        "parameters": [shared("If-None-Match")],
        "responses": with(answers_to("406", "200", found), "304", not_modified()),
    })
}

/// Its answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let (text, texts) = (json!({"type": "string"}), json!({"type": "array", "items": {"type": "string"}}));
    let limits = json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let renditions = json!({
        "type": "object",
        "description": "The most pixels of a picture that is shown and has a thumbnail. A larger one keeps its original, and its `reason` says so",
        "required": ["coding", "max_pixels"],
        "properties": {"coding": text, "max_pixels": {"type": "integer"}},
    });
    let file_type = json!({
        "type": "object",
        "required": ["media_type", "extensions", "renditions"],
        "properties": {"media_type": text, "extensions": texts, "renditions": {"type": "array", "items": renditions}},
    });
    let enums = json!({
        "type": "object",
        "description": "The words of each field, by the path of the resource and the name of the field",
        "additionalProperties": {"type": "object", "additionalProperties": texts},
    });
    let channels = json!({
        "type": "array", "items": {"type": "string", "enum": Channel::WORDS},
        "description": "The channels by which people are told, beside the inbox: of everything, until they switch one off for a type in their `notification-settings`",
    });
    let config = json!({
        "type": "object",
        "required": ["version", "tier", "auth_mode", "limits", "features", "channels", "file_types", "enums", "documentation"],
        "properties": {
            "version": text, "tier": text, "auth_mode": {"type": "string", "enum": ["builtin", "supabase"]},
            "limits": limits, "features": {"type": "object", "properties": {"csv_import": texts}},
            "channels": channels,
            "file_types": {"type": "array", "items": file_type}, "enums": enums,
            "documentation": {"type": "object", "additionalProperties": text},
        },
    });
    schemas.insert("Config".to_owned(), config);
}
