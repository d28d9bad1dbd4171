//! A page of a list: handed through, with only its last row looked at.
//!
//! The next page begins after the last row, so that row has to be known. The body stays in the runtime's memory; what is
//! copied into ours and parsed is its end.

use millwright_store::Reply;
use serde_json::Value;
use worker::js_sys::Uint8Array;
use worker::web_sys;

use crate::answers::pass_through;
use crate::problem::Problem;
use crate::reply::{Body, Response, with_json};
use crate::transport::whole;

/// The beginning of every row. The row's own columns are written without a space after the colon and `jsonb` columns with one, so a
/// value that a client has stored never looks like it.
const ROW: &[u8] = b"{\"id\":\"";

/// Bytes of the end that are looked at first; twice as many each time until a whole row is in them.
const FIRST_LOOK: u32 = 4 * 1024;

/// Answers with a list. `link` makes the address of the next page from the last row; it is asked only when the page is
/// full.
///
/// # Errors
/// If the gateway breaks off.
pub async fn page(
    reply: Reply<web_sys::Response>,
    limit: usize,
    link: impl FnOnce(&Value) -> Option<String>,
) -> Result<Response, Problem> {
    if rows(&reply) < limit {
        return Ok(pass_through(200, &reply));
    }
    let broken = |_| Problem::unavailable("the database broke off", "a list ended too soon");
    let bytes = whole(&reply.body).await.map_err(broken)?;
    let next = last_row(&bytes).as_ref().and_then(link);
    let mut response = with_json(200, Body::Bytes(bytes));
    if let Some(next) = next {
        response.set("link", format!("<{next}>; rel=\"next\""));
    }
    Ok(response)
}

/// The number of rows in a list of the gateway's.
#[must_use]
pub fn rows(reply: &Reply<web_sys::Response>) -> usize {
    rows_in(reply.body.headers().get("content-range").ok().flatten().as_deref())
}

/// From a `Content-Range` (`0-49/*`); 0 for a list that is empty.
fn rows_in(range: Option<&str>) -> usize {
    let last = range.and_then(|range| range.split_once('/')?.0.split_once('-')?.1.parse().ok());
    last.map_or(0, |last: usize| last + 1)
}

fn last_row(bytes: &Uint8Array) -> Option<Value> {
    let length = bytes.length();
    let mut look = FIRST_LOOK;
    loop {
        let from = length.saturating_sub(look);
        let end = bytes.subarray(from, length).to_vec();
        if let Some(row) = last_row_in(&end) {
            return Some(row);
        }
        if from == 0 {
            return None;
        }
        look = look.checked_mul(2)?;
    }
}

fn last_row_in(end: &[u8]) -> Option<Value> {
    let start = end.windows(ROW.len()).rposition(|window| window == ROW)?;
    let row = end.get(start..)?.strip_suffix(b"]")?;
    serde_json::from_slice(row).ok()
}

#[cfg(test)]
mod tests {
    use super::{last_row_in, rows_in};

    #[test]
    fn the_last_row_is_found_whatever_its_values_hold() {
        let body = br#"[{"id":"1","title":"a"},
 {"id":"2","title":"{\"id\":\"9\"}","custom_fields":{"id": "8", "x": [{"id": "7"}]},"due_at":null}]"#;
        let row = last_row_in(body).unwrap();
        assert_eq!((&row["id"], &row["due_at"]), (&"2".into(), &serde_json::Value::Null));
        assert_eq!(last_row_in(&body[10..]).unwrap()["id"], "2", "though the beginning is missing");
        assert_eq!(last_row_in(b"[]"), None);
        assert_eq!(last_row_in(&body[40..]), None, "its own beginning is missing");
    }

    #[test]
    fn a_range_tells_how_many_rows_there_are() {
        let ranges = [Some("0-49/*"), Some("0-0/1"), Some("*/*"), None];
        assert_eq!(ranges.map(rows_in), [50, 1, 0, 0]);
    }
}
