//! Roles. The database's row level security enforces what each may do; what is decided here explains it.

use serde::{Deserialize, Serialize};

use crate::id::WarehouseId;
use crate::words::words;

words! {
    /// The role of a person.
    pub enum Role in Enum("user_role") {
        /// Does the work.
        Technician => "technician",
        /// Leads a warehouse's people.
        Supervisor => "supervisor",
        /// Answers for all warehouses.
        Manager => "manager",
        /// Keeps the stock.
        InventoryClerk => "inventory_clerk",
        /// Works here for another company.
        Contractor => "contractor",
        /// Asks for work.
        Requester => "requester",
        /// Runs the system.
        Admin => "admin",
    }
}

impl Role {
    /// True for those who work in one warehouse; the others see all of them.
    #[must_use]
    pub fn belongs_to_a_warehouse(self) -> bool {
        match self {
            Self::Technician
            | Self::Supervisor
            | Self::InventoryClerk
            | Self::Contractor
            | Self::Requester => true,
            Self::Manager | Self::Admin => false,
        }
    }

    /// True for those who tell others what to work on.
    #[must_use]
    pub fn leads(self) -> bool {
        match self {
            Self::Supervisor | Self::Manager | Self::Admin => true,
            Self::Technician | Self::InventoryClerk | Self::Contractor | Self::Requester => false,
        }
    }

    /// True for those who do the work that they are given.
    #[must_use]
    pub fn does_work(self) -> bool {
        match self {
            Self::Technician | Self::Contractor => true,
            Self::Supervisor | Self::Manager | Self::InventoryClerk | Self::Requester | Self::Admin => false,
        }
    }

    /// True for those who may take back what they have asked for.
    #[must_use]
    pub fn asks_for_work(self) -> bool {
        match self {
            Self::Technician | Self::Requester => true,
            Self::Supervisor | Self::Manager | Self::InventoryClerk | Self::Contractor | Self::Admin => false,
        }
    }

    /// True for the roles that see only the work orders that they have to do with.
    #[must_use]
    pub fn sees_only_their_own(self) -> bool {
        match self {
            Self::Contractor | Self::Requester => true,
            Self::Technician | Self::Supervisor | Self::Manager | Self::InventoryClerk | Self::Admin => false,
        }
    }
}

/// The scope of what someone sees, as their token says. It narrows what is asked for, and never allows anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Their role.
    pub role: Role,
    /// Their warehouse, if they have one.
    pub warehouse_id: Option<WarehouseId>,
}

impl Reach {
    /// The one warehouse that they see; `None` for those who see all.
    #[must_use]
    pub fn only_warehouse(&self) -> Option<WarehouseId> {
        self.warehouse_id.filter(|_| self.role.belongs_to_a_warehouse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_is_what_its_people_do() {
        let told = |role: Role| {
            [
                role.belongs_to_a_warehouse(),
                role.leads(),
                role.does_work(),
                role.asks_for_work(),
                role.sees_only_their_own(),
            ]
        };
        for (role, is) in [
            (Role::Technician, [true, false, true, true, false]),
            (Role::Supervisor, [true, true, false, false, false]),
            (Role::Manager, [false, true, false, false, false]),
            (Role::InventoryClerk, [true, false, false, false, false]),
            (Role::Contractor, [true, false, true, false, true]),
            (Role::Requester, [true, false, false, true, true]),
            (Role::Admin, [false, true, false, false, false]),
        ] {
            assert_eq!(told(role), is, "{role:?}");
        }
    }

    #[test]
    fn a_warehouse_bounds_the_sight_of_those_who_belong_to_it() {
        let here = "01900000-0000-7000-8000-000000000001".parse().ok();
        let sees = |role, warehouse_id| Reach { role, warehouse_id }.only_warehouse();
        assert_eq!(sees(Role::Technician, here), here);
        assert_eq!(sees(Role::Manager, here), None, "they see all");
        assert_eq!(sees(Role::Technician, None), None);
    }
}
