//! Reordering, as OpenAPI describes it.

use millwright_domain::resource::{REORDER, REORDER_DRAFTS};
use serde_json::{Map, Value, json};

use super::operations::{BODY_PROBLEMS, answer, body, idempotency_key, problems, with};
use super::schemas::{name, reference};

/// Adds what makes drafts to the list of them.
pub(super) fn describe(paths: &mut Map<String, Value>) {
    let about = "A part is short when on hand − reserved + what is drafted or ordered is less than its reorder point. Ordered is \
                 the least multiple of its `reorder_quantity` that ends this, or up to twice the reorder point. An open draft \
                 is completed; parts without a vendor are in a draft without one.";
    let drafted = answer("The open drafts of the warehouse.", &reference("Reordered"));
    let post = json!({
        "operationId": "reorder",
        "summary": "Puts what a warehouse is short of into one open draft for each vendor",
        "description": about,
        "tags": [REORDER_DRAFTS.path],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&name(&REORDER))),
        "responses": with(problems(BODY_PROBLEMS), "200", drafted),
    });
    let list = paths.get_mut(&format!("/api/v1/{}", REORDER_DRAFTS.path)).and_then(Value::as_object_mut);
    if let Some(list) = list {
        list.insert("post".to_owned(), post);
    }
}

/// What it answers with.
pub(super) fn schemas() -> Map<String, Value> {
    let count = |about: &str| json!({"type": "integer", "minimum": 0, "description": about});
    let draft = json!({"allOf": [
        reference(&name(&REORDER_DRAFTS)),
        {"type": "object", "required": ["lines"], "properties": {"lines": {"type": "array", "items": reference("ReorderLine")}}},
    ]});
    let reordered = json!({
        "type": "object",
        "required": ["lines_added", "lines_raised", "drafts"],
        "properties": {
            "lines_added": count("Lines that are new"),
            "lines_raised": count("Lines that were there and order more now"),
            "drafts": {"type": "array", "items": draft},
        },
        "examples": [{"lines_added": 0, "lines_raised": 0, "drafts": []}],
    });
    Map::from_iter([("Reordered".to_owned(), reordered)])
}
