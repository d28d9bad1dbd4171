//! Work orders, and the files that are kept with them.

use super::{
    CHECKLIST, COMMENTS, CREATED_AT, CREW, CUSTOM_FIELDS, Child, ESCALATIONS, Fence, Field, HISTORY, ID,
    Indexed, Kind, Lookup, NOTES, PLAIN, Parent, RELATIONS, Resource, SortKey, TIME_LOGS, UPDATED_AT,
    VERSION, WAREHOUSE, WORK_ORDER_PARTS, WORK_ORDER_RESERVATIONS,
};
use crate::attachment::AttachmentState;
use crate::signature;
use crate::work_order::{HoldReason, Priority, Status, WorkOrderType};

/// Work orders. Their moves have code of their own.
pub static WORK_ORDERS: Resource = Resource {
    path: "work-orders",
    singular: "work order",
    table: "work_orders",
    fields: &[
        ID,
        Field::new("number", Kind::Text(20)).filled().read_only(),
        Field::new("fo_number", Kind::Text(50)),
        Field::new("type", Kind::Word(WorkOrderType::WORDS)).required().once(),
        Field::new("title", Kind::Text(200)).required(),
        Field::new("description", NOTES).filled(),
        Field::new("area", Kind::Text(100)),
        Field::new("asset_model", Kind::Text(100)),
        Field::new("equipment_id", Kind::Id),
        Field::new("status", Kind::Word(Status::WORDS)).filled().read_only(),
        Field::new("priority", Kind::Word(Priority::WORDS)).filled().sorted_by(SortKey::Rank("urgency")),
        Field::new("requested_by", Kind::Id).read_only(),
        // Someone who scanned a label and is nobody here.
        Field::new("reporter_name", Kind::Text(100)).read_only(),
        Field::new("reporter_contact", Kind::Text(200)).read_only(),
        Field::new("assigned_to", Kind::Id).once(),
        Field::new("vendor_id", Kind::Id),
        WAREHOUSE,
        Field::new("due_at", Kind::Time).sorted_by(SortKey::NullAs("due_or_never", "infinity")),
        Field::new("response_due_at", Kind::Time).read_only(),
        Field::new("resolution_due_at", Kind::Time).read_only(),
        Field::new("started_at", Kind::Time).read_only(),
        Field::new("completed_at", Kind::Time).read_only(),
        Field::new("completed_by", Kind::Id).read_only(),
        // Who signed for it when it was completed, perhaps someone without an account, and the attachment that they drew.
        Field::new(signature::NAME, Kind::Text(100)).read_only(),
        Field::new(signature::DRAWN, Kind::Id).read_only(),
        Field::new("verified_by", Kind::Id).read_only(),
        Field::new("hold_reason", Kind::Word(HoldReason::WORDS)).read_only(),
        Field::new("status_note", Kind::Prose(1_000)).filled().read_only(),
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
        Child::new("checklist", &CHECKLIST, "position").always(),
        // The other one is that of the signature.
        Child::new("attachments", &WORK_ORDER_ATTACHMENTS, "id")
            .by("attachments_work_order_id_fkey")
            .always(),
        Child::new("crew", &CREW, "id"),
        Child::new("time_logs", &TIME_LOGS, "started_at"),
        Child::new("comments", &COMMENTS, "id"),
        Child::new("parts", &WORK_ORDER_PARTS, "id"),
        Child::new("reservations", &WORK_ORDER_RESERVATIONS, "id"),
        Child::new("relations", &RELATIONS, "id").by("work_order_relations_work_order_id_fkey"),
        Child::new("escalations", &ESCALATIONS, "id").online(),
        Child::new("history", &HISTORY, "position").newest(100).online(),
    ],
    computed: &["open_moves", "may"],
    flags: &["overdue"],
    searched: true,
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id", "due_at", "-priority"],
        filters: &[
            "id",
            "number",
            "fo_number",
            "type",
            "equipment_id",
            "status",
            "priority",
            "requested_by",
            "assigned_to",
            "vendor_id",
            "warehouse_id",
            "due_at",
            "follow_up",
            "parent_id",
            "escalated",
        ],
    }),
    fence: Fence::Own("own_work_orders"),
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
    Field::new("state", Kind::Word(AttachmentState::WORDS)).filled().read_only(),
    Field::new("reason", Kind::Prose(1_000)).read_only(),
    Field::new("sha256", Kind::Text(64)).read_only(),
    Field::new("width", Kind::Integer(1, i32::MAX as i64)).read_only(),
    Field::new("height", Kind::Integer(1, i32::MAX as i64)).read_only(),
    Field::new("has_renditions", Kind::Boolean).filled().read_only(),
    // Work was completed with it: it is no photo of the work, and stays.
    Field::new("is_signature", Kind::Boolean).filled().read_only(),
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
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "work_order_id", "uploaded_by", "warehouse_id"],
    }),
    fence: Fence::Own("own_attachments"),
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
