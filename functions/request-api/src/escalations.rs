//! What would escalate, and why: the checker's own decisions, of which nothing is written.

use chrono::{DateTime, Utc};
use millwright_domain::escalation::{Decision, People, Rulebook, Scope, WorkOrder, decide};
use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::{Kind, WORK_ORDERS};
use millwright_edge::{Problem, Response, clock, json};
use millwright_store::escalation as store;
use serde::Deserialize;
use serde_json::{Value, json as object};

use crate::resources::no_such;
use crate::routes::Call;

/// How many work orders are looked at for one answer.
pub(crate) const MOST: usize = 1_000;

/// The parameters of `GET /api/v1/escalation-rules/dry-run`.
pub(crate) const PARAMETERS: [Parameter; 3] = [
    Parameter {
        name: "at",
        kind: Kind::Time,
        required: false,
        about: "The moment for which a firing is imagined; now, when nothing is said",
    },
    Parameter {
        name: "warehouse_id",
        kind: Kind::Id,
        required: false,
        about: "Only work orders of this warehouse",
    },
    Parameter {
        name: "work_order_id",
        kind: Kind::Id,
        required: false,
        about: "Only this work order, also if nothing would happen to it: the answer says why",
    },
];

/// `GET /api/v1/escalation-rules/dry-run?at=…`: what the next full sweep would do if it came at that moment and nothing else
/// happened before.
pub(crate) async fn dry_run(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let given = parameters::read(&PARAMETERS, call.info.url.query_pairs()).map_err(Problem::invalid)?;
    let said = |name: &str| given.get(name).map(String::as_str);
    let at: DateTime<Utc> = said("at").and_then(|at| at.parse().ok()).unwrap_or_else(clock::now);
    let one = said("work_order_id").and_then(|id| id.parse().ok());
    let session = call.on_behalf_of(&caller);
    let (book, page) = store::dry_run(&session, &at.to_rfc3339(), said("warehouse_id"), one, MOST).await?;
    if one.is_some() && page.work_orders.is_empty() {
        return Err(no_such(&WORK_ORDERS));
    }
    let (book, mut problems) = Rulebook::read(book.rules, book.places);
    let mut people = People::new(page.people);
    let looked_at = page.work_orders.len();
    let mut told = Vec::new();
    for row in &page.work_orders {
        match WorkOrder::deserialize(row) {
            Ok(order) => {
                let decision = decide(at, Scope::Every, &order, &book, &mut people);
                if decision.step.is_some() || one.is_some() {
                    told.push(tell(row, &decision));
                }
            }
            Err(error) => problems.push((format!("work order {}", row["id"]), error.to_string())),
        }
    }
    let problems: Vec<_> =
        problems.iter().map(|(subject, reason)| object!({"subject": subject, "reason": reason})).collect();
    let answer = object!({"at": at, "work_orders": told, "looked_at": looked_at, "complete": looked_at < MOST,
        "problems": problems});
    json(200, &answer)
}

fn tell(row: &Value, decision: &Decision) -> Value {
    let step = decision.step.as_ref();
    object!({
        "work_order_id": decision.work_order_id,
        "number": row["number"],
        "title": row["title"],
        "warehouse_id": row["warehouse_id"],
        "status": row["status"],
        "escalates": step.is_some(),
        "rule_id": step.map(|step| step.rule_id),
        "clock": step.map(|step| step.clock),
        "level": step.map(|step| step.level),
        "action": step.map(|step| step.action),
        "due_at": step.map_or(decision.next_look, |step| Some(step.due_at)),
        "assigned_to": step.and_then(|step| step.assignee),
        "outcome": step.map_or("", |step| &step.outcome),
        "reason": step.map_or(&decision.why_not, |step| &step.reason),
        "response_due_at": decision.response_due_at,
        "resolution_due_at": decision.resolution_due_at,
    })
}
