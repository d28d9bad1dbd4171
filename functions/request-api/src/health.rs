//! Health: this function runs, can serve, and the whole system does its work.

mod description;

use futures_util::future::{Either, join_all, select};
use millwright_edge::live::Live;
use millwright_edge::{Problem, Response, clock, json};
use millwright_store::health::Health;
use millwright_store::{SCHEMA_VERSION, StoreError, health as store};
use serde_json::{Map, Value, json};
use std::time::Duration;
use worker::{Delay, Env};

use crate::call::Call;
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::function::FUNCTION;

/// The other functions, each with the binding that it is reached over.
const FUNCTIONS: [(&str, &str); 4] = [
    ("escalation-checker", "ESCALATION_CHECKER"),
    ("notification-sender", "NOTIFICATION_SENDER"),
    ("pm-scheduler", "PM_SCHEDULER"),
    ("file-processor", "FILE_PROCESSOR"),
];

/// A call over a service binding takes no signal, so it is raced with this.
const FUNCTION_DEADLINE: Duration = Duration::from_secs(2);

/// The endpoints.
pub(crate) fn declare(api: &mut Api) {
    api.add(Endpoint::at("/api/live").on(Method::Get, Handler::AtOnce(live), description::live));
    api.add(Endpoint::at("/api/ready").on(Method::Get, Handler::stranger(ready), description::ready));
    // For whoever runs the system: no part of the API that clients build on.
    api.add(Endpoint::at("/api/health").undescribed(Method::Get, Handler::stranger(health)));
    api.schemas(description::schemas);
}

/// `GET /api/live`: this function runs.
fn live(_: &Call) -> Result<Response, Problem> {
    json(200, &Live::of(FUNCTION))
}

/// `GET /api/ready`: it can serve, because the gateway answers and the migrations are those it was built for.
async fn ready(call: &Call) -> Result<Response, Problem> {
    let health = store::health(&call.own_session()).await?;
    if !has_schema(&health) {
        let found = health.schema_version;
        return Err(Problem::unavailable(
            format!("the database is at migration {found}, this function needs {SCHEMA_VERSION}"),
            "schema",
        ));
    }
    json(200, &json!({"status": "ready", "schema_version": health.schema_version}))
}

/// `GET /api/health`: `healthy`, `degraded` (it serves, but something needs a look) or `critical` (503).
async fn health(call: &Call) -> Result<Response, Problem> {
    authorise(call)?;
    let asked = clock::now();
    let database = store::health(&call.own_session()).await;
    let database_ms = (clock::now() - asked).num_milliseconds();
    let mut components: Map<String, Value> = join_all(
        FUNCTIONS.map(|(name, binding)| async move { (name.to_owned(), function(&call.env, binding).await) }),
    )
    .await
    .into_iter()
    .collect();
    components.insert(FUNCTION.to_owned(), json!({"status": "up", "version": env!("CARGO_PKG_VERSION")}));
    components.insert("database".to_owned(), component(&database, database_ms));

    let up = |name: &str| components.get(name).is_some_and(|component| component["status"] == "up");
    let status = match &database {
        Err(_) => "critical",
        Ok(_) if !up("database") || FUNCTIONS.iter().any(|(name, _)| !up(name)) => "degraded",
        Ok(health) if health.dead_letters > 0 => "degraded",
        Ok(_) => "healthy",
    };
    let metrics = database.as_ref().map_or_else(
        |_| json!({}),
        |health| {
            json!({
                "database_ms": database_ms, "events_waiting": health.events_waiting,
                "dead_letters": health.dead_letters, "last_runs": health.last_runs,
            })
        },
    );
    let report =
        json!({"status": status, "timestamp": clock::now(), "components": components, "metrics": metrics});
    json(if status == "critical" { 503 } else { 200 }, &report)
}

/// Outside development a report is for those who have the token.
fn authorise(call: &Call) -> Result<(), Problem> {
    let given = call.request.bearer_token();
    let allowed = match &call.app.health_token {
        Some(token) => given.as_ref() == Some(token),
        None => false,
    };
    if allowed || call.app.tier == "development" {
        Ok(())
    } else {
        Err(Problem::unauthenticated("the health report needs its bearer token"))
    }
}

fn has_schema(health: &Health) -> bool {
    health.schema_version.as_str() >= SCHEMA_VERSION
}

fn component(database: &Result<Health, StoreError>, ms: i64) -> Value {
    match database {
        Ok(health) if has_schema(health) => {
            json!({"status": "up", "schema_version": health.schema_version, "ms": ms})
        }
        Ok(health) => json!({"status": "outdated", "schema_version": health.schema_version, "ms": ms}),
        Err(_) => json!({"status": "down"}),
    }
}

async fn function(env: &Env, binding: &str) -> Value {
    let asked = async {
        let mut response = env.service(binding).ok()?.fetch("https://function/live", None).await.ok()?;
        response.json::<Live>().await.ok()
    };
    match select(Box::pin(asked), Delay::from(FUNCTION_DEADLINE)).await {
        Either::Left((Some(live), _)) => json!({"status": "up", "version": live.version}),
        _ => json!({"status": "down"}),
    }
}
