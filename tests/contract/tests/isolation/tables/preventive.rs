//! Preventive maintenance: what the scheduler writes, and what it writes it from.

use crate::matrix::rule::Place::{Everywhere, Here, There};
use crate::matrix::rule::{CREW, LEADERS, NOBODY, OFFICE, Row, Rule};
use crate::matrix::scene::At;
use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule { rows: "pm_templates", row: template, but: &[], who: &[
        (Here,       CREW,   LEADERS, LEADERS, NOBODY),
        (Everywhere, CREW,   OFFICE,  OFFICE,  NOBODY),
        (There,      OFFICE, OFFICE,  OFFICE,  NOBODY),
    ]},
    Rule { rows: "pm_template_items", row: template_item, but: &[], who: &[
        (Here,       CREW,   LEADERS, LEADERS, LEADERS),
        (Everywhere, CREW,   OFFICE,  OFFICE,  OFFICE),
        (There,      OFFICE, OFFICE,  OFFICE,  OFFICE),
    ]},
    // They come into being by themselves.
    Rule { rows: "pm_schedules", row: schedule, but: &[], who: &[
        (Here,  CREW,   NOBODY, LEADERS, NOBODY),
        (There, OFFICE, NOBODY, OFFICE,  NOBODY),
    ]},
    // A decision is never edited.
    Rule { rows: "pm_occurrences", row: occurrence, but: &[], who: &[
        (Here,  CREW,   NOBODY, NOBODY, NOBODY),
        (There, OFFICE, NOBODY, NOBODY, NOBODY),
    ]},
];

fn template(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "title": "Look at the lift", "equipment_model": "L",
        "warehouse_id": at.warehouse(), "rrule": "FREQ=YEARLY", "starts_on": "2080-01-01"});
    Ok(Row::said(said).change(json!({"title": "Look again"})))
}

fn inserted_template(at: &mut At<'_>) -> Result<Uuid> {
    let template = template(at)?.said;
    at.insert("pm_templates", &template)
}

fn template_item(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "template_id": inserted_template(at)?, "position": 1, "component": "Belt", "action": "Look"});
    Ok(Row::said(said).change(json!({"action": "Look again"})))
}

fn schedule(at: &mut At<'_>) -> Result<Row> {
    let template = inserted_template(at)?;
    let said = json!({"id": At::word(), "template_id": template, "equipment_id": at.machine()?, "warehouse_id": at.warehouse(), "since": "2080-01-01",
        "next_due_on": "2080-01-01", "generate_on": "2080-01-01"});
    Ok(Row::said(said).change(json!({"paused": true})))
}

fn occurrence(at: &mut At<'_>) -> Result<Row> {
    let schedule: Value = schedule(at)?.said;
    let schedule = at.insert("pm_schedules", &schedule)?;
    let said = json!({"id": At::word(), "schedule_id": schedule, "warehouse_id": at.warehouse(), "occurs_on": "2079-01-01", "due_on": "2079-01-01", "decision": "missed",
        "reason": "a", "decided_for": "2079-01-01T00:00:00Z"});
    Ok(Row::said(said).change(json!({"reason": "b"})))
}
