//! The moves of a work order from one status to the next: those that are open to a person, and the reasons against others.
//!
//! The database holds to the same table, so that nobody gets around it; this one explains, and names the moves that are open.
//! The table of the database is `private.may_move`, in `migrations/0017_lifecycle.sql`.

use serde::Deserialize;

use crate::access::Role;
use crate::id::ProfileId;
use crate::signature::SignatureRule;
use crate::work_order::Status;

/// The standing of a person towards a work order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Standing {
    /// Its status.
    pub status: Status,
    /// Its version.
    pub version: i64,
    /// The person who asks.
    pub me: ProfileId,
    /// Their role.
    pub role: Role,
    /// True if they are at home where it is; managers and administrators are everywhere.
    pub at_home: bool,
    /// The person who is responsible.
    pub assigned_to: Option<ProfileId>,
    /// The person who asked for it.
    pub requested_by: Option<ProfileId>,
    /// True if they completed it, are assigned, are in the crew or logged time on it; an API token counts as the person who
    /// made it.
    pub had_a_hand: bool,
    /// The number of items of the checklist that are pending.
    pub undecided_items: u32,
    /// The number of time logs without an end.
    pub running_clocks: u32,
    /// The signature that its warehouse asks of whoever completes it. Without it the move is open nevertheless: it only has to
    /// be said with it.
    pub signature: SignatureRule,
}

/// A reason for not making a move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefusal {
    /// No such move leads on from here, or not for this person.
    #[error("it cannot become {0} now, or not by you")]
    NotOpen(Status),
    /// Some items of the checklist are pending.
    #[error("{0} items of the checklist are not decided")]
    ChecklistUndecided(u32),
    /// Someone's time is still running.
    #[error("someone's time is still running")]
    ClockRuns,
}

impl MoveRefusal {
    /// Its code, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOpen(_) => "move_not_open",
            Self::ChecklistUndecided(_) => "checklist_undecided",
            Self::ClockRuns => "clock_runs",
        }
    }
}

impl Standing {
    /// Supervisors lead at home, managers and administrators everywhere.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.at_home && self.role.leads()
    }

    /// The person who is responsible works on it, and everyone who leads.
    #[must_use]
    pub fn works(&self) -> bool {
        self.leads() || (self.at_home && self.role.does_work() && self.assigned_to == Some(self.me))
    }

    /// The person who asked for it may take it back while nobody has it.
    fn asked_for_it(&self) -> bool {
        self.at_home && self.role.asks_for_work() && self.requested_by == Some(self.me)
    }

    /// Work is judged by someone who had no hand in it.
    fn judges(&self) -> bool {
        self.leads() && !self.had_a_hand
    }

    /// True for a move that a person of this standing may make at all. To be `assigned` means here: to whom it may concern;
    /// technicians only take work themselves. Whatever is not named is not open, for each status by itself, so that a new
    /// status is decided on in every line.
    fn may(&self, to: Status) -> bool {
        use Status::{Assigned, Cancelled, Closed, Completed, InProgress, New, OnHold, Verified};
        match (self.status, to) {
            (New, Assigned) => self.leads() || (self.at_home && self.role == Role::Technician),
            (New, Cancelled) => self.leads() || self.asked_for_it(),
            (Assigned, Cancelled) | (Verified, Closed) => self.leads(),
            (Assigned | OnHold, InProgress) | (InProgress, OnHold | Completed) => self.works(),
            (Completed, Verified) | (Completed | Verified, InProgress) => self.judges(),
            (New, New | InProgress | OnHold | Completed | Verified | Closed)
            | (Assigned, New | Assigned | OnHold | Completed | Verified | Closed)
            | (InProgress, New | Assigned | InProgress | Verified | Closed | Cancelled)
            | (OnHold, New | Assigned | OnHold | Completed | Verified | Closed | Cancelled)
            | (Completed, New | Assigned | OnHold | Completed | Closed | Cancelled)
            | (Verified, New | Assigned | OnHold | Completed | Verified | Cancelled)
            | (
                Closed | Cancelled,
                New | Assigned | InProgress | OnHold | Completed | Verified | Closed | Cancelled,
            ) => false,
        }
    }

    /// The reason for not making a move now; `None` if it is open.
    #[must_use]
    pub fn refusal(&self, to: Status) -> Option<MoveRefusal> {
        if !self.may(to) {
            return Some(MoveRefusal::NotOpen(to));
        }
        match to {
            Status::Completed if self.undecided_items > 0 => {
                Some(MoveRefusal::ChecklistUndecided(self.undecided_items))
            }
            Status::Completed => (self.running_clocks > 0).then_some(MoveRefusal::ClockRuns),
            Status::New
            | Status::Assigned
            | Status::InProgress
            | Status::OnHold
            | Status::Verified
            | Status::Closed
            | Status::Cancelled => None,
        }
    }

    /// The moves that are open to this person now.
    #[must_use]
    pub fn open_moves(&self) -> Vec<Status> {
        Status::ALL.into_iter().filter(|to| self.refusal(*to).is_none()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Assigned, Cancelled, Closed, Completed, InProgress, New, OnHold, Verified};
    use uuid::Uuid;

    const ME: ProfileId = ProfileId(Uuid::from_u128(1));
    const OTHER: ProfileId = ProfileId(Uuid::from_u128(2));

    fn standing(role: Role, status: Status) -> Standing {
        Standing {
            status,
            version: 1,
            me: ME,
            role,
            at_home: true,
            assigned_to: None,
            requested_by: None,
            had_a_hand: false,
            undecided_items: 0,
            running_clocks: 0,
            signature: SignatureRule::Drawn,
        }
    }

    #[test]
    fn whoever_leads_has_the_whole_table() {
        for role in [Role::Supervisor, Role::Manager, Role::Admin] {
            let open = |status| standing(role, status).open_moves();
            assert_eq!(open(New), [Assigned, Cancelled]);
            assert_eq!(open(Assigned), [InProgress, Cancelled]);
            assert_eq!(open(InProgress), [OnHold, Completed]);
            assert_eq!(open(OnHold), [InProgress]);
            assert_eq!(open(Completed), [InProgress, Verified]);
            assert_eq!(open(Verified), [InProgress, Closed]);
            assert_eq!((open(Closed), open(Cancelled)), (vec![], vec![]));
        }
    }

    #[test]
    fn whoever_is_responsible_works_and_does_not_judge() {
        for role in [Role::Technician, Role::Contractor] {
            let open = |status| Standing { assigned_to: Some(ME), ..standing(role, status) }.open_moves();
            assert_eq!(open(Assigned), [InProgress]);
            assert_eq!(open(InProgress), [OnHold, Completed]);
            assert_eq!(open(OnHold), [InProgress]);
            assert_eq!((open(Completed), open(Verified)), (vec![], vec![]));
            let others = Standing { assigned_to: Some(OTHER), ..standing(role, InProgress) };
            assert_eq!(others.open_moves(), []);
        }
        assert_eq!(standing(Role::Technician, New).open_moves(), [Assigned], "they may take it");
        assert_eq!(standing(Role::Contractor, New).open_moves(), []);
    }

    #[test]
    fn whoever_asked_takes_it_back_while_it_is_new() {
        let mine = |status| Standing { requested_by: Some(ME), ..standing(Role::Requester, status) };
        assert_eq!(mine(New).open_moves(), [Cancelled]);
        assert_eq!(mine(Assigned).open_moves(), []);
        assert_eq!(standing(Role::Requester, New).open_moves(), [], "not someone else's");
        assert_eq!(
            Standing { requested_by: Some(ME), ..standing(Role::InventoryClerk, New) }.open_moves(),
            []
        );
    }

    #[test]
    fn nobody_judges_their_own_work() {
        for role in [Role::Supervisor, Role::Manager, Role::Admin] {
            let own = |status| Standing { had_a_hand: true, ..standing(role, status) };
            assert_eq!(own(Completed).open_moves(), []);
            assert_eq!(own(Verified).open_moves(), [Closed]);
            assert_eq!(own(InProgress).open_moves(), [OnHold, Completed], "it is no judgement");
        }
    }

    #[test]
    fn nobody_leads_elsewhere() {
        for status in Status::ALL {
            let away =
                Standing { at_home: false, assigned_to: Some(ME), ..standing(Role::Supervisor, status) };
            assert_eq!(away.open_moves(), [], "{status:?}");
        }
    }

    #[test]
    fn work_is_completed_when_everything_is_decided_and_no_clock_runs() {
        let busy =
            Standing { undecided_items: 2, running_clocks: 1, ..standing(Role::Supervisor, InProgress) };
        assert_eq!(busy.refusal(Completed), Some(MoveRefusal::ChecklistUndecided(2)));
        let decided = Standing { undecided_items: 0, ..busy };
        assert_eq!(decided.refusal(Completed), Some(MoveRefusal::ClockRuns));
        assert_eq!(decided.open_moves(), [OnHold]);
    }
}
