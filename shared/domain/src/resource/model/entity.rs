//! The words for what a phone holds and writes.

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
        /// Warehouses, with their time zones and hours.
        Warehouses => "warehouses",
        /// Vendors.
        Vendors => "vendors",
    }

    /// A table that a phone changes, or adds to. Called by its name.
    #[derive(PartialOrd, Ord)]
    pub enum Entity in Function("offline_table") {
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
