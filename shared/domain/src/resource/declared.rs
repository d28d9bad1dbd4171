//! The declarations, one resource after the other.

use super::{Child, Field, Kind, Resource};
use crate::work_order::{HOLD_REASONS, PRIORITIES, STATUSES, TYPES};

const ID: Field = Field::new("id", Kind::Id).filled().once();
const VERSION: Field = Field::new("version", Kind::Integer(1, i32::MAX as i64)).filled().read_only();
const CREATED_AT: Field = Field::new("created_at", Kind::Time).filled().read_only();
const UPDATED_AT: Field = Field::new("updated_at", Kind::Time).filled().read_only();

/// A resource that is only read.
const PLAIN: Resource = Resource {
    path: "",
    one: "",
    table: "",
    fields: &[],
    children: &[],
    searched: false,
    archived: false,
    opens: false,
};

const ROLES: &[&str] =
    &["technician", "supervisor", "manager", "inventory_clerk", "contractor", "requester", "admin"];

/// The whole table of resources.
pub const RESOURCES: [&Resource; 13] = [
    &WORK_ORDERS,
    &EQUIPMENT,
    &PARTS,
    &WAREHOUSES,
    &PROFILES,
    &PM_TEMPLATES,
    &PM_SCHEDULES,
    &PM_OCCURRENCES,
    &ESCALATION_RULES,
    &NOTIFICATIONS,
    &JOB_RUNS,
    &DEAD_LETTERS,
    &API_TOKENS,
];

/// Work orders. Opening one wakes the sender, so that has code of its own; so will its moves.
pub static WORK_ORDERS: Resource = Resource {
    path: "work-orders",
    one: "work order",
    table: "work_orders",
    fields: &[
        ID,
        Field::new("number", Kind::Text(20)).filled().read_only(),
        Field::new("fo_number", Kind::Text(50)).once(),
        Field::new("type", Kind::Word(&TYPES)).required().once(),
        Field::new("title", Kind::Text(200)).required().once(),
        Field::new("description", Kind::Text(10_000)).filled().once(),
        Field::new("area", Kind::Text(100)).once(),
        Field::new("asset_model", Kind::Text(100)).once(),
        Field::new("equipment_id", Kind::Id).once(),
        Field::new("status", Kind::Word(&STATUSES)).filled().read_only(),
        Field::new("priority", Kind::Word(&PRIORITIES)).filled().once(),
        Field::new("requested_by", Kind::Id).read_only(),
        Field::new("assigned_to", Kind::Id).once(),
        Field::new("warehouse_id", Kind::Id).filled().once(),
        Field::new("due_at", Kind::Time).once(),
        Field::new("response_due_at", Kind::Time).read_only(),
        Field::new("resolution_due_at", Kind::Time).read_only(),
        Field::new("started_at", Kind::Time).read_only(),
        Field::new("completed_at", Kind::Time).read_only(),
        Field::new("completed_by", Kind::Id).read_only(),
        Field::new("verified_by", Kind::Id).read_only(),
        Field::new("hold_reason", Kind::Word(&HOLD_REASONS)).read_only(),
        Field::new("follow_up", Kind::Boolean).filled().read_only(),
        Field::new("parent_id", Kind::Id).once(),
        Field::new("escalated", Kind::Boolean).filled().read_only(),
        Field::new("escalation_level", Kind::Integer(0, 100)).filled().read_only(),
        Field::new("escalated_at", Kind::Time).read_only(),
        Field::new("last_activity_at", Kind::Time).filled().read_only(),
        Field::new("archived_at", Kind::Time).read_only(),
        Field::new("custom_fields", Kind::Object).filled().once(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[
        Child {
            name: "checklist",
            table: "checklist_items",
            columns: "id,position,component,action,state,notes,version",
            order: "position",
        },
        Child {
            name: "attachments",
            table: "attachments",
            columns: "id,file_name,content_type,size_bytes,state,reason,width,height,created_at",
            order: "id",
        },
    ],
    searched: true,
    archived: true,
    opens: true,
};

/// Machines.
pub static EQUIPMENT: Resource = Resource {
    path: "equipment",
    one: "machine",
    table: "equipment",
    fields: &[
        ID,
        Field::new("asset_tag", Kind::Text(50)).required(),
        Field::new("fo_number", Kind::Text(50)),
        Field::new("name", Kind::Text(100)).required(),
        Field::new("model", Kind::Text(100)).required(),
        Field::new("manufacturer", Kind::Text(100)),
        Field::new("serial_number", Kind::Text(100)),
        Field::new("area", Kind::Text(100)),
        Field::new("warehouse_id", Kind::Id).filled().once(),
        Field::new("status", Kind::Word(&["active", "inactive", "maintenance", "retired", "disposed"]))
            .filled(),
        Field::new("criticality", Kind::Word(&PRIORITIES)).filled(),
        Field::new("installed_on", Kind::Date),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    searched: true,
    opens: true,
    ..PLAIN
};

/// Spare parts. Stock moves by transactions alone, so what is on hand is not written here.
pub static PARTS: Resource = Resource {
    path: "parts",
    one: "part",
    table: "parts",
    fields: &[
        ID,
        Field::new("part_number", Kind::Text(50)).required().once(),
        Field::new("name", Kind::Text(100)).required(),
        Field::new("bin", Kind::Text(50)),
        Field::new("warehouse_id", Kind::Id).filled().once(),
        Field::new("on_hand", Kind::Integer(0, i32::MAX as i64)).filled().read_only(),
        Field::new("reserved", Kind::Integer(0, i32::MAX as i64)).filled().read_only(),
        Field::new("reorder_point", Kind::Integer(0, i32::MAX as i64)).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    searched: true,
    opens: true,
    ..PLAIN
};

/// Sites.
pub static WAREHOUSES: Resource = Resource {
    path: "warehouses",
    one: "warehouse",
    table: "warehouses",
    fields: &[
        ID,
        Field::new("code", Kind::Text(12)).filled().read_only(),
        Field::new("name", Kind::Text(100)).filled().read_only(),
        Field::new("time_zone", Kind::Text(64)).filled().read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    ..PLAIN
};

/// People.
pub static PROFILES: Resource = Resource {
    path: "profiles",
    one: "person",
    table: "profiles",
    fields: &[
        ID,
        Field::new("email", Kind::Text(254)).filled().read_only(),
        Field::new("full_name", Kind::Text(100)).filled().read_only(),
        Field::new("role", Kind::Word(ROLES)).filled().read_only(),
        Field::new("warehouse_id", Kind::Id).read_only(),
        Field::new("active", Kind::Boolean).filled().read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    ..PLAIN
};

/// What is maintained how often.
pub static PM_TEMPLATES: Resource = Resource {
    path: "pm/templates",
    one: "template",
    table: "pm_templates",
    fields: &[
        ID,
        Field::new("title", Kind::Text(200)).filled().read_only(),
        Field::new("description", Kind::Text(10_000)).filled().read_only(),
        Field::new("equipment_model", Kind::Text(100)).read_only(),
        Field::new("equipment_id", Kind::Id).read_only(),
        Field::new("warehouse_id", Kind::Id).read_only(),
        Field::new("priority", Kind::Word(&PRIORITIES)).filled().read_only(),
        Field::new("estimated_minutes", Kind::Integer(1, i32::MAX as i64)).read_only(),
        Field::new("default_assignee_id", Kind::Id).read_only(),
        Field::new("rrule", Kind::Text(500)).filled().read_only(),
        Field::new("starts_on", Kind::Date).filled().read_only(),
        Field::new("basis", Kind::Word(&["fixed", "floating"])).filled().read_only(),
        Field::new("lead_time_days", Kind::Integer(0, 365)).filled().read_only(),
        Field::new("active", Kind::Boolean).filled().read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child {
        name: "checklist",
        table: "pm_template_items",
        columns: "position,component,action",
        order: "position",
    }],
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
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child {
        name: "occurrences",
        table: "pm_occurrences",
        columns: "id,due_on,decision,reason,work_order_id",
        order: "due_on",
    }],
    ..PLAIN
};

/// What was decided for each date of a schedule, and why.
pub static PM_OCCURRENCES: Resource = Resource {
    path: "pm/occurrences",
    one: "occurrence",
    table: "pm_occurrences",
    fields: &[
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
    ],
    ..PLAIN
};

/// Deadlines, and what happens when they pass.
pub static ESCALATION_RULES: Resource = Resource {
    path: "escalation-rules",
    one: "escalation rule",
    table: "escalation_rules",
    fields: &[
        ID,
        Field::new("name", Kind::Text(100)).filled().read_only(),
        Field::new("warehouse_id", Kind::Id).read_only(),
        Field::new("wo_type", Kind::Word(&TYPES)).read_only(),
        Field::new("priority", Kind::Word(&PRIORITIES)).read_only(),
        Field::new("clock", Kind::Word(&["response", "resolution"])).filled().read_only(),
        Field::new("timeout_minutes", Kind::Integer(1, 525_600)).filled().read_only(),
        Field::new("steps", Kind::List).filled().read_only(),
        Field::new("repeat_count", Kind::Integer(0, 10)).filled().read_only(),
        Field::new("active", Kind::Boolean).filled().read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    ..PLAIN
};

/// The caller's own inbox.
pub static NOTIFICATIONS: Resource = Resource {
    path: "notifications",
    one: "notification",
    table: "notifications",
    fields: &[
        ID,
        Field::new("type", Kind::Text(30)).filled().read_only(),
        Field::new("title", Kind::Text(1_000)).filled().read_only(),
        Field::new("body", Kind::Text(10_000)).filled().read_only(),
        Field::new("work_order_id", Kind::Id).read_only(),
        Field::new("read_at", Kind::Time).read_only(),
        CREATED_AT,
    ],
    ..PLAIN
};

/// What the background functions did.
pub static JOB_RUNS: Resource = Resource {
    path: "jobs/runs",
    one: "run",
    table: "job_runs",
    fields: &[
        ID,
        Field::new("function", Kind::Text(50)).filled().read_only(),
        Field::new("trigger", Kind::Text(100)).filled().read_only(),
        Field::new("scheduled_for", Kind::Time).filled().read_only(),
        Field::new("outcome", Kind::Word(&["running", "done", "out_of_time", "failed"])).filled().read_only(),
        Field::new("counts", Kind::Object).filled().read_only(),
        Field::new("problems", Kind::List).filled().read_only(),
        Field::new("started_at", Kind::Time).filled().read_only(),
        Field::new("finished_at", Kind::Time).read_only(),
    ],
    ..PLAIN
};

/// Messages that were given up.
pub static DEAD_LETTERS: Resource = Resource {
    path: "jobs/dead-letters",
    one: "dead letter",
    table: "dead_letters",
    fields: &[
        ID,
        Field::new("source", Kind::Text(50)).filled().read_only(),
        Field::new("reference", Kind::Text(200)).filled().read_only(),
        Field::new("reason", Kind::Text(1_000)).filled().read_only(),
        Field::new("body", Kind::Object).filled().read_only(),
        CREATED_AT,
    ],
    ..PLAIN
};

/// Tokens for machines. Making one tells its secret, once, and ending one revokes it: both have code of their own.
pub static API_TOKENS: Resource = Resource {
    path: "api-tokens",
    one: "API token",
    table: "api_tokens",
    fields: &[
        ID.read_only(),
        Field::new("name", Kind::Text(100)).required().once(),
        Field::new("role", Kind::Word(ROLES)).required().once(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("expires_at", Kind::Time).once(),
        Field::new("created_by", Kind::Id).filled().read_only(),
        CREATED_AT,
        Field::new("last_used_at", Kind::Time).read_only(),
        Field::new("revoked_at", Kind::Time).read_only(),
    ],
    opens: true,
    ..PLAIN
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_begins_with_its_id_and_names_nothing_twice() {
        for resource in RESOURCES {
            let mut names: Vec<_> = resource.fields.iter().map(|field| field.name).collect();
            assert_eq!(names.first(), Some(&"id"), "{}", resource.path);
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), resource.fields.len(), "{}", resource.path);
        }
        let mut paths: Vec<_> = RESOURCES.iter().map(|resource| resource.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), RESOURCES.len());
    }
}
