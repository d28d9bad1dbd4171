//! Work orders under `/api/v1/work-orders`.

use millwright_domain::id::WorkOrderId;
use millwright_domain::input::FieldError;
use millwright_domain::work_order::{NewWorkOrder, PRIORITIES, STATUSES, TYPES};
use millwright_edge::{Problem, locate, new_id, nudge, pass_through, read_json};
use millwright_store::work_orders::{self, ListFilter};
use worker::{Response, Url};

use crate::app::FUNCTION;
use crate::routes::Call;

/// How many work orders a list holds when nothing is said.
const DEFAULT_LIMIT: usize = 50;
/// How many it holds at most.
const MAX_LIMIT: usize = 200;

/// `GET /api/v1/work-orders`: those that the caller may see and that match, newest first.
pub(crate) async fn list(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let filter = read_filter(&call.info.url).map_err(Problem::invalid)?;
    let reply = work_orders::list(&call.app.backend.on_behalf_of(&caller.token), &filter).await?;
    Ok(pass_through(200, reply))
}

/// `GET /api/v1/work-orders/{id}`: one, with its checklist and attachments.
pub(crate) async fn get(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let id = work_order_id(&call.id)?;
    let reply = work_orders::get(&call.app.backend.on_behalf_of(&caller.token), id).await?;
    reply.map(|reply| pass_through(200, reply)).ok_or_else(no_such_work_order)
}

/// `POST /api/v1/work-orders`: opens one.
pub(crate) async fn open(mut call: Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let body = read_json(&mut call.request).await?;
    let mut order = NewWorkOrder::parse(&body).map_err(Problem::invalid)?;
    // Known before the answer is, so that the answer can be handed through unread.
    let id = *order.id.get_or_insert_with(|| WorkOrderId(new_id()));
    let reply = work_orders::open(&call.app.backend.on_behalf_of(&caller.token), &order).await?;
    let env = call.env.clone();
    call.context.wait_until(async move { nudge::send(&env, FUNCTION).await });
    let response = pass_through(201, reply);
    locate(&response, &format!("/api/v1/work-orders/{id}"))?;
    Ok(response)
}

/// The id in a path. What is no id names no work order.
pub(crate) fn work_order_id(text: &str) -> Result<WorkOrderId, Problem> {
    text.parse().map_err(|_| no_such_work_order())
}

pub(crate) fn no_such_work_order() -> Problem {
    Problem::not_found("there is no such work order, or it is not yours to see")
}

fn read_filter(url: &Url) -> Result<ListFilter, Vec<FieldError>> {
    let mut filter = ListFilter { equal: Vec::new(), limit: DEFAULT_LIMIT };
    let mut errors = Vec::new();
    for (name, value) in url.query_pairs() {
        let read = match name.as_ref() {
            "status" => one_of(&value, &STATUSES).map(|()| filter.equal.push(("status", value.into_owned()))),
            "priority" => {
                one_of(&value, &PRIORITIES).map(|()| filter.equal.push(("priority", value.into_owned())))
            }
            "type" => one_of(&value, &TYPES).map(|()| filter.equal.push(("type", value.into_owned()))),
            "assigned_to" => an_id(&value).map(|id| filter.equal.push(("assigned_to", id))),
            "requested_by" => an_id(&value).map(|id| filter.equal.push(("requested_by", id))),
            "warehouse_id" => an_id(&value).map(|id| filter.equal.push(("warehouse_id", id))),
            "equipment_id" => an_id(&value).map(|id| filter.equal.push(("equipment_id", id))),
            "limit" => a_limit(&value).map(|limit| filter.limit = limit),
            _ => Err("is not a parameter of this list".to_owned()),
        };
        if let Err(message) = read {
            errors.push(FieldError { pointer: format!("?{name}"), message });
        }
    }
    if errors.is_empty() { Ok(filter) } else { Err(errors) }
}

fn one_of(value: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&value) { Ok(()) } else { Err(format!("must be one of: {}", words.join(", "))) }
}

fn an_id(value: &str) -> Result<String, String> {
    value.parse::<WorkOrderId>().map(|id| id.to_string()).map_err(|_| "must be a UUID".to_owned())
}

fn a_limit(value: &str) -> Result<usize, String> {
    value
        .parse()
        .ok()
        .filter(|limit| (1..=MAX_LIMIT).contains(limit))
        .ok_or_else(|| format!("must be a number from 1 to {MAX_LIMIT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<ListFilter, Vec<String>> {
        let url = Url::parse(&format!("http://localhost/?{query}")).unwrap();
        read_filter(&url).map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn filters_are_read() {
        let filter = read("status=on_hold&limit=200").unwrap();
        assert_eq!((filter.equal, filter.limit), (vec![("status", "on_hold".to_owned())], 200));
        assert_eq!(read("").unwrap().limit, DEFAULT_LIMIT);
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let wrong = read("status=done&limit=0&assigned_to=me&colour=red&limit=201").unwrap_err();
        assert_eq!(wrong, ["?status", "?limit", "?assigned_to", "?colour", "?limit"]);
    }
}
