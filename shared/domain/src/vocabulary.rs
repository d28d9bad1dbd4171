//! The vocabulary: every closed set of words that clients, functions and database share.

use crate::access::Role;
use crate::attachment::AttachmentState;
use crate::audit::AuditAction;
use crate::equipment::{EquipmentStatus, MachineHistoryKind, MeterUnit};
use crate::escalation::{Action, Clock, CountedHours};
use crate::event::EventKind;
use crate::housekeeping::Forgettable;
use crate::import::LineOutcome;
use crate::job::RunOutcome;
use crate::kpi::Group;
use crate::links::{LetterKind, LinkKind};
use crate::notification::{Channel, DeliveryState};
use crate::permission::{Permission, Right};
use crate::resource::{Document, Entity};
use crate::review::ReviewDecision;
use crate::schedule::{Basis, CalendarState, CatchUp, OccurrenceDecision, OnFreeDay, Overlap};
use crate::search::FoundType;
use crate::setting::SettingKey;
use crate::signature::SignatureRule;
use crate::stock::{ReorderStatus, StockMovement};
use crate::sync::{Kept, MutationOutcome};
use crate::vendor::{DocumentKind, VendorKind};
use crate::words::WordSet;
use crate::work_order::{ChecklistState, HoldReason, Priority, RelationKind, Status, WorkOrderType};

/// Every set. Those that have a home in the database are compared with it there.
pub const VOCABULARY: &[WordSet] = &[
    Role::SET,
    Permission::SET,
    Right::SET,
    WorkOrderType::SET,
    Status::SET,
    Priority::SET,
    HoldReason::SET,
    SignatureRule::SET,
    ChecklistState::SET,
    RelationKind::SET,
    AttachmentState::SET,
    EquipmentStatus::SET,
    MeterUnit::SET,
    MachineHistoryKind::SET,
    StockMovement::SET,
    ReorderStatus::SET,
    VendorKind::SET,
    DocumentKind::SET,
    Basis::SET,
    OnFreeDay::SET,
    CatchUp::SET,
    Overlap::SET,
    OccurrenceDecision::SET,
    CalendarState::SET,
    Clock::SET,
    CountedHours::SET,
    Action::SET,
    EventKind::SET,
    Channel::SET,
    DeliveryState::SET,
    SettingKey::SET,
    RunOutcome::SET,
    Forgettable::SET,
    AuditAction::SET,
    Document::SET,
    Entity::SET,
    MutationOutcome::SET,
    Kept::SET,
    ReviewDecision::SET,
    LineOutcome::SET,
    Group::SET,
    FoundType::SET,
    LinkKind::SET,
    LetterKind::SET,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_set_is_named_once_and_names_no_word_twice() {
        let names: HashSet<_> = VOCABULARY.iter().map(|set| set.name).collect();
        assert_eq!(names.len(), VOCABULARY.len());
        for set in VOCABULARY {
            let words: HashSet<_> = set.words.iter().collect();
            assert_eq!(words.len(), set.words.len(), "{}", set.name);
        }
    }

    macro_rules! read_and_write {
        ($($set:ident)+) => {$(
            for value in $set::ALL {
                let written = serde_json::to_value(value).unwrap();
                assert_eq!(written, value.word());
                assert_eq!(serde_json::from_value::<$set>(written).unwrap(), value);
                assert_eq!(value.to_string(), value.word());
            }
            assert_eq!($set::ALL.map($set::word), $set::WORDS);
            assert!(serde_json::from_value::<$set>("gossip".into()).is_err());
        )+};
    }

    #[test]
    fn a_value_is_read_from_its_word_and_written_as_it() {
        read_and_write!(WorkOrderType Status Priority EventKind Role Channel Clock Basis RunOutcome Kept);
    }
}
