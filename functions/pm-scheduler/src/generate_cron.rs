//! The firing that generates: schedules in step with machines, then page after page until nothing is due.

use millwright_domain::batches::Batches;
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
/// And rows, checklists among them.
const BATCH_ROWS: usize = 40_000;

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

/// Schedules in step with templates and machines. A machine may have any number of templates: where a page takes too long, the
/// next one is half as long. What cannot be brought in step at all is told of, and what is in step is generated all the same.
async fn bring_in_step(run: &mut Run<'_>) -> Result<RunEnd, StoreError> {
    let mut further = None;
    let mut machines = MACHINES;
    while run.may_call(1) {
        match preventive::sync_schedules(&run.session, run.now, further, machines).await {
            Ok(synced) => {
                run.add_all(&synced.counts);
                further = synced.further;
                if further.is_none() {
                    return Ok(RunEnd::Done);
                }
            }
            Err(error) if error.is_for_want_of_time() && machines > 1 => machines /= 2,
            Err(error) if error.is_for_want_of_time() => {
                run.problem("schedules of one machine".to_owned(), error);
                return Ok(RunEnd::Done);
            }
            Err(error) => return Err(error),
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
    let mut batches = Batches::of(batches(&planned.plans));
    while let Some(batch) = batches.next() {
        if has_called && !run.may_call(1) {
            return Ok(RunEnd::OutOfTime);
        }
        has_called = true;
        match preventive::apply(&run.session, run.now, batch).await {
            Ok(applied) => run.record(applied),
            Err(error) if error.is_for_want_of_time() && batches.halve(batch) => {}
            Err(error) if error.is_for_want_of_time() => put_off_alone(run, batch, &error).await?,
            Err(error) => return Err(error),
        }
    }
    Ok(RunEnd::Done)
}

/// Puts off a plan that cannot even be written alone, so that it does not hold up the others at every firing.
async fn put_off_alone(run: &mut Run<'_>, alone: &[Plan], error: &StoreError) -> Result<(), StoreError> {
    let unplanned = |plan: &Plan| Unplanned {
        schedule_id: plan.schedule_id,
        version: plan.version,
        subject: format!("schedule {}", plan.schedule_id),
        reason: format!("its decisions cannot be written: {error}"),
    };
    let problems: Vec<_> = alone.iter().map(unplanned).collect();
    let put_off = preventive::put_off(&run.session, run.now, &problems).await?;
    run.add("put_off", put_off);
    for Unplanned { subject, reason, .. } in problems {
        run.problem(subject, reason);
    }
    Ok(())
}

/// Plans that are written together.
fn batches(plans: &[Plan]) -> impl Iterator<Item = &[Plan]> {
    let mut rest = plans;
    std::iter::from_fn(move || {
        let (mut decisions, mut rows) = (0, 0);
        let fits = |plan: &&Plan| {
            decisions += plan.occurrences.len();
            rows += plan.rows;
            decisions <= BATCH && rows <= BATCH_ROWS
        };
        // One plan alone always fits: it has an end of its own.
        let many = rest.iter().take_while(fits).count().max(1);
        let (batch, later) = rest.split_at_checked(many)?;
        rest = later;
        Some(batch)
    })
}
