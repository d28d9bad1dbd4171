//! What people are here. What each role may do is enforced by the database's row level security.

use serde::{Deserialize, Serialize};

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
}
