//! One row with its version as its `ETag`, so that a change can say which version it was made from.
//!
//! What a row is told with (children, names, addresses) changes without its version. There the `ETag` is the version and a hash of
//! the answer: `"7-0123456789abcdef"`. A change looks at the version alone.

use std::hash::{DefaultHasher, Hash, Hasher};

use millwright_store::{Reply, StoreError};
use serde_json::{Map, Value};
use worker::js_sys::Uint8Array;
use worker::web_sys;

use crate::answers::{is_known, json};
use crate::problem::Problem;
use crate::reply::{Body, Response, with_json};
use crate::request::Request;
use crate::transport::whole;

/// The beginning of a row's version. The row's own columns come before its children and have no space after the colon,
/// unlike what is inside a `jsonb` column: so the first one is the row's.
const VERSION: &[u8] = b"\"version\":";

/// Answers with one row of the gateway's. A row without a version has no `ETag`.
///
/// # Errors
/// If the gateway breaks off.
pub async fn versioned(status: u16, reply: Reply<web_sys::Response>) -> Result<Response, Problem> {
    let body = whole(&reply.body).await.map_err(StoreError::from)?;
    // The version is looked for in a copy in our memory; the answer is sent from where it lies.
    let version = version_in(&body.to_vec());
    Ok(with_etag(with_json(status, Body::Bytes(body)), version))
}

/// Answers a question for one row of the gateway's, which is not sent again to whoever has it (`If-None-Match`). `told_with_more`:
/// true if there is more in it than the row itself. `rewrite` makes another body of the gateway's, if there is one to make.
///
/// # Errors
/// If the gateway breaks off.
pub async fn versioned_unless_known(
    request: &Request,
    reply: Reply<web_sys::Response>,
    told_with_more: bool,
    rewrite: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<Response, Problem> {
    let mut body = whole(&reply.body).await.map_err(StoreError::from)?;
    let mut bytes = body.to_vec();
    if let Some(rewritten) = rewrite(&bytes) {
        body = Uint8Array::from(rewritten.as_slice());
        bytes = rewritten;
    }
    let Some(version) = version_in(&bytes) else { return Ok(with_json(200, Body::Bytes(body))) };
    let etag = if told_with_more {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        format!("\"{version}-{:016x}\"", hasher.finish())
    } else {
        format!("\"{version}\"")
    };
    let mut response = if is_known(request, &etag) {
        Response::without_body(304)
    } else {
        with_json(200, Body::Bytes(body))
    };
    response.set("etag", etag);
    Ok(response)
}

/// Answers with one row of our own.
///
/// # Errors
/// If it cannot be written as JSON, which does not happen.
pub fn versioned_row(status: u16, row: Map<String, Value>) -> Result<Response, Problem> {
    let version = row.get("version").and_then(Value::as_i64);
    Ok(with_etag(json(status, &Value::from(row))?, version))
}

fn with_etag(mut response: Response, version: Option<i64>) -> Response {
    if let Some(version) = version {
        response.set("etag", format!("\"{version}\""));
    }
    response
}

/// The version that a row has, from its JSON.
#[must_use]
pub fn version_in(row: &[u8]) -> Option<i64> {
    let mut places = row.windows(VERSION.len()).enumerate().filter(|(_, window)| *window == VERSION);
    places.find_map(|(at, _)| {
        let digits = row.get(at + VERSION.len()..)?.split(|byte| !byte.is_ascii_digit()).next()?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_rows_own_version_is_found() {
        let row = br#"{"id":"1","custom_fields":{"version": 9},"version":12,"checklist":[{"version":3}]}"#;
        assert_eq!(version_in(row), Some(12));
        assert_eq!(version_in(br#"{"id":"1"}"#), None);
    }
}
