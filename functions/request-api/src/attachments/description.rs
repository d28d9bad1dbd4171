//! Files of work orders, in and out, as OpenAPI describes them.

use millwright_domain::attachment::VARIANTS;
use millwright_domain::resource::{WORK_ORDER_ATTACHMENTS, WORK_ORDERS};
use serde_json::{Value, json};

use crate::openapi::{answer, answers, header, not_modified, object, shared, with};

/// `POST /api/v1/work-orders/{id}/attachments`.
pub(super) fn upload() -> Value {
    let parameter = json!({
        "name": "filename", "in": "query", "required": true,
        "description": "What it is called. It is kept on one line of at most 255 characters, without slashes, and with an ending of what is in the file",
        "schema": {"type": "string"},
    });
    let bytes = json!({"schema": {"type": "string", "format": "binary"}});
    let stored = answer("What is known of it. It is read once it has been processed.", &stored());
    json!({
        "operationId": "uploadWorkOrderAttachment",
        "summary": "Keeps a file with a work order: a JPEG, PNG or WebP picture, told by its bytes",
        "description": "The body is the file itself.",
        "tags": [WORK_ORDERS.path],
        "parameters": [parameter],
        "requestBody": {"required": true, "content": {"application/octet-stream": bytes}},
        "responses": answers("201", stored),
    })
}

/// A file before its processing has begun: what that will find is not known yet.
fn stored() -> Value {
    let required = ["id", "work_order_id", "file_name", "content_type", "size_bytes", "state"];
    object(&WORK_ORDER_ATTACHMENTS, |_| true, |field| required.contains(&field.name))
}

/// `GET /api/v1/attachments/{id}/content`.
pub(super) fn content() -> Value {
    let words = VARIANTS.map(|(word, _)| word);
    let variants = json!({"type": "string", "enum": words, "default": "original"});
    let about = "As it was sent, without its metadata; fitting 1920 × 1080; covering 200 × 200";
    let bytes = json!({"schema": {"type": "string", "format": "binary"}});
    let found = json!({
        "description": "The bytes.",
        "headers": {"ETag": header("ETag")},
        "content": {"image/jpeg": bytes, "image/png": bytes, "image/webp": bytes},
    });
    json!({
        "operationId": "getAttachmentContent",
        "summary": "Reads a file, in one of its forms",
        "description": "Until it has been processed it is 409.",
        "tags": [WORK_ORDERS.path],
        "parameters": [
            {"name": "variant", "in": "query", "description": about, "schema": variants},
            shared("If-None-Match"),
        ],
        "responses": with(answers("200", found), "304", not_modified()),
    })
}
