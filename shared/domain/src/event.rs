//! What can happen that someone should hear of.

use serde::{Deserialize, Serialize};

/// The kinds of event in the outbox, which are also the types of notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A work order got a responsible person.
    WoAssigned,
    /// A deadline passed and the work order was raised by a level.
    WoEscalation,
    /// A work order is past its due date.
    WoOverdue,
    /// Work is done and waits for verification.
    WoCompleted,
    /// Someone wrote a comment.
    WoComment,
    /// A preventive occurrence passed without being done.
    MissedPm,
    /// Stock fell below the reorder point.
    PartLowStock,
    /// Nothing is left of a part.
    PartOutOfStock,
    /// A certificate or contract is about to expire.
    DocumentExpiring,
    /// Someone asked for work and nobody has it yet.
    RequestReceived,
    /// Something an administrator has to look at.
    SystemAlert,
}

/// The words of [`EventKind`] as clients write them.
pub const KINDS: [&str; 11] = [
    "wo_assigned",
    "wo_escalation",
    "wo_overdue",
    "wo_completed",
    "wo_comment",
    "missed_pm",
    "part_low_stock",
    "part_out_of_stock",
    "document_expiring",
    "request_received",
    "system_alert",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_enum() {
        for word in KINDS {
            assert!(serde_json::from_value::<EventKind>(word.into()).is_ok(), "{word}");
        }
    }
}
