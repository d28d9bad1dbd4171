//! The firing that generates: schedules in step with machines, then batch after batch until nothing is due.

use millwright_domain::schedule;
use millwright_edge::job::Run;
use millwright_store::jobs::Outcome;
use millwright_store::{StoreError, preventive};

/// Schedules per batch: one transaction, and one round trip to read and one to write.
const BATCH: usize = 1_000;

/// Generates what is due.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<Outcome, StoreError> {
    let synced = preventive::sync_schedules(&run.session, run.now).await?;
    run.add_all(&synced);
    let mut after = None;
    while !run.out_of_time() {
        let due = preventive::due(&run.session, run.now, after.as_ref(), BATCH).await?;
        let mut plans = Vec::with_capacity(due.len());
        for schedule in &due {
            match schedule::plan(schedule) {
                Ok(plan) => plans.push(plan),
                // Reported and passed by: one bad rule must not hold up the others.
                Err(error) => run.problem(format!("schedule {}", schedule.schedule_id), error),
            }
        }
        if !plans.is_empty() {
            let applied = preventive::apply(&run.session, run.now, &plans).await?;
            run.add_all(&applied);
        }
        // The cursor is a row that was read, so that a rule that stays due is not read again and again.
        match due.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok(Outcome::Done),
        }
    }
    Ok(Outcome::OutOfTime)
}
