//! The firing that generates: schedules in step with machines, then page after page until nothing is due.

use millwright_domain::schedule::{Planned, plan_page};
use millwright_edge::job::Run;
use millwright_store::jobs::Outcome;
use millwright_store::{StoreError, preventive};

/// Schedules per page: one transaction, and one round trip to read and one to write.
const PAGE: usize = 2_000;

/// Generates what is due.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<Outcome, StoreError> {
    if !run.may_call(1) {
        return Ok(Outcome::OutOfTime);
    }
    let synced = preventive::sync_schedules(&run.session, run.now).await?;
    run.add_all(&synced);
    let mut after = None;
    while run.may_call(2) {
        let page = preventive::due(&run.session, run.now, after.as_ref(), PAGE).await?;
        let Planned { plans, problems } = plan_page(&page.schedules, &page.templates, &page.places);
        for (schedule, error) in problems {
            // Reported and passed by: one bad rule must not hold up the others.
            run.problem(format!("schedule {schedule}"), error);
        }
        if !plans.is_empty() {
            let applied = preventive::apply(&run.session, run.now, &plans).await?;
            run.add_all(&applied);
        }
        // The cursor is a row that was read, so that a rule that stays due is not read again and again.
        match page.schedules.into_iter().last() {
            Some(last) => after = Some(last),
            None => return Ok(Outcome::Done),
        }
    }
    Ok(Outcome::OutOfTime)
}
