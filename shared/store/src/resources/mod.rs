//! Plain resources, as they are declared: lists, single ones, new ones, changes.
//!
//! The gateway writes the JSON that a client gets, so these answers are not read here.

pub mod import;
mod query;

use millwright_domain::id::ProfileId;
use millwright_domain::resource::{
    Cursor, Include, ListQuery, Lookup, MAX_COUNTED, Narrowing, Resource, Row,
};
use postgrest::Builder;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::{GatewaySession, Header, ONE, found, written};
use crate::transport::{Reply, Transport};
pub(crate) use query::{ALL, embedded, ordered};
use query::{after, asked_columns, columns, filtered, order, said, with_children, within};

/// A row's id, and the id of the one that it lies under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The id of the one it lies under, from the path.
    pub parent: Option<Uuid>,
    /// Its own.
    pub id: Uuid,
}

impl From<Uuid> for Key {
    /// One that lies under nothing.
    fn from(id: Uuid) -> Self {
        Self { parent: None, id }
    }
}

/// Those that the caller may see and that the query asks for.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn list<T: Transport>(
    session: &GatewaySession<'_, T>,
    list: &List<'_>,
) -> Result<Reply<T::Body>, StoreError> {
    ask(session, list, None).await
}

/// The same; and while the query counts them, the gateway's `Content-Range` says how many there are, or there are too many
/// to be counted (`true`). The first page tells that; only where they are too many it costs a second round trip.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn counted<T: Transport>(
    session: &GatewaySession<'_, T>,
    list: &List<'_>,
) -> Result<(Reply<T::Body>, bool), StoreError> {
    // A table is counted as far as the gateway's rows go (`db_max_rows`); beyond, it would estimate, which the database refuses. What
    // comes out of a function is counted there: it is a person's own, or what a search stops at.
    let how = match list.source() {
        _ if !list.query.counts() => None,
        Some(_) => Some("count=exact"),
        None => Some("count=estimated"),
    };
    match ask(session, list, how).await {
        Err(error) if error.is_for_too_many_to_count() => Ok((ask(session, list, None).await?, true)),
        reply => Ok((reply?, false)),
    }
}

async fn ask<T: Transport>(
    session: &GatewaySession<'_, T>,
    list: &List<'_>,
    count: Option<&'static str>,
) -> Result<Reply<T::Body>, StoreError> {
    let columns = if list.source().is_some() { ALL.to_owned() } else { columns(list.query) };
    let request = question(session, list, &columns)?;
    let headers: Vec<_> = count.map(|how| (PREFER, HeaderValue::from_static(how))).into_iter().collect();
    session.send(request, &headers).await
}

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// A question to a list.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The resource that is listed.
    pub resource: &'a Resource,
    /// The id of its parent, if it has one.
    pub parent: Option<Uuid>,
    /// The part of it that the caller can see at all.
    pub narrowing: &'a Narrowing,
    /// The filters, the order and the page.
    pub query: &'a ListQuery,
}

/// The function of the database that a list comes out of, and its parameters.
type Source = (String, Value);

impl List<'_> {
    /// The function that it comes out of, if it does not come out of its table.
    fn source(&self) -> Option<Source> {
        match (&self.query.search, self.narrowing.source) {
            (Some(words), _) => {
                // A short list is looked through whole.
                let parameters = match self.resource.lookup {
                    Lookup::Every => json!({"q": words}),
                    Lookup::Indexed(_) => json!({"q": words, "first": self.first()}),
                };
                Some((format!("find_{}", self.resource.table), parameters))
            }
            (None, Some(own)) => Some((own.to_owned(), json!({}))),
            (None, None) => None,
        }
    }

    /// The page that is wanted, for a search: it need not find more than that.
    fn first(&self) -> Value {
        let ListQuery { sort, after, .. } = self.query;
        let limit = if self.query.counts() { MAX_COUNTED + 1 } else { self.query.limit };
        let mut filters: Vec<_> = self.narrowing.filter.iter().chain(&self.query.filters).map(said).collect();
        if self.resource.archived {
            filters.push(json!({"column": "archived_at", "op": "in", "values": [], "or_missing": true}));
        }
        let after =
            after.as_ref().map(|Cursor(value, id, _)| json!([sort.field.sort_value(value.as_deref()), id]));
        json!({
            "filters": filters, "sort": sort.field.sort_column(), "descending": sort.descending, "after": after,
            "limit": limit,
        })
    }

    /// The columns that have to be left in its rows. The gateway gives all columns of what comes out of a function.
    #[must_use]
    pub fn trimmed_to(&self) -> Option<Vec<&'static str>> {
        let mut columns = self.source().and_then(|_| asked_columns(self.query))?;
        columns.extend(self.query.include.members());
        Some(columns)
    }
}

/// Asks for these columns of those that the query asks for.
pub(crate) fn question<T: Transport>(
    session: &GatewaySession<'_, T>,
    list: &List<'_>,
    columns: &str,
) -> Result<Builder, StoreError> {
    let List { resource, parent, narrowing, query } = *list;
    let source = match list.source() {
        // The crate says a limit as a `Range`, which the gateway obeys for a GET alone.
        Some((function, parameters)) => {
            let limited = format!("{function}?limit={}", query.limit);
            session.client_function(&limited, &written(&parameters)?)
        }
        None => session.table(resource.table),
    };
    let request = within(source, resource, parent);
    let mut request = with_children(request, columns, &query.include);
    if resource.archived {
        request = request.is("archived_at", "null");
    }
    for filter in narrowing.filter.iter().chain(&query.filters) {
        request = filtered(request, filter);
    }
    if let Some(cursor) = &query.after {
        request = after(request, query.sort, cursor);
    }
    Ok(request.order(order(query.sort)).limit(query.limit))
}

/// One, its columns or some of them and what is told with them, as a JSON object. `None` if there is none that the caller may see.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn get<T: Transport>(
    session: &GatewaySession<'_, T>,
    resource: &Resource,
    key: Key,
    fields: Option<&[&str]>,
    include: &Include,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let request = within(session.table(resource.table), resource, key.parent).eq("id", key.id.to_string());
    let columns = fields.map_or_else(|| ALL.to_owned(), |fields| fields.join(","));
    found(session.send(with_children(request, &columns, include), &[ONE]).await)
}

/// True if there is one that the caller may see.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn exists<T: Transport>(
    session: &GatewaySession<'_, T>,
    resource: &Resource,
    id: Uuid,
) -> Result<bool, StoreError> {
    let request = session.table(resource.table).select("id").eq("id", id.to_string());
    Ok(found(session.send(request, &[ONE]).await)?.is_some())
}

/// The key that makes a repeated `POST` harmless (the `Idempotency-Key` header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// The client's key: 1 to 255 printable ASCII characters.
    pub key: String,
    /// The hash of the request, in hex.
    pub fingerprint: String,
}

impl Once {
    /// The headers that tell the database; none without a key.
    pub(crate) fn headers(once: Option<&Self>) -> Result<Vec<Header>, StoreError> {
        let Some(Self { key, fingerprint }) = once else { return Ok(Vec::new()) };
        Ok(vec![
            (HeaderName::from_static("idempotency-key"), header(key)?),
            (HeaderName::from_static("x-fingerprint"), header(fingerprint)?),
        ])
    }
}

/// Opens one and answers with it, as a JSON object.
///
/// # Errors
/// If the gateway refuses (the caller may not, or what it names is not there) or does not answer. When `once` was used
/// before, [`StoreError::is_repeated`] says so, and [`replay`] tells the answer.
pub async fn open<T: Transport>(
    session: &GatewaySession<'_, T>,
    resource: &Resource,
    row: &Row,
    once: Option<&Once>,
) -> Result<Reply<T::Body>, StoreError> {
    let request = session.table(resource.table).select(ALL).insert(written(row)?);
    let mut headers = vec![ONE];
    headers.extend(Once::headers(once)?);
    session.send(request, &headers).await
}

/// The answer to the first use of a key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Replay {
    /// The hash of the first request.
    pub fingerprint: String,
    /// The row as it was then.
    pub answer: Row,
}

/// Looks up the answer to a caller's key. `None` for one that is not known.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn replay<T: Transport>(
    session: &GatewaySession<'_, T>,
    caller: ProfileId,
    key: &str,
) -> Result<Option<Replay>, StoreError> {
    session.call("replay", &json!({"p_caller": caller, "p_key": key})).await
}

/// Changes one, if it still has the version that is given, and answers with it, as a JSON object. `None` if nothing
/// matched: there is none, it has changed since, or the caller may not.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn change<T: Transport>(
    session: &GatewaySession<'_, T>,
    resource: &Resource,
    key: Key,
    version: Option<i64>,
    changes: &Row,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let mut request = within(session.table(resource.table), resource, key.parent)
        .select(ALL)
        .eq("id", key.id.to_string())
        .update(written(changes)?);
    if let Some(version) = version {
        request = request.eq("version", version.to_string());
    }
    found(session.send(request, &[ONE]).await)
}

/// Removes one, if it still has the version that is given. False if nothing matched: there is none, it has changed
/// since, or the caller may not.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn remove<T: Transport>(
    session: &GatewaySession<'_, T>,
    resource: &Resource,
    key: Key,
    version: Option<i64>,
) -> Result<bool, StoreError> {
    let mut request = within(session.table(resource.table), resource, key.parent)
        .select("id")
        .eq("id", key.id.to_string())
        .delete();
    if let Some(version) = version {
        request = request.eq("version", version.to_string());
    }
    Ok(found(session.send(request, &[ONE]).await)?.is_some())
}

fn header(value: &str) -> Result<HeaderValue, StoreError> {
    HeaderValue::from_str(value).map_err(|error| StoreError::Disagreement(error.to_string()))
}
