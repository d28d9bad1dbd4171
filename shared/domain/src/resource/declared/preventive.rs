//! What is maintained how often, and what happens when a deadline passes.

use super::{
    CREATED_AT, Child, Field, ID, Kind, NOTES, PLAIN, Parent, Resource, UPDATED_AT, VERSION, WAREHOUSE,
};
use crate::work_order::{PRIORITIES, TYPES};

/// What is maintained how often.
pub static PM_TEMPLATES: Resource = Resource {
    path: "pm/templates",
    one: "template",
    table: "pm_templates",
    fields: &[
        ID,
        Field::new("title", Kind::Text(200)).required(),
        Field::new("description", NOTES).filled(),
        Field::new("equipment_model", Kind::Text(100)).once(),
        Field::new("equipment_id", Kind::Id).once(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("priority", Kind::Word(&PRIORITIES)).filled(),
        Field::new("estimated_minutes", Kind::Integer(1, i32::MAX as i64)),
        Field::new("default_assignee_id", Kind::Id),
        Field::new("rrule", Kind::Recurrence).required(),
        Field::new("starts_on", Kind::Date).required(),
        Field::new("basis", Kind::Word(&["fixed", "floating"])).filled(),
        Field::new("lead_time_days", Kind::Integer(0, 365)).filled(),
        Field::new("active", Kind::Boolean).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child {
        name: "checklist",
        table: "pm_template_items",
        columns: "position,id,component,action,version",
        order: "position",
        always: true,
    }],
    opens: true,
    ..PLAIN
};

/// The checklist that a template gives each of its work orders.
pub static TEMPLATE_ITEMS: Resource = Resource {
    path: "pm/templates/{id}/checklist",
    one: "template item",
    table: "pm_template_items",
    fields: &[
        ID,
        Field::new("template_id", Kind::Id).required().once(),
        Field::new("position", Kind::Integer(1, 32_767)).required(),
        Field::new("component", Kind::Text(200)).required(),
        Field::new("action", Kind::Text(1_000)).required(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &PM_TEMPLATES, field: "template_id" }),
    opens: true,
    removes: true,
    ..PLAIN
};

/// A template on a machine.
pub static PM_SCHEDULES: Resource = Resource {
    path: "pm/schedules",
    one: "schedule",
    table: "pm_schedules",
    fields: &[
        ID,
        Field::new("template_id", Kind::Id).filled().read_only(),
        Field::new("equipment_id", Kind::Id).filled().read_only(),
        Field::new("since", Kind::Date).filled().read_only(),
        Field::new("next_due_on", Kind::Date).filled().read_only(),
        Field::new("generate_on", Kind::Date).filled().read_only(),
        Field::new("active", Kind::Boolean).filled().read_only(),
        Field::new("paused", Kind::Boolean).filled().later(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child {
        name: "occurrences",
        table: "pm_occurrences",
        columns: "due_on,id,decision,reason,work_order_id",
        order: "due_on",
        always: true,
    }],
    ..PLAIN
};

const OCCURRENCE_FIELDS: &[Field] = &[
    ID,
    Field::new("schedule_id", Kind::Id).filled().read_only(),
    Field::new("due_on", Kind::Date).filled().read_only(),
    Field::new("decision", Kind::Word(&["generated", "skipped", "missed", "superseded"]))
        .filled()
        .read_only(),
    Field::new("reason", Kind::Text(1_000)).filled().read_only(),
    Field::new("work_order_id", Kind::Id).read_only(),
    Field::new("decided_for", Kind::Time).filled().read_only(),
    CREATED_AT,
];

/// What was decided for each date of each schedule, and why.
pub static PM_OCCURRENCES: Resource = Resource {
    path: "pm/occurrences",
    one: "occurrence",
    table: "pm_occurrences",
    fields: OCCURRENCE_FIELDS,
    ..PLAIN
};

/// What was decided for each date of one schedule, and why.
pub static SCHEDULE_OCCURRENCES: Resource = Resource {
    path: "pm/schedules/{id}/occurrences",
    one: "occurrence of a schedule",
    table: "pm_occurrences",
    fields: OCCURRENCE_FIELDS,
    parent: Some(Parent { of: &PM_SCHEDULES, field: "schedule_id" }),
    ..PLAIN
};

/// Deadlines, and what happens when they pass. What a rule is for stays; a rule for something else is another one.
pub static ESCALATION_RULES: Resource = Resource {
    path: "escalation-rules",
    one: "escalation rule",
    table: "escalation_rules",
    fields: &[
        ID,
        Field::new("name", Kind::Text(100)).required(),
        WAREHOUSE.or_null(),
        Field::new("wo_type", Kind::Word(&TYPES)).once(),
        Field::new("priority", Kind::Word(&PRIORITIES)).once(),
        Field::new("clock", Kind::Word(&["response", "resolution"])).filled().once(),
        Field::new("timeout_minutes", Kind::Integer(1, 525_600)).required(),
        Field::new("steps", Kind::Steps).required(),
        Field::new("repeat_count", Kind::Integer(0, 10)).filled(),
        Field::new("active", Kind::Boolean).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    opens: true,
    ..PLAIN
};
