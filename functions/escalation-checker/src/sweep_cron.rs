//! A sweep: batch after batch of those whose moment has come, the oldest first.

use millwright_domain::batches::Batches;
use millwright_domain::escalation::{Decision, People, Rulebook, Scope, decide};
use millwright_edge::job::Run;
use millwright_edge::memory;
use millwright_store::jobs::{self, RunEnd};
use millwright_store::{StoreError, escalation};

/// Work orders per batch: one transaction, and one round trip to read and one to write.
const BATCH: usize = 1_000;

/// Escalates what is due. Where the calls or the time are used up, the next firing goes on.
pub(crate) async fn work(run: &mut Run<'_>, scope: Scope) -> Result<RunEnd, StoreError> {
    let outcome = sweep(run, scope).await;
    run.add("wasm_memory_bytes", memory::size());
    outcome
}

async fn sweep(run: &mut Run<'_>, scope: Scope) -> Result<RunEnd, StoreError> {
    if !run.may_call(1) {
        return Ok(RunEnd::OutOfTime);
    }
    let book = escalation::book(&run.session).await?;
    let (book, problems) = Rulebook::read(book.rules, book.warehouses);
    for (subject, reason) in problems {
        run.problem(subject, reason);
    }
    if !run.problems().is_empty() && run.may_call(1) {
        jobs::report(&run.session, run.problems()).await?;
    }
    let mut after = None;
    // A batch that is read is written, too: two calls.
    while run.may_call(2) {
        let urgent_only = scope == Scope::Urgent;
        let page = escalation::page(&run.session, run.now, urgent_only, after.as_ref(), BATCH).await?;
        run.add("looked_at", page.work_orders.len() as u64);
        // The end is a row that was told, so that one that stays due is not read again and again.
        let (is_last, end) = (page.work_orders.len() < BATCH, page.end());
        put_off(run, &page).await?;
        let mut people = People::new(page.people.read);
        let orders = page.work_orders.read.iter();
        let decisions: Vec<_> =
            orders.map(|order| decide(run.now, scope, order, &book, &mut people)).collect();
        if write(run, &decisions).await? == RunEnd::OutOfTime {
            return Ok(RunEnd::OutOfTime);
        }
        if is_last {
            return Ok(RunEnd::Done);
        }
        after = end;
    }
    Ok(RunEnd::OutOfTime)
}

/// Writes the decisions on a batch. The caller has asked for its first call.
async fn write(run: &mut Run<'_>, decisions: &[Decision]) -> Result<RunEnd, StoreError> {
    let mut batches = Batches::of(Some(decisions).filter(|decisions| !decisions.is_empty()));
    let mut has_called = false;
    while let Some(batch) = batches.next() {
        if has_called && !run.may_call(1) {
            return Ok(RunEnd::OutOfTime);
        }
        has_called = true;
        match escalation::apply(&run.session, run.now, batch).await {
            Ok(applied) => run.record(applied),
            Err(error) if error.is_for_want_of_time() && batches.halve(batch) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(RunEnd::Done)
}

/// Puts off the work orders that cannot be read, and tells of the people who cannot.
async fn put_off(run: &mut Run<'_>, page: &escalation::Page) -> Result<(), StoreError> {
    let (orders, people) = (&page.work_orders.unreadable, &page.people.unreadable);
    // One call is left for the decisions on the others.
    if !orders.is_empty() && run.may_call(2) {
        let put_off = escalation::put_off(&run.session, run.now, orders).await?;
        run.add("put_off", put_off);
    }
    run.add_problems(orders.iter().map(|row| jobs::unread("work order", row)));
    run.add_problems(people.iter().map(|row| jobs::unread("profile", row)));
    Ok(())
}
