//! From the outbox to people: batch after batch of events that nobody has been told of.

use millwright_domain::notification::notifications;
use millwright_edge::job::Run;
use millwright_store::jobs::RunEnd;
use millwright_store::{StoreError, notifications as store};

/// Events per batch.
const BATCH: usize = 500;

/// Tells everyone concerned, in their inboxes, and makes the deliveries.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    while !run.out_of_time() {
        let events = store::waiting(&run.session, BATCH).await?;
        if events.is_empty() {
            return Ok(RunEnd::Done);
        }
        let told: Vec<_> = events.iter().flat_map(notifications).collect();
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        let applied = store::apply(&run.session, &ids, &told).await?;
        run.add_all(&applied);
    }
    Ok(RunEnd::OutOfTime)
}
