//! Machines and their meters: the words they are described in.

use crate::words::words;

words! {
    /// The standing of a machine.
    pub enum EquipmentStatus in Domain("equipment_status") {
        /// It is in use.
        Active => "active",
        /// It is not in use for now.
        Inactive => "inactive",
        /// It is being maintained.
        Maintenance => "maintenance",
        /// It is out of use for good.
        Retired => "retired",
        /// It is gone.
        Disposed => "disposed",
    }

    /// The unit that a meter counts in.
    pub enum MeterUnit in Enum("meter_unit") {
        /// Hours of operation.
        Hours => "hours",
        /// Cycles of work.
        Cycles => "cycles",
        /// Kilometres.
        Km => "km",
    }

    /// An entry in the time line of a machine.
    pub enum MachineHistoryKind in Function("equipment_history") {
        /// A work order was opened for it.
        WorkOrderOpened => "work_order_opened",
        /// A work order for it changed its status.
        WorkOrderMoved => "work_order_moved",
        /// It stood still.
        Downtime => "downtime",
        /// One of its meters was read.
        MeterReading => "meter_reading",
        /// It changed its own status.
        StatusChanged => "status_changed",
        /// A work order for it took a part, or gave one back.
        PartMoved => "part_moved",
    }
}
