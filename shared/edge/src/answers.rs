//! The usual answers to clients: a value, a document, the gateway's own body.

use millwright_store::{Reply, StoreError};
use serde::Serialize;
use worker::js_sys::Uint8Array;
use worker::web_sys;

use crate::problem::Problem;
use crate::reply::{Body, Response, with_json};
use crate::request::Request;
use crate::transport::whole;

/// An answer with a value of our own.
///
/// # Errors
/// If the value cannot be written as JSON, which does not happen.
pub fn json(status: u16, value: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(value).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(with_json(status, Body::Text(text)))
}

/// An answer with a document in JSON that is for everyone and seldom changes: a client may keep it for `max_age` seconds,
/// and is not sent again what it has (`If-None-Match`).
#[must_use]
pub fn document(request: &Request, text: &str, etag: &str, max_age: u32) -> Response {
    let mut response = known_by(request, etag, "application/json", || text.to_owned());
    response.set("cache-control", format!("public, max-age={max_age}"));
    response
}

/// An answer with a text that is not sent again to whoever has it (`If-None-Match`).
#[must_use]
pub fn known_by(
    request: &Request,
    etag: &str,
    content_type: &'static str,
    text: impl FnOnce() -> String,
) -> Response {
    let mut response = if is_known(request, etag) {
        Response::new(304, Body::Empty)
    } else {
        let mut response = Response::new(200, Body::Text(text()));
        response.set("content-type", content_type);
        response
    };
    response.set("etag", etag.to_owned());
    response
}

/// True if the client has what this `ETag` stands for (`If-None-Match`).
#[must_use]
pub fn is_known(request: &Request, etag: &str) -> bool {
    let known = request.header("if-none-match").unwrap_or_default();
    // An answer that was compressed on the way has a weak ETag.
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

/// 204: it is done, and there is nothing to say.
#[must_use]
pub fn empty() -> Response {
    Response::without_body(204)
}

/// An answer whose body is the gateway's, handed through unread: parsing and writing it again would double the cost.
#[must_use]
pub fn pass_through(status: u16, reply: &Reply<web_sys::Response>) -> Response {
    with_json(status, reply.body.body().map_or(Body::Empty, Body::Stream))
}

/// An answer around the gateway's body, which is handed through unread: `before` and `after` make one JSON value with it.
///
/// # Errors
/// If the gateway breaks off.
pub async fn around(before: &str, reply: Reply<web_sys::Response>, after: &str) -> Result<Response, Problem> {
    let body = whole(&reply.body).await.map_err(StoreError::from)?;
    let pieces = [Uint8Array::from(before.as_bytes()), body, Uint8Array::from(after.as_bytes())];
    let all = Uint8Array::new_with_length(pieces.iter().map(Uint8Array::length).sum());
    pieces.iter().fold(0, |at, piece| {
        all.set(piece, at);
        at + piece.length()
    });
    Ok(with_json(200, Body::Bytes(all)))
}

/// Says where what was made can be read.
pub fn locate(response: &mut Response, path: String) {
    response.set("location", path);
}
