//! From the inbox to the provider: batch after batch of deliveries that are due.

use futures_util::{StreamExt, stream};
use millwright_domain::notification::retry_after;
use millwright_edge::job::Run;
use millwright_edge::new_id;
use millwright_store::StoreError;
use millwright_store::jobs::Outcome;
use millwright_store::notifications::{self as store, Claimed, Delivery, Finished};

use crate::mail::{Resend, Sent};

/// Deliveries per batch.
const BATCH: usize = 100;
/// Requests to the provider at a time; the runtime allows six connections.
const AT_ONCE: usize = 6;
/// A batch is leased for so many seconds: longer than its slowest end, six at a time with the provider's deadline each.
const LEASE_SECONDS: u32 = 300;

/// Delivers what is due.
pub(crate) async fn work(run: &mut Run<'_>, mail: &Resend) -> Result<Outcome, StoreError> {
    while !run.out_of_time() {
        let claimed = store::claim(&run.session, new_id(), BATCH, LEASE_SECONDS).await?;
        if claimed.is_empty() {
            return Ok(Outcome::Done);
        }
        let finished: Vec<Finished> = stream::iter(&claimed)
            .map(|delivery| async move { attempt(mail, delivery).await })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for result in &finished {
            run.add(outcome(&result.result), 1);
        }
        store::finish(&run.session, &finished).await?;
    }
    Ok(Outcome::OutOfTime)
}

async fn attempt(mail: &Resend, delivery: &Claimed) -> Finished {
    let result = match mail.send(delivery).await {
        Sent::Accepted { provider_id } => Delivery::Delivered { provider_id },
        Sent::Refused { error } => Delivery::Dead { error },
        Sent::NotNow { error, asked_for } => match retry_after(delivery.attempt, asked_for) {
            Some(retry_seconds) => Delivery::Ready { retry_seconds, error },
            None => Delivery::Dead { error },
        },
    };
    Finished { id: delivery.id, attempt: delivery.attempt, result }
}

fn outcome(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Delivered { .. } => "delivered",
        Delivery::Ready { .. } => "to_retry",
        Delivery::Dead { .. } => "dead",
    }
}
