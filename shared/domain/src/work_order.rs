//! Work orders: the words they are described in. What a new one must say is declared with the other resources.
//!
//! How one moves from one status to the next is in [`crate::lifecycle`].

use serde::{Deserialize, Serialize};

/// Why the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkOrderType {
    /// Planned, so that nothing breaks.
    Preventive,
    /// Something broke.
    Corrective,
    /// Something broke and cannot wait.
    Emergency,
}

/// How much it matters, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// The usual.
    Medium,
    /// Before the usual.
    High,
    /// Now.
    Critical,
}

/// Where a work order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has it yet.
    New,
    /// Someone has it and has not begun.
    Assigned,
    /// Someone works on it.
    InProgress,
    /// It waits for something; the clocks of escalation stop.
    OnHold,
    /// The work is done.
    Completed,
    /// Someone else has looked at the work.
    Verified,
    /// Nothing is left to do.
    Closed,
    /// It will not be done.
    Cancelled,
}

impl Status {
    /// The word that clients write.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assigned => "assigned",
            Self::InProgress => "in_progress",
            Self::OnHold => "on_hold",
            Self::Completed => "completed",
            Self::Verified => "verified",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The words of [`WorkOrderType`] as clients write them.
pub const TYPES: [&str; 3] = ["preventive", "corrective", "emergency"];
/// The words of [`Priority`] as clients write them.
pub const PRIORITIES: [&str; 4] = ["low", "medium", "high", "critical"];
/// The words of [`Status`] as clients write them.
pub const STATUSES: [&str; 8] =
    ["new", "assigned", "in_progress", "on_hold", "completed", "verified", "closed", "cancelled"];

/// The words of the statuses that one can be moved to.
pub const MOVES: [&str; 7] =
    ["assigned", "in_progress", "on_hold", "completed", "verified", "closed", "cancelled"];

/// What a work order on hold may wait for.
pub const HOLD_REASONS: [&str; 5] = ["parts", "vendor", "access", "approval", "other"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_words_are_those_of_the_enums() {
        for word in TYPES {
            assert!(serde_json::from_value::<WorkOrderType>(json!(word)).is_ok(), "{word}");
        }
        for word in PRIORITIES {
            assert!(serde_json::from_value::<Priority>(json!(word)).is_ok(), "{word}");
        }
        for word in STATUSES {
            let status = serde_json::from_value::<Status>(json!(word)).unwrap();
            assert_eq!(status.word(), word);
        }
    }
}
