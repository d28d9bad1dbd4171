//! Notifications: from the outbox to people, and the result of each delivery.

use millwright_domain::id::{DeliveryId, EventId};
use millwright_domain::notification::{Channel, Notification, WaitingEvent, notifications};
use millwright_domain::rows::{Rows, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::jobs::{self, Applied, RunProblem};
use crate::transport::Transport;

/// The oldest events that nobody has been told of, without those that were put aside for a day.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn waiting<T: Transport>(
    session: &GatewaySession<'_, T>,
    limit: usize,
) -> Result<Rows<WaitingEvent>, StoreError> {
    session.call("events_waiting", &json!({"p_limit": limit})).await
}

/// An event, and those who are told of it.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    event_id: EventId,
    notifications: Vec<Notification>,
}

impl Told {
    /// The event, and everyone whom it concerns.
    #[must_use]
    pub fn of(event: &WaitingEvent) -> Self {
        Self { event_id: event.id, notifications: notifications(event) }
    }
}

/// Records the notifications of events, in one transaction. The counts are without those recorded before; an event that is
/// refused is put aside.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &GatewaySession<'_, T>,
    told: &[Told],
) -> Result<Applied, StoreError> {
    session.call("notifications_apply", &json!({"p_told": told})).await
}

/// A delivery that is ours until its lease ends.
#[derive(Debug, Clone, Deserialize)]
pub struct ClaimedDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// The number of this attempt, counted from 1: the fence that a late finisher runs into.
    pub attempt: u16,
    /// The way it goes.
    pub channel: Channel,
    /// One line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// The recipient's address.
    pub email: String,
}

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finished {
    /// The delivery.
    pub id: DeliveryId,
    /// The number of the attempt.
    pub attempt: u16,
    /// The result.
    #[serde(flatten)]
    pub result: Delivery,
}

/// The state of a delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// It is with the provider.
    Delivered {
        /// The provider's name for it.
        provider_id: String,
    },
    /// It is tried again.
    Ready {
        /// In how many seconds.
        retry_seconds: u32,
        /// The error, in words.
        error: String,
    },
    /// It is not tried again.
    Dead {
        /// The error, in words.
        error: String,
    },
}

/// Takes up to `limit` deliveries that are due, for `lease_seconds`. The same `claim` again returns what it holds.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn claim<T: Transport>(
    session: &GatewaySession<'_, T>,
    claim: Uuid,
    limit: usize,
    lease_seconds: u32,
) -> Result<Rows<ClaimedDelivery>, StoreError> {
    let parameters = json!({"p_claim": claim, "p_limit": limit, "p_lease_seconds": lease_seconds});
    session.call("deliveries_claim", &parameters).await
}

/// Ends deliveries of a claim that cannot be read, and keeps the reasons in the list of dead letters. Answers with their number.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn put_aside<T: Transport>(
    session: &GatewaySession<'_, T>,
    claim: Uuid,
    unreadable: &[Unreadable],
) -> Result<u64, StoreError> {
    #[derive(Deserialize)]
    struct Named {
        id: Value,
    }
    let named = |row: &Unreadable| {
        let Named { id } = row.part()?;
        let RunProblem { subject, reason } = jobs::unread("delivery", row);
        Some(json!({"id": id, "subject": subject, "reason": reason}))
    };
    let problems: Vec<_> = unreadable.iter().filter_map(named).collect();
    session.call("deliveries_put_aside", &json!({"p_claim": claim, "p_problems": problems})).await
}

/// Records the ends of a batch of attempts. Answers with the number that were still ours.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn finish<T: Transport>(
    session: &GatewaySession<'_, T>,
    results: &[Finished],
) -> Result<u64, StoreError> {
    session.call("deliveries_finish", &json!({"p_results": results})).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::notification::DeliveryState;

    #[test]
    fn a_result_is_told_as_the_database_reads_it() {
        let finished = Finished {
            id: DeliveryId(Uuid::nil()),
            attempt: 2,
            result: Delivery::Ready { retry_seconds: 300, error: "the provider answered 503".to_owned() },
        };
        assert_eq!(
            serde_json::to_value(finished).unwrap(),
            json!({"id": Uuid::nil(), "attempt": 2, "state": "ready", "retry_seconds": 300,
                "error": "the provider answered 503"})
        );
    }

    #[test]
    fn each_end_of_an_attempt_is_a_state_of_a_delivery() {
        for (result, state) in [
            (Delivery::Delivered { provider_id: String::new() }, DeliveryState::Delivered),
            (Delivery::Ready { retry_seconds: 1, error: String::new() }, DeliveryState::Ready),
            (Delivery::Dead { error: String::new() }, DeliveryState::Dead),
        ] {
            assert_eq!(json!(result)["state"], state.word());
        }
    }
}
