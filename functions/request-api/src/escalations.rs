//! The dry run of escalation: what would escalate at a moment, and why. The checker decides as ever; nothing is written.

mod description;

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};
use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::{ESCALATION_RULES, Kind, WORK_ORDERS};
use millwright_edge::{Problem, Response, clock, json};
use millwright_store::escalation::{self as store, DryRun};
use serde::Serialize;
use serde_json::{Map, Value, json as object};
use worker::{Delay, Env, RequestInit};

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::resources::no_such;

/// The most work orders that are looked at for one answer.
const MOST: usize = 1_000;

/// The checker has so much time to decide.
const DEADLINE: Duration = Duration::from_secs(5);

/// The parameters of `GET /api/v1/escalation-rules/dry-run`.
const PARAMETERS: [Parameter; 3] = [
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

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    let run = Endpoint::at(format!("/api/v1/{}/dry-run", ESCALATION_RULES.path));
    api.add(run.on(Method::Get, Handler::person(dry_run), description::dry_run));
    api.schemas(description::schemas);
}

/// `GET /api/v1/escalation-rules/dry-run?at=…`: what the next full sweep would do if it came at that moment and nothing else
/// happened before. What the caller may see of it is read here; the checker decides.
async fn dry_run(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let given = parameters::read(&PARAMETERS, call.info.query_pairs()).map_err(Problem::invalid)?;
    let said = |name: &str| given.get(name).map(String::as_str);
    let at: DateTime<Utc> = said("at").and_then(|at| at.parse().ok()).unwrap_or_else(clock::now);
    let one = said("work_order_id");
    let session = signed.session();
    let seen = store::dry_run(&session, &at.to_rfc3339(), said("warehouse_id"), one, MOST).await?;
    let looked_at = seen.work_orders.len();
    if one.is_some() && looked_at == 0 {
        return Err(no_such(&WORK_ORDERS));
    }
    let mut answer = decide(&call.env, &Asked { at, every: one.is_some(), seen })
        .await
        .ok_or_else(|| Problem::unavailable("what decides does not answer; try again", "dry run"))?;
    answer.insert("at".to_owned(), object!(at));
    answer.insert("looked_at".to_owned(), object!(looked_at));
    answer.insert("complete".to_owned(), object!(looked_at < MOST));
    json(200, &answer)
}

/// The question to the checker.
#[derive(Serialize)]
struct Asked {
    at: DateTime<Utc>,
    every: bool,
    #[serde(flatten)]
    seen: DryRun,
}

/// Asks the checker.
async fn decide(env: &Env, asked: &Asked) -> Option<Map<String, Value>> {
    let mut init = RequestInit::new();
    init.with_method(worker::Method::Post).with_body(Some(serde_json::to_string(asked).ok()?.into()));
    let answer = async {
        let checker = env.service("ESCALATION_CHECKER").ok()?;
        checker.fetch("https://function/dry-run", Some(init)).await.ok()?.json().await.ok()
    };
    match select(Box::pin(answer), Delay::from(DEADLINE)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => None,
    }
}
