//! The declarations of what a phone holds and writes.

use super::declared::{
    CHECKLIST, COMMENTS, EQUIPMENT, PART_TRANSACTIONS, PARTS, PROFILES, READINGS, TIME_LOGS, VENDORS,
    WAREHOUSES, WORK_ORDERS,
};
use super::model::{Document, Entity, Resource};

impl Document {
    /// The declaration of its fields and children.
    #[must_use]
    pub fn resource(self) -> &'static Resource {
        match self {
            Self::WorkOrders => &WORK_ORDERS,
            Self::Equipment => &EQUIPMENT,
            Self::Parts => &PARTS,
            Self::Profiles => &PROFILES,
            Self::Warehouses => &WAREHOUSES,
            Self::Vendors => &VENDORS,
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
