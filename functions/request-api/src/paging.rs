//! Pages of lists: the cursor at which the next one begins, and rows with fewer columns.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use millwright_domain::input::FieldError;
use millwright_domain::resource::{Cursor, ListQuery, NO_CURSOR, Resource, trim_json};
use millwright_edge::{Address, Problem};
use millwright_store::Reply;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use worker::web_sys;

use crate::rewritten::rewritten;

/// The same rows, with these columns only.
pub(crate) async fn trimmed(
    reply: Reply<web_sys::Response>,
    columns: &[&str],
) -> Result<Reply<web_sys::Response>, Problem> {
    rewritten(reply, |body| {
        trim_json(&body, columns).ok_or_else(|| Problem::internal("the gateway's rows cannot be read"))
    })
    .await
}

/// The list that a cursor is of, and its order: by them it is told from another one's.
pub(crate) struct Reading {
    /// The list is ordered by this field.
    pub(crate) field: &'static str,
    /// All that a page and the next one have in common.
    pub(crate) identity: String,
}

impl Reading {
    /// Of a list of a resource.
    pub(crate) fn of(resource: &Resource, parent: Option<Uuid>, query: &ListQuery) -> Self {
        let identity = format!("{} {parent:?} {}", resource.path, query.identity());
        Self { field: query.sort.field.name, identity }
    }

    fn mark(&self) -> u32 {
        Sha256::digest(&self.identity).iter().take(4).fold(0, |mark, byte| mark << 8 | u32::from(*byte))
    }

    /// True if a cursor was given out for this list. What has no mark was not given out by us, and is no mistake.
    pub(crate) fn gave_out(&self, Cursor(_, _, mark): &Cursor) -> bool {
        mark.is_none_or(|mark| mark == self.mark())
    }

    /// The cursor after a row.
    pub(crate) fn after(&self, row: &Map<String, Value>) -> Option<Cursor> {
        let id = row.get("id")?.as_str()?.parse().ok()?;
        let value = match row.get(self.field)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Some(Cursor(value, id, Some(self.mark())))
    }

    /// The address of the page after a row: this one's, with another cursor.
    pub(crate) fn next_page(&self, address: &Address, row: &Value) -> Option<String> {
        let cursor = serde_json::to_vec(&self.after(row.as_object()?)?).ok()?;
        Some(address.with_parameter("cursor", &BASE64_URL_SAFE_NO_PAD.encode(cursor)))
    }
}

/// Reads what [`Reading::next_page`] has written.
pub(crate) fn decode_cursor(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// What is wrong with a query. A cursor that is the only mistake is no wrong field: it was right for another list.
pub(crate) fn wrong(errors: Vec<FieldError>) -> Problem {
    match errors.as_slice() {
        [FieldError { pointer, message }] if message == NO_CURSOR => {
            Problem::no_cursor(pointer.trim_start_matches('?'))
        }
        _ => Problem::invalid(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::resource::{VENDORS, WORK_ORDERS};
    use serde_json::json;

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    fn asked(resource: &'static Resource, address: &str) -> (Address, ListQuery) {
        let address = Address::new(format!("http://localhost/api/v1/{address}"));
        let query = ListQuery::parse(resource, address.query_pairs(), decode_cursor).unwrap();
        (address, query)
    }

    fn next(address: &str) -> String {
        let (address, query) = asked(&WORK_ORDERS, address);
        let row = json!({"id": ID, "due_at": "2026-03-02T08:00:00.123456+00:00"});
        Reading::of(&WORK_ORDERS, None, &query).next_page(&address, &row).unwrap()
    }

    #[test]
    fn the_next_page_asks_the_same_and_begins_after_the_last_row() {
        let next = next(
            "work-orders?status=new&sort=due_at&cursor=W251bGwsImZmZmZmZmZmLWZmZmYtN2ZmZi1iZmZmLWZmZmZmZmZmZmZmZiJd",
        );
        let (_, query) = asked(&WORK_ORDERS, next.trim_start_matches("/api/v1/"));
        let Cursor(value, id, _) = query.after.clone().unwrap();
        assert_eq!(
            (value.as_deref(), id.to_string().as_str()),
            (Some("2026-03-02T08:00:00.123456+00:00"), ID)
        );
        assert_eq!((query.filters.len(), query.sort.field.name), (1, "due_at"));
    }

    #[test]
    fn a_cursor_is_of_one_list_in_one_order_with_the_same_filters() {
        let cursor = next("work-orders?status=new&sort=due_at").split("cursor=").nth(1).unwrap().to_owned();
        let takes = |resource, address: &str| {
            let (_, query) = asked(resource, &format!("{address}&cursor={cursor}"));
            Reading::of(resource, None, &query).gave_out(query.after.as_ref().unwrap())
        };
        assert!(takes(&WORK_ORDERS, "work-orders?sort=due_at&status=new&limit=7&fields=title"));
        assert!(!takes(&WORK_ORDERS, "work-orders?sort=due_at&status=new&status=assigned"));
        assert!(!takes(&WORK_ORDERS, "work-orders?sort=id&status=new"));
        assert!(!takes(&VENDORS, "vendors?sort=name"));
    }

    #[test]
    fn a_cursor_that_was_not_ours_is_refused() {
        for text in ["", "x", "W10", "%"] {
            assert_eq!(decode_cursor(text), None, "{text}");
        }
        let cursor = || FieldError::parameter("cursor", NO_CURSOR);
        assert_eq!(wrong(vec![cursor()]).status(), 400);
        assert_eq!(wrong(vec![cursor(), FieldError::parameter("limit", "must be a number")]).status(), 422);
    }
}
