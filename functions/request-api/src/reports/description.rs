//! The reports, as OpenAPI describes them.

use millwright_domain::kpi::{REPORTS, Report};
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers, camel, declared, reference};

/// `GET /api/v1/reports/NAME`.
pub(super) fn report(report: &Report) -> Value {
    describe(report, &format!("get{}Report", camel(report.name)), "reports")
}

/// `GET /api/v1/pm/compliance`.
pub(super) fn compliance(report: &Report) -> Value {
    describe(report, &format!("get{}", camel(report.name)), "pm/schedules")
}

fn describe(report: &Report, id: &str, tag: &str) -> Value {
    json!({
        "operationId": id,
        "summary": report.title,
        "description": format!("{}. About what you may see.", report.formula),
        "tags": [tag],
        "parameters": declared(&report.parameters()),
        "responses": answers("200", answer(report.title, &reference("Report"))),
    })
}

/// Their answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let text = json!({"type": "string"});
    let date = json!({"type": "string", "format": "date"});
    let number = json!({"type": ["number", "null"]});
    let id = json!({"type": ["string", "null"], "format": "uuid"});
    let word = json!({"type": ["string", "null"]});
    let row = json!({
        "type": "object",
        "description": "A warehouse, or a model, machine or technician of it",
        "required": ["warehouse_id", "warehouse", "time_zone", "numerator", "denominator", "value", "counts"],
        "properties": {
            "warehouse_id": {"type": "string", "format": "uuid"}, "warehouse": text, "time_zone": text,
            "model": word, "equipment_id": id, "asset_tag": word, "profile_id": id, "full_name": word,
            "numerator": number, "denominator": number,
            "value": {"type": ["number", "null"], "description": "Null where there is nothing to divide by"},
            "counts": {"type": "object", "additionalProperties": number},
        },
    });
    let zone = "That of all rows; null where they have more than one";
    let report = json!({
        "type": "object",
        "required": ["report", "from", "until", "time_zone", "formula", "rows"],
        "properties": {
            "report": {"type": "string", "enum": REPORTS.map(|report| report.name)},
            "from": date, "until": date, "time_zone": {"type": ["string", "null"], "description": zone},
            "formula": text, "rows": {"type": "array", "items": row},
        },
    });
    schemas.insert("Report".to_owned(), report);
}
