//! Pictures at addresses of their own, as OpenAPI describes them.

use millwright_domain::attachment::VARIANTS;
use millwright_domain::resource::{ATTACHMENTS, WAREHOUSES, WORK_ORDER_ATTACHMENTS};
use serde_json::{Map, Value, json};

use super::told::ADDRESSES;
use crate::openapi::{answers_to, header, id, name, not_modified, reference, shared, with};

/// The parts of the path.
pub(super) fn parameters() -> Value {
    let words = VARIANTS.map(|(word, _)| word);
    let variant = json!({
        "name": "variant", "in": "path", "required": true, "description": "Which form",
        "schema": {"type": "string", "enum": words},
    });
    json!([id("warehouse", &WAREHOUSES), id("id", &ATTACHMENTS), variant])
}

/// `GET /api/v1/pictures/{warehouse}/{id}/{variant}`.
pub(super) fn picture() -> Value {
    let said = |name: &str, about: &str, schema: Value| json!({"name": name, "in": "query", "required": true, "description": about, "schema": schema});
    let bytes = json!({"schema": {"type": "string", "format": "binary"}});
    let found = json!({
        "description": "The bytes. A browser may keep them.",
        "headers": {"ETag": header("ETag")},
        "content": {"image/jpeg": bytes, "image/png": bytes, "image/webp": bytes},
    });
    let problem = json!({"$ref": "#/components/responses/Problem"});
    let answers = with(answers_to("404", "200", found), "403", problem);
    json!({
        "operationId": "showPicture",
        "summary": "Shows a picture, without a token",
        "description": "Its address is one of `addresses` of its attachment, and is taken from there as it is: an `<img>` can show it. It is the same for everyone all day (UTC), is good for a day at least and two at most, and is 403 afterwards; any other is 404.",
        "tags": [ATTACHMENTS.path],
        "parameters": [
            said("until", "The day on which it ends", json!({"type": "string", "format": "date"})),
            said("signature", "What makes it ours", json!({"type": "string"})),
            shared("If-None-Match"),
        ],
        "responses": with(answers, "304", not_modified()),
    })
}

/// The addresses, and the rows that have them.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let own = "PictureAddresses";
    let address = json!({"type": "string", "format": "uri"});
    let rendition = json!({"type": ["string", "null"], "format": "uri"});
    let of = |word: &str| if word == "original" { address.clone() } else { rendition.clone() };
    let words = VARIANTS.map(|(word, _)| word);
    let forms: Map<_, _> = words.into_iter().map(|word| (word.to_owned(), of(word))).collect();
    let about = "Where its picture can be shown without a token, until the day after tomorrow; there once it can be read. \
                 Null for what a picture that is too large does not have";
    schemas.insert(
        own.to_owned(),
        json!({"type": "object", "description": about, "required": words, "properties": forms}),
    );
    for resource in [&ATTACHMENTS, &WORK_ORDER_ATTACHMENTS] {
        let properties = schemas.get_mut(&name(resource)).and_then(|schema| schema.get_mut("properties"));
        if let Some(properties) = properties.and_then(Value::as_object_mut) {
            properties.insert(ADDRESSES.to_owned(), reference(own));
        }
    }
}
