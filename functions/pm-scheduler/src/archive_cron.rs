//! The firing that archives: what ended long ago leaves the lists, not the database; what only old requests and old phones
//! would ask for, and who was counted how often, is forgotten.

use millwright_domain::housekeeping::Forgettable;
use millwright_edge::job::Run;
use millwright_store::StoreError;
use millwright_store::housekeeping::{archive, forget};
use millwright_store::jobs::RunEnd;

/// Work orders per batch.
const BATCH: usize = 1_000;

/// Archives what is old enough.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    for what in Forgettable::ALL {
        if !run.may_call(1) {
            return Ok(RunEnd::OutOfTime);
        }
        let forgotten = forget(&run.session, what, run.now).await?;
        run.add(&format!("{what}_forgotten"), forgotten);
    }
    while run.may_call(1) {
        let archived = archive(&run.session, run.now, BATCH).await?;
        let is_last = archived.is_empty();
        run.record(archived);
        if is_last {
            return Ok(RunEnd::Done);
        }
    }
    Ok(RunEnd::OutOfTime)
}
