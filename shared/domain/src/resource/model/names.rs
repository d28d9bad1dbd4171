//! The names of what rows refer to: `include=assignee` tells a work order with `{"id", "name"}` of who has it.
//!
//! The database tells each in the same question, also of what the caller need not see more of (`names` in migrations).

use super::Resource;

/// A reference that is told with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The table of the row that refers to it.
    pub table: &'static str,
    /// The field that holds its id.
    pub field: &'static str,
    /// What it is to that row, as `include` names it: `assignee`.
    pub name: &'static str,
    /// What it is by itself.
    pub of: Named,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Someone.
    Person,
    /// A machine.
    Machine,
    /// A site.
    Warehouse,
    /// A company.
    Vendor,
    /// A spare part.
    Part,
    /// A template of maintenance.
    Template,
    /// A rule of escalation.
    Rule,
    /// Another work order, as far as the caller sees it.
    WorkOrder,
}

impl Named {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Person,
        Self::Machine,
        Self::Warehouse,
        Self::Vendor,
        Self::Part,
        Self::Template,
        Self::Rule,
        Self::WorkOrder,
    ];

    /// What is told of it beside `id` and `name`, by which people know it.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Machine => Some("asset_tag"),
            Self::Warehouse => Some("code"),
            Self::Part => Some("part_number"),
            Self::WorkOrder => Some("number"),
            Self::Person | Self::Vendor | Self::Template | Self::Rule => None,
        }
    }
}

impl Name {
    const fn new(table: &'static str, field: &'static str, name: &'static str, of: Named) -> Self {
        Self { table, field, name, of }
    }
}

/// All of them.
pub const NAMES: [Name; 66] = [
    Name::new("work_orders", "requested_by", "requester", Named::Person),
    Name::new("work_orders", "assigned_to", "assignee", Named::Person),
    Name::new("work_orders", "equipment_id", "machine", Named::Machine),
    Name::new("work_orders", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("work_orders", "vendor_id", "vendor", Named::Vendor),
    Name::new("work_orders", "completed_by", "completer", Named::Person),
    Name::new("work_orders", "verified_by", "verifier", Named::Person),
    Name::new("work_orders", "acknowledged_by", "acknowledger", Named::Person),
    Name::new("work_orders", "parent_id", "parent", Named::WorkOrder),
    Name::new("attachments", "uploaded_by", "uploader", Named::Person),
    Name::new("checklist_items", "follow_up_id", "follow_up_order", Named::WorkOrder),
    Name::new("work_order_crew", "profile_id", "person", Named::Person),
    Name::new("time_logs", "profile_id", "person", Named::Person),
    Name::new("time_logs", "annulled_by", "annuller", Named::Person),
    Name::new("comments", "author_id", "author", Named::Person),
    Name::new("work_order_relations", "other_id", "other", Named::WorkOrder),
    Name::new("work_order_relations", "created_by", "creator", Named::Person),
    Name::new("work_order_history", "actor_id", "actor", Named::Person),
    Name::new("escalations", "rule_id", "rule", Named::Rule),
    Name::new("part_transactions", "part_id", "part", Named::Part),
    Name::new("part_transactions", "work_order_id", "work_order", Named::WorkOrder),
    Name::new("part_transactions", "performed_by", "performer", Named::Person),
    Name::new("part_reservations", "part_id", "part", Named::Part),
    Name::new("part_reservations", "reserved_by", "reserver", Named::Person),
    Name::new("equipment", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("equipment", "parent_id", "parent", Named::Machine),
    Name::new("meters", "equipment_id", "machine", Named::Machine),
    Name::new("meters", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("meter_readings", "read_by", "reader", Named::Person),
    Name::new("meter_readings", "annulled_by", "annuller", Named::Person),
    Name::new("downtime_intervals", "equipment_id", "machine", Named::Machine),
    Name::new("downtime_intervals", "work_order_id", "work_order", Named::WorkOrder),
    Name::new("downtime_intervals", "annulled_by", "annuller", Named::Person),
    Name::new("parts", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("parts", "vendor_id", "vendor", Named::Vendor),
    Name::new("reorder_drafts", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("reorder_drafts", "vendor_id", "vendor", Named::Vendor),
    Name::new("reorder_drafts", "created_by", "creator", Named::Person),
    Name::new("reorder_drafts", "ordered_by", "orderer", Named::Person),
    Name::new("reorder_drafts", "received_by", "receiver", Named::Person),
    Name::new("reorder_lines", "part_id", "part", Named::Part),
    Name::new("vendors", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("vendor_documents", "vendor_id", "vendor", Named::Vendor),
    Name::new("vendor_documents", "profile_id", "person", Named::Person),
    Name::new("profiles", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("profiles", "vendor_id", "vendor", Named::Vendor),
    Name::new("api_tokens", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("api_tokens", "created_by", "creator", Named::Person),
    Name::new("pm_templates", "equipment_id", "machine", Named::Machine),
    Name::new("pm_templates", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("pm_templates", "default_assignee_id", "default_assignee", Named::Person),
    Name::new("pm_schedules", "template_id", "template", Named::Template),
    Name::new("pm_schedules", "equipment_id", "machine", Named::Machine),
    Name::new("pm_schedules", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("pm_schedules", "last_work_order_id", "last_work_order", Named::WorkOrder),
    Name::new("pm_occurrences", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("pm_occurrences", "work_order_id", "work_order", Named::WorkOrder),
    Name::new("escalation_rules", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("reviews", "work_order_id", "work_order", Named::WorkOrder),
    Name::new("reviews", "brought_by", "bringer", Named::Person),
    Name::new("reviews", "decided_by", "decider", Named::Person),
    Name::new("reviews", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("notifications", "work_order_id", "work_order", Named::WorkOrder),
    Name::new("webhooks", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("settings", "warehouse_id", "warehouse", Named::Warehouse),
    Name::new("audit_log", "actor_id", "actor", Named::Person),
];

impl Resource {
    /// What its rows refer to.
    pub fn names(&self) -> impl Iterator<Item = &'static Name> {
        let table = self.table;
        NAMES.iter().filter(move |name| name.table == table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Kind, RESOURCES};

    #[test]
    fn a_name_is_that_of_an_id_in_a_row_and_no_field_or_child_is_called_so() {
        for name in NAMES {
            let mut told = RESOURCES.iter().filter(|resource| resource.table == name.table).peekable();
            assert!(told.peek().is_some(), "{name:?}");
            for resource in told {
                let field = resource.field(name.field).expect(name.field);
                assert_eq!(field.kind, Kind::Id, "{name:?}");
                assert!(
                    resource.field(name.name).is_none() && resource.child(name.name).is_none(),
                    "{name:?}"
                );
            }
        }
    }

    #[test]
    fn whatever_refers_to_people_and_things_is_told_with_their_names() {
        let ends =
            ["_by", "_to", "author_id", "actor_id", "part_id", "vendor_id", "equipment_id", "assignee_id"];
        for resource in RESOURCES {
            // What one reads under something needs no name of that.
            let above = resource.parent.map(|parent| parent.field);
            let ids =
                resource.fields.iter().filter(|field| field.kind == Kind::Id && Some(field.name) != above);
            for field in ids.filter(|field| ends.iter().any(|end| field.name.ends_with(end))) {
                assert!(
                    resource.names().any(|name| name.field == field.name),
                    "{} {}",
                    resource.path,
                    field.name
                );
            }
        }
    }
}
