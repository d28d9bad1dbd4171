//! The work on a work order: checklist, crew, times, comments, relations, history, escalations.

use super::{
    ANNULLED_AT, ANNULLED_BY, ANNULLED_REASON, CREATED_AT, CUSTOM_FIELDS, Field, ID, Kind, NOTES, PLAIN,
    Parent, Resource, UPDATED_AT, VERSION, WAREHOUSE, WORK_ORDERS,
};
use crate::escalation::Action;
use crate::work_order::{ChecklistState, RelationKind};

const WORK_ORDER: Field = Field::new("work_order_id", Kind::Id).required().once();

/// Items to be looked at and done.
pub static CHECKLIST: Resource = Resource {
    path: "work-orders/{id}/checklist",
    singular: "checklist item",
    table: "checklist_items",
    fields: &[
        ID,
        WORK_ORDER,
        Field::new("position", Kind::Integer(1, 32_767)).filled(),
        Field::new("component", Kind::Text(200)).required(),
        Field::new("action", Kind::Text(1_000)).required(),
        Field::new("state", Kind::Word(ChecklistState::WORDS)).filled().later(),
        Field::new("notes", NOTES).filled().later(),
        Field::new("follow_up_id", Kind::Id).read_only(),
        CUSTOM_FIELDS,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    removes: true,
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    ..PLAIN
};

/// The people who work along with the one who is responsible.
pub static CREW: Resource = Resource {
    path: "work-orders/{id}/crew",
    singular: "crew member",
    table: "work_order_crew",
    fields: &[ID, WORK_ORDER, Field::new("profile_id", Kind::Id).required().once(), CREATED_AT],
    removes: true,
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    ..PLAIN
};

/// Times that someone worked on it. A clock that runs has no end yet.
pub static TIME_LOGS: Resource = Resource {
    path: "work-orders/{id}/time-logs",
    singular: "time log",
    table: "time_logs",
    fields: &[
        ID,
        WORK_ORDER,
        Field::new("profile_id", Kind::Id).filled().once(),
        Field::new("started_at", Kind::Time).filled().happened(),
        Field::new("stopped_at", Kind::Time).happened(),
        Field::new("note", Kind::Prose(1_000)).filled(),
        ANNULLED_AT,
        ANNULLED_BY,
        ANNULLED_REASON,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    ..PLAIN
};

/// Comments on it; they stay as they were written.
pub static COMMENTS: Resource = Resource {
    path: "work-orders/{id}/comments",
    singular: "comment",
    table: "comments",
    fields: &[
        ID,
        WORK_ORDER,
        Field::new("author_id", Kind::Id).filled().read_only(),
        Field::new("body", NOTES).required().once(),
        CREATED_AT,
    ],
    emits_events: true,
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    ..PLAIN
};

/// Its relations to other work orders.
pub static RELATIONS: Resource = Resource {
    path: "work-orders/{id}/relations",
    singular: "relation",
    table: "work_order_relations",
    fields: &[
        ID,
        WORK_ORDER,
        Field::new("kind", Kind::Word(RelationKind::WORDS)).required().once(),
        Field::new("other_id", Kind::Id).required().once(),
        WAREHOUSE.read_only(),
        Field::new("created_by", Kind::Id).read_only(),
        CREATED_AT,
    ],
    removes: true,
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    ..PLAIN
};

/// Its changes, one entry each: written by the database, with the hash of the entry before.
pub static HISTORY: Resource = Resource {
    path: "work-orders/{id}/history",
    singular: "history entry",
    table: "work_order_history",
    fields: &[
        ID,
        Field::new("work_order_id", Kind::Id).filled().read_only(),
        Field::new("position", Kind::Integer(1, i32::MAX as i64)).filled().read_only(),
        Field::new("subject", Kind::Text(30)).filled().read_only(),
        Field::new("subject_id", Kind::Id).filled().read_only(),
        Field::new("version", Kind::Integer(1, i32::MAX as i64)).read_only(),
        Field::new("changes", Kind::Object).filled().read_only(),
        Field::new("mutation_id", Kind::Id).read_only(),
        Field::new("actor_id", Kind::Id).read_only(),
        Field::new("actor_function", Kind::Text(50)).read_only(),
        Field::new("happened_at", Kind::Time).filled().read_only(),
        Field::new("previous_hash", Kind::Text(64)).filled().read_only(),
        Field::new("hash", Kind::Text(64)).filled().read_only(),
    ],
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    ..PLAIN
};

/// The steps that were taken because nobody worked on it in time.
pub static ESCALATIONS: Resource = Resource {
    path: "work-orders/{id}/escalations",
    singular: "escalation",
    table: "escalations",
    fields: &[
        ID,
        Field::new("work_order_id", Kind::Id).filled().read_only(),
        Field::new("rule_id", Kind::Id).filled().read_only(),
        Field::new("level", Kind::Integer(1, 100)).filled().read_only(),
        Field::new("action", Kind::Word(Action::WORDS)).filled().read_only(),
        Field::new("reason", Kind::Prose(1_000)).filled().read_only(),
        Field::new("outcome", Kind::Text(1_000)).filled().read_only(),
        Field::new("decided_for", Kind::Time).filled().read_only(),
        CREATED_AT,
    ],
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    ..PLAIN
};
