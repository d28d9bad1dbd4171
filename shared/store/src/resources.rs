//! Plain resources, as they are declared: lists, single ones, new ones, changes.
//!
//! The gateway writes the JSON that a client gets, so these answers are not read here.

use millwright_domain::id::ProfileId;
use millwright_domain::resource::{Comparison, Cursor, Filter, ListQuery, Resource, Row, Sort};
use postgrest::Builder;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::error::StoreError;
use crate::gateway::{ONE, Session, found};
use crate::transport::{Reply, Transport};

/// What a list is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON array.
    Json,
    /// CSV with a header line (RFC 4180).
    Csv,
}

/// Those that the caller may see and that the query asks for.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn list<T: Transport>(
    session: &Session<'_, T>,
    resource: &Resource,
    query: &ListQuery,
    format: Format,
) -> Result<Reply<T::Body>, StoreError> {
    let mut request = session.table(resource.table).select(columns(resource, query));
    if resource.archived {
        request = request.is("archived_at", "null");
    }
    for filter in &query.filters {
        request = filtered(request, filter);
    }
    if let Some(words) = &query.search {
        request = request.wfts("search", words, Some("simple"));
    }
    if let Some(cursor) = &query.after {
        request = after(request, query.sort, cursor);
    }
    let request = request.order(order(query.sort)).limit(query.limit);
    match format {
        Format::Json => session.send(request, &[]).await,
        Format::Csv => session.send(request, &[(ACCEPT, HeaderValue::from_static("text/csv"))]).await,
    }
}

/// One with its children, as a JSON object. `None` when there is none that the caller may see.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn get<T: Transport>(
    session: &Session<'_, T>,
    resource: &Resource,
    id: Uuid,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let children =
        resource.children.iter().map(|child| format!(",{}:{}({})", child.name, child.table, child.columns));
    let select = own_columns(resource) + &children.collect::<String>();
    let mut request = session.table(resource.table).select(select).eq("id", id.to_string());
    for child in resource.children {
        request = request.order_with_options(child.order, Some(child.name), true, false);
    }
    found(session.send(request, &[ONE]).await)
}

/// What makes a repeated `POST` harmless (the `Idempotency-Key` header).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// The client's key: 1 to 255 printable ASCII characters.
    pub key: String,
    /// What was asked, as a hash in hex.
    pub fingerprint: String,
}

/// Opens one and answers with it, as a JSON object.
///
/// # Errors
/// When the gateway refuses (the caller may not, or what it names is not there) or does not answer. When `once` was used
/// before, [`StoreError::is_repeated`] says so, and [`replay`] tells the answer.
pub async fn open<T: Transport>(
    session: &Session<'_, T>,
    resource: &Resource,
    row: &Row,
    once: Option<&Once>,
) -> Result<Reply<T::Body>, StoreError> {
    let request = session.table(resource.table).select(own_columns(resource)).insert(written(row)?);
    let mut headers = vec![ONE];
    if let Some(Once { key, fingerprint }) = once {
        headers.push((HeaderName::from_static("idempotency-key"), header(key)?));
        headers.push((HeaderName::from_static("x-fingerprint"), header(fingerprint)?));
    }
    session.send(request, &headers).await
}

/// What was answered when a key was used first.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Replay {
    /// What was asked then.
    pub fingerprint: String,
    /// The row as it was then.
    pub answer: Row,
}

/// Looks up what a caller's key was answered with. `None` for one that is not known.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn replay<T: Transport>(
    session: &Session<'_, T>,
    resource: &Resource,
    caller: ProfileId,
    key: &str,
) -> Result<Option<Replay>, StoreError> {
    let columns: Vec<_> = resource.fields.iter().map(|field| field.name).collect();
    session.call("replay", &json!({"p_caller": caller, "p_key": key, "p_columns": columns})).await
}

/// Changes one, if it still has the version that is given, and answers with it, as a JSON object. `None` when nothing
/// matched: there is none, it has changed since, or the caller may not.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn change<T: Transport>(
    session: &Session<'_, T>,
    resource: &Resource,
    id: Uuid,
    version: Option<i64>,
    changes: &Row,
) -> Result<Option<Reply<T::Body>>, StoreError> {
    let mut request = session
        .table(resource.table)
        .select(own_columns(resource))
        .eq("id", id.to_string())
        .update(written(changes)?);
    if let Some(version) = version {
        request = request.eq("version", version.to_string());
    }
    found(session.send(request, &[ONE]).await)
}

fn header(value: &str) -> Result<HeaderValue, StoreError> {
    HeaderValue::from_str(value).map_err(|error| StoreError::Disagreement(error.to_string()))
}

fn written(row: &Row) -> Result<String, StoreError> {
    serde_json::to_string(row).map_err(|error| StoreError::Disagreement(error.to_string()))
}

fn own_columns(resource: &Resource) -> String {
    resource.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(",")
}

/// The id comes first, whatever is asked, and the field of the order is there: the next page begins after both.
fn columns(resource: &Resource, query: &ListQuery) -> String {
    let Some(fields) = &query.fields else {
        return own_columns(resource);
    };
    let mut columns = vec!["id", query.sort.field.name];
    columns.extend(fields);
    let mut seen = Vec::new();
    columns.retain(|column| {
        let new = !seen.contains(column);
        seen.push(*column);
        new
    });
    columns.join(",")
}

fn filtered(request: Builder, filter: &Filter) -> Builder {
    let (field, values) = (filter.field, &filter.values);
    match (filter.comparison, values.as_slice()) {
        (Comparison::AnyOf, [value]) => request.eq(field, value),
        (Comparison::AnyOf, values) => request.in_(field, values.iter().map(|value| quoted(value))),
        (Comparison::Missing, _) => request.is(field, "null"),
        (Comparison::AtLeast, [value]) => request.gte(field, value),
        (Comparison::MoreThan, [value]) => request.gt(field, value),
        (Comparison::AtMost, [value]) => request.lte(field, value),
        (Comparison::LessThan, [value]) => request.lt(field, value),
        // A comparison has one value; the query's parser made sure of it.
        _ => request,
    }
}

/// Rows without a value come last in either direction, so that a page can go on after one of them.
fn order(Sort { field, descending }: Sort) -> String {
    let direction = if descending { "desc" } else { "asc" };
    match field.name {
        "id" => format!("id.{direction}"),
        name => format!("{name}.{direction}.nullslast,id.{direction}"),
    }
}

fn after(request: Builder, sort: Sort, Cursor(value, id): &Cursor) -> Builder {
    let beyond = if sort.descending { "lt" } else { "gt" };
    let name = sort.field.name;
    let condition = match value {
        _ if name == "id" => format!("id.{beyond}.{id}"),
        None => format!("and({name}.is.null,id.{beyond}.{id})"),
        Some(value) => {
            let value = quoted(value);
            let nulls = if sort.field.nullable { format!(",{name}.is.null") } else { String::new() };
            format!("{name}.{beyond}.{value},and({name}.eq.{value},id.{beyond}.{id}){nulls}")
        }
    };
    request.or(condition)
}

/// In lists and logic a value may hold what separates them, so it is always quoted.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::resource::WORK_ORDERS;

    fn query(parameters: &[(&str, &str)]) -> ListQuery {
        let cursor = |text: &str| serde_json::from_str(text).ok();
        ListQuery::parse(&WORK_ORDERS, parameters.iter().copied(), cursor).unwrap()
    }

    fn url(parameters: &[(&str, &str)]) -> String {
        let query = query(parameters);
        let table = postgrest::Postgrest::new("http://gateway").from("work_orders");
        let request = query.filters.iter().fold(table, filtered);
        let request = match &query.after {
            Some(cursor) => after(request, query.sort, cursor),
            None => request,
        };
        let request = request.order(order(query.sort)).build().build().unwrap();
        let pairs = request.url().query_pairs().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(" & ")
    }

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    #[test]
    fn values_are_quoted_where_they_could_be_taken_for_syntax() {
        let parameters = [("area", "a\"),(b"), ("status", "new,on_hold")];
        assert_eq!(
            url(&parameters),
            "area=in.(\"a\\\")\",\"(b\") & status=in.(\"new\",\"on_hold\") & order=id.desc"
        );
    }

    #[test]
    fn a_page_goes_on_after_a_value_and_after_none() {
        let by_due = [("sort", "due_at"), ("cursor", &format!("[\"2026-03-02\",\"{ID}\"]"))];
        assert_eq!(
            url(&by_due),
            format!(
                "or=(due_at.gt.\"2026-03-02\",and(due_at.eq.\"2026-03-02\",id.gt.{ID}),due_at.is.null) & \
                 order=due_at.asc.nullslast,id.asc"
            )
        );
        let by_title = [("sort", "-title"), ("cursor", &format!("[\"x\",\"{ID}\"]"))];
        assert!(!url(&by_title).contains("is.null"), "a title is never missing");
        let after_none = [("sort", "-due_at"), ("cursor", &format!("[null,\"{ID}\"]"))];
        assert!(url(&after_none).starts_with(&format!("or=(and(due_at.is.null,id.lt.{ID}))")));
    }

    #[test]
    fn asked_fields_come_with_what_the_page_needs() {
        let query = query(&[("fields", "title,number,title"), ("sort", "due_at")]);
        assert_eq!(columns(&WORK_ORDERS, &query), "id,due_at,title,number");
    }
}
