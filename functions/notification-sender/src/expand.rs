//! From the outbox to people: batch after batch of events that nobody has been told of.

use millwright_domain::batches::Batches;
use millwright_domain::rows::Unreadable;
use millwright_edge::job::Run;
use millwright_store::StoreError;
use millwright_store::jobs::{self, RunEnd};
use millwright_store::notifications::{self as store, Told};

/// Events per batch.
const BATCH: usize = 500;

/// Tells everyone concerned, in their inboxes, and makes the deliveries.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    while !run.out_of_time() {
        let events = store::waiting(&run.session, BATCH).await?;
        if events.is_empty() {
            return Ok(RunEnd::Done);
        }
        put_aside(run, &events.unreadable).await?;
        let told: Vec<_> = events.read.iter().map(Told::of).collect();
        let mut batches = Batches::of([told.as_slice()]);
        while let Some(batch) = batches.next() {
            match store::apply(&run.session, batch).await {
                Ok(applied) => run.record(applied),
                Err(error) if error.is_for_want_of_time() && !run.out_of_time() && batches.halve(batch) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(RunEnd::OutOfTime)
}

/// Reports events that cannot be read; with that they leave the head of the line until tomorrow.
async fn put_aside(run: &mut Run<'_>, unreadable: &[Unreadable]) -> Result<(), StoreError> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let problems: Vec<_> = unreadable.iter().map(|row| jobs::unread("event", row)).collect();
    jobs::report(&run.session, &problems).await?;
    run.add_problems(problems);
    Ok(())
}
