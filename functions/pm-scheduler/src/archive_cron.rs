//! The firing that archives: what ended long ago leaves the lists, not the database; keys of old requests are forgotten.

use millwright_edge::job::Run;
use millwright_store::jobs::Outcome;
use millwright_store::{StoreError, preventive};

/// Work orders per batch.
const BATCH: usize = 1_000;

/// Archives what is old enough.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<Outcome, StoreError> {
    let forgotten = preventive::forget_keys(&run.session, run.now).await?;
    run.add("keys_forgotten", forgotten);
    while !run.out_of_time() {
        let archived = preventive::archive(&run.session, run.now, BATCH).await?;
        run.add("archived", archived);
        if archived == 0 {
            return Ok(Outcome::Done);
        }
    }
    Ok(Outcome::OutOfTime)
}
