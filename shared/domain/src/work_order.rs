//! Work orders: the words they are described in. Their fields are declared with the other resources.
//!
//! The moves from one status to the next are in [`crate::lifecycle`].

use crate::words::words;

words! {
    /// The reason for the work.
    pub enum WorkOrderType in Domain("work_order_type") {
        /// Planned, so that nothing breaks.
        Preventive => "preventive",
        /// Something broke.
        Corrective => "corrective",
        /// Something broke and cannot wait.
        Emergency => "emergency",
    }

    /// The importance of the work, lowest first.
    #[derive(PartialOrd, Ord)]
    pub enum Priority in Domain("priority") {
        /// To be done if there is time.
        Low => "low",
        /// The usual.
        Medium => "medium",
        /// Before the usual.
        High => "high",
        /// Now.
        Critical => "critical",
    }

    /// The standing of a work order. Every one begins with the first.
    pub enum Status in Domain("work_order_status") {
        /// Nobody has it yet.
        New => "new",
        /// Someone has it and has not begun.
        Assigned => "assigned",
        /// Someone works on it.
        InProgress => "in_progress",
        /// It waits for something; the clocks of escalation stop.
        OnHold => "on_hold",
        /// The work is done.
        Completed => "completed",
        /// Someone else has looked at the work.
        Verified => "verified",
        /// Nothing is left to do.
        Closed => "closed",
        /// It will not be done.
        Cancelled => "cancelled",
    }

    /// The reasons for putting a work order on hold.
    pub enum HoldReason in Enum("hold_reason") {
        /// A part that is not here.
        Parts => "parts",
        /// Someone from outside.
        Vendor => "vendor",
        /// The machine is in use, or cannot be reached.
        Access => "access",
        /// Someone has to agree.
        Approval => "approval",
        /// Something else.
        Other => "other",
    }

    /// The state of an item of a checklist.
    pub enum ChecklistState in Enum("checklist_state") {
        /// Nobody has decided on it.
        Pending => "pending",
        /// It was done.
        Done => "done",
        /// It was left out on purpose.
        Skipped => "skipped",
        /// Something is wrong there.
        Issue => "issue",
    }

    /// The relation of one work order to another one.
    pub enum RelationKind in Enum("relation_kind") {
        /// It asks for the same as the other one.
        DuplicateOf => "duplicate_of",
        /// It has something to do with the other one.
        RelatedTo => "related_to",
        /// It was a part of the other one.
        SplitFrom => "split_from",
        /// The other one has to wait for it.
        Blocks => "blocks",
    }
}

impl Status {
    /// The words of the statuses that a work order can be moved to: all but the first, with which each begins.
    pub const MOVES: &'static [&'static str] = match Self::WORDS {
        [_new, moves @ ..] => moves,
        [] => &[],
    };

    /// True while there is work to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::New | Self::Assigned | Self::InProgress | Self::OnHold => true,
            Self::Completed | Self::Verified | Self::Closed | Self::Cancelled => false,
        }
    }

    /// True once nothing but comments and files is added, changed or removed.
    #[must_use]
    pub fn is_frozen(self) -> bool {
        match self {
            Self::Verified | Self::Closed | Self::Cancelled => true,
            Self::New | Self::Assigned | Self::InProgress | Self::OnHold | Self::Completed => false,
        }
    }

    /// True for what someone decides about work that others have done.
    #[must_use]
    pub fn is_judgement(self) -> bool {
        match self {
            Self::Verified | Self::Closed => true,
            Self::New
            | Self::Assigned
            | Self::InProgress
            | Self::OnHold
            | Self::Completed
            | Self::Cancelled => false,
        }
    }

    /// True while work that was done can be found wanting, and begun again.
    #[must_use]
    pub fn can_be_reopened(self) -> bool {
        match self {
            Self::Completed | Self::Verified => true,
            Self::New | Self::Assigned | Self::InProgress | Self::OnHold | Self::Closed | Self::Cancelled => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn nothing_is_moved_back_to_its_beginning() {
        assert!(!Status::MOVES.contains(&Status::New.word()));
        assert_eq!(Status::MOVES.len() + 1, Status::ALL.len());
    }
}
