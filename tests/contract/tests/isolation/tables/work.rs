//! Work orders and what hangs on them.

use crate::matrix::rule::Place::{Assigned, Crew, Here, Mine, Moved, Requested, There};
use crate::matrix::rule::{
    CONTRACTOR, CREW, EVERYONE, LEADERS, NOBODY, OFFICE, REQUESTER, Row, Rule, STAFF, WORKERS, Who,
};
use crate::matrix::scene::At;
use anyhow::Result;
use millwright_contract_tests::with;
use serde_json::{Value, json};

/// The roles that see a work order that they work on, and what hangs on it.
const WITH_WORKERS: Who = STAFF.and(CONTRACTOR);
/// The roles that see one that they asked for.
const WITH_REQUESTER: Who = STAFF.and(REQUESTER);
/// The roles that add comments and files to one that they asked for, and take it back while nobody has it.
const ASKERS: Who = CREW.and(REQUESTER);

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Here and there: a colleague's. To open one that is assigned is to assign it.
    Rule { rows: "work_orders", row: work_order, but: &[
        ("description", "Burns",     &[(Here, LEADERS), (Assigned, WORKERS), (Crew, WORKERS), (Requested, LEADERS)]),
        ("status",      "cancelled", &[(Here, LEADERS), (Assigned, LEADERS), (Crew, LEADERS), (Requested, ASKERS), (There, OFFICE)]),
    ], who: &[
        (Here,      STAFF,          LEADERS, LEADERS, NOBODY),
        (Assigned,  WITH_WORKERS,   CREW,    LEADERS, NOBODY),
        (Crew,      WITH_WORKERS,   LEADERS, LEADERS, NOBODY),
        (Requested, WITH_REQUESTER, ASKERS,  LEADERS, NOBODY),
        (There,     OFFICE,         OFFICE,  OFFICE,  NOBODY),
        (Moved,     OFFICE,         OFFICE,  OFFICE,  NOBODY),
    ]},
    // Those who work along: to say so is to assign.
    Rule { rows: "work_order_crew", row: crew, but: &[], who: &[
        (Here,      STAFF,          LEADERS, NOBODY, LEADERS),
        (Assigned,  WITH_WORKERS,   LEADERS, NOBODY, LEADERS),
        (Crew,      WITH_WORKERS,   LEADERS, NOBODY, LEADERS),
        (Requested, WITH_REQUESTER, LEADERS, NOBODY, LEADERS),
        (There,     OFFICE,         OFFICE,  NOBODY, OFFICE),
    ]},
    // Whoever does the work decides the items; what they are is decided by those who lead.
    Rule { rows: "checklist_items", row: checklist_item, but: &[
        ("state", "done", &[(Here, LEADERS), (Assigned, WORKERS), (Crew, WORKERS), (Requested, LEADERS), (There, OFFICE)]),
    ], who: &[
        (Here,      STAFF,          LEADERS, LEADERS, LEADERS),
        (Assigned,  WITH_WORKERS,   LEADERS, LEADERS, LEADERS),
        (Crew,      WITH_WORKERS,   LEADERS, LEADERS, LEADERS),
        (Requested, WITH_REQUESTER, LEADERS, LEADERS, LEADERS),
        (There,     OFFICE,         OFFICE,  OFFICE,  OFFICE),
        (Moved,     OFFICE,         OFFICE,  OFFICE,  OFFICE),
    ]},
    // Inserted: one's own time. Mine: that, on a work order of one's own.
    Rule { rows: "time_logs", row: time_log, but: &[
        ("annulled_reason", "Of another", &[(Here, LEADERS), (Assigned, LEADERS), (Crew, LEADERS), (Mine, LEADERS), (There, OFFICE)]),
    ], who: &[
        (Here,      STAFF,          LEADERS, LEADERS, NOBODY),
        (Assigned,  WITH_WORKERS,   WORKERS, LEADERS, NOBODY),
        (Crew,      WITH_WORKERS,   WORKERS, LEADERS, NOBODY),
        (Requested, WITH_REQUESTER, LEADERS, LEADERS, NOBODY),
        (Mine,      EVERYONE,       WORKERS, WORKERS, NOBODY),
        (There,     OFFICE,         OFFICE,  OFFICE,  NOBODY),
        (Moved,     OFFICE,         OFFICE,  OFFICE,  NOBODY),
    ]},
    // A comment is never edited.
    Rule { rows: "comments", row: comment, but: &[], who: &[
        (Here,      STAFF,          CREW,    NOBODY, NOBODY),
        (Assigned,  WITH_WORKERS,   WORKERS, NOBODY, NOBODY),
        (Crew,      WITH_WORKERS,   WORKERS, NOBODY, NOBODY),
        (Requested, WITH_REQUESTER, ASKERS,  NOBODY, NOBODY),
        (There,     OFFICE,         OFFICE,  NOBODY, NOBODY),
        (Moved,     OFFICE,         OFFICE,  NOBODY, NOBODY),
    ]},
    Rule { rows: "work_order_relations", row: relation, but: &[], who: &[
        (Here,      STAFF,          LEADERS, NOBODY, LEADERS),
        (Assigned,  WITH_WORKERS,   LEADERS, NOBODY, LEADERS),
        (Requested, WITH_REQUESTER, LEADERS, NOBODY, LEADERS),
        (There,     OFFICE,         OFFICE,  NOBODY, OFFICE),
    ]},
    // Whoever uploaded a file takes it back while it has not arrived.
    Rule { rows: "attachments", row: attachment, but: &[], who: &[
        (Here,      STAFF,          CREW,                   NOBODY, NOBODY),
        (Assigned,  WITH_WORKERS,   WORKERS,                NOBODY, NOBODY),
        (Crew,      WITH_WORKERS,   WORKERS,                NOBODY, NOBODY),
        (Requested, WITH_REQUESTER, ASKERS,                 NOBODY, NOBODY),
        (Mine,      EVERYONE,       ASKERS.and(CONTRACTOR), NOBODY, EVERYONE),
        (There,     OFFICE,         OFFICE,                 NOBODY, NOBODY),
        (Moved,     OFFICE,         OFFICE,                 NOBODY, OFFICE),
    ]},
    // Written by the database itself, and by the escalation checker.
    Rule { rows: "work_order_history", row: history, but: &[], who: &[
        (Here,      STAFF,          NOBODY, NOBODY, NOBODY),
        (Assigned,  WITH_WORKERS,   NOBODY, NOBODY, NOBODY),
        (Crew,      WITH_WORKERS,   NOBODY, NOBODY, NOBODY),
        (Requested, WITH_REQUESTER, NOBODY, NOBODY, NOBODY),
        (There,     OFFICE,         NOBODY, NOBODY, NOBODY),
        (Moved,     OFFICE,         NOBODY, NOBODY, NOBODY),
    ]},
    // Written by the database itself: what a phone has to hear of.
    Rule { rows: "changes: of a work order", row: changed_order, but: &[], who: &[
        (Here,      STAFF,          NOBODY, NOBODY, NOBODY),
        (Assigned,  WITH_WORKERS,   NOBODY, NOBODY, NOBODY),
        (Crew,      WITH_WORKERS,   NOBODY, NOBODY, NOBODY),
        (Requested, WITH_REQUESTER, NOBODY, NOBODY, NOBODY),
        (There,     OFFICE,         NOBODY, NOBODY, NOBODY),
    ]},
    Rule { rows: "changes: of a part", row: changed_part, but: &[], who: &[
        (Here,      STAFF,          NOBODY, NOBODY, NOBODY),
        (Mine,      EVERYONE,       NOBODY, NOBODY, NOBODY),
        (There,     OFFICE,         NOBODY, NOBODY, NOBODY),
    ]},
    Rule { rows: "escalations", row: escalation, but: &[], who: &[
        (Here,      STAFF,          NOBODY, NOBODY, NOBODY),
        (Assigned,  WITH_WORKERS,   NOBODY, NOBODY, NOBODY),
        (Crew,      WITH_WORKERS,   NOBODY, NOBODY, NOBODY),
        (Requested, WITH_REQUESTER, NOBODY, NOBODY, NOBODY),
        (There,     OFFICE,         NOBODY, NOBODY, NOBODY),
    ]},
];

/// With what hangs on a work order of this place.
fn on_work_order(at: &mut At<'_>, more: &Value) -> Result<Row> {
    let said = json!({"id": At::word(), "work_order_id": at.work_order()?});
    Ok(Row::said(with(said, more)))
}

fn work_order(at: &mut At<'_>) -> Result<Row> {
    let row = if at.place == Crew {
        Row::existing(json!({"id": at.work_order_with(&json!({}))?}))
    } else {
        let people = at.people();
        let said = json!({"id": At::word(), "type": "corrective", "title": "Belt slips", "warehouse_id": at.warehouse()});
        let assignee = people.get("assigned_to").map(|assignee| json!({"assigned_to": assignee}));
        Row::said(with(said, &assignee.unwrap_or_default())).filled(people)
    };
    Ok(row.change(json!({"title": "Belt slips again"})))
}

fn crew(at: &mut At<'_>) -> Result<Row> {
    let newcomer = at.newcomer()?;
    Ok(on_work_order(at, &json!({"profile_id": newcomer}))?.change(json!({"profile_id": at.owner()})))
}

fn checklist_item(at: &mut At<'_>) -> Result<Row> {
    let item = json!({"position": at.number(), "component": "Belt", "action": "Look"});
    Ok(on_work_order(at, &item)?.change(json!({"action": "Look again"})))
}

fn time_log(at: &mut At<'_>) -> Result<Row> {
    // Nobody works on two things at once.
    let hour = at.hour();
    let time = json!({"started_at": hour, "stopped_at": hour.replace(":00:", ":30:")});
    Ok(on_work_order(at, &time)?.by(at.owner()).change(json!({"note": "Looked"})))
}

fn changed_order(at: &mut At<'_>) -> Result<Row> {
    let key = json!({"entity": "work_orders", "id": at.work_order()?, "place": at.warehouse()});
    Ok(Row::existing(key).change(json!({"gone": true})))
}

/// Theirs: a document that they saw because it was theirs, and do not see any more.
fn changed_part(at: &mut At<'_>) -> Result<Row> {
    let lost_by: &[_] = if at.place == Mine { &[at.person.id] } else { &[] };
    let said = json!({"entity": "parts", "id": At::word(), "place": at.warehouse(), "lost_by": lost_by});
    Ok(Row::said(said).change(json!({"gone": true})))
}

fn comment(at: &mut At<'_>) -> Result<Row> {
    Ok(on_work_order(at, &json!({"body": "It burns"}))?.by(at.owner()).change(json!({"body": "It does not"})))
}

fn relation(at: &mut At<'_>) -> Result<Row> {
    let other = at.work_order_with(&json!({}))?;
    let relation = json!({"kind": "related_to", "other_id": other});
    Ok(on_work_order(at, &relation)?.change(json!({"kind": "blocks"})))
}

fn attachment(at: &mut At<'_>) -> Result<Row> {
    let file = json!({"file_name": "a.png", "content_type": "image/png", "size_bytes": 1});
    Ok(on_work_order(at, &file)?.by(at.owner()).change(json!({"file_name": "b.png"})))
}

fn history(at: &mut At<'_>) -> Result<Row> {
    let entry = json!({"position": 1000 + at.number(), "subject": "work_orders", "subject_id": At::word(),
        "changes": {}, "previous_hash": "", "hash": "0".repeat(64)});
    Ok(on_work_order(at, &entry)?.change(json!({"changes": {"a": "b"}})))
}

fn escalation(at: &mut At<'_>) -> Result<Row> {
    let step = json!({"rule_id": at.escalation_rule()?, "level": at.number(), "action": "notify_manager",
        "reason": "it waits", "decided_for": "2026-01-01T00:00:00Z"});
    Ok(on_work_order(at, &step)?.change(json!({"reason": "it does not"})))
}
