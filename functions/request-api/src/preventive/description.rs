//! Previews and the calendar of preventive maintenance, as OpenAPI describes them.

use millwright_domain::resource::{PM_SCHEDULES, PREVIEW};
use millwright_domain::schedule::CalendarState;
use serde_json::{Map, Value, json};

use super::{CALENDAR_PARAMETERS, PREVIEW_PARAMETERS};
use crate::openapi::{answer, answers, body, closed, declared, object, reference, with};

/// `GET /api/v1/pm/schedules/{id}/preview`.
pub(super) fn preview_schedule() -> Value {
    json!({
        "operationId": "previewSchedule",
        "summary": "The next dates of a schedule that have no decision yet",
        "description": "A floating schedule is told as if each work were done on its day. Nothing is written.",
        "tags": [PM_SCHEDULES.path],
        "parameters": declared(&PREVIEW_PARAMETERS),
        "responses": answers("200", answer("The dates.", &reference("SchedulePreview"))),
    })
}

/// `POST /api/v1/pm/preview`.
pub(super) fn preview_rule() -> Value {
    json!({
        "operationId": "previewRule",
        "summary": "The dates of a rule that is not saved",
        "description": "Nothing is written. With a warehouse, its holidays count.",
        "tags": ["pm/templates"],
        "requestBody": body(&reference("NewPreview")),
        "responses": answers("200", answer("The dates.", &reference("RulePreview"))),
    })
}

/// `GET /api/v1/pm/calendar`.
pub(super) fn calendar() -> Value {
    json!({
        "operationId": "getPmCalendar",
        "summary": "What is planned between two days, and what was decided of it",
        "description": "Schedule by schedule: whoever reads on with `cursor` gets each entry once.",
        "tags": [PM_SCHEDULES.path],
        "parameters": declared(&CALENDAR_PARAMETERS),
        "responses": answers("200", answer("The calendar.", &reference("Calendar"))),
    })
}

/// Their bodies and answers.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let id = json!({"type": "string", "format": "uuid"});
    let no_id = json!({"type": ["string", "null"], "format": "uuid"});
    let day = json!({"type": "string", "format": "date"});
    let no_day = json!({"type": ["string", "null"], "format": "date"});
    let text = json!({"type": "string"});
    let no_text = json!({"type": ["string", "null"]});
    let number = json!({"type": ["number", "null"]});
    let date = json!({
        "type": "object",
        "required": ["occurs_on", "due_on", "left_out"],
        "properties": {
            "occurs_on": with(day.clone(), "description", json!("The rule's own date")),
            "due_on": with(day.clone(), "description", json!("Weekends and holidays may have moved it")),
            "left_out": with(no_text.clone(), "description", json!("Why nothing will be generated; null where something will")),
        },
        "examples": [{"occurs_on": "2027-05-01", "due_on": "2027-05-03", "left_out": null}],
    });
    let dates = json!({"type": "array", "items": reference("DateAhead")});
    let schedule = json!({
        "type": "object",
        "required": ["schedule_id", "active", "rest_reason", "problem", "meter_due_at", "dates"],
        "properties": {
            "schedule_id": id, "active": {"type": "boolean"},
            "rest_reason": with(no_text.clone(), "description", json!("Why it is at rest, while it is")),
            "problem": with(no_text.clone(), "description", json!("Why it has no dates")),
            "meter_due_at": with(number.clone(), "description", json!("What its meter must have counted for the next step")),
            "dates": dates,
        },
    });
    let entry = json!({
        "type": "object",
        "required": ["due_on", "occurs_on", "meter_step", "state", "reason", "schedule_id", "template_id", "title",
            "equipment_id", "asset_tag", "warehouse_id", "occurrence_id", "work_order_id", "number", "status"],
        "properties": {
            "due_on": day, "occurs_on": no_day, "meter_step": number, "state": {"type": "string", "enum": CalendarState::WORDS},
            "reason": no_text, "schedule_id": id, "template_id": id, "title": text, "equipment_id": id,
            "asset_tag": text, "warehouse_id": id, "occurrence_id": no_id, "work_order_id": no_id,
            "number": no_text, "status": no_text,
        },
    });
    let next = with(no_id, "description", json!("The next call's `cursor`; null at the end"));
    let calendar = json!({
        "type": "object",
        "required": ["from", "to", "entries", "next"],
        "properties": {"from": day, "to": day, "entries": {"type": "array", "items": entry}, "next": next},
    });
    let rule = json!({"type": "object", "required": ["dates"], "properties": {"dates": dates}});
    let all = [
        ("DateAhead", date),
        ("NewPreview", new_preview()),
        ("RulePreview", rule),
        ("SchedulePreview", schedule),
        ("Calendar", calendar),
    ];
    schemas.extend(all.map(|(name, schema)| (name.to_owned(), schema)));
}

fn new_preview() -> Value {
    let new = object(&PREVIEW, |field| PREVIEW.is_said_at_first(field), |field| field.required);
    let example = json!({"rrule": "FREQ=MONTHLY;BYDAY=1MO", "starts_on": "2027-01-01", "count": 3});
    with(closed(new), "examples", json!([example]))
}
