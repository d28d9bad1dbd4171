//! Plain resources under `/api/v1`, served by their declarations.

use millwright_domain::resource::{
    Include, ListQuery, MAX_COUNTED, Parent, RESOURCES, Resource, fields, include,
};
use millwright_edge::{
    Address, FetchTransport, Problem, Response, empty, locate, new_id, nudge_sender_after_answer, page,
    read_json, rows, total, version_in, versioned, versioned_row, versioned_unless_known,
};
use millwright_store::resources::{self, Key, List};
use millwright_store::{GatewaySession, StoreError, Transport};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Signed};
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::function::FUNCTION;
use crate::idempotency::{self, Written, settle};
use crate::openapi;
use crate::paging::{Reading, decode_cursor, trimmed, wrong};
use crate::pasted::{and_also, written_out};
use crate::pictures::Teller;
use crate::rewritten::rewritten;

/// The usual endpoints of every resource.
pub(crate) fn declare(api: &mut Api) {
    for resource in RESOURCES {
        api.add(all(resource));
        api.add(one(resource));
    }
}

fn all(resource: &'static Resource) -> Endpoint {
    let read = Handler::person(async move |signed: &Signed<'_>| list(signed, resource).await);
    let all = all_of(resource).on(Method::Get, read, || openapi::list(resource));
    if !resource.opens {
        return all;
    }
    let open = Handler::person(async move |signed: &Signed<'_>| open(signed, resource).await);
    all.on(Method::Post, open, || openapi::open(resource))
}

fn one(resource: &'static Resource) -> Endpoint {
    let read = Handler::person(async move |signed: &Signed<'_>| get(signed, resource).await);
    let mut one = one_of(resource, "").on(Method::Get, read, || openapi::get(resource));
    if resource.changes() {
        let change = Handler::person(async move |signed: &Signed<'_>| change(signed, resource).await);
        one = one.on(Method::Patch, change, || openapi::change(resource));
    }
    if resource.removes {
        let remove = Handler::person(async move |signed: &Signed<'_>| remove(signed, resource).await);
        one = one.on(Method::Delete, remove, || openapi::remove(resource));
    }
    one
}

/// The endpoint of a resource, `/api/v1/RESOURCE`, without its methods.
pub(crate) fn all_of(resource: &'static Resource) -> Endpoint {
    below_all(resource, "")
}

/// The endpoint `/api/v1/RESOURCE` and `rest`, without its methods.
pub(crate) fn below_all(resource: &'static Resource, rest: &str) -> Endpoint {
    let all = Endpoint::at(format!("/api/v1/{}{rest}", resource.path));
    match resource.parent {
        Some(parent) => all.with_parameters(move || json!([openapi::id("id", parent.of)])),
        None => all,
    }
}

/// The endpoint of one of a resource, `/api/v1/RESOURCE/{id}` and `rest`, without its methods.
pub(crate) fn one_of(resource: &'static Resource, rest: &str) -> Endpoint {
    let path = format!("/api/v1/{}/{{{}}}{rest}", resource.path, own_parameter(resource));
    let own = move || openapi::id(own_parameter(resource), resource);
    Endpoint::at(path).with_parameters(move || match resource.parent {
        Some(parent) => json!([openapi::id("id", parent.of), own()]),
        None => json!([own()]),
    })
}

/// `GET /api/v1/RESOURCE`: those that the caller may see and that the query asks for, newest first.
async fn list(signed: &Signed<'_>, resource: &'static Resource) -> Result<Response, Problem> {
    let call = signed.call;
    let parent = read_parent(call, resource)?;
    let query = read_query(&call.info.address, resource)?;
    let reading = Reading::of(resource, parent, &query);
    if query.after.as_ref().is_some_and(|cursor| !reading.gave_out(cursor)) {
        return Err(Problem::no_cursor("cursor"));
    }
    let session = signed.session();
    let narrowing = signed.narrowing(resource);
    let asked = List { resource, parent, narrowing: &narrowing, query: &query };
    let (reply, too_many) = resources::counted(&session, &asked).await?;
    let total = query.counts().then(|| told_total(if too_many { None } else { total(&reply) }));
    if rows(&reply) == 0 && query.after.is_none() {
        // An empty list may mean that its parent is not there: only then a second round trip finds out.
        parent_must_be_there(&session, resource, parent).await?;
    }
    let reply = match Teller::of(call, resource, &query.include) {
        Some(teller) => rewritten(reply, |body| Ok(teller.tell(&body).unwrap_or(body))).await?,
        None => reply,
    };
    let next = |row: &Value| reading.next_page(&call.info.address, row);
    let mut response = match asked.trimmed_to() {
        None => page(reply, query.limit, next).await,
        Some(columns) => page(trimmed(reply, &columns).await?, query.limit, next).await,
    }?;
    if let Some(total) = total {
        response.set("x-total-count", total);
    }
    Ok(response)
}

/// The number of rows, as it is told: `731`, or `1000+` where there are more than are counted.
fn told_total(total: Option<usize>) -> String {
    match total.filter(|total| *total <= MAX_COUNTED) {
        Some(total) => total.to_string(),
        None => format!("{MAX_COUNTED}+"),
    }
}

/// `GET /api/v1/RESOURCE/{id}`: one, with what it is usually told with or what `include` names; with `fields`, these only.
async fn get(signed: &Signed<'_>, resource: &'static Resource) -> Result<Response, Problem> {
    let key = read_key(signed.call, resource)?;
    let (fields, told) = read_one(&signed.call.info.address, resource)?;
    let reply = resources::get(&signed.session(), resource, key, fields.as_deref(), &told).await?;
    let reply = reply.ok_or_else(|| no_such(resource))?;
    let teller = Teller::of(signed.call, resource, &told);
    let more = teller.is_some() || told.members().next().is_some();
    versioned_unless_known(&signed.call.request, reply, more, |body| teller.as_ref()?.tell(body)).await
}

/// `POST /api/v1/RESOURCE`: opens one. With an `Idempotency-Key`, the same request again has the same answer and no effect.
async fn open(signed: &Signed<'_>, resource: &'static Resource) -> Result<Response, Problem> {
    let call = signed.call;
    let parent = read_parent(call, resource)?;
    let body = read_json(&call.request).await?;
    let once = idempotency::read(call, &body)?;
    let (body, wrong) = written_out(signed, resource, None, &body).await?;
    let mut row = and_also(resource.read_new_at(&body, call.info.started), wrong)?;
    let id = row.entry("id").or_insert_with(|| new_id().to_string().into()).clone();
    if let (Some(above), Some(parent)) = (resource.parent, parent) {
        row.insert(above.field.to_owned(), parent.to_string().into());
    }
    let session = signed.session();
    let opened = resources::open(&session, resource, &row, once.as_ref()).await;
    let (mut response, id) = match settle(signed, once.as_ref(), opened).await? {
        Written::Before(answer) => {
            let id = answer.get("id").cloned().unwrap_or_default();
            (versioned_row(201, answer)?, id)
        }
        Written::Now(Err(error)) => return Err(why_refused(&session, resource, parent, error).await),
        Written::Now(Ok(reply)) => (versioned(201, reply).await?, id),
    };
    locate(&mut response, format!("{}/{}", call.info.path(), id.as_str().unwrap_or_default()));
    nudge_sender(call, resource);
    Ok(response)
}

/// `PATCH /api/v1/RESOURCE/{id}`: changes the fields that are named; with `If-Match`, only if nobody was faster.
async fn change(signed: &Signed<'_>, resource: &'static Resource) -> Result<Response, Problem> {
    let key = read_key(signed.call, resource)?;
    let body = read_json(&signed.call.request).await?;
    change_to(signed, resource, key, &body).await
}

/// The same, with the body read already.
pub(crate) async fn change_to(
    signed: &Signed<'_>,
    resource: &'static Resource,
    key: Key,
    body: &Value,
) -> Result<Response, Problem> {
    let call = signed.call;
    let (body, wrong) = written_out(signed, resource, Some(key.id), body).await?;
    let changes = and_also(resource.read_changes_at(&body, call.info.started), wrong)?;
    let version = if_match(call, resource)?;
    let session = signed.session();
    if let Some(reply) = resources::change(&session, resource, key, version, &changes).await? {
        nudge_sender(call, resource);
        return versioned(200, reply).await;
    }
    Err(why_nothing_matched(&session, resource, key, version).await?)
}

/// `DELETE /api/v1/RESOURCE/{id}`: removes one; with `If-Match`, only if nobody changed it.
async fn remove(signed: &Signed<'_>, resource: &'static Resource) -> Result<Response, Problem> {
    let call = signed.call;
    let key = read_key(call, resource)?;
    let version = if_match(call, resource)?;
    let session = signed.session();
    if resources::remove(&session, resource, key, version).await? {
        nudge_sender(call, resource);
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
    let now = resources::get(session, resource, key, None, &Include::default())
        .await?
        .ok_or_else(|| no_such(resource))?;
    let now = version_in(&FetchTransport::read(now.body).await.map_err(StoreError::from)?);
    Ok(match (version, now) {
        (Some(wanted), Some(now)) if wanted != now => Problem::changed_since(now),
        _ => Problem::forbidden("your role does not allow this"),
    })
}

/// An action that found nothing of the caller's to do it to: it is not theirs, for the reason in `detail`, or not there at all. Only
/// now a second round trip is worth to know.
pub(crate) async fn not_theirs(
    session: &GatewaySession<'_, FetchTransport>,
    resource: &Resource,
    id: Uuid,
    detail: &str,
) -> Result<Problem, Problem> {
    let is_there = resources::exists(session, resource, id).await?;
    Ok(if is_there { Problem::forbidden(detail) } else { no_such(resource) })
}

/// A write that was refused. The reason may be that its parent is not there for the caller: "not yours to see" and "not yours
/// to do" differ.
pub(crate) async fn why_refused(
    session: &GatewaySession<'_, FetchTransport>,
    resource: &Resource,
    parent: Option<Uuid>,
    error: StoreError,
) -> Problem {
    if matches!(error.code(), "42501" | "23503")
        && let Err(problem) = parent_must_be_there(session, resource, parent).await
    {
        return problem;
    }
    error.into()
}

/// 404 if the caller sees no such parent.
pub(crate) async fn parent_must_be_there(
    session: &GatewaySession<'_, FetchTransport>,
    resource: &Resource,
    parent: Option<Uuid>,
) -> Result<(), Problem> {
    match (resource.parent, parent) {
        (Some(above), Some(id)) if !resources::exists(session, above.of, id).await? => Err(no_such(above.of)),
        _ => Ok(()),
    }
}

/// Nudges the notification sender after the answer, if a write to this resource emits events.
pub(crate) fn nudge_sender(call: &Call, resource: &Resource) {
    if resource.emits_events {
        nudge_sender_after_answer(&call.env, &call.context, FUNCTION);
    }
}

/// The path's parameter that holds the id of one of a resource.
fn own_parameter(resource: &Resource) -> &'static str {
    if resource.parent.is_some() { "child" } else { "id" }
}

/// The id in the path. A text that is no id names nothing.
pub(crate) fn read_id(call: &Call, resource: &Resource) -> Result<Uuid, Problem> {
    call.path.get(own_parameter(resource)).parse().map_err(|_| no_such(resource))
}

/// The id of the parent, if the resource lies under another one.
pub(crate) fn read_parent(call: &Call, resource: &Resource) -> Result<Option<Uuid>, Problem> {
    let read = |parent: Parent| call.path.get("id").parse().map_err(|_| no_such(parent.of));
    resource.parent.map(read).transpose()
}

/// Both ids in the path.
pub(crate) fn read_key(call: &Call, resource: &Resource) -> Result<Key, Problem> {
    Ok(Key { parent: read_parent(call, resource)?, id: read_id(call, resource)? })
}

/// 404, in words.
pub(crate) fn no_such(resource: &Resource) -> Problem {
    Problem::not_found(format!("there is no such {}, or it is not yours to see", resource.singular))
}

/// The fields of one that are asked for, if not all, and what it is told with: what `include` names, or where nothing is said, the
/// usual. Both may be said again and again.
fn read_one(
    address: &Address,
    resource: &'static Resource,
) -> Result<(Option<Vec<&'static str>>, Include), Problem> {
    let (mut only, mut told) = (Vec::new(), Vec::new());
    for (name, value) in address.query_pairs() {
        match name.as_ref() {
            "fields" => only.push(value),
            "include" if !resource.includable(true).is_empty() => told.push(value),
            _ => return Err(Problem::wrong_parameter(&name, "is not a parameter here")),
        }
    }
    let wrong = |name: &'static str| move |message: String| Problem::wrong_parameter(name, message);
    let only = match only.as_slice() {
        [] => None,
        said => Some(with_its_version(resource, fields(resource, &said.join(",")).map_err(wrong("fields"))?)),
    };
    let told = match (told.as_slice(), &only) {
        ([], Some(_)) => Include::default(),
        ([], None) => resource.usual(),
        (said, _) => include(resource, &said.join(","), true).map_err(wrong("include"))?,
    };
    Ok((only, told))
}

/// By the version it is known what a change was made from.
fn with_its_version(resource: &Resource, asked: Vec<&'static str>) -> Vec<&'static str> {
    let known = ["id", "version"].into_iter().filter(|name| resource.field(name).is_some());
    let mut columns = Vec::new();
    for column in known.chain(asked) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

fn read_query(address: &Address, resource: &'static Resource) -> Result<ListQuery, Problem> {
    ListQuery::parse(resource, address.query_pairs(), decode_cursor).map_err(wrong)
}

/// The version that `If-Match` names (`"7"`, `"7-0123456789abcdef"`), as the `version` of the row says it. `*` is any: that
/// there is one.
pub(crate) fn if_match(call: &Call, resource: &Resource) -> Result<Option<i64>, Problem> {
    let Some(header) = call.request.header("if-match").filter(|header| header.trim() != "*") else {
        return Ok(None);
    };
    if resource.field("version").is_none() {
        return Err(Problem::precondition_failed(format!("a {} has no version", resource.singular)));
    }
    let said = header.trim().trim_start_matches("W/").trim_matches('"');
    // Behind it is what the row was told with, which a change of the row does not touch.
    let version = said.split('-').next().unwrap_or_default().parse();
    version
        .map(Some)
        .map_err(|_| Problem::precondition_failed("If-Match must be the version of the row, in quotes"))
}
