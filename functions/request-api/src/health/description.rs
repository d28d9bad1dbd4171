//! `/api/live` and `/api/ready`, as OpenAPI describes them.

use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers_to, reference};

/// `GET /api/live`.
pub(super) fn live() -> Value {
    describe("getLiveness", "Whether this function runs", "It asks nobody else.", "Live")
}

/// `GET /api/ready`.
pub(super) fn ready() -> Value {
    describe("getReadiness", "Whether it can serve", "It asks the database.", "Ready")
}

fn describe(id: &str, summary: &str, about: &str, schema: &str) -> Value {
    json!({
        "operationId": id,
        "summary": summary,
        "description": about,
        "tags": ["system"],
        "responses": answers_to("406", "200", answer(summary, &reference(schema))),
    })
}

/// Their answers.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let text = json!({"type": "string"});
    let live = json!({"status": text, "function": text, "version": text});
    let ready = json!({"status": text, "schema_version": text});
    schemas.insert("Live".to_owned(), json!({"type": "object", "properties": live}));
    schemas.insert("Ready".to_owned(), json!({"type": "object", "properties": ready}));
}
