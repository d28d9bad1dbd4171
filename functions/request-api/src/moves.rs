//! Work orders on their way: transitions, assignment, acknowledgement, and issues that open another work order.
//!
//! The database makes the move or refuses it, in one round trip; what is refused is explained by the domain, with the
//! moves that are open instead.

mod description;

use millwright_domain::input::{FieldError, pointer};
use millwright_domain::lifecycle::Standing;
use millwright_domain::resource::{ACKNOWLEDGEMENT, ASSIGNMENT, CHECKLIST, FOLLOW_UP, Row, WORK_ORDERS};
use millwright_domain::work_order::{ChecklistState, Status};
use millwright_domain::{signature, transition};
use millwright_edge::{Problem, Response, read_json, versioned_row};
use millwright_store::resources::Key;
use millwright_store::work_orders::{Moved, move_to, raise_issue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Signed;
use crate::endpoint::{Api, Handler, Method};
use crate::idempotency::{self, Written, settle};
use crate::openapi;
use crate::resources::{change_to, if_match, no_such, nudge_sender, one_of, read_id, read_key};

/// The endpoints under a work order that are no resource, and the change of a checklist item, which may open a work order.
pub(crate) fn declare(api: &mut Api) {
    let transitions = one_of(&WORK_ORDERS, "/transitions");
    api.add(transitions.on(Method::Post, Handler::person(transition), description::transition));
    let assignment = one_of(&WORK_ORDERS, "/assign");
    api.add(assignment.on(Method::Post, Handler::person(assign), description::assign));
    let acknowledgement = one_of(&WORK_ORDERS, "/acknowledge");
    api.add(acknowledgement.on(Method::Post, Handler::person(acknowledge), description::acknowledge));
    let item = one_of(&CHECKLIST, "");
    api.add(item.on(Method::Patch, Handler::person(change_item), || openapi::change(&CHECKLIST)));
    api.schemas(description::describe_follow_up);
}

/// `POST /api/v1/work-orders/{id}/transitions`: `{"to", "hold_reason"?, "assigned_to"?, "signature_name"?,
/// "signature_id"?, "note"?}`.
async fn transition(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let mut changes = transition::read(&body, signed.caller.id).map_err(Problem::invalid)?;
    let to = changes.remove("to").unwrap_or_default();
    changes.insert("status".to_owned(), to.clone());
    let to = Status::deserialize(to).ok();
    make(signed, &body, &changes, to).await
}

/// `POST /api/v1/work-orders/{id}/assign`: `{"assigned_to", "note"?}`. A new one becomes `assigned`, another one keeps its
/// status.
async fn assign(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let changes = ASSIGNMENT.read_new(&body).map_err(Problem::invalid)?;
    make(signed, &body, &changes, None).await
}

/// `POST /api/v1/work-orders/{id}/acknowledge`: `{"minutes"?, "note"?}`. Until then escalation waits; 30 minutes for an
/// emergency or what is critical, 4 hours otherwise.
async fn acknowledge(signed: &Signed<'_>) -> Result<Response, Problem> {
    let body = read_json(&signed.call.request).await?;
    let mut changes = ACKNOWLEDGEMENT.read_new(&body).map_err(Problem::invalid)?;
    let minutes = changes.remove("minutes").unwrap_or_default();
    changes.insert("acknowledge".to_owned(), minutes);
    make(signed, &body, &changes, None).await
}

/// `PATCH /api/v1/work-orders/{id}/checklist/{item}`: changes the item. With a `follow_up` it becomes an issue and its
/// work order is opened, both or neither.
async fn change_item(signed: &Signed<'_>) -> Result<Response, Problem> {
    let key = read_key(signed.call, &CHECKLIST)?;
    let body = read_json(&signed.call.request).await?;
    match body.get("follow_up").cloned() {
        Some(follow_up) => raise(signed, key, body, &follow_up).await,
        None => change_to(signed, &CHECKLIST, key, &body).await,
    }
}

async fn raise(
    signed: &Signed<'_>,
    key: Key,
    mut body: Value,
    follow_up: &Value,
) -> Result<Response, Problem> {
    if let Some(said) = body.as_object_mut() {
        said.remove("follow_up");
    }
    let row =
        FOLLOW_UP.read_new(follow_up).map_err(|errors| Problem::invalid(within("follow_up", errors)))?;
    let changes = CHECKLIST.read_changes(&body).map_err(Problem::invalid)?;
    if changes.get("state") != Some(&json!(ChecklistState::Issue))
        || changes.keys().any(|name| name != "state" && name != "notes")
    {
        return Err(Problem::wrong_field("follow_up", "comes with the state 'issue', and notes at most"));
    }
    let version = if_match(signed.call, &CHECKLIST)?;
    let item = raise_issue(&signed.session(), key, version, changes.get("notes"), &row).await?;
    let item = item.ok_or_else(|| no_such(&CHECKLIST))?;
    nudge_sender(signed.call, &WORK_ORDERS);
    versioned_row(200, item)
}

async fn make(
    signed: &Signed<'_>,
    body: &Value,
    changes: &Row,
    to: Option<Status>,
) -> Result<Response, Problem> {
    let call = signed.call;
    let id = read_id(call, &WORK_ORDERS)?;
    let once = idempotency::read(call, body)?;
    let version = if_match(call, &WORK_ORDERS)?;
    let moved = move_to(&signed.session(), id, version, changes, once.as_ref()).await;
    let moved = match settle(signed, once.as_ref(), moved).await? {
        Written::Before(answer) => return versioned_row(200, answer),
        Written::Now(moved) => moved?,
    };
    match moved.ok_or_else(|| no_such(&WORK_ORDERS))? {
        Moved::Made { moved } => {
            nudge_sender(signed.call, &WORK_ORDERS);
            versioned_row(200, moved)
        }
        Moved::Refused { refused, detail, standing } => {
            Err(explain(version, to, changes, refused, detail, &standing))
        }
    }
}

/// The reason why a move was refused. The domain knows the table of moves; every other rule is the database's, which names it.
fn explain(
    version: Option<i64>,
    to: Option<Status>,
    said: &Row,
    code: String,
    detail: String,
    standing: &Standing,
) -> Problem {
    if version.is_some_and(|version| version != standing.version) {
        return Problem::changed_since(standing.version);
    }
    let problem = match to.and_then(|to| standing.refusal(to)) {
        Some(refusal) => Problem::conflict(refusal.code(), refusal.to_string()),
        None if code == "forbidden" => Problem::forbidden(detail),
        None if code == signature::NEEDED => {
            Problem::conflict(code, detail).of(standing.signature.missing(said))
        }
        None => Problem::refused(code, detail),
    };
    problem.with("current_status", json!(standing.status)).with("open_moves", json!(standing.open_moves()))
}

/// The same errors, of an object within the body.
fn within(field: &str, errors: Vec<FieldError>) -> Vec<FieldError> {
    let below =
        |error: FieldError| FieldError { pointer: format!("{}{}", pointer(field), error.pointer), ..error };
    errors.into_iter().map(below).collect()
}
