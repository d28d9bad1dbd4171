//! Work orders: the words they are described in, and what a new one must say.
//!
//! The life cycle (which move is open to whom) is enforced where it is written; this file will hold its table.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{EquipmentId, ProfileId, WarehouseId, WorkOrderId};
use crate::input::{FieldError, Fields};

/// Why the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkOrderType {
    /// Planned, so that nothing breaks.
    Preventive,
    /// Something broke.
    Corrective,
    /// Something broke and cannot wait.
    Emergency,
}

/// How much it matters, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// The usual.
    Medium,
    /// Before the usual.
    High,
    /// Now.
    Critical,
}

/// Where a work order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has it yet.
    New,
    /// Someone has it and has not begun.
    Assigned,
    /// Someone works on it.
    InProgress,
    /// It waits for something; the clocks of escalation stop.
    OnHold,
    /// The work is done.
    Completed,
    /// Someone else has looked at the work.
    Verified,
    /// Nothing is left to do.
    Closed,
    /// It will not be done.
    Cancelled,
}

/// The words of [`WorkOrderType`] as clients write them.
pub const TYPES: [&str; 3] = ["preventive", "corrective", "emergency"];
/// The words of [`Priority`] as clients write them.
pub const PRIORITIES: [&str; 4] = ["low", "medium", "high", "critical"];
/// The words of [`Status`] as clients write them.
pub const STATUSES: [&str; 8] =
    ["new", "assigned", "in_progress", "on_hold", "completed", "verified", "closed", "cancelled"];

/// How long after it ended a work order leaves the lists, in days.
pub const ARCHIVE_AFTER_DAYS: u16 = 90;

/// What a client says to open a work order. Everything else about it follows from who says it and when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewWorkOrder {
    /// Given by the client when it wants to know the id before the answer comes (an app that is offline).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<WorkOrderId>,
    /// The number of the order in the customer's ERP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fo_number: Option<String>,
    /// Why the work is done.
    pub r#type: WorkOrderType,
    /// 1 to 200 characters.
    pub title: String,
    /// At most 10,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where in the warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The model of the machine, where no single machine is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_model: Option<String>,
    /// The machine; it must stand in the work order's warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equipment_id: Option<EquipmentId>,
    /// `medium` when nothing is said.
    pub priority: Priority,
    /// The person responsible. With one, the work order opens as `assigned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<ProfileId>,
    /// The caller's own warehouse when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warehouse_id: Option<WarehouseId>,
    /// When it must be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// The work order this one follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<WorkOrderId>,
    /// Whatever the customer keeps with a work order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<Map<String, Value>>,
}

impl NewWorkOrder {
    /// Reads what a client sent.
    ///
    /// # Errors
    /// Every field that is wrong, missing or unknown.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        const UUID: &str = "a UUID";
        let mut fields = Fields::of(body)?;
        let id = fields.optional_parsed("id", UUID);
        let fo_number = fields.optional_text("fo_number", 50);
        let r#type = fields.required_word("type", &TYPES);
        let title = fields.required_text("title", 200);
        let description = fields.optional_text("description", 10_000);
        let area = fields.optional_text("area", 100);
        let asset_model = fields.optional_text("asset_model", 100);
        let equipment_id = fields.optional_parsed("equipment_id", UUID);
        let priority = fields.optional_word("priority", &PRIORITIES).unwrap_or(Priority::Medium);
        let assigned_to = fields.optional_parsed("assigned_to", UUID);
        let warehouse_id = fields.optional_parsed("warehouse_id", UUID);
        let due_at = fields.optional_parsed("due_at", "a time in RFC 3339");
        let parent_id = fields.optional_parsed("parent_id", UUID);
        let custom_fields = fields.optional_object("custom_fields");
        let order = r#type.zip(title).map(|(r#type, title)| Self {
            id,
            fo_number,
            r#type,
            title,
            description,
            area,
            asset_model,
            equipment_id,
            priority,
            assigned_to,
            warehouse_id,
            due_at,
            parent_id,
            custom_fields,
        });
        fields.finish(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_words_are_those_of_the_enums() {
        for word in TYPES {
            assert!(serde_json::from_value::<WorkOrderType>(json!(word)).is_ok(), "{word}");
        }
        for word in PRIORITIES {
            assert!(serde_json::from_value::<Priority>(json!(word)).is_ok(), "{word}");
        }
        for word in STATUSES {
            assert!(serde_json::from_value::<Status>(json!(word)).is_ok(), "{word}");
        }
    }

    #[test]
    fn the_least_a_client_must_say() {
        let order = NewWorkOrder::parse(&json!({"type": "corrective", "title": " Belt slips "}));
        let order = order.unwrap();
        assert_eq!(order.title, "Belt slips");
        assert_eq!(
            serde_json::to_value(&order).unwrap(),
            json!({"type": "corrective", "title": "Belt slips", "priority": "medium"}),
            "what the client did not say is left to the database's defaults"
        );
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let errors = NewWorkOrder::parse(&json!({
            "type": "urgent", "title": "  ", "priority": 3, "equipment_id": "7", "due_at": "tomorrow",
            "custom_fields": [], "status": "closed", "description": "a\u{0}b",
        }))
        .unwrap_err();
        let mut pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                "/custom_fields",
                "/description",
                "/due_at",
                "/equipment_id",
                "/priority",
                "/status",
                "/title",
                "/type"
            ]
        );
    }

    #[test]
    fn something_else_than_an_object_is_refused() {
        for body in [json!(null), json!([]), json!("title"), json!(1)] {
            assert_eq!(NewWorkOrder::parse(&body).unwrap_err().len(), 1);
        }
    }
}
