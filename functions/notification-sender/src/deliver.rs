//! From the inbox to the provider: batch after batch of deliveries that are due.

use futures_util::{StreamExt, stream};
use millwright_domain::notification::{Channel, retry_after};
use millwright_edge::job::Run;
use millwright_edge::new_id;
use millwright_store::StoreError;
use millwright_store::jobs::{self, RunEnd};
use millwright_store::notifications::{self as store, ClaimedDelivery, Delivery, Finished};

use crate::mail::{Resend, Sent};

/// Deliveries per batch.
const BATCH: usize = 100;
/// Requests to the provider at a time; the runtime allows six connections.
const AT_ONCE: usize = 6;
/// A batch is leased for so many seconds: longer than its slowest end, six at a time with the provider's deadline each.
const LEASE_SECONDS: u32 = 300;

/// Delivers what is due.
pub(crate) async fn work(run: &mut Run<'_>, mail: &Resend) -> Result<RunEnd, StoreError> {
    while !run.out_of_time() {
        let claim = new_id();
        let claimed = store::claim(&run.session, claim, BATCH, LEASE_SECONDS).await?;
        if claimed.is_empty() {
            return Ok(RunEnd::Done);
        }
        if !claimed.unreadable.is_empty() {
            store::put_aside(&run.session, claim, &claimed.unreadable).await?;
            run.add_problems(claimed.unreadable.iter().map(|row| jobs::unread("delivery", row)));
        }
        let finished: Vec<Finished> = stream::iter(&claimed.read)
            .map(|delivery| async move { attempt(mail, delivery).await })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for result in &finished {
            run.add(outcome(&result.result), 1);
        }
        store::finish(&run.session, &finished).await?;
    }
    Ok(RunEnd::OutOfTime)
}

/// Hands a message over to the provider of its channel.
async fn attempt(mail: &Resend, delivery: &ClaimedDelivery) -> Finished {
    let result = match delivery.channel {
        Channel::Email => ended(delivery, mail.send(delivery).await),
        channel @ (Channel::Push | Channel::Slack | Channel::Webhook | Channel::Sms) => {
            without_provider(channel)
        }
    };
    Finished { id: delivery.id, attempt: delivery.attempt, result }
}

/// The result of a delivery, from the provider's answer.
fn ended(delivery: &ClaimedDelivery, sent: Sent) -> Delivery {
    match sent {
        Sent::Accepted { provider_id } => Delivery::Delivered { provider_id },
        Sent::Refused { error } => Delivery::Dead { error },
        Sent::NotNow { error, asked_for } => match retry_after(delivery.attempt, asked_for) {
            Some(retry_seconds) => Delivery::Ready { retry_seconds, error },
            None => Delivery::Dead { error },
        },
    }
}

/// A message goes by its own channel or not at all: someone who asked for a push message gets no mail instead.
fn without_provider(channel: Channel) -> Delivery {
    Delivery::Dead { error: format!("no provider is set up for {channel}") }
}

fn outcome(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Delivered { .. } => "delivered",
        Delivery::Ready { .. } => "to_retry",
        Delivery::Dead { .. } => "dead",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    /// A request could not even be made outside of the runtime.
    #[test]
    fn a_channel_without_a_provider_ends_dead_and_is_not_mailed() {
        let mail = Resend { url: String::new(), key: String::new(), from: String::new() };
        for channel in Channel::ALL.into_iter().filter(|channel| *channel != Channel::Email) {
            let delivery = ClaimedDelivery {
                id: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
                attempt: 1,
                channel,
                title: String::new(),
                body: String::new(),
                email: "someone@example.test".to_owned(),
            };
            let finished = attempt(&mail, &delivery).now_or_never().unwrap();
            let error = format!("no provider is set up for {channel}");
            assert_eq!(finished, Finished { id: delivery.id, attempt: 1, result: Delivery::Dead { error } });
        }
    }
}
