//! Importing CSV files, as OpenAPI describes it.

use millwright_domain::import::{Import, LineOutcome, MAX_BYTES, MAX_LINES};
use serde_json::{Map, Value, json};

use super::PARAMETERS;
use crate::openapi::{answer, answers, declared, idempotency_key, nouns, reference};

/// `POST /api/v1/RESOURCE/import`.
pub(super) fn import(import: &Import) -> Value {
    let (one, path, key) = (import.resource.singular, import.resource.path, import.key);
    let columns: Vec<_> = import.columns().collect();
    let about = format!(
        "A file of at most {MAX_LINES} lines and {MAX_BYTES} bytes, in UTF-8 (or UTF-16 with its mark), separated by commas, semicolons or tabs. Its first line \
         names fields, as in an export; known are: {}. A {one} that is there is known by warehouse_id and {key}, and is changed \
         in the columns that the file has; otherwise one is opened. An empty cell empties what may be empty. What has two \
         meanings, as `1.500` between semicolons or `03/04/2026`, is refused unless `locale` says which. Columns of an \
         export that are not written (ids, stock, versions) are passed over.",
        columns.join(", ")
    );
    let mut parameters = declared(&PARAMETERS);
    parameters.push(idempotency_key());
    let found = answer("What was done with each line, or would be.", &reference("ImportReport"));
    json!({
        "operationId": format!("import{}", nouns(import.resource)),
        "summary": format!("Opens and changes many from a CSV file: {path}"),
        "description": about,
        "tags": [path],
        "parameters": parameters,
        "requestBody": {"required": true, "content": {"text/csv": {"schema": {"type": "string", "minLength": 1}}}},
        "responses": answers("200", found),
    })
}

/// The answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let count = json!({"type": "integer", "minimum": 0});
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let counts = [&["lines"][..], LineOutcome::WORDS].concat();
    let totals: Map<_, _> = counts.iter().map(|name| ((*name).to_owned(), count.clone())).collect();
    let error = json!({
        "type": "object",
        "required": ["column", "message"],
        "properties": {
            "column": {"type": ["string", "null"], "description": "Null for the line as a whole"},
            "message": {"type": "string"},
        },
    });
    let line = json!({
        "type": "object",
        "required": ["line", "outcome"],
        "properties": {
            "line": {"type": "integer", "minimum": 2, "description": "As an editor counts; the header is line 1"},
            "outcome": {"type": "string", "enum": LineOutcome::WORDS},
            "id": {"type": "string", "format": "uuid"},
            "changed": texts,
            "errors": {"type": "array", "items": error},
        },
    });
    let report = json!({
        "type": "object",
        "required": ["applied", "dry_run", "atomic", "totals", "ignored_columns", "lines"],
        "properties": {
            "applied": {"type": "boolean", "description": "Whether anything was written"},
            "dry_run": {"type": "boolean"}, "atomic": {"type": "boolean"},
            "totals": {"type": "object", "required": counts, "properties": totals},
            "ignored_columns": texts,
            "lines": {"type": "array", "items": line},
        },
    });
    schemas.insert("ImportReport".to_owned(), report);
}
