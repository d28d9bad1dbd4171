//! Labels of machines, as OpenAPI describes them.

use millwright_domain::resource::{EQUIPMENT, LABEL_RENEWAL};
use serde_json::{Value, json};

use super::sheet::{COLUMNS, MOST_ON_A_PAGE, USUAL_COLUMNS};
use super::sizes::STOCKS;
use crate::openapi::{
    answer, answers, body, header, idempotency_key, list_parameters, name, not_modified, reference, shared,
    with,
};

/// `GET /api/v1/equipment/{id}/qr.svg`.
pub(super) fn label() -> Value {
    let about = "The label, 60 × 30 mm: a QR code that leads to the page of the machine, its tag, name, model and area";
    let found = json!({
        "description": about,
        "headers": {"ETag": header("ETag")},
        "content": {"image/svg+xml": {"schema": {"type": "string"}}},
    });
    json!({
        "operationId": "getMachineLabel",
        "summary": "The label of a machine, as SVG",
        "description": "60 × 30 mm, to print.",
        "tags": [EQUIPMENT.path],
        "parameters": [shared("If-None-Match")],
        "responses": with(answers("200", found), "304", not_modified()),
    })
}

/// `GET /api/v1/equipment/labels`.
pub(super) fn sheet() -> Value {
    let schema = json!({"type": "integer", "minimum": COLUMNS.start(), "maximum": COLUMNS.end(), "default": USUAL_COLUMNS});
    let columns = json!({"name": "columns", "in": "query", "description": "Labels side by side; three are 60 mm wide each", "schema": schema});
    let mut parameters = list_parameters(&EQUIPMENT);
    // A label has fields of its own.
    parameters.retain(|parameter| *parameter != shared("fields"));
    parameters.push(columns);
    let names = json!({"type": "string", "enum": STOCKS.each_ref().map(|stock| stock.name)});
    let about = "In place of `columns`: sheets of labels that are cut already, by their maker's number, or a roll, by the size of its labels";
    parameters.push(json!({"name": "sheet", "in": "query", "description": about, "schema": names}));
    let position = json!({"type": "integer", "minimum": 1, "maximum": MOST_ON_A_PAGE, "default": 1});
    let about = "The position on the first page at which labels begin, row by row, for one that is used already. At most the labels of a page";
    parameters.push(json!({"name": "start", "in": "query", "description": about, "schema": position}));
    let found =
        json!({"description": "A page to print.", "content": {"text/html": {"schema": {"type": "string"}}}});
    json!({
        "operationId": "getMachineLabels",
        "summary": "A sheet of labels, of those machines that the list would have",
        "description": "A page of HTML, to print.",
        "tags": [EQUIPMENT.path],
        "parameters": parameters,
        "responses": answers("200", found),
    })
}

/// `POST /api/v1/equipment/{id}/qr/renew`.
pub(super) fn renewal() -> Value {
    let address = json!({"type": "string", "format": "uri", "description": "What the new label's code says"});
    let renewed = json!({"type": "object", "required": ["address"], "properties": {"address": address}});
    json!({
        "operationId": "renewMachineLabel",
        "summary": "Gives a machine another label",
        "description": "Those that there are lead nowhere any more.",
        "tags": [EQUIPMENT.path],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&name(&LABEL_RENEWAL))),
        "responses": answers("200", answer("Where the new label leads.", &renewed)),
    })
}
