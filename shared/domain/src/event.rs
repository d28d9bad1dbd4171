//! Events: what happened that someone should hear of.

use crate::words::words;

words! {
    /// The kinds of event in the outbox, which are also the types of notification.
    pub enum EventKind in Enum("event_kind") {
        /// A work order got a responsible person.
        WoAssigned => "wo_assigned",
        /// A deadline passed and the work order was raised by a level.
        WoEscalation => "wo_escalation",
        /// A work order is past its due date.
        WoOverdue => "wo_overdue",
        /// Work is done and waits for verification.
        WoCompleted => "wo_completed",
        /// Someone wrote a comment.
        WoComment => "wo_comment",
        /// A preventive occurrence passed without being done.
        MissedPm => "missed_pm",
        /// Stock fell below the reorder point.
        PartLowStock => "part_low_stock",
        /// Nothing is left of a part.
        PartOutOfStock => "part_out_of_stock",
        /// A certificate or contract is about to expire.
        DocumentExpiring => "document_expiring",
        /// Someone asked for work and nobody has it yet.
        RequestReceived => "request_received",
        /// Something an administrator has to look at.
        SystemAlert => "system_alert",
    }
}
