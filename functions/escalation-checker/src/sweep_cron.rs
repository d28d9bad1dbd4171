//! A sweep: batch after batch of those whose moment has come, the oldest first.

use millwright_domain::escalation::{Decision, People, Rulebook, Scope, WorkOrder, decide};
use millwright_edge::job::Run;
use millwright_edge::memory;
use millwright_store::jobs::{self, RunEnd};
use millwright_store::{StoreError, escalation};
use serde::Deserialize;
use serde_json::Value;

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
        // The end is a row that was read, so that one that stays due is not read again and again.
        let (is_last, end) = (page.work_orders.len() < BATCH, page.end());
        let decisions = decide_all(run, scope, &book, page);
        if !decisions.is_empty() {
            let applied = escalation::apply(&run.session, run.now, &decisions).await?;
            run.add_all(&applied);
        }
        if is_last {
            return Ok(RunEnd::Done);
        }
        after = end;
    }
    Ok(RunEnd::OutOfTime)
}

fn decide_all(run: &mut Run<'_>, scope: Scope, book: &Rulebook, page: escalation::Page) -> Vec<Decision> {
    let mut people = People::new(page.people);
    let mut decisions = Vec::with_capacity(page.work_orders.len());
    for row in page.work_orders {
        match WorkOrder::deserialize(&row) {
            Ok(order) => decisions.push(decide(run.now, scope, &order, book, &mut people)),
            // Reported and passed by: it must not hold up the others.
            Err(error) => {
                let id = row.get("id").and_then(Value::as_str).unwrap_or("?");
                run.problem(format!("work order {id}"), error);
            }
        }
    }
    decisions
}
