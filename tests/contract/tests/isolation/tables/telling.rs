//! Escalation rules, notifications and their deliveries.

use crate::matrix::rule::Place::{Everywhere, Here, Mine, There};
use crate::matrix::rule::{EVERYONE, LEADERS, NOBODY, OFFICE, Row, Rule};
use crate::matrix::scene::At;
use anyhow::Result;
use serde_json::{Value, json};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // A supervisor sees those that judge their work orders, also the ones for everybody.
    Rule { rows: "escalation_rules", row: escalation_rule, but: &[], who: &[
        (Here,       LEADERS, LEADERS, LEADERS, NOBODY),
        (Everywhere, LEADERS, OFFICE,  OFFICE,  NOBODY),
        (There,      OFFICE,  OFFICE,  OFFICE,  NOBODY),
    ]},
    // An inbox is its owner's, and not the office's. Read, and unread again.
    Rule { rows: "notifications", row: notification, but: &[("title", "b", &[(Mine, NOBODY)])], who: &[
        (Mine,  EVERYONE, NOBODY, EVERYONE, NOBODY),
        (Here,  NOBODY,   NOBODY, NOBODY, NOBODY),
        (There, NOBODY,   NOBODY, NOBODY, NOBODY),
    ]},
    // Mine: what they brought. Opened by sync, and decided by a function, alone.
    Rule { rows: "reviews", row: review, but: &[], who: &[
        (Mine,  EVERYONE, NOBODY, NOBODY, NOBODY),
        (Here,  LEADERS,  NOBODY, NOBODY, NOBODY),
        (There, OFFICE,   NOBODY, NOBODY, NOBODY),
    ]},
    Rule { rows: "deliveries", row: delivery, but: &[], who: &[
        (Mine,  OFFICE, NOBODY, NOBODY, NOBODY),
        (Here,  OFFICE, NOBODY, NOBODY, NOBODY),
        (There, OFFICE, NOBODY, NOBODY, NOBODY),
    ]},
];

fn escalation_rule(at: &mut At<'_>) -> Result<Row> {
    // A supervisor's becomes one of their warehouse, and must not meet that.
    let clock = if at.place == Everywhere { "resolution" } else { "response" };
    let warehouse = at.warehouse();
    let same = "warehouse_id is not distinct from $1 and wo_type is null and priority is null";
    at.make_way(&format!("escalation_rules where {same}"), warehouse)?;
    let said = json!({"id": At::word(), "name": "A rule", "warehouse_id": warehouse, "clock": clock,
        "timeout_minutes": 60, "steps": [{"action": "notify_manager", "wait_minutes": 0}]});
    Ok(Row::said(said).change(json!({"name": "Another rule"})))
}

fn notification(at: &mut At<'_>) -> Result<Row> {
    let event = at.insert("events", &json!({"kind": "system_alert", "warehouse_id": at.warehouse()}))?;
    let said = json!({"id": At::word(), "event_id": event, "recipient_id": at.owner(), "type": "system_alert",
        "title": "a", "body": "b"});
    Ok(Row::said(said).change(json!({"read_at": "2026-01-01T00:00:00Z"})))
}

fn review(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "warehouse_id": at.warehouse(), "entity": "equipment", "entity_id": at.machine()?,
        "brought_by": at.owner(), "made_at": "2026-01-01T00:00:00Z", "code": "decided_otherwise", "detail": "a",
        "fields": [{"field": "status", "brought": "inactive", "there": "active"}]});
    Ok(Row::said(said).change(json!({"decision": "keep", "note": "It runs"})))
}

fn delivery(at: &mut At<'_>) -> Result<Row> {
    let notification: Value = notification(at)?.said;
    let notification = at.insert("notifications", &notification)?;
    let said = json!({"id": At::word(), "notification_id": notification, "channel": "email"});
    Ok(Row::said(said).change(json!({"state": "dead"})))
}
