//! Resources offline: the documents that a phone holds, and the tables that it writes.

use super::{
    CHECKLIST, COMMENTS, EQUIPMENT, PART_TRANSACTIONS, PARTS, PROFILES, READINGS, Resource, TIME_LOGS,
    WORK_ORDERS,
};
use crate::words::words;

words! {
    /// A document that a phone holds, with all its children. Called by its table's name.
    pub enum Document in Check("changes", "entity") {
        /// Work orders.
        WorkOrders => "work_orders",
        /// Machines.
        Equipment => "equipment",
        /// Parts.
        Parts => "parts",
        /// The caller's own profile.
        Profiles => "profiles",
    }

    /// A table that a phone changes, or adds to. Called by its name.
    #[derive(PartialOrd, Ord)]
    pub enum Entity in Function("write_offline") {
        /// Work orders.
        WorkOrders => "work_orders",
        /// Items of their checklists.
        ChecklistItems => "checklist_items",
        /// Times that someone worked.
        TimeLogs => "time_logs",
        /// Comments, which are only added.
        Comments => "comments",
        /// Movements of parts, which are only added.
        PartTransactions => "part_transactions",
        /// Readings of meters, which are only added.
        MeterReadings => "meter_readings",
        /// Machines, of which only the status is changed.
        Equipment => "equipment",
    }
}

impl Document {
    /// The declaration of its fields and children.
    #[must_use]
    pub fn resource(self) -> &'static Resource {
        match self {
            Self::WorkOrders => &WORK_ORDERS,
            Self::Equipment => &EQUIPMENT,
            Self::Parts => &PARTS,
            Self::Profiles => &PROFILES,
        }
    }
}

impl Entity {
    /// The declaration of its fields.
    #[must_use]
    pub fn resource(self) -> &'static Resource {
        match self {
            Self::WorkOrders => &WORK_ORDERS,
            Self::ChecklistItems => &CHECKLIST,
            Self::TimeLogs => &TIME_LOGS,
            Self::Comments => &COMMENTS,
            Self::PartTransactions => &PART_TRANSACTIONS,
            Self::MeterReadings => &READINGS,
            Self::Equipment => &EQUIPMENT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_called_by_its_table() {
        for document in Document::ALL {
            assert_eq!(document.word(), document.resource().table);
        }
        for entity in Entity::ALL {
            assert_eq!(entity.word(), entity.resource().table);
        }
    }
}
