//! The dry run of escalation, as OpenAPI describes it.

use millwright_domain::escalation::{Action, Clock};
use millwright_domain::resource::ESCALATION_RULES;
use millwright_domain::work_order::Status;
use serde_json::{Map, Value, json};

use super::{MOST, PARAMETERS};
use crate::openapi::{answer, answers, declared, reference, with};

/// `GET /api/v1/escalation-rules/dry-run`.
pub(super) fn dry_run() -> Value {
    json!({
        "operationId": "dryRunEscalations",
        "summary": "What would escalate at a moment, and why",
        "description": format!(
            "What the next full sweep would do if it came at that moment and nothing else happened before: decided by the same \
             rules, and nothing is written. For supervisors, of their warehouse, and for managers and administrators. At most \
             {MOST} work orders are looked at, those first that have waited longest."
        ),
        "tags": [ESCALATION_RULES.path],
        "parameters": declared(&PARAMETERS),
        "responses": answers("200", answer("What would happen.", &reference("EscalationDryRun"))),
    })
}

/// Its answer.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let text = |about: &str| json!({"type": "string", "description": about});
    let id = json!({"type": "string", "format": "uuid"});
    let maybe_id = json!({"type": ["string", "null"], "format": "uuid"});
    let maybe_time =
        |about: &str| json!({"type": ["string", "null"], "format": "date-time", "description": about});
    let either = |words: &[&str]| json!({"type": ["string", "null"], "enum": words.iter().map(|word| json!(word)).chain([Value::Null]).collect::<Vec<_>>()});
    let row = json!({
        "work_order_id": id, "number": {"type": "string"}, "title": {"type": "string"}, "warehouse_id": id,
        "status": {"type": "string", "enum": Status::WORDS},
        "escalates": {"type": "boolean"},
        "rule_id": maybe_id, "clock": either(Clock::WORDS),
        "level": {"type": ["integer", "null"], "minimum": 1, "description": "To which it would be raised"},
        "action": either(Action::WORDS),
        "due_at": maybe_time("Since when the step is due, or when the next one will be; null when none will"),
        "assigned_to": with(maybe_id.clone(), "description", json!("To whom it would be given")),
        "outcome": text("What would come of it, where that is not plain"),
        "reason": text("Why, or why not"),
        "response_due_at": maybe_time("Until when work has to start"),
        "resolution_due_at": maybe_time("Until when work has to end"),
    });
    let names = |object: &Value| object.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    let one = json!({"type": "object", "required": names(&row), "properties": row});
    let problem = json!({"subject": {"type": "string"}, "reason": {"type": "string"}});
    let all = json!({
        "at": {"type": "string", "format": "date-time"},
        "work_orders": {"type": "array", "items": one},
        "looked_at": {"type": "integer", "minimum": 0, "maximum": MOST},
        "complete": {"type": "boolean", "description": "Whether nothing else was to be looked at"},
        "problems": {
            "type": "array", "description": "Rules that cannot be used",
            "items": {"type": "object", "required": names(&problem), "properties": problem},
        },
    });
    let run = json!({
        "type": "object", "required": names(&all), "properties": all,
        "examples": [{
            "at": "2026-03-02T20:00:00Z", "looked_at": 1, "complete": true, "problems": [],
            "work_orders": [{
                "work_order_id": "01900000-0000-7000-8000-000000000001", "number": "WO-000123", "title": "Dock door does not close",
                "warehouse_id": "01900000-0000-7000-8000-000000000002", "status": "assigned", "escalates": true,
                "rule_id": "01900000-0000-7000-8000-000000000003", "clock": "response", "level": 1,
                "action": "notify_supervisor", "due_at": "2026-03-02T20:00:00Z", "assigned_to": null, "outcome": "",
                "reason": "no work has started by 2026-03-02 20:00 UTC: High priority allows 12 h (step 1 of 3)",
                "response_due_at": "2026-03-02T20:00:00Z", "resolution_due_at": null,
            }],
        }],
    });
    schemas.insert("EscalationDryRun".to_owned(), run);
}
