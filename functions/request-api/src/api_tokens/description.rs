//! API tokens, as OpenAPI describes them where they differ from other resources.

use millwright_domain::resource::API_TOKENS;
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers, done, name, open, reference, with};

/// The schema of an API token that has just been made.
const CREATED: &str = "CreatedApiToken";

/// `POST /api/v1/api-tokens`.
pub(super) fn create() -> Value {
    let made = answer("What was made, with its secret.", &reference(CREATED));
    let mut create = with(open(&API_TOKENS), "responses", answers("201", made));
    // Its answer is told once, so it cannot be repeated.
    create.as_object_mut().map(|create| create.remove("parameters"));
    create
}

/// `DELETE /api/v1/api-tokens/{id}`.
pub(super) fn revoke() -> Value {
    json!({
        "operationId": "revokeApiToken",
        "summary": "Revokes an API token",
        "description": "It reads and writes nothing any more, and is refused within a minute.",
        "tags": [API_TOKENS.path],
        "responses": answers("204", done()),
    })
}

/// The answer that has the secret.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let secret =
        json!({"type": "object", "required": ["secret"], "properties": {"secret": {"type": "string"}}});
    schemas.insert(CREATED.to_owned(), json!({"allOf": [reference(&name(&API_TOKENS)), secret]}));
}
