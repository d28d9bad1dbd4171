//! Reordering, as OpenAPI describes it.

use millwright_domain::resource::{REORDER, REORDER_DRAFTS};
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers, body, idempotency_key, name, reference, with_children};

/// `POST /api/v1/reorder-drafts`.
pub(super) fn reorder() -> Value {
    let about = "A part is short when on hand − reserved + what is drafted or ordered is less than its reorder point. Ordered is \
                 the least multiple of its `reorder_quantity` that ends this, or up to twice the reorder point. An open draft \
                 is completed; parts without a vendor are in a draft without one.";
    let drafted = answer("The open drafts of the warehouse.", &reference("Reordered"));
    json!({
        "operationId": "createReorderDrafts",
        "summary": "Puts what a warehouse is short of into one open draft for each vendor",
        "description": about,
        "tags": [REORDER_DRAFTS.path],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&name(&REORDER))),
        "responses": answers("200", drafted),
    })
}

/// Its answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let count = |about: &str| json!({"type": "integer", "minimum": 0, "description": about});
    let draft = with_children(&REORDER_DRAFTS, |child| child.always);
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
    schemas.insert("Reordered".to_owned(), reordered);
}
