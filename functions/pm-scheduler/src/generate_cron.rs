//! The firing that generates: schedules in step with machines, then page after page until nothing is due.

use millwright_domain::schedule::{Plan, Planned, Unplanned, plan_page};
use millwright_edge::job::Run;
use millwright_edge::memory;
use millwright_store::jobs::RunEnd;
use millwright_store::{StoreError, preventive};

/// Machines per call that brings their schedules in step: a new template may be for a hundred thousand.
const MACHINES: usize = 10_000;
/// Schedules per page: one round trip to read, and one transaction to write.
const PAGE: usize = 2_000;
/// Decisions per transaction, about: after a long outage a page may have a thousand times as many as on any other day, and
/// the gateway has to answer in time.
const BATCH: usize = 4_000;

/// Generates what is due.
pub(crate) async fn work(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    let outcome = generate(run).await;
    // It only ever grows, so this is the most that was needed.
    run.add("wasm_memory_bytes", memory::size());
    outcome
}

async fn generate(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    if bring_in_step(run).await? == RunEnd::OutOfTime {
        return Ok(RunEnd::OutOfTime);
    }
    let mut after = None;
    // A page that is read is written, too: two calls.
    while run.may_call(2) {
        let page = preventive::due(&run.session, run.now, after.as_ref(), PAGE).await?;
        // The cursor is a row that was told, so that a rule that stays due is not read again and again.
        after = page.end();
        let planned = plan_page(page.schedules, page.templates, page.warehouses);
        if write(run, planned).await? == RunEnd::OutOfTime {
            return Ok(RunEnd::OutOfTime);
        }
        if after.is_none() {
            return Ok(RunEnd::Done);
        }
    }
    Ok(RunEnd::OutOfTime)
}

/// Schedules in step with templates and machines.
async fn bring_in_step(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    let mut further = None;
    while run.may_call(1) {
        let synced = preventive::sync_schedules(&run.session, run.now, further, MACHINES).await?;
        run.add_all(&synced.counts);
        further = synced.further;
        if further.is_none() {
            return Ok(RunEnd::Done);
        }
    }
    Ok(RunEnd::OutOfTime)
}

/// Writes the decisions on a page. The caller has asked for its first call.
async fn write(run: &mut Run<'_>, planned: Planned) -> Result<RunEnd, StoreError> {
    let mut has_called = false;
    if !planned.problems.is_empty() {
        // One bad rule must not hold up the others, today or at the next firing.
        let put_off = preventive::put_off(&run.session, run.now, &planned.problems).await?;
        run.add("put_off", put_off);
        for Unplanned { subject, reason, .. } in planned.problems {
            run.problem(subject, reason);
        }
        has_called = true;
    }
    for batch in batches(&planned.plans) {
        if has_called && !run.may_call(1) {
            return Ok(RunEnd::OutOfTime);
        }
        let applied = preventive::apply(&run.session, run.now, batch).await?;
        run.record(applied);
        has_called = true;
    }
    Ok(RunEnd::Done)
}

/// Plans that are written together.
fn batches(plans: &[Plan]) -> impl Iterator<Item = &[Plan]> {
    let mut rest = plans;
    std::iter::from_fn(move || {
        let mut decisions = 0;
        let fits = |plan: &&Plan| {
            decisions += plan.occurrences.len();
            decisions <= BATCH
        };
        // One plan alone always fits: it has an end of its own.
        let many = rest.iter().take_while(fits).count().max(1);
        let (batch, later) = rest.split_at_checked(many)?;
        rest = later;
        Some(batch)
    })
}
