//! Machines, their meters and their downtime.

use super::{
    ANNULLED_AT, ANNULLED_BY, ANNULLED_REASON, Amount, CREATED_AT, CUSTOM_FIELDS, Child, Fence, Field, ID,
    Indexed, Kind, Lookup, MONEY, PLAIN, Parent, Resource, UPDATED_AT, VERSION, WAREHOUSE,
};
use crate::access::Role;
use crate::equipment::{EquipmentStatus, MeterUnit};
use crate::work_order::Priority;

/// The roles of one warehouse that see machines; contractors, those of their work.
const AROUND_MACHINES: &[Role] =
    &[Role::Technician, Role::Supervisor, Role::InventoryClerk, Role::Contractor];

/// Machines.
pub static EQUIPMENT: Resource = Resource {
    path: "equipment",
    singular: "machine",
    table: "equipment",
    fields: &[
        ID,
        Field::new("asset_tag", Kind::Text(50)).required().looked_up_by("asset_tag_alike"),
        Field::new("fo_number", Kind::Text(50)),
        Field::new("name", Kind::Text(100)).required(),
        Field::new("model", Kind::Text(100)).required(),
        Field::new("manufacturer", Kind::Text(100)),
        Field::new("serial_number", Kind::Text(100)),
        Field::new("area", Kind::Text(100)),
        WAREHOUSE,
        Field::new("status", Kind::Word(EquipmentStatus::WORDS)).filled(),
        Field::new("criticality", Kind::Word(Priority::WORDS)).filled(),
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
    children: &[
        Child::new("meters", &EQUIPMENT_METERS, "name"),
        Child::new("downtime", &DOWNTIME, "started_at").newest(100).online(),
    ],
    searched: true,
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id", "asset_tag", "-asset_tag", "name", "-name"],
        filters: &[
            "id",
            "asset_tag",
            "fo_number",
            "name",
            "model",
            "serial_number",
            "area",
            "warehouse_id",
            "status",
            "criticality",
            "parent_id",
            "warranty_until",
        ],
    }),
    fence: Fence::Warehouse(AROUND_MACHINES),
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
    Field::new("unit", Kind::Word(MeterUnit::WORDS)).required().once(),
    Field::new("last_value", COUNT).filled().read_only(),
    Field::new("last_read_at", Kind::Time).read_only(),
    Field::new("total", COUNT).filled().read_only(),
    VERSION,
    CREATED_AT,
    UPDATED_AT,
];
const COUNT: Kind = Kind::Number(Amount::up_to(4_000_000_000, 3));

/// Meters, of all machines.
pub static METERS: Resource = Resource {
    path: "meters",
    singular: "meter",
    table: "meters",
    fields: METER_FIELDS,
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "equipment_id", "warehouse_id"],
    }),
    fence: Fence::Warehouse(AROUND_MACHINES),
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

/// Readings of a meter. It only counts up, unless it was set back; a wrong reading is annulled by someone who leads.
pub static READINGS: Resource = Resource {
    path: "meters/{id}/readings",
    singular: "reading",
    table: "meter_readings",
    fields: &[
        ID,
        Field::new("meter_id", Kind::Id).required().once(),
        Field::new("value", COUNT).required().once(),
        Field::new("is_reset", Kind::Boolean).filled().once(),
        Field::new("note", Kind::Prose(1_000)).filled().once(),
        Field::new("read_at", Kind::Time).filled().once().happened(),
        Field::new("read_by", Kind::Id).read_only(),
        ANNULLED_AT,
        ANNULLED_BY,
        ANNULLED_REASON,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &METERS, field: "meter_id" }),
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id", "read_at", "-read_at"],
        filters: &["id", "read_at"],
    }),
    opens: true,
    ..PLAIN
};

/// Times in which a machine stood still.
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
        Field::new("reason", Kind::Prose(1_000)).filled(),
        Field::new("started_at", Kind::Time).filled().happened_unless("planned"),
        Field::new("ended_at", Kind::Time).happened_unless("planned"),
        ANNULLED_AT,
        ANNULLED_BY,
        ANNULLED_REASON,
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &EQUIPMENT, field: "equipment_id" }),
    opens: true,
    ..PLAIN
};
