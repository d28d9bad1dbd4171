//! A work order that may escalate, and the decision on it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Action, Clock, Rule};
use crate::id::{EscalationRuleId, ProfileId, WarehouseId, WorkOrderId};
use crate::work_order::{Priority, Status, WorkOrderType};
use crate::working_time::Held;

/// As high as anything is ever raised.
pub(super) const MAX_LEVEL: u16 = 100;

/// A work order that may have waited too long, as the gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WorkOrder {
    /// Its id.
    pub id: WorkOrderId,
    /// Counts what changed that decides; a newer one makes a decision void.
    pub clock_version: i32,
    /// Its warehouse.
    pub warehouse_id: WarehouseId,
    /// The reason for the work.
    pub r#type: WorkOrderType,
    /// Its priority.
    pub priority: Priority,
    /// Its status.
    pub status: Status,
    /// The moment by which it must be done.
    pub due_at: Option<DateTime<Utc>>,
    /// The last activity that counts: someone who works did something. To put work on hold, or to go on, is none.
    pub counts_from: DateTime<Utc>,
    /// The times on hold since then, in order.
    pub held: Vec<Held>,
    /// The number of times it was raised already.
    pub escalation_level: u16,
    /// The moment at which it was last raised.
    pub escalated_at: Option<DateTime<Utc>>,
    /// The end of an acknowledgement.
    pub acknowledged_until: Option<DateTime<Utc>>,
    /// The person who has it.
    pub assigned_to: Option<ProfileId>,
    /// The deadline for starting, as people see it.
    pub response_due_at: Option<DateTime<Utc>>,
    /// The deadline for ending, as people see it.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// The escalations that have begun, one for each clock at most.
    pub chains: Vec<Chain>,
}

/// An escalation that has begun. It keeps the rule as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The rule as it was.
    pub rule: Rule,
    /// The number of its steps that were taken, through all rounds.
    pub taken: u16,
    /// The moment of the last one.
    pub taken_at: DateTime<Utc>,
}

/// The decision on one work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The work order.
    pub work_order_id: WorkOrderId,
    /// The version that it was decided on.
    pub clock_version: i32,
    /// The moment for the next look, if nothing changes; never if there is none.
    pub next_look: Option<DateTime<Utc>>,
    /// The escalations that have begun.
    pub chains: Vec<Chain>,
    /// The deadline for starting.
    pub response_due_at: Option<DateTime<Utc>>,
    /// The deadline for ending.
    pub resolution_due_at: Option<DateTime<Utc>>,
    /// True if the deadlines that people see change.
    pub shows: bool,
    /// The step that is due, if one is.
    pub step: Option<Step>,
    /// The reason for doing nothing, in words; empty if a step is due.
    #[serde(skip)]
    pub why_not: String,
}

/// A step: the work order is raised by one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The rule.
    pub rule_id: EscalationRuleId,
    /// The clock that has run out.
    pub clock: Clock,
    /// The level it is raised to, counted from 1.
    pub level: u16,
    /// Its action.
    pub action: Action,
    /// The moment at which it became due. Firings come later.
    pub due_at: DateTime<Utc>,
    /// The reason, in words for the person who asks.
    pub reason: String,
    /// The person it is given to.
    pub assignee: Option<ProfileId>,
    /// The result, in words; empty if that is plain.
    pub outcome: String,
}
