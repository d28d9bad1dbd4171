//! A sweep: batch after batch of those that were not touched for long enough, oldest first.

use millwright_domain::escalation::{Step, decide, shortest_timeout};
use millwright_edge::job::Run;
use millwright_store::jobs::Outcome;
use millwright_store::{StoreError, escalation};

/// Work orders per batch.
const BATCH: usize = 1_000;

/// Escalates what is due.
pub(crate) async fn work(run: &mut Run<'_>, urgent_only: bool) -> Result<Outcome, StoreError> {
    let rules = escalation::rules(&run.session).await?;
    let Some(untouched_since) = shortest_timeout(&rules).and_then(|time| run.now.checked_sub_signed(time))
    else {
        return Ok(Outcome::Done);
    };
    let mut after = None;
    while !run.out_of_time() {
        let candidates =
            escalation::candidates(&run.session, untouched_since, urgent_only, after.as_ref(), BATCH).await?;
        run.add("looked_at", candidates.len() as u64);
        let due: Vec<Step> =
            candidates.iter().filter_map(|candidate| decide(run.now, candidate, &rules)).collect();
        if !due.is_empty() {
            let applied = escalation::apply(&run.session, run.now, &due).await?;
            run.add_all(&applied);
        }
        match candidates.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok(Outcome::Done),
        }
    }
    Ok(Outcome::OutOfTime)
}
