//! The start page and the inbox, as OpenAPI describes them.

use millwright_domain::access::Role;
use millwright_domain::permission::Permission;
use millwright_domain::resource::{NOTIFICATIONS, Named, READING_INBOX, WORK_ORDERS};
use millwright_domain::work_order::Status;
use serde_json::{Map, Value, json};

use crate::openapi::{answer, answers, body, idempotency_key, name, named, object, reference};

/// `GET /api/v1/home`.
pub(super) fn home() -> Value {
    let summary = "Who you are and what waits for you, as your role needs it";
    json!({
        "operationId": "getHome",
        "summary": summary,
        "description": "One question for the first screen. What your role has no part in is null. Counts are exact up to 100.",
        "tags": ["home"],
        "responses": answers("200", answer(summary, &reference("Home"))),
    })
}

/// `POST /api/v1/notifications/read`.
pub(super) fn read_inbox() -> Value {
    json!({
        "operationId": "readNotifications",
        "summary": "Mark your inbox read",
        "description": "Up to a notification that you were shown, or all of it.",
        "tags": [NOTIFICATIONS.path],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&name(&READING_INBOX))),
        "responses": answers("200", answer("What is left.", &reference("InboxRead"))),
    })
}

/// Their answers.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let id = json!({"type": "string", "format": "uuid"});
    let text = json!({"type": "string"});
    let moment = json!({"type": "string", "format": "date-time"});
    let count = json!({
        "type": "object",
        "required": ["count", "more"],
        "properties": {
            "count": {"type": "integer", "minimum": 0, "maximum": 100},
            "more": {"type": "boolean", "description": "There are more than that"},
        },
    });
    let told =
        ["id", "number", "type", "title", "status", "priority", "area", "due_at", "escalated", "version"];
    let line = object(&WORK_ORDERS, |field| told.contains(&field.name), |_| true);
    let also = json!({
        "type": "object",
        "required": ["machine", "assignee"],
        "properties": {"machine": or_null(&named(Named::Machine)), "assignee": or_null(&named(Named::Person))},
    });
    let moves = json!({
        "type": "object",
        "required": ["open_moves"],
        "properties": {"open_moves": {"type": "array", "items": {"type": "string", "enum": Status::WORDS}}},
    });
    let level = json!({
        "type": "object", "required": ["escalation_level"],
        "properties": {"escalation_level": {"type": "integer", "minimum": 1}},
    });
    let of_lines = |more: Option<&Value>, about: &str| {
        let line = reference("HomeLine");
        let items = more.map_or_else(|| line.clone(), |more| json!({"allOf": [line, more]}));
        json!({"type": ["array", "null"], "description": about, "items": items})
    };
    let counted =
        |about: &str| json!({"description": about, "oneOf": [reference("BoundedCount"), {"type": "null"}]});
    let me = json!({
        "type": "object",
        "required": ["id", "full_name", "role", "permissions"],
        "properties": {
            "id": id, "full_name": text, "role": {"type": "string", "enum": Role::WORDS},
            "permissions": {"type": "array", "items": {"type": "string", "enum": Permission::WORDS}},
        },
    });
    let warehouse = json!({
        "type": ["object", "null"],
        "required": ["id", "code", "name", "time_zone"],
        "properties": {"id": id, "code": text, "name": text, "time_zone": text},
    });
    let clock = json!({
        "type": ["object", "null"],
        "description": "Your clock, while it runs",
        "required": ["id", "work_order_id", "started_at"],
        "properties": {"id": id, "work_order_id": id, "started_at": moment},
    });
    let escalations = json!({
        "type": ["object", "null"],
        "description": "Escalated work that nobody has acknowledged, and the newest five of it",
        "required": ["count", "more", "first"],
        "properties": {
            "count": {"type": "integer"}, "more": {"type": "boolean"}, "first": of_lines(Some(&level), "The newest"),
        },
    });
    let properties = json!({
        "at": moment, "me": me, "warehouse": warehouse, "unread": reference("BoundedCount"), "clock": clock,
        "my_work": of_lines(Some(&moves), "Open work of yours and of crews that you are in, what is due first before: at most 20"),
        "my_work_count": counted("How much of that there is"),
        "my_overdue": counted("Work of yours that should be done by now"),
        "my_requests": of_lines(None, "What you asked for and is not closed, newest first: at most 20"),
        "unassigned": counted("Work that nobody has"),
        "overdue": counted("Open work that should be done by now"),
        "to_verify": counted("Work that is done and waits to be judged"),
        "to_review": counted("What phones brought too late, and waits for a decision"),
        "escalations": escalations,
        "low_stock": counted("Parts of which less than the reorder point is free"),
    });
    let required: Vec<_> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let home = json!({"type": "object", "required": required, "properties": properties});
    let inbox = json!({
        "type": "object",
        "required": ["marked", "unread"],
        "properties": {"marked": {"type": "integer", "minimum": 0}, "unread": reference("BoundedCount")},
    });
    let all = [
        ("BoundedCount", count),
        ("HomeLine", json!({"allOf": [line, also]})),
        ("Home", home),
        ("InboxRead", inbox),
    ];
    schemas.extend(all.map(|(name, schema)| (name.to_owned(), schema)));
}

fn or_null(schema: &Value) -> Value {
    json!({"oneOf": [schema, {"type": "null"}]})
}
