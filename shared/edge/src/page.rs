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

/// The number of rows that there are in all, where the gateway was asked to count them.
#[must_use]
pub fn total(reply: &Reply<web_sys::Response>) -> Option<usize> {
    let range = reply.body.headers().get("content-range").ok().flatten()?;
    range.split_once('/')?.1.parse().ok()
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

/// The last object of an array, of which only the end is known. `None` where its own beginning is missing.
fn last_row_in(end: &[u8]) -> Option<Value> {
    let row = end.strip_suffix(b"]")?;
    let (mut depth, mut in_text) = (0_u32, false);
    for (at, byte) in row.iter().enumerate().rev() {
        match byte {
            b'"' if !is_escaped(row, at) => in_text = !in_text,
            b'}' | b']' if !in_text => depth += 1,
            b'{' | b'[' if !in_text => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return serde_json::from_slice(row.get(at..)?).ok();
                }
            }
            _ => {}
        }
    }
    None
}

/// True if an odd number of backslashes stands before it.
fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::{last_row_in, rows_in};

    #[test]
    fn the_last_row_is_found_whatever_it_holds() {
        let body = br#"[{"id":"1","title":"a"},
 {"id":"2","title":"{\"id\":\"9\"} \\","custom_fields":{"id": "8", "x": [{"id": "7"}]},"due_at":null,
 "checklist":[{"id":"3"},
 {"id":"4","notes":"]}"}]}]"#;
        let row = last_row_in(body).unwrap();
        assert_eq!((&row["id"], &row["due_at"]), (&"2".into(), &serde_json::Value::Null));
        assert_eq!(last_row_in(&body[10..]).unwrap()["id"], "2", "though the beginning is missing");
        assert_eq!(last_row_in(b"[]"), None);
        assert_eq!(last_row_in(&body[40..]), None, "its own beginning is missing");
        assert_eq!(last_row_in(&body[body.len() - 30..]), None, "only a child of it is there");
    }

    #[test]
    fn a_range_tells_how_many_rows_there_are() {
        let ranges = [Some("0-49/*"), Some("0-0/1"), Some("*/*"), None];
        assert_eq!(ranges.map(rows_in), [50, 1, 0, 0]);
    }
}
