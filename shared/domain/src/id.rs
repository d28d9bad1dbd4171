//! Ids that cannot be mixed up: a schedule's id is not accepted where a work order's is asked for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A file kept with a work order.
    AttachmentId
    /// One way a notification reaches its recipient.
    DeliveryId
    /// An escalation rule.
    EscalationRuleId
    /// An entry of the outbox.
    EventId
    /// One firing of a background function.
    JobRunId
    /// A person.
    ProfileId
    /// A preventive maintenance template applied to one machine.
    ScheduleId
    /// Maintenance that repeats, with its checklist.
    TemplateId
    /// A site with its own people, machines, stock and time zone.
    WarehouseId
    /// A work order.
    WorkOrderId
}
