//! Machines, and what is known of their running.

use super::{
    CREATED_AT, CUSTOM_FIELDS, Child, Field, ID, Kind, MONEY, PLAIN, Parent, Resource, UPDATED_AT, VERSION,
    WAREHOUSE,
};
use crate::work_order::PRIORITIES;

/// Machines.
pub static EQUIPMENT: Resource = Resource {
    path: "equipment",
    singular: "machine",
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
        WAREHOUSE,
        Field::new("status", Kind::Word(&["active", "inactive", "maintenance", "retired", "disposed"]))
            .filled(),
        Field::new("criticality", Kind::Word(&PRIORITIES)).filled(),
        Field::new("parent_id", Kind::Id),
        Field::new("depth", Kind::Integer(0, 9)).filled().read_only(),
        Field::new("installed_on", Kind::Date),
        Field::new("purchased_on", Kind::Date),
        Field::new("purchase_cost", MONEY),
        Field::new("warranty_until", Kind::Date),
        CUSTOM_FIELDS,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child {
        name: "meters",
        table: "meters",
        columns: "name,id,unit,last_value,last_read_at,total,version",
        order: "name",
        always: false,
    }],
    searched: true,
    opens: true,
    ..PLAIN
};

const MACHINE: Field = Field::new("equipment_id", Kind::Id).required().once();
/// It is where its machine is.
const THERE: Field = WAREHOUSE.read_only();

const METER_FIELDS: &[Field] = &[
    ID,
    MACHINE,
    THERE,
    Field::new("name", Kind::Text(100)).required(),
    Field::new("unit", Kind::Word(&["hours", "cycles", "km"])).required().once(),
    Field::new("last_value", COUNT).filled().read_only(),
    Field::new("last_read_at", Kind::Time).read_only(),
    Field::new("total", COUNT).filled().read_only(),
    VERSION,
    CREATED_AT,
    UPDATED_AT,
];
const COUNT: Kind = Kind::Number(4_000_000_000);

/// Meters, of all machines.
pub static METERS: Resource = Resource {
    path: "meters",
    singular: "meter",
    table: "meters",
    fields: METER_FIELDS,
    opens: true,
    ..PLAIN
};

/// The meters of a machine.
pub static EQUIPMENT_METERS: Resource = Resource {
    path: "equipment/{id}/meters",
    singular: "meter of a machine",
    table: "meters",
    fields: METER_FIELDS,
    parent: Some(Parent { of: &EQUIPMENT, field: "equipment_id" }),
    opens: true,
    ..PLAIN
};

/// What a meter showed. It only counts up, unless it was set back.
pub static READINGS: Resource = Resource {
    path: "meters/{id}/readings",
    singular: "reading",
    table: "meter_readings",
    fields: &[
        ID,
        Field::new("meter_id", Kind::Id).required().once(),
        Field::new("value", COUNT).required().once(),
        Field::new("is_reset", Kind::Boolean).filled().once(),
        Field::new("note", Kind::Text(1_000)).filled().once(),
        Field::new("read_at", Kind::Time).filled().once(),
        Field::new("read_by", Kind::Id).read_only(),
        CREATED_AT,
    ],
    parent: Some(Parent { of: &METERS, field: "meter_id" }),
    opens: true,
    ..PLAIN
};

/// When a machine stood still.
pub static DOWNTIME: Resource = Resource {
    path: "equipment/{id}/downtime",
    singular: "downtime interval",
    table: "downtime_intervals",
    fields: &[
        ID,
        MACHINE,
        THERE,
        Field::new("work_order_id", Kind::Id),
        Field::new("planned", Kind::Boolean).filled(),
        Field::new("reason", Kind::Text(1_000)).filled(),
        Field::new("started_at", Kind::Time).filled(),
        Field::new("ended_at", Kind::Time),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &EQUIPMENT, field: "equipment_id" }),
    opens: true,
    ..PLAIN
};
