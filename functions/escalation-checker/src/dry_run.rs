//! The dry run: the decisions of a sweep are answered and not written. The API hands in what it may see, over its binding;
//! nothing is read here.

use chrono::{DateTime, Utc};
use millwright_domain::escalation::{
    Decision, People, Person, Rule, Rulebook, Scope, WarehouseHours, WorkOrder, decide,
};
use millwright_domain::rows::Rows;
use millwright_store::jobs::{self, RunProblem};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use worker::{Request, Response, Result};

/// The path that the API asks.
pub(crate) const PATH: &str = "/dry-run";

#[derive(Deserialize)]
struct Asked {
    at: DateTime<Utc>,
    /// If true, the answer has the work orders that would not escalate, too.
    every: bool,
    rules: Rows<Rule>,
    #[serde(rename = "places")]
    warehouses: Rows<WarehouseHours>,
    work_orders: Rows<Shown>,
    people: Rows<Person>,
}

/// A work order, and what the answer shows of it beside the decision.
struct Shown {
    order: WorkOrder,
    row: Value,
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(told: D) -> std::result::Result<Self, D::Error> {
        let row = Value::deserialize(told)?;
        let order = WorkOrder::deserialize(&row).map_err(D::Error::custom)?;
        Ok(Self { order, row })
    }
}

/// Answers with `{"work_orders", "problems"}`.
pub(crate) async fn answer(mut request: Request) -> Result<Response> {
    // Not by way of JavaScript's objects, as `Request::json` reads it: rows are read one by one, from their text.
    let asked: Asked = serde_json::from_slice(&request.bytes().await?)?;
    let (book, problems) = Rulebook::read(asked.rules, asked.warehouses);
    let problems = problems.into_iter().map(|(subject, reason)| RunProblem { subject, reason });
    let orders = asked.work_orders.unreadable.iter().map(|row| jobs::unread("work order", row));
    let people = asked.people.unreadable.iter().map(|row| jobs::unread("profile", row));
    let problems: Vec<_> = problems.chain(orders).chain(people).collect();
    let mut people = People::new(asked.people.read);
    let mut told = Vec::new();
    for Shown { order, row } in &asked.work_orders.read {
        let decision = decide(asked.at, Scope::Every, order, &book, &mut people);
        if decision.step.is_some() || asked.every {
            told.push(tell(row, &decision));
        }
    }
    Response::from_json(&json!({"work_orders": told, "problems": problems}))
}

fn tell(row: &Value, decision: &Decision) -> Value {
    let step = decision.step.as_ref();
    json!({
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
