//! Work orders, and the files that are kept with them.

use super::{
    CREATED_AT, CUSTOM_FIELDS, Child, Field, ID, Kind, NOTES, PLAIN, Parent, Resource, UPDATED_AT, VERSION,
    WAREHOUSE,
};
use crate::work_order::{HOLD_REASONS, PRIORITIES, STATUSES, TYPES};

/// Work orders. Their moves have code of their own.
pub static WORK_ORDERS: Resource = Resource {
    path: "work-orders",
    singular: "work order",
    table: "work_orders",
    fields: &[
        ID,
        Field::new("number", Kind::Text(20)).filled().read_only(),
        Field::new("fo_number", Kind::Text(50)),
        Field::new("type", Kind::Word(&TYPES)).required().once(),
        Field::new("title", Kind::Text(200)).required(),
        Field::new("description", NOTES).filled(),
        Field::new("area", Kind::Text(100)),
        Field::new("asset_model", Kind::Text(100)),
        Field::new("equipment_id", Kind::Id),
        Field::new("status", Kind::Word(&STATUSES)).filled().read_only(),
        Field::new("priority", Kind::Word(&PRIORITIES)).filled(),
        Field::new("requested_by", Kind::Id).read_only(),
        // Someone who scanned a label and is nobody here.
        Field::new("reporter_name", Kind::Text(100)).read_only(),
        Field::new("reporter_contact", Kind::Text(200)).read_only(),
        Field::new("assigned_to", Kind::Id).once(),
        Field::new("vendor_id", Kind::Id),
        WAREHOUSE,
        Field::new("due_at", Kind::Time),
        Field::new("response_due_at", Kind::Time).read_only(),
        Field::new("resolution_due_at", Kind::Time).read_only(),
        Field::new("started_at", Kind::Time).read_only(),
        Field::new("completed_at", Kind::Time).read_only(),
        Field::new("completed_by", Kind::Id).read_only(),
        Field::new("verified_by", Kind::Id).read_only(),
        Field::new("hold_reason", Kind::Word(&HOLD_REASONS)).read_only(),
        Field::new("status_note", Kind::Text(1_000)).filled().read_only(),
        Field::new("follow_up", Kind::Boolean).filled().read_only(),
        Field::new("parent_id", Kind::Id),
        Field::new("escalated", Kind::Boolean).filled().read_only(),
        Field::new("escalation_level", Kind::Integer(0, 100)).filled().read_only(),
        Field::new("escalated_at", Kind::Time).read_only(),
        Field::new("acknowledged_by", Kind::Id).read_only(),
        Field::new("acknowledged_until", Kind::Time).read_only(),
        Field::new("last_activity_at", Kind::Time).filled().read_only(),
        Field::new("archived_at", Kind::Time).read_only(),
        CUSTOM_FIELDS,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[
        Child {
            name: "checklist",
            table: "checklist_items",
            columns: "position,id,component,action,state,notes,custom_fields,version",
            order: "position",
            always: true,
        },
        Child {
            name: "attachments",
            table: "attachments",
            columns: "file_name,id,content_type,size_bytes,state,reason,width,height,created_at",
            order: "id",
            always: true,
        },
        Child {
            name: "crew",
            table: "work_order_crew",
            columns: "profile_id,id,created_at",
            order: "id",
            always: false,
        },
        Child {
            name: "time_logs",
            table: "time_logs",
            columns: "profile_id,id,started_at,stopped_at,note,version",
            order: "started_at",
            always: false,
        },
        Child {
            name: "comments",
            table: "comments",
            columns: "author_id,id,body,created_at",
            order: "id",
            always: false,
        },
        Child {
            name: "parts",
            table: "part_transactions",
            columns: "part_id,id,type,quantity,unit_cost,note,performed_by,created_at",
            order: "id",
            always: false,
        },
        Child {
            name: "relations",
            table: "work_order_relations!work_order_relations_work_order_id_fkey",
            columns: "kind,other_id,id,created_at",
            order: "id",
            always: false,
        },
    ],
    searched: true,
    archived: true,
    opens: true,
    emits_events: true,
    ..PLAIN
};

const FILE_FIELDS: &[Field] = &[
    ID.read_only(),
    Field::new("work_order_id", Kind::Id).filled().read_only(),
    Field::new("file_name", Kind::Text(255)).filled().read_only(),
    Field::new("content_type", Kind::Text(100)).filled().read_only(),
    Field::new("size_bytes", Kind::Integer(1, i64::MAX)).filled().read_only(),
    Field::new("state", Kind::Word(&["uploaded", "processing", "ready", "quarantined", "failed"]))
        .filled()
        .read_only(),
    Field::new("reason", Kind::Text(1_000)).read_only(),
    Field::new("sha256", Kind::Text(64)).read_only(),
    Field::new("width", Kind::Integer(1, i32::MAX as i64)).read_only(),
    Field::new("height", Kind::Integer(1, i32::MAX as i64)).read_only(),
    Field::new("has_renditions", Kind::Boolean).filled().read_only(),
    // Null for the photo of someone who scanned a label.
    Field::new("uploaded_by", Kind::Id).read_only(),
    WAREHOUSE.read_only(),
    VERSION,
    CREATED_AT,
    UPDATED_AT,
];

/// Files. Their bytes have code of their own.
pub static ATTACHMENTS: Resource = Resource {
    path: "attachments",
    singular: "attachment",
    table: "attachments",
    fields: FILE_FIELDS,
    ..PLAIN
};

/// The files of a work order. Uploading one has code of its own.
pub static WORK_ORDER_ATTACHMENTS: Resource = Resource {
    path: "work-orders/{id}/attachments",
    singular: "attachment of a work order",
    table: "attachments",
    fields: FILE_FIELDS,
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    ..PLAIN
};
