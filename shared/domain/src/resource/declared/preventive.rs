//! Preventive maintenance, and the rules of escalation.

use super::{
    ANNULLED_AT, Amount, CREATED_AT, CUSTOM_FIELDS, Child, Fence, Field, ID, Indexed, Kind, Lookup,
    MAX_TEXTS, NOTES, PLAIN, Parent, Resource, UPDATED_AT, VERSION, WAREHOUSE, timing,
};
use crate::access::Role;
use crate::escalation::{Clock, CountedHours};
use crate::schedule::{Basis, CatchUp, OccurrenceDecision, OnFreeDay, Overlap};
use crate::work_order::{Priority, WorkOrderType};

const RRULE: Field = Field::new("rrule", Kind::Recurrence);
const EXDATES: Field = Field::new("exdates", Kind::Dates(MAX_TEXTS)).filled();
const STARTS_ON: Field = Field::new("starts_on", Kind::Date).required();
const SEASON_FROM: Field = Field::new("season_from", Kind::MonthDay);
const SEASON_UNTIL: Field = Field::new("season_until", Kind::MonthDay);
const WEEKENDS: Field = Field::new("weekends", Kind::Word(OnFreeDay::WORDS)).filled();
const ON_HOLIDAYS: Field = Field::new("holidays", Kind::Word(OnFreeDay::WORDS)).filled();
const METER: Kind = Kind::Number(Amount::up_to(1_000_000_000, 3));
const METER_STEP: Kind = Kind::Number(Amount::some(1_000_000_000, 3));

/// Maintenance that repeats.
pub static PM_TEMPLATES: Resource = Resource {
    path: "pm/templates",
    singular: "template",
    table: "pm_templates",
    fields: &[
        ID,
        Field::new("title", Kind::Text(200)).required(),
        Field::new("description", NOTES).filled(),
        Field::new("equipment_model", Kind::Text(100)).once(),
        Field::new("equipment_id", Kind::Id).once(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("priority", Kind::Word(Priority::WORDS)).filled(),
        Field::new("estimated_minutes", Kind::Integer(1, i32::MAX as i64)),
        Field::new("default_assignee_id", Kind::Id),
        RRULE,
        EXDATES,
        STARTS_ON,
        Field::new("basis", Kind::Word(Basis::WORDS)).filled(),
        Field::new("lead_time_days", Kind::Integer(0, 365)).filled(),
        Field::new("tolerance_days", Kind::Integer(0, 365)).filled(),
        SEASON_FROM,
        SEASON_UNTIL,
        WEEKENDS,
        ON_HOLIDAYS,
        Field::new("catch_up", Kind::Word(CatchUp::WORDS)).filled(),
        Field::new("overlap", Kind::Word(Overlap::WORDS)).filled(),
        Field::new("rests_in_maintenance", Kind::Boolean).filled(),
        Field::new("meter_name", Kind::Text(100)),
        Field::new("meter_every", METER_STEP),
        Field::new("meter_at", METER_STEP),
        Field::new("active", Kind::Boolean).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child::new("checklist", &TEMPLATE_ITEMS, "position").always()],
    opens: true,
    judge: |template| [timing::of_template(template), timing::of_rule(template)].concat(),
    ..PLAIN
};

/// The checklist that a template gives each of its work orders.
pub static TEMPLATE_ITEMS: Resource = Resource {
    path: "pm/templates/{id}/checklist",
    singular: "template item",
    table: "pm_template_items",
    fields: &[
        ID,
        Field::new("template_id", Kind::Id).required().once(),
        Field::new("position", Kind::Integer(1, 32_767)).required(),
        Field::new("component", Kind::Text(200)).required(),
        Field::new("action", Kind::Text(1_000)).required(),
        CUSTOM_FIELDS,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &PM_TEMPLATES, field: "template_id" }),
    opens: true,
    removes: true,
    ..PLAIN
};

/// A rule that is tried before it is saved.
pub static PREVIEW: Resource = Resource {
    singular: "preview",
    fields: &[
        Field { required: true, nullable: false, ..RRULE },
        EXDATES,
        STARTS_ON,
        SEASON_FROM,
        SEASON_UNTIL,
        WEEKENDS,
        ON_HOLIDAYS,
        // The warehouse whose holidays count.
        Field::new("warehouse_id", Kind::Id),
        Field::new("from", Kind::Date),
        Field::new("count", Kind::Integer(1, MAX_PREVIEW)),
    ],
    judge: timing::of_rule,
    ..PLAIN
};

/// The most dates of a preview.
pub const MAX_PREVIEW: i64 = 100;

/// A template on a machine.
pub static PM_SCHEDULES: Resource = Resource {
    path: "pm/schedules",
    singular: "schedule",
    table: "pm_schedules",
    fields: &[
        ID,
        Field::new("template_id", Kind::Id).filled().read_only(),
        Field::new("equipment_id", Kind::Id).filled().read_only(),
        WAREHOUSE.read_only(),
        Field::new("since", Kind::Date).filled().read_only(),
        Field::new("next_due_on", Kind::Date).read_only(),
        Field::new("generate_on", Kind::Date).read_only(),
        Field::new("last_due_on", Kind::Date).read_only(),
        Field::new("anchor_on", Kind::Date).read_only(),
        Field::new("last_work_order_id", Kind::Id).read_only(),
        Field::new("rested_from", Kind::Date).read_only(),
        Field::new("rested_until", Kind::Date).read_only(),
        Field::new("rest_reason", Kind::Text(200)).read_only(),
        Field::new("meter_id", Kind::Id).read_only(),
        Field::new("meter_base", METER).filled().read_only(),
        Field::new("meter_due_at", METER).read_only(),
        Field::new("meter_fired_on", Kind::Date).read_only(),
        Field::new("active", Kind::Boolean).filled().read_only(),
        Field::new("paused", Kind::Boolean).filled().later(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child::new("occurrences", &SCHEDULE_OCCURRENCES, "due_on").always()],
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "template_id", "equipment_id", "warehouse_id"],
    }),
    fence: Fence::Warehouse(&[Role::Technician, Role::Supervisor]),
    ..PLAIN
};

const OCCURRENCE_FIELDS: &[Field] = &[
    ID,
    Field::new("schedule_id", Kind::Id).filled().read_only(),
    WAREHOUSE.read_only(),
    Field::new("occurs_on", Kind::Date).read_only(),
    Field::new("meter_step", METER).read_only(),
    Field::new("due_on", Kind::Date).filled().read_only(),
    Field::new("tolerance_days", Kind::Integer(0, 365)).filled().read_only(),
    Field::new("decision", Kind::Word(OccurrenceDecision::WORDS)).filled().read_only(),
    Field::new("reason", Kind::Prose(1_000)).filled().read_only(),
    Field::new("work_order_id", Kind::Id).read_only(),
    Field::new("decided_for", Kind::Time).filled().read_only(),
    ANNULLED_AT,
    CREATED_AT,
];

/// The decision on each date of each schedule, with its reason.
pub static PM_OCCURRENCES: Resource = Resource {
    path: "pm/occurrences",
    singular: "occurrence",
    table: "pm_occurrences",
    fields: OCCURRENCE_FIELDS,
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "schedule_id", "work_order_id", "warehouse_id"],
    }),
    fence: Fence::Warehouse(&[Role::Technician, Role::Supervisor]),
    ..PLAIN
};

/// The decision on each date of one schedule, with its reason.
pub static SCHEDULE_OCCURRENCES: Resource = Resource {
    path: "pm/schedules/{id}/occurrences",
    singular: "occurrence of a schedule",
    table: "pm_occurrences",
    fields: OCCURRENCE_FIELDS,
    parent: Some(Parent { of: &PM_SCHEDULES, field: "schedule_id" }),
    ..PLAIN
};

/// Rules of escalation: deadlines, and the steps once one has passed. The work orders that a rule is for stay the same.
pub static ESCALATION_RULES: Resource = Resource {
    path: "escalation-rules",
    singular: "escalation rule",
    table: "escalation_rules",
    fields: &[
        ID,
        Field::new("name", Kind::Text(100)).required(),
        WAREHOUSE.or_null(),
        Field::new("wo_type", Kind::Word(WorkOrderType::WORDS)).once(),
        Field::new("priority", Kind::Word(Priority::WORDS)).once(),
        Field::new("clock", Kind::Word(Clock::WORDS)).filled().once(),
        Field::new("timeout_minutes", Kind::Integer(1, 525_600)).required(),
        Field::new("hours", Kind::Word(CountedHours::WORDS)).filled(),
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
