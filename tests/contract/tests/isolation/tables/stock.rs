//! Parts, their ledger and orders, and vendors.

use crate::matrix::rule::Place::{Assigned, Crew, Everywhere, Here, Mine, Requested, There};
use crate::matrix::rule::{CLERK, CREW, EVERYONE, KEEPERS, LEADERS, NOBODY, OFFICE, Row, Rule, STAFF, Who};
use crate::matrix::scene::At;
use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

/// The roles that manage vendors.
const BUYERS: Who = LEADERS.and(CLERK);

// Parts are no business of whoever comes from outside. A technician uses them on work of their own.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The quantity on hand moves by the ledger alone.
    Rule { rows: "parts", row: part, but: &[
        ("on_hand", "100", &[(Here, NOBODY), (There, NOBODY)]),
    ], who: &[
        (Here,  STAFF,  KEEPERS, KEEPERS, NOBODY),
        (There, OFFICE, OFFICE,  OFFICE,  NOBODY),
    ]},
    // The ledger is never edited.
    Rule { rows: "part_transactions: used on a work order", row: used, but: &[], who: &[
        (Here,      STAFF,  LEADERS.and(CLERK), NOBODY, NOBODY),
        (Assigned,  STAFF,  CREW.and(CLERK),    NOBODY, NOBODY),
        (Crew,      STAFF,  CREW.and(CLERK),    NOBODY, NOBODY),
        (Requested, STAFF,  LEADERS.and(CLERK), NOBODY, NOBODY),
        (There,     OFFICE, OFFICE,             NOBODY, NOBODY),
    ]},
    Rule { rows: "part_transactions: received", row: received, but: &[], who: &[
        (Here,  STAFF,  KEEPERS, NOBODY, NOBODY),
        (There, OFFICE, OFFICE,  NOBODY, NOBODY),
    ]},
    Rule { rows: "part_transactions: adjusted", row: adjusted, but: &[], who: &[
        (Here,  STAFF,  KEEPERS, NOBODY, NOBODY),
        (There, OFFICE, OFFICE,  NOBODY, NOBODY),
    ]},
    Rule { rows: "part_reservations", row: reservation, but: &[], who: &[
        (Here,      STAFF,  LEADERS.and(CLERK), LEADERS.and(CLERK), LEADERS.and(CLERK)),
        (Assigned,  STAFF,  CREW.and(CLERK),    CREW.and(CLERK),    CREW.and(CLERK)),
        (Crew,      STAFF,  CREW.and(CLERK),    CREW.and(CLERK),    CREW.and(CLERK)),
        (Requested, STAFF,  LEADERS.and(CLERK), LEADERS.and(CLERK), LEADERS.and(CLERK)),
        (There,     OFFICE, OFFICE,             OFFICE,             OFFICE),
    ]},
    // Opened by the database itself; sent off, received and taken back by those who keep the stock.
    Rule { rows: "reorder_drafts", row: draft, but: &[
        ("status", "cancelled", &[(Here, KEEPERS), (There, OFFICE)]),
        ("vendor_id", "01900000-0000-7000-8000-00000000ffff", &[(Here, NOBODY), (There, NOBODY)]),
    ], who: &[
        (Here,  STAFF,  NOBODY, KEEPERS, NOBODY),
        (There, OFFICE, NOBODY, OFFICE,  NOBODY),
    ]},
    Rule { rows: "reorder_lines", row: line, but: &[], who: &[
        (Here,  STAFF,  KEEPERS, KEEPERS, KEEPERS),
        (There, OFFICE, OFFICE,  OFFICE,  OFFICE),
    ]},
    // Mine: whom they come from.
    Rule { rows: "vendors", row: vendor, but: &[], who: &[
        (Here,       STAFF,    BUYERS, BUYERS, NOBODY),
        (Everywhere, STAFF,    OFFICE, OFFICE, NOBODY),
        (Mine,       EVERYONE, BUYERS, BUYERS, NOBODY),
        (There,      OFFICE,   OFFICE, OFFICE, NOBODY),
    ]},
    Rule { rows: "vendor_documents", row: document, but: &[], who: &[
        (Here,       STAFF,    BUYERS, BUYERS, BUYERS),
        (Everywhere, STAFF,    OFFICE, OFFICE, OFFICE),
        (Mine,       EVERYONE, BUYERS, BUYERS, BUYERS),
        (There,      OFFICE,   OFFICE, OFFICE, OFFICE),
    ]},
];

fn part(at: &mut At<'_>) -> Result<Row> {
    let id = At::word();
    let said = json!({"id": id, "part_number": id, "name": "A belt", "warehouse_id": at.warehouse()});
    Ok(Row::said(said).change(json!({"name": "A better belt"})))
}

fn used(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "part_id": at.part()?, "type": "used", "quantity": 2,
        "work_order_id": at.work_order()?});
    Ok(Row::said(said).change(json!({"quantity": 1})))
}

fn received(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "part_id": at.part()?, "type": "inbound", "quantity": 2});
    Ok(Row::said(said).change(json!({"quantity": 1})))
}

fn adjusted(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "part_id": at.part()?, "type": "adjustment", "quantity": -2});
    Ok(Row::said(said).change(json!({"quantity": -1})))
}

fn reservation(at: &mut At<'_>) -> Result<Row> {
    let said =
        json!({"id": At::word(), "part_id": at.part()?, "work_order_id": at.work_order()?, "quantity": 2});
    Ok(Row::said(said).change(json!({"quantity": 1})))
}

fn draft(at: &mut At<'_>) -> Result<Row> {
    // Of a vendor of its own: each has one open draft.
    let said = json!({"id": At::word(), "vendor_id": inserted_vendor(at)?, "warehouse_id": at.warehouse()});
    Ok(Row::said(said).change(json!({"notes": "Call first"})))
}

fn line(at: &mut At<'_>) -> Result<Row> {
    let draft = draft(at)?.said;
    let said = json!({"id": At::word(), "draft_id": at.insert("reorder_drafts", &draft)?, "part_id": at.part()?, "quantity": 2});
    Ok(Row::said(said).change(json!({"quantity": 1})))
}

fn vendor(at: &mut At<'_>) -> Result<Row> {
    let row = if at.place == Mine {
        Row::existing(json!({"id": inserted_vendor(at)?}))
    } else {
        Row::said(new_vendor(at))
    };
    Ok(row.change(json!({"notes": "Is slow"})))
}

fn new_vendor(at: &At<'_>) -> Value {
    let id = At::word();
    json!({"id": id, "name": id, "kind": "supplier", "warehouse_id": at.warehouse()})
}

fn inserted_vendor(at: &mut At<'_>) -> Result<Uuid> {
    let vendor = new_vendor(at);
    let vendor = at.insert("vendors", &vendor)?;
    if at.place == Mine {
        let person = at.person.id;
        at.change("update public.profiles set vendor_id = $2 where id = $1", &[&person, &vendor])?;
    }
    Ok(vendor)
}

fn document(at: &mut At<'_>) -> Result<Row> {
    let said = json!({"id": At::word(), "vendor_id": inserted_vendor(at)?, "kind": "insurance", "title": "Liability"});
    Ok(Row::said(said).change(json!({"number": "7"})))
}
