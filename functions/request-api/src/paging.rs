//! Pages of lists: their format, and the cursor at which the next one begins.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use millwright_domain::resource::{Cursor, trim_csv, trim_json};
use millwright_edge::{Address, FetchTransport, Problem, Response, pass_through};
use millwright_store::resources::Format;
use millwright_store::{Reply, StoreError, Transport};
use serde_json::Value;
use worker::web_sys;

use crate::call::Call;

/// Answers with a list that the gateway has written as CSV: all its columns or some, and nothing that a spreadsheet would take
/// for a formula, unless it is to be `raw`.
pub(crate) async fn csv(
    reply: Reply<web_sys::Response>,
    columns: Option<&[&str]>,
    raw: bool,
) -> Result<Response, Problem> {
    let reply = match columns {
        None if raw => reply,
        _ => with_body(reply, |body| trim_csv(body, columns, raw)).await?,
    };
    let mut response = pass_through(200, &reply);
    response.set("content-type", "text/csv; charset=utf-8");
    Ok(response)
}

/// The same rows, with these columns only.
pub(crate) async fn trimmed(
    reply: Reply<web_sys::Response>,
    columns: &[&str],
) -> Result<Reply<web_sys::Response>, Problem> {
    with_body(reply, |body| trim_json(body, columns)).await
}

/// The reply with another body made from its own.
async fn with_body(
    reply: Reply<web_sys::Response>,
    trim: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<Reply<web_sys::Response>, Problem> {
    let headers = reply.body.headers();
    let body = FetchTransport::read(reply.body).await.map_err(StoreError::from)?;
    let mut body = trim(&body).ok_or_else(|| Problem::internal("the gateway's rows cannot be read"))?;
    let init = web_sys::ResponseInit::new();
    init.set_headers(&headers);
    let response = web_sys::Response::new_with_opt_u8_array_and_init(Some(&mut body), &init);
    let body = response.map_err(|_| Problem::internal("a body could not be made"))?;
    Ok(Reply { body, ..reply })
}

/// The format in which a list is asked for.
pub(crate) fn format(call: &Call) -> Format {
    let accept = call.request.header("accept").unwrap_or_default();
    if accept.trim_start().starts_with("text/csv") { Format::Csv } else { Format::Json }
}

/// The address of the page after `row`, in a list that `field` orders: this one's, with another cursor.
pub(crate) fn next_page(address: &Address, field: &str, row: &Value) -> Option<String> {
    let id = row.get("id")?.as_str()?.parse().ok()?;
    let value = match row.get(field)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let cursor = serde_json::to_vec(&Cursor(value, id)).ok()?;
    Some(address.with_parameter("cursor", &BASE64_URL_SAFE_NO_PAD.encode(cursor)))
}

/// Reads what [`next_page`] has written.
pub(crate) fn decode_cursor(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::resource::{ListQuery, WORK_ORDERS};
    use serde_json::json;

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    #[test]
    fn the_next_page_asks_the_same_and_begins_after_the_last_row() {
        let url =
            Address::new("http://localhost/api/v1/work-orders?status=new&sort=due_at&cursor=old".to_owned());
        let row = json!({"id": ID, "due_at": "2026-03-02T08:00:00.123456+00:00"});
        let next = Address::new(format!("http://localhost{}", next_page(&url, "due_at", &row).unwrap()));
        let query = ListQuery::parse(&WORK_ORDERS, next.query_pairs(), decode_cursor).unwrap();
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
