//! Escalation of work orders that have waited too long.
//!
//! A **rule** allows a time, by type, priority and warehouse; of those that match, the one that names most wins, and between
//! equals the warehouse counts more than the type, and that more than the priority. A **clock** runs from the last activity
//! that counts, and stands while work is on hold. When it has run too long, the rule's **chain** begins: a snapshot is taken
//! of the rule, and one step after the other raises the work order by one level, each at a firing of its own.

mod decide;
mod order;
mod people;
#[cfg(test)]
mod properties;
mod rulebook;
#[cfg(test)]
mod tests;
mod wait;

pub use decide::{Scope, decide};
pub use order::{Chain, Decision, Step, WorkOrder};
pub use people::{People, Person};
pub use rulebook::{Rulebook, WarehouseHours};

use serde::{Deserialize, Serialize};

use crate::id::{EscalationRuleId, WarehouseId};
use crate::words::words;
use crate::work_order::{Priority, WorkOrderType};

/// A rule, as the gateway tells it. It matches everything that it does not name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its id.
    pub id: EscalationRuleId,
    /// Its name.
    pub name: String,
    /// Only in this warehouse.
    pub warehouse_id: Option<WarehouseId>,
    /// Only work orders of this type.
    pub wo_type: Option<WorkOrderType>,
    /// Only work orders of this priority.
    pub priority: Option<Priority>,
    /// The event that has to happen in time.
    pub clock: Clock,
    /// The minutes that this may take.
    pub timeout_minutes: i64,
    /// The time that counts.
    pub hours: CountedHours,
    /// The steps, one after the other.
    pub steps: Vec<ChainStep>,
    /// The number of times that the whole chain is gone through again.
    pub repeat_count: u16,
}

words! {
    /// The event that has to happen in time.
    pub enum Clock in Enum("escalation_clock") {
        /// Work has to start.
        Response => "response",
        /// Work has to end.
        Resolution => "resolution",
    }

    /// The time that counts. Time on hold never does.
    pub enum CountedHours in Enum("counted_hours") {
        /// All of it.
        Calendar => "calendar",
        /// Only while the warehouse is open: its operating hours, without its holidays.
        Business => "business",
    }

    /// The action of a step.
    pub enum Action in Apart("the database keeps the steps of a rule as the domain has read them") {
        /// The supervisors of the warehouse are told.
        NotifySupervisor => "notify_supervisor",
        /// The managers are told.
        NotifyManager => "notify_manager",
        /// It is given to the technician there who has least to do, if there is one.
        AutoReassign => "auto_reassign",
        /// The warehouse's own systems are told, by whatever webhooks listen.
        Webhook => "webhook",
    }
}

/// A step of a rule's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainStep {
    /// Its action.
    pub action: Action,
    /// The minutes after the step before it; for the first one, after the deadline.
    pub wait_minutes: i64,
}

/// The most steps of a chain.
pub const MAX_STEPS: usize = 10;
/// The longest wait for the step before, in minutes: thirty days.
pub const MAX_WAIT_MINUTES: i64 = 43_200;

/// Says in words how the steps of a chain are written.
#[must_use]
pub fn steps_in_words() -> String {
    let (example, actions) = (Action::NotifySupervisor, Action::WORDS.join(", "));
    format!(
        "a list of 1 to {MAX_STEPS} like {{\"action\": \"{example}\", \"wait_minutes\": 30}}; the actions are {actions}, the \
         wait is from 0 to {MAX_WAIT_MINUTES} minutes"
    )
}

/// True for a JSON value that says the steps of a chain.
#[must_use]
pub fn are_steps(value: &serde_json::Value) -> bool {
    Vec::<ChainStep>::deserialize(value).is_ok_and(|steps| {
        (1..=MAX_STEPS).contains(&steps.len())
            && steps.iter().all(|step| (0..=MAX_WAIT_MINUTES).contains(&step.wait_minutes))
    })
}
