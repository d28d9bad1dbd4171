//! Spare parts, their movements, orders and vendors.

use super::{
    Amount, CREATED_AT, Child, Fence, Field, ID, Indexed, Kind, Lookup, MONEY, NOTES, PLAIN, Parent,
    Resource, Row, UPDATED_AT, VERSION, WAREHOUSE, WORK_ORDERS,
};
use serde_json::Value;

use crate::access::Role;
use crate::input::FieldError;
use crate::stock::{ReorderStatus, StockMovement};
use crate::vendor::{DocumentKind, VendorKind};

/// An amount that is there: pieces, litres, kilograms.
const STOCK: Kind = Kind::Number(Amount::up_to(i32::MAX as u32, 3));
/// The most that is moved or ordered at once.
const MOST: u32 = 1_000_000;
/// An amount that is ordered at once.
const LOT: Kind = Kind::Number(Amount::some(MOST, 3));

/// The roles of one warehouse that see its stock.
const STAFF: &[Role] = &[Role::Technician, Role::Supervisor, Role::InventoryClerk];

/// Spare parts. Stock moves by transactions alone, so what is on hand is not written here.
pub static PARTS: Resource = Resource {
    path: "parts",
    singular: "part",
    table: "parts",
    fields: &[
        ID,
        Field::new("part_number", Kind::Text(50)).required().once().looked_up_by("part_number_alike"),
        Field::new("name", Kind::Text(100)).required(),
        Field::new("bin", Kind::Text(50)),
        WAREHOUSE,
        Field::new("on_hand", STOCK).filled().read_only(),
        Field::new("reserved", STOCK).filled().read_only(),
        Field::new("reorder_point", STOCK).filled(),
        Field::new("reorder_quantity", LOT),
        Field::new("vendor_id", Kind::Id),
        Field::new("unit_cost", MONEY),
        Field::new("compatible_models", Kind::Texts(100)).filled(),
        Field::new("archived_at", Kind::Time).later().happened(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child::new("transactions", &PART_TRANSACTIONS, "id").newest(100).online()],
    flags: &["low_stock"],
    searched: true,
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id", "part_number", "-part_number", "name", "-name"],
        filters: &["id", "part_number", "name", "bin", "warehouse_id", "vendor_id"],
    }),
    fence: Fence::Warehouse(STAFF),
    archived: true,
    opens: true,
    emits_events: true,
    ..PLAIN
};

const MOVEMENT_FIELDS: &[Field] = &[
    ID,
    Field::new("part_id", Kind::Id).required().once(),
    Field::new("type", Kind::Word(StockMovement::WORDS)).required().once(),
    Field::new("quantity", Kind::Number(Amount::change(MOST, 3))).required().once(),
    Field::new("work_order_id", Kind::Id).once(),
    Field::new("unit_cost", MONEY).once(),
    Field::new("note", Kind::Prose(1_000)).filled().once(),
    Field::new("reorder_line_id", Kind::Id).read_only(),
    Field::new("balance", STOCK).filled().read_only(),
    Field::new("performed_by", Kind::Id).read_only(),
    WAREHOUSE.read_only(),
    CREATED_AT,
];

/// What moves is counted; only an adjustment may take away.
fn of_movement(movement: &Row) -> Vec<FieldError> {
    let quantity = movement.get("quantity").and_then(Value::as_f64);
    let takes_away = quantity.is_some_and(|quantity| quantity <= 0.0);
    if takes_away && movement.get("type").is_some_and(|of| of != StockMovement::Adjustment.word()) {
        return vec![FieldError::field("quantity", "must be more than 0, but in an adjustment")];
    }
    Vec::new()
}

/// The ledger of a part, which is only added to.
pub static PART_TRANSACTIONS: Resource = Resource {
    path: "parts/{id}/transactions",
    singular: "part transaction",
    table: "part_transactions",
    fields: MOVEMENT_FIELDS,
    parent: Some(Parent { of: &PARTS, field: "part_id" }),
    lookup: Lookup::Indexed(Indexed {
        sorts: &["-id", "id"],
        filters: &["id", "work_order_id", "performed_by"],
    }),
    opens: true,
    emits_events: true,
    judge: of_movement,
    ..PLAIN
};

/// The parts that a work order took, and what came back.
pub static WORK_ORDER_PARTS: Resource = Resource {
    path: "work-orders/{id}/parts",
    singular: "used part",
    table: "part_transactions",
    fields: MOVEMENT_FIELDS,
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    emits_events: true,
    judge: of_movement,
    ..PLAIN
};

/// The parts that a work order will need.
pub static WORK_ORDER_RESERVATIONS: Resource = Resource {
    path: "work-orders/{id}/reservations",
    singular: "reservation",
    table: "part_reservations",
    fields: &[
        ID,
        Field::new("part_id", Kind::Id).required().once(),
        Field::new("work_order_id", Kind::Id).required().once(),
        Field::new("quantity", LOT).required(),
        Field::new("reserved_by", Kind::Id).read_only(),
        WAREHOUSE.read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &WORK_ORDERS, field: "work_order_id" }),
    opens: true,
    removes: true,
    emits_events: true,
    ..PLAIN
};

/// An order with one vendor for one warehouse. Drafts are opened by code of their own; received, each books its
/// lines, once.
pub static REORDER_DRAFTS: Resource = Resource {
    path: "reorder-drafts",
    singular: "reorder draft",
    table: "reorder_drafts",
    fields: &[
        ID.read_only(),
        Field::new("number", Kind::Text(20)).filled().read_only(),
        WAREHOUSE.read_only(),
        Field::new("vendor_id", Kind::Id).read_only(),
        Field::new("status", Kind::Word(ReorderStatus::WORDS)).filled().later(),
        Field::new("notes", NOTES).filled().later(),
        Field::new("expected_on", Kind::Date).later(),
        Field::new("created_by", Kind::Id).read_only(),
        Field::new("ordered_by", Kind::Id).read_only(),
        Field::new("ordered_at", Kind::Time).read_only(),
        Field::new("received_by", Kind::Id).read_only(),
        Field::new("received_at", Kind::Time).read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child::new("lines", &REORDER_LINES, "id").always()],
    ..PLAIN
};

/// The parts of a draft. Written while it is one; of what is ordered, only how many came.
pub static REORDER_LINES: Resource = Resource {
    path: "reorder-drafts/{id}/lines",
    singular: "reorder line",
    table: "reorder_lines",
    fields: &[
        ID,
        Field::new("draft_id", Kind::Id).required().once(),
        Field::new("part_id", Kind::Id).required().once(),
        Field::new("quantity", LOT).required(),
        Field::new("unit_cost", MONEY),
        Field::new("received_quantity", Kind::Number(Amount::up_to(MOST, 3))).later(),
        Field::new("note", Kind::Prose(1_000)).filled(),
        WAREHOUSE.read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &REORDER_DRAFTS, field: "draft_id" }),
    opens: true,
    removes: true,
    ..PLAIN
};

/// Companies that sell to us or work for us.
pub static VENDORS: Resource = Resource {
    path: "vendors",
    singular: "vendor",
    table: "vendors",
    fields: &[
        ID,
        Field::new("name", Kind::Text(100)).required().looked_up_by("name_alike"),
        Field::new("kind", Kind::Word(VendorKind::WORDS)).required(),
        Field::new("contact_name", Kind::Text(100)),
        Field::new("email", Kind::Text(254)),
        Field::new("phone", Kind::Text(50)),
        Field::new("address", Kind::Prose(1_000)),
        Field::new("notes", NOTES).filled(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("active", Kind::Boolean).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    children: &[Child::new("documents", &VENDOR_DOCUMENTS, "id").newest(100).online()],
    searched: true,
    opens: true,
    ..PLAIN
};

/// Papers of theirs that expire.
pub static VENDOR_DOCUMENTS: Resource = Resource {
    path: "vendors/{id}/documents",
    singular: "document",
    table: "vendor_documents",
    fields: &[
        ID,
        Field::new("vendor_id", Kind::Id).required().once(),
        Field::new("profile_id", Kind::Id),
        Field::new("kind", Kind::Word(DocumentKind::WORDS)).required(),
        Field::new("title", Kind::Text(200)).required(),
        Field::new("number", Kind::Text(100)),
        Field::new("issued_on", Kind::Date),
        Field::new("expires_on", Kind::Date),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &VENDORS, field: "vendor_id" }),
    opens: true,
    removes: true,
    ..PLAIN
};

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_adjustment_takes_away_by_a_negative_number() {
        let wrong = |of: &str, quantity: i32| {
            let movement = json!({"type": of, "quantity": quantity, "part_id": uuid::Uuid::nil()});
            WORK_ORDER_PARTS.read_new(&movement).err().map(|errors| errors.len())
        };
        assert_eq!(
            (wrong("used", -1), wrong("returned", 0), wrong("inbound", -1)),
            (Some(1), Some(1), Some(1))
        );
        assert_eq!((wrong("used", 1), wrong("adjustment", -1)), (None, None));
    }
}
