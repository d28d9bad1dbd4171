//! Notifications: from the outbox to people, and the result of each delivery.

use millwright_domain::id::{DeliveryId, EventId};
use millwright_domain::notification::{Channel, Notification, WaitingEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::Transport;

/// The oldest events that nobody has been told of.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn waiting<T: Transport>(
    session: &GatewaySession<'_, T>,
    limit: usize,
) -> Result<Vec<WaitingEvent>, StoreError> {
    session.call("events_waiting", &json!({"p_limit": limit})).await
}

/// Records the notifications of these events, in one transaction. Answers with counts, without those recorded before.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &GatewaySession<'_, T>,
    events: &[EventId],
    notifications: &[Notification],
) -> Result<Map<String, Value>, StoreError> {
    let parameters = json!({"p_events": events, "p_notifications": notifications});
    session.call("notifications_apply", &parameters).await
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
) -> Result<Vec<ClaimedDelivery>, StoreError> {
    let parameters = json!({"p_claim": claim, "p_limit": limit, "p_lease_seconds": lease_seconds});
    session.call("deliveries_claim", &parameters).await
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
