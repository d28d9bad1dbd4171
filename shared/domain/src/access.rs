//! What people are here. What each role may do is enforced by the database's row level security.

use serde::{Deserialize, Serialize};

use crate::id::WarehouseId;

/// What someone is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Does the work.
    Technician,
    /// Leads a warehouse's people.
    Supervisor,
    /// Answers for all warehouses.
    Manager,
    /// Keeps the stock.
    InventoryClerk,
    /// Works here for another company.
    Contractor,
    /// Asks for work.
    Requester,
    /// Runs the system.
    Admin,
}

impl Role {
    /// Whether someone of this role works in one warehouse; the others see all of them.
    #[must_use]
    pub fn belongs_to_a_warehouse(self) -> bool {
        !matches!(self, Self::Manager | Self::Admin)
    }

    /// Whether someone of this role sees only the work orders that they have to do with.
    #[must_use]
    pub fn sees_only_their_own(self) -> bool {
        match self {
            Self::Contractor | Self::Requester => true,
            Self::Technician | Self::Supervisor | Self::Manager | Self::InventoryClerk | Self::Admin => false,
        }
    }
}

/// How far someone sees, as their token says. It narrows what is asked for, and never allows anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What they are.
    pub role: Role,
    /// Where.
    pub warehouse_id: Option<WarehouseId>,
}

impl Reach {
    /// The one warehouse that they see; `None` for those who see all.
    #[must_use]
    pub fn only_warehouse(&self) -> Option<WarehouseId> {
        self.warehouse_id.filter(|_| self.role.belongs_to_a_warehouse())
    }
}
