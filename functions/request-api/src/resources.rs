//! Plain resources under `/api/v1`, served by their declarations.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use millwright_domain::resource::{Cursor, ListQuery, Resource, Sort};
use millwright_edge::{
    FetchTransport, Problem, locate, new_id, page, pass_through, read_json, version_in, versioned,
    versioned_row,
};
use millwright_store::resources::{self, Format};
use millwright_store::{StoreError, Transport};
use serde_json::Value;
use uuid::Uuid;
use worker::{Response, Url};

use crate::idempotency;
use crate::routes::Call;

/// `GET /api/v1/RESOURCE`: those that the caller may see and that the query asks for, newest first.
pub(crate) async fn list(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let query = read_query(&call.info.url, resource).map_err(Problem::invalid)?;
    let format = format(call);
    let session = call.app.backend.on_behalf_of(&caller.token);
    let reply = resources::list(&session, resource, &query, format).await?;
    if format == Format::Csv {
        let response = pass_through(200, reply);
        let header = response.headers().set("content-type", "text/csv; charset=utf-8");
        header.map_err(|error| Problem::internal(error.to_string()))?;
        return Ok(response);
    }
    page(reply, query.limit, |row| next_page(&call.info.url, query.sort, row)).await
}

/// `GET /api/v1/RESOURCE/{id}`: one, with its children.
pub(crate) async fn get(call: &Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let id = read_id(call, resource)?;
    let reply = resources::get(&call.app.backend.on_behalf_of(&caller.token), resource, id).await?;
    versioned(200, reply.ok_or_else(|| no_such(resource))?).await
}

/// `POST /api/v1/RESOURCE`: opens one. With an `Idempotency-Key`, the same request again has the same answer and no effect.
pub(crate) async fn open(call: &mut Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let body = read_json(&mut call.request).await?;
    let once = idempotency::read(call, &body)?;
    let mut row = resource.read_new(&body).map_err(Problem::invalid)?;
    let id = row.entry("id").or_insert_with(|| new_id().to_string().into()).clone();
    let session = call.app.backend.on_behalf_of(&caller.token);
    let (response, id) = match (resources::open(&session, resource, &row, once.as_ref()).await, &once) {
        (Err(error), Some(once)) if error.is_repeated() => {
            let answer = idempotency::replay(call, resource, &caller, once).await?;
            let id = answer.get("id").cloned().unwrap_or_default();
            (versioned_row(201, answer)?, id)
        }
        (reply, _) => (versioned(201, reply?).await?, id),
    };
    locate(&response, &format!("/api/v1/{}/{}", resource.path, id.as_str().unwrap_or_default()))?;
    Ok(response)
}

/// `PATCH /api/v1/RESOURCE/{id}`: changes the fields that are named; with `If-Match`, only if nobody was faster.
pub(crate) async fn change(call: &mut Call, resource: &'static Resource) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let id = read_id(call, resource)?;
    let body = read_json(&mut call.request).await?;
    let changes = resource.read_changes(&body).map_err(Problem::invalid)?;
    let version = if_match(call)?;
    let session = call.app.backend.on_behalf_of(&caller.token);
    if let Some(reply) = resources::change(&session, resource, id, version, &changes).await? {
        return versioned(200, reply).await;
    }
    // Nothing matched; only now is it worth a second round trip to know why.
    let now = resources::get(&session, resource, id).await?.ok_or_else(|| no_such(resource))?;
    let now = version_in(&FetchTransport::read(now.body).await.map_err(StoreError::from)?);
    match (version, now) {
        (Some(wanted), Some(now)) if wanted != now => {
            Err(Problem::precondition_failed(format!("it has changed since: its version is {now}")))
        }
        _ => Err(Problem::forbidden("your role does not allow this")),
    }
}

/// The id in the path. What is no id names nothing.
pub(crate) fn read_id(call: &Call, resource: &Resource) -> Result<Uuid, Problem> {
    call.id.parse().map_err(|_| no_such(resource))
}

/// 404, in words.
pub(crate) fn no_such(resource: &Resource) -> Problem {
    Problem::not_found(format!("there is no such {}, or it is not yours to see", resource.one))
}

fn read_query(
    url: &Url,
    resource: &'static Resource,
) -> Result<ListQuery, Vec<millwright_domain::input::FieldError>> {
    let pairs: Vec<_> = url.query_pairs().collect();
    let parameters = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    ListQuery::parse(resource, parameters, decode_cursor)
}

/// The version that `If-Match` names (`"7"`), as the `version` of the row says it.
fn if_match(call: &Call) -> Result<Option<i64>, Problem> {
    let Some(header) = call.request.headers().get("if-match").ok().flatten() else {
        return Ok(None);
    };
    let version = header.trim().trim_start_matches("W/").trim_matches('"').parse();
    version
        .map(Some)
        .map_err(|_| Problem::precondition_failed("If-Match must be the version of the row, in quotes"))
}

fn format(call: &Call) -> Format {
    let accept = call.request.headers().get("accept").ok().flatten().unwrap_or_default();
    if accept.trim_start().starts_with("text/csv") { Format::Csv } else { Format::Json }
}

/// The address of the page after `row`: this one's, with another cursor.
fn next_page(url: &Url, sort: Sort, row: &Value) -> Option<String> {
    let id = row.get("id")?.as_str()?.parse().ok()?;
    let value = match row.get(sort.field.name)? {
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

fn decode_cursor(text: &str) -> Option<Cursor> {
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
        let sort = Sort { field: WORK_ORDERS.field("due_at").unwrap(), descending: true };
        let row = json!({"id": ID, "due_at": "2026-03-02T08:00:00.123456+00:00"});
        let next =
            Url::parse("http://localhost").unwrap().join(&next_page(&url, sort, &row).unwrap()).unwrap();
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
