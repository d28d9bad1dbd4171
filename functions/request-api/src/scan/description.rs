//! Scanning a label and reporting a problem, as OpenAPI describes them.

use millwright_domain::attachment::AttachmentState;
use millwright_domain::resource::{EQUIPMENT, PROBLEM_REPORT};
use serde_json::{Map, Value, json};

use super::report::{FORM_TOKEN, PHOTO};
use crate::openapi::{answer, answers_to, idempotency_key, name, of_field, reference, with};

const EXAMPLE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The parameter of all these paths.
pub(super) fn token() -> Value {
    json!([{
        "name": "token", "in": "path", "required": true, "description": "What the label's code ends in",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$", "examples": [EXAMPLE]},
    }])
}

/// `GET /api/v1/scan/{token}`.
pub(super) fn look() -> Value {
    operation(
        json!({"operationId": "getScannedMachine", "summary": "What a label shows of its machine", "description": "And whether problems can be reported."}),
        answers_to("404", "200", answer("The machine.", &reference("Scanned"))),
    )
}

/// `POST /api/v1/scan/{token}/reports`.
pub(super) fn report() -> Value {
    let taken = json!({
        "type": "object",
        "required": ["number", "photo"],
        "properties": {
            "number": {"type": "string", "description": "That of the work order", "examples": ["WO-000123"]},
            "photo": {"enum": [AttachmentState::Uploaded, AttachmentState::Failed, null], "description": "What became of the photo; null where there was none"},
        },
    });
    let operation = operation(
        json!({"operationId": "reportProblem", "summary": "Reports a problem", "description": "It becomes a work order."}),
        answers_to("404", "201", answer("It has arrived.", &taken)),
    );
    let example =
        json!({"description": "It leaks oil on the left.", "priority": "high", "reporter_contact": "Gate 4"});
    let report = json!({"schema": reference(&name(&PROBLEM_REPORT)), "example": example});
    let body = json!({"required": true, "content": {"application/json": report, "multipart/form-data": {"schema": as_form(None)}}});
    with(with(operation, "requestBody", body), "parameters", json!([idempotency_key()]))
}

/// `GET /s/{token}`.
pub(super) fn page() -> Value {
    operation(
        json!({"operationId": "showScanPage", "summary": "The same for people", "description": "A page of HTML, with a form."}),
        pages("200", html("The machine.")),
    )
}

/// `POST /s/{token}`.
pub(super) fn form() -> Value {
    let operation = operation(
        json!({"operationId": "sendScanPage", "summary": "What the form of that page sends", "description": "It is answered with a page."}),
        pages("201", html("It has arrived.")),
    );
    let key = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$", "description": "Of the form: sent again, it is one report"});
    let content = json!({"multipart/form-data": {"schema": as_form(Some(key))}});
    with(operation, "requestBody", json!({"required": true, "content": content}))
}

fn operation(said: Value, responses: Value) -> Value {
    with(with(said, "tags", json!([EQUIPMENT.path])), "responses", responses)
}

/// A report as the fields of a form; an empty field counts as not filled in.
fn as_form(form_token: Option<Value>) -> Value {
    let fields = PROBLEM_REPORT.fields.iter().map(|field| (field.name.to_owned(), of_field(field)));
    let mut properties: Map<_, _> = fields.collect();
    properties.insert(
        PHOTO.to_owned(),
        json!({"type": "string", "format": "binary", "description": "A JPEG, PNG or WebP picture"}),
    );
    properties.extend(form_token.map(|token| (FORM_TOKEN.to_owned(), token)));
    json!({"type": "object", "required": ["description"], "properties": properties, "additionalProperties": false})
}

fn html(about: &str) -> Value {
    json!({"description": about, "content": {"text/html": {"schema": {"type": "string"}}}})
}

/// Problems are pages, too.
fn pages(status: &str, success: Value) -> Value {
    let refused = html("Why it was not done, in words.");
    with(json!({"404": html("There is no such label."), "default": refused}), status, success)
}

/// The answer to a scan.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let fields = ["name", "model", "asset_tag", "area", "status"];
    let known = |name: &str| (name.to_owned(), EQUIPMENT.field(name).map_or_else(|| json!({}), of_field));
    let properties: Map<_, _> = fields.into_iter().map(known).collect();
    let machine = json!({"type": "object", "required": fields, "properties": properties});
    let scanned = json!({
        "type": "object",
        "required": ["machine", "reports_open"],
        "properties": {"machine": machine, "reports_open": {"type": "boolean", "description": "Whether anyone may report a problem"}},
    });
    schemas.insert("Scanned".to_owned(), scanned);
}
