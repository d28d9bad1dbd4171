//! Offline sync, as OpenAPI describes it.

use millwright_domain::resource::{Document, MUTATION, SYNC};
use millwright_domain::sync::{Kept, MAX_MUTATIONS, MutationOutcome, PARAMETERS};
use millwright_domain::work_order::Status;
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers, body, declared, name, reference, with_children};

/// `GET /api/v1/sync`.
pub(super) fn changes() -> Value {
    json!({
        "operationId": "getSyncChanges",
        "summary": "What changed for you since the cursor, deletions and loss of access too",
        "description": "Ask without `since` at first and keep the answer's `cursor`. Each document is told whole, with its \
            children, once for each time it was asked after a change; null is what you have to drop. `more`: ask again \
            at once. `reset`: drop everything you hold, you are told all of it again.",
        "tags": ["sync"],
        "parameters": declared(&PARAMETERS),
        "responses": answers("200", answer("What changed.", &reference("SyncChanges"))),
    })
}

/// `POST /api/v1/sync`.
pub(super) fn bring() -> Value {
    json!({
        "operationId": "sendSyncMutations",
        "summary": "What was done on a phone while it was offline, each with what became of it",
        "description": "Mutations are taken in order, each wholly or not at all; the answer names each by its `id`. Sending \
            one again is harmless. `base_version` is the version the phone knew, null or missing for what it adds. Fields \
            merge one by one, texts are kept side by side, a status that someone else has decided meanwhile comes back as \
            `conflict` or `needs_review` with both values. What is `rejected` was not written and may be sent again.",
        "tags": ["sync"],
        "requestBody": body(&reference(&name(&SYNC))),
        "responses": answers("200", answer("What became of them.", &reference("SyncResults"))),
    })
}

/// Their answers, and the mutations of a batch.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    describe_mutations(schemas);
    let mut properties = Map::from_iter([
        ("entity".to_owned(), json!({"type": "string", "enum": Document::WORDS})),
        ("id".to_owned(), json!({"type": "string", "format": "uuid"})),
    ]);
    for document in Document::ALL.map(Document::resource) {
        let whole = json!({"anyOf": [with_children(document, |child| child.offline), {"type": "null"}]});
        properties.insert(document.table.to_owned(), whole);
    }
    let change = json!({
        "type": "object",
        "description": "A document, under the name of its entity; null there: drop it",
        "required": properties.keys().collect::<Vec<_>>(),
        "properties": properties,
    });
    let changes = json!({
        "type": "object",
        "required": ["cursor", "more", "reset", "changes"],
        "properties": {
            "cursor": {"type": "string"},
            "more": {"type": "boolean", "description": "There is more by now: ask again"},
            "reset": {"type": "boolean", "description": "Drop everything: it is told again from the beginning"},
            "changes": {"type": "array", "items": change},
        },
    });
    schemas.insert("SyncChanges".to_owned(), changes);
    schemas.insert("SyncResults".to_owned(), results());
}

/// The results of mutations.
fn results() -> Value {
    let any = json!({});
    let text = json!({"type": "string"});
    let field = json!({
        "type": "object",
        "required": ["field", "yours", "theirs", "kept"],
        "properties": {
            "field": text, "yours": any, "theirs": any,
            "kept": {"type": "string", "enum": Kept::WORDS},
        },
    });
    let result = json!({
        "type": "object",
        "required": ["id", "outcome"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "outcome": {"type": "string", "enum": MutationOutcome::WORDS},
            "version": {"type": "integer", "description": "Of the row, now"},
            "code": reference("ProblemCode"), "detail": text,
            "errors": {"type": "array", "items": reference("FieldError")},
            "fields": {"type": "array", "items": field, "description": "The fields that two wrote"},
            "open_moves": {"type": "array", "items": {"type": "string", "enum": Status::WORDS}},
            "first": {"type": "object", "additionalProperties": true, "description": "Of a duplicate: what was told the first time"},
        },
    });
    json!({
        "type": "object",
        "required": ["results"],
        "properties": {"results": {"type": "array", "items": result}},
    })
}

/// The mutations of a batch, which is declared as any list.
fn describe_mutations(schemas: &mut Map<String, Value>) {
    let list = schemas.get_mut(&name(&SYNC)).and_then(|schema| schema.pointer_mut("/properties/mutations"));
    if let Some(list) = list {
        *list = json!({
            "type": "array", "minItems": 1, "maxItems": MAX_MUTATIONS, "items": reference(&name(&MUTATION)),
        });
    }
}
