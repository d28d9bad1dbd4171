//! Exports, as OpenAPI describes them.

use millwright_domain::resource::Resource;
use serde_json::{Value, json};

use super::RAW;
use crate::openapi::{answers, choice, declared, nouns, tag, with};

/// `GET /api/v1/RESOURCE/export.csv`.
pub(super) fn export(resource: &Resource) -> Value {
    let mut parameters = choice(resource);
    parameters.extend(declared(&[RAW]));
    described(&nouns(resource), resource.path, tag(resource), &parameters)
}

/// An export of whatever has these parameters.
pub(crate) fn described(names: &str, path: &str, tag: &str, parameters: &[Value]) -> Value {
    json!({
        "operationId": format!("export{names}"),
        "summary": format!("Export: {path}"),
        "description": "The whole list as CSV.",
        "tags": [tag],
        "parameters": parameters,
        "responses": answers("200", file()),
    })
}

fn file() -> Value {
    let name = json!({"schema": {"type": "string"}, "description": "The name of the file"});
    let file = json!({"description": "The file.", "content": {"text/csv": {"schema": {"type": "string"}}}});
    with(file, "headers", json!({"Content-Disposition": name}))
}
