//! Machines, with their labels, downtime, status changes and meters.

use crate::matrix::rule::Place::{Assigned, Crew, Here, Requested, There};
use crate::matrix::rule::{CONTRACTOR, CREW, LEADERS, NOBODY, OFFICE, Row, Rule, STAFF};
use crate::matrix::scene::At;
use anyhow::Result;
use serde_json::json;

// Assigned, crew, requested: a machine that there is such a work order for. Whoever asked for work on it knows its name from
// its label, and reads nothing here.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule { rows: "equipment", row: machine, but: &[
        ("status", "inactive", &[(Here, CREW), (Assigned, CREW), (Crew, CREW), (There, OFFICE)]),
    ], who: &[
        (Here,      STAFF,                 LEADERS, LEADERS, NOBODY),
        (Assigned,  STAFF.and(CONTRACTOR), LEADERS, LEADERS, NOBODY),
        (Crew,      STAFF.and(CONTRACTOR), LEADERS, LEADERS, NOBODY),
        (Requested, STAFF,                 LEADERS, LEADERS, NOBODY),
        (There,     OFFICE,                OFFICE,  OFFICE,  NOBODY),
    ]},
    // Its token comes with the machine, and a new one by a function of the database.
    Rule { rows: "equipment_labels", row: label, but: &[], who: &[
        (Here,      STAFF,                 NOBODY, NOBODY, NOBODY),
        (Assigned,  STAFF.and(CONTRACTOR), NOBODY, NOBODY, NOBODY),
        (Requested, STAFF,                 NOBODY, NOBODY, NOBODY),
        (There,     OFFICE,                NOBODY, NOBODY, NOBODY),
    ]},
    // That it stands still is its status.
    Rule { rows: "downtime_intervals", row: downtime, but: &[
        ("annulled_reason", "Of another", &[(Here, LEADERS), (Assigned, LEADERS), (Requested, LEADERS), (There, OFFICE)]),
    ], who: &[
        (Here,      STAFF,                 CREW,   CREW,   NOBODY),
        (Assigned,  STAFF.and(CONTRACTOR), CREW,   CREW,   NOBODY),
        (Requested, STAFF,                 CREW,   CREW,   NOBODY),
        (There,     OFFICE,                OFFICE, OFFICE, NOBODY),
    ]},
    // Written by the database itself.
    Rule { rows: "equipment_status_changes", row: status_change, but: &[], who: &[
        (Here,      STAFF,                 NOBODY, NOBODY, NOBODY),
        (Assigned,  STAFF.and(CONTRACTOR), NOBODY, NOBODY, NOBODY),
        (Requested, STAFF,                 NOBODY, NOBODY, NOBODY),
        (There,     OFFICE,                NOBODY, NOBODY, NOBODY),
    ]},
    Rule { rows: "meters", row: meter, but: &[], who: &[
        (Here,      STAFF,                 LEADERS, LEADERS, NOBODY),
        (Assigned,  STAFF.and(CONTRACTOR), LEADERS, LEADERS, NOBODY),
        (Requested, STAFF,                 LEADERS, LEADERS, NOBODY),
        (There,     OFFICE,                OFFICE,  OFFICE,  NOBODY),
    ]},
    // A reading is never edited, but annulled.
    Rule { rows: "meter_readings", row: reading, but: &[
        ("annulled_reason", "Of another", &[(Here, LEADERS), (Assigned, LEADERS), (Requested, LEADERS), (There, OFFICE)]),
    ], who: &[
        (Here,      STAFF,                 CREW,   NOBODY, NOBODY),
        (Assigned,  STAFF.and(CONTRACTOR), CREW,   NOBODY, NOBODY),
        (Requested, STAFF,                 CREW,   NOBODY, NOBODY),
        (There,     OFFICE,                OFFICE, NOBODY, NOBODY),
    ]},
];

fn machine(at: &mut At<'_>) -> Result<Row> {
    let row = if matches!(at.place, Here | There) {
        let id = At::word();
        Row::said(
            json!({"id": id, "asset_tag": id, "name": "A lift", "model": "L", "warehouse_id": at.warehouse()}),
        )
    } else {
        Row::existing(json!({"id": at.machine()?}))
    };
    Ok(row.change(json!({"name": "A better lift"})))
}

fn label(at: &mut At<'_>) -> Result<Row> {
    let row = Row::existing(json!({"equipment_id": at.machine()?}));
    Ok(row.change(json!({"token": "AAAAAAAAAAAAAAAAAAAAAA"})))
}

fn downtime(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "equipment_id": at.machine()?, "work_order_id": at.work_order()?, "reason": "It burns"});
    Ok(Row::said(said).change(json!({"reason": "It does not burn"})))
}

fn status_change(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "equipment_id": at.machine()?, "from_status": "active", "to_status": "inactive"});
    Ok(Row::said(said).change(json!({"to_status": "retired"})))
}

fn meter(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "equipment_id": at.machine()?, "name": "Hours", "unit": "hours"});
    Ok(Row::said(said).change(json!({"name": "Working hours"})))
}

fn reading(at: &mut At<'_>) -> Result<Row> {
    let meter = meter(at)?.said;
    let said = json!({"id": At::word(), "meter_id": at.insert("meters", &meter)?, "value": 7});
    Ok(Row::said(said).change(json!({"value": 8})))
}
