//! Plain resources under `/api/v1`, served by their declarations.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use millwright_domain::input::FieldError;
use millwright_domain::resource::{Child, Cursor, ListQuery, Parent, Resource, include};
use millwright_edge::{
    FetchTransport, Problem, Response, empty, locate, new_id, nudge, page, pass_through, read_json, rows,
    version_in, versioned, versioned_row,
};
use millwright_store::resources::{self, Format, Key};
use millwright_store::{GatewaySession, Reply, StoreError, Transport};
use serde_json::Value;
use uuid::Uuid;
use worker::{Url, web_sys};

use crate::app::FUNCTION;
use crate::auth::Caller;
use crate::idempotency::{self, Written, settle};
use crate::routes::Call;

/// `GET /api/v1/RESOURCE`: those that the caller may see and that the query asks for, newest first.
pub(crate) async fn list(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let parent = read_parent(call, resource)?;
    let query = read_query(&call.info.url, resource).map_err(Problem::invalid)?;
    let format = format(call);
    let session = call.on_behalf_of(&caller);
    let reply = resources::list(&session, resource, parent, &query, format).await?;
    if rows(&reply) == 0 && query.after.is_none() {
        // Nothing there, or nothing that it could be under? Only then is that worth a second round trip.
        parent_must_be_there(&session, resource, parent).await?;
    }
    match format {
        Format::Csv => Ok(csv(&reply)),
        Format::Json => {
            page(reply, query.limit, |row| next_page(&call.info.url, query.sort.field.name, row)).await
        }
    }
}

/// Answers with a list that the gateway has written as CSV.
pub(crate) fn csv(reply: &Reply<web_sys::Response>) -> Response {
    let mut response = pass_through(200, reply);
    response.set("content-type", "text/csv; charset=utf-8");
    response
}

/// `GET /api/v1/RESOURCE/{id}`: one, with its usual children or those that `include` names.
pub(crate) async fn get(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let key = read_key(call, resource)?;
    let children = read_include(&call.info.url, resource)?;
    let session = call.on_behalf_of(&caller);
    let reply = resources::get(&session, resource, key, &children).await?;
    versioned(200, reply.ok_or_else(|| no_such(resource))?).await
}

/// `POST /api/v1/RESOURCE`: opens one. With an `Idempotency-Key`, the same request again has the same answer and no effect.
pub(crate) async fn open(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let parent = read_parent(call, resource)?;
    let body = read_json(&call.request).await?;
    let once = idempotency::read(call, &body)?;
    let mut row = resource.read_new(&body).map_err(Problem::invalid)?;
    let id = row.entry("id").or_insert_with(|| new_id().to_string().into()).clone();
    if let (Some(above), Some(parent)) = (resource.parent, parent) {
        row.insert(above.field.to_owned(), parent.to_string().into());
    }
    let session = call.on_behalf_of(&caller);
    let opened = resources::open(&session, resource, &row, once.as_ref()).await;
    let (mut response, id) = match settle(call, &resource.columns(), &caller, once.as_ref(), opened).await? {
        Written::Before(answer) => {
            let id = answer.get("id").cloned().unwrap_or_default();
            (versioned_row(201, answer)?, id)
        }
        Written::Now(Err(error)) => {
            if matches!(error.code(), "42501" | "23503") {
                parent_must_be_there(&session, resource, parent).await?;
            }
            return Err(error.into());
        }
        Written::Now(Ok(reply)) => (versioned(201, reply).await?, id),
    };
    locate(&mut response, format!("{}/{}", call.info.url.path(), id.as_str().unwrap_or_default()));
    tell(call, resource);
    Ok(response)
}

/// `PATCH /api/v1/RESOURCE/{id}`: changes the fields that are named; with `If-Match`, only if nobody was faster.
pub(crate) async fn change(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let key = read_key(call, resource)?;
    let body = read_json(&call.request).await?;
    change_to(call, &caller, resource, key, &body).await
}

/// The same, with the body read already.
pub(crate) async fn change_to(
    call: &Call,
    caller: &Caller,
    resource: &'static Resource,
    key: Key,
    body: &Value,
) -> Result<Response, Problem> {
    let changes = resource.read_changes(body).map_err(Problem::invalid)?;
    let version = if_match(call, resource)?;
    let session = call.on_behalf_of(caller);
    if let Some(reply) = resources::change(&session, resource, key, version, &changes).await? {
        tell(call, resource);
        return versioned(200, reply).await;
    }
    Err(why_nothing_matched(&session, resource, key, version).await?)
}

/// `DELETE /api/v1/RESOURCE/{id}`: removes one; with `If-Match`, only if nobody changed it.
pub(crate) async fn remove(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let key = read_key(call, resource)?;
    let version = if_match(call, resource)?;
    let session = call.on_behalf_of(&caller);
    if resources::remove(&session, resource, key, version).await? {
        tell(call, resource);
        return Ok(empty());
    }
    Err(why_nothing_matched(&session, resource, key, version).await?)
}

/// A write that nothing matched; only now is it worth a second round trip to know why.
async fn why_nothing_matched(
    session: &GatewaySession<'_, FetchTransport>,
    resource: &Resource,
    key: Key,
    version: Option<i64>,
) -> Result<Problem, Problem> {
    let now = resources::get(session, resource, key, &[]).await?.ok_or_else(|| no_such(resource))?;
    let now = version_in(&FetchTransport::read(now.body).await.map_err(StoreError::from)?);
    Ok(match (version, now) {
        (Some(wanted), Some(now)) if wanted != now => Problem::changed_since(now),
        _ => Problem::forbidden("your role does not allow this"),
    })
}

async fn parent_must_be_there(
    session: &GatewaySession<'_, FetchTransport>,
    resource: &Resource,
    parent: Option<Uuid>,
) -> Result<(), Problem> {
    match (resource.parent, parent) {
        (Some(above), Some(id)) if !resources::exists(session, above.of, id).await? => Err(no_such(above.of)),
        _ => Ok(()),
    }
}

/// Wakes the sender after the answer, where someone may hear of what was written.
pub(crate) fn tell(call: &Call, resource: &Resource) {
    if resource.tells {
        nudge::send_after_answer(&call.env, &call.context, FUNCTION);
    }
}

/// The id in the path. What is no id names nothing.
pub(crate) fn read_id(call: &Call, resource: &Resource) -> Result<Uuid, Problem> {
    call.id.parse().map_err(|_| no_such(resource))
}

/// The id of what it lies under, if it lies under something.
fn read_parent(call: &Call, resource: &Resource) -> Result<Option<Uuid>, Problem> {
    let read = |parent: Parent| call.parent.parse().map_err(|_| no_such(parent.of));
    resource.parent.map(read).transpose()
}

pub(crate) fn read_key(call: &Call, resource: &Resource) -> Result<Key, Problem> {
    Ok(Key { parent: read_parent(call, resource)?, id: read_id(call, resource)? })
}

/// 404, in words.
pub(crate) fn no_such(resource: &Resource) -> Problem {
    Problem::not_found(format!("there is no such {}, or it is not yours to see", resource.one))
}

/// The children that are asked for, or the usual ones.
fn read_include(url: &Url, resource: &'static Resource) -> Result<Vec<&'static Child>, Problem> {
    let mut children = resource.usual_children();
    for (name, value) in url.query_pairs() {
        if name != "include" || resource.children.is_empty() {
            return Err(Problem::wrong_parameter(&name, "is not a parameter here"));
        }
        children = include(resource, &value).map_err(|message| Problem::wrong_parameter(&name, message))?;
    }
    Ok(children)
}

fn read_query(url: &Url, resource: &'static Resource) -> Result<ListQuery, Vec<FieldError>> {
    ListQuery::parse(resource, url.query_pairs(), decode_cursor)
}

/// The version that `If-Match` names (`"7"`), as the `version` of the row says it.
pub(crate) fn if_match(call: &Call, resource: &Resource) -> Result<Option<i64>, Problem> {
    let Some(header) = call.request.header("if-match") else {
        return Ok(None);
    };
    if resource.field("version").is_none() {
        return Err(Problem::precondition_failed(format!("a {} has no version", resource.one)));
    }
    let version = header.trim().trim_start_matches("W/").trim_matches('"').parse();
    version
        .map(Some)
        .map_err(|_| Problem::precondition_failed("If-Match must be the version of the row, in quotes"))
}

/// What a list is asked to be written as.
pub(crate) fn format(call: &Call) -> Format {
    let accept = call.request.header("accept").unwrap_or_default();
    if accept.trim_start().starts_with("text/csv") { Format::Csv } else { Format::Json }
}

/// The address of the page after `row`, in a list that `field` orders: this one's, with another cursor.
pub(crate) fn next_page(url: &Url, field: &str, row: &Value) -> Option<String> {
    let id = row.get("id")?.as_str()?.parse().ok()?;
    let value = match row.get(field)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let cursor = serde_json::to_vec(&Cursor(value, id)).ok()?;
    let mut next = url.clone();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(url.query_pairs().filter(|(name, _)| name != "cursor"))
        .append_pair("cursor", &BASE64_URL_SAFE_NO_PAD.encode(cursor));
    Some(format!("{}?{}", next.path(), next.query()?))
}

/// Reads what [`next_page`] has written.
pub(crate) fn decode_cursor(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::resource::WORK_ORDERS;
    use serde_json::json;

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    #[test]
    fn the_next_page_asks_the_same_and_begins_after_the_last_row() {
        let url =
            Url::parse("http://localhost/api/v1/work-orders?status=new&sort=-due_at&cursor=old").unwrap();
        let row = json!({"id": ID, "due_at": "2026-03-02T08:00:00.123456+00:00"});
        let next =
            Url::parse("http://localhost").unwrap().join(&next_page(&url, "due_at", &row).unwrap()).unwrap();
        let query = read_query(&next, &WORK_ORDERS).unwrap();
        assert_eq!(
            query.after,
            Some(Cursor(Some("2026-03-02T08:00:00.123456+00:00".to_owned()), ID.parse().unwrap()))
        );
        assert_eq!((query.filters.len(), query.sort.field.name), (1, "due_at"));
    }

    #[test]
    fn a_cursor_that_was_not_ours_is_refused() {
        for text in ["", "x", "W10", "%"] {
            assert_eq!(decode_cursor(text), None, "{text}");
        }
    }
}
