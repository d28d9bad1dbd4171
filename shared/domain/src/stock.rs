//! Stock: how parts move, and how they are ordered.

use crate::words::words;

words! {
    /// The reason for a change of a part's stock.
    pub enum StockMovement in Enum("stock_movement") {
        /// It was delivered.
        Inbound => "inbound",
        /// A work order took it.
        Used => "used",
        /// It was counted, and there was more or less than the books said.
        Adjustment => "adjustment",
        /// A work order gave it back.
        Returned => "returned",
    }

    /// The progress of an order for parts.
    pub enum ReorderStatus in Enum("reorder_status") {
        /// It can still be changed.
        Draft => "draft",
        /// The vendor has it.
        Ordered => "ordered",
        /// The parts have come and are booked.
        Received => "received",
        /// Nothing will come of it.
        Cancelled => "cancelled",
    }
}
