//! `/api/live` and `/api/ready`, as OpenAPI describes them.

use serde_json::{Map, Value, json};

use crate::openapi::{answer, problems, reference, with};

/// `GET /api/live`.
pub(super) fn live() -> Value {
    describe("live", "Whether this function runs", "Live", &[503])
}

/// `GET /api/ready`.
pub(super) fn ready() -> Value {
    describe("ready", "Whether it can serve", "Ready", &[500, 503, 504])
}

fn describe(id: &str, summary: &str, schema: &str, refusals: &[u16]) -> Value {
    json!({
        "operationId": id,
        "summary": summary,
        "tags": ["system"],
        "responses": with(problems(refusals), "200", answer(summary, &reference(schema))),
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
