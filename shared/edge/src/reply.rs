//! Answers to clients.
//!
//! An answer is put together here and given to the runtime once, when it is complete: each call into the runtime and each
//! object that lives there costs more than what we do to fill it.

use std::borrow::Cow;

use millwright_store::{Reply, StoreError};
use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::js_sys::Uint8Array;
use worker::web_sys;

use crate::init::{Headers, object};
use crate::problem::Problem;
use crate::request::Request;
use crate::transport::whole;

/// What every answer says to browsers, unless its route says otherwise. An API's answer is no page: nothing may run, frame
/// or guess in it.
const SECURITY_HEADERS: [Header; 7] = [
    ("content-security-policy", Cow::Borrowed("default-src 'none'; frame-ancestors 'none'")),
    ("strict-transport-security", Cow::Borrowed("max-age=31536000; includeSubDomains")),
    ("x-frame-options", Cow::Borrowed("DENY")),
    ("x-content-type-options", Cow::Borrowed("nosniff")),
    ("referrer-policy", Cow::Borrowed("strict-origin-when-cross-origin")),
    ("permissions-policy", Cow::Borrowed("camera=(self), microphone=(self), geolocation=(self)")),
    ("vary", Cow::Borrowed("authorization, origin")),
];

type Header = (&'static str, Cow<'static, str>);

/// An answer to a client.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: Vec<Header>,
    body: Body,
}

/// What an answer says, where it lies.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    /// In our memory.
    Text(String),
    /// In the runtime's memory.
    Bytes(Uint8Array),
    /// On its way to the runtime.
    Stream(web_sys::ReadableStream),
}

impl Response {
    pub(crate) fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::with_capacity(SECURITY_HEADERS.len() + 5), body }
    }

    /// An answer with what someone else sends, as it comes in.
    #[must_use]
    pub fn streamed(status: u16, body: web_sys::ReadableStream) -> Self {
        Self::new(status, Body::Stream(body))
    }

    /// An answer that is its headers alone.
    #[must_use]
    pub fn without_body(status: u16) -> Self {
        Self::new(status, Body::Empty)
    }

    /// Its HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Sets a header; what it said before is forgotten.
    pub fn set(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
    }

    fn init(&self) -> Init<impl Serialize> {
        let headers = || self.headers.iter().map(|(name, value)| (*name, value.as_ref()));
        Init { status: self.status, headers: Headers(headers) }
    }

    fn into_runtime(self) -> Result<web_sys::Response, JsValue> {
        let init: web_sys::ResponseInit = object(&self.init())?;
        match self.body {
            Body::Empty => web_sys::Response::new_with_opt_str_and_init(None, &init),
            Body::Text(text) => web_sys::Response::new_with_opt_str_and_init(Some(&text), &init),
            Body::Bytes(bytes) => web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&bytes), &init),
            Body::Stream(stream) => {
                web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &init)
            }
        }
    }
}

/// The second argument of the runtime's `new Response`.
#[derive(Serialize)]
struct Init<H> {
    status: u16,
    headers: H,
}

/// An answer with a value of our own.
///
/// # Errors
/// When the value cannot be written as JSON, which does not happen.
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
    let known = request.header("if-none-match").unwrap_or_default();
    // What is compressed on the way has a weak one.
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag);
    let mut response = if is_known {
        Response::new(304, Body::Empty)
    } else {
        let mut response = Response::new(200, Body::Text(text()));
        response.set("content-type", content_type);
        response
    };
    response.set("etag", etag.to_owned());
    response
}

/// 204: it is done, and there is nothing to say.
#[must_use]
pub fn empty() -> Response {
    Response::without_body(204)
}

/// An answer with JSON that is written already.
pub(crate) fn with_json(status: u16, body: Body) -> Response {
    let mut response = Response::new(status, body);
    response.set("content-type", "application/json");
    response
}

/// An answer whose body is the gateway's, handed through unread: parsing and writing it again would double the cost.
#[must_use]
pub fn pass_through(status: u16, reply: &Reply<web_sys::Response>) -> Response {
    with_json(status, reply.body.body().map_or(Body::Empty, Body::Stream))
}

/// An answer around the gateway's body, which is handed through unread: `before` and `after` make one JSON value with it.
///
/// # Errors
/// When the gateway breaks off.
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

/// Puts on what every answer has, the request's id and the security headers, and gives it to the runtime. What a route has
/// set itself stays.
///
/// # Errors
/// When the runtime refuses it, which does not happen.
pub fn seal(mut response: Response, request_id: String) -> worker::Result<web_sys::Response> {
    response.headers.push(("x-request-id", request_id.into()));
    for header in SECURITY_HEADERS.into_iter().chain([("cache-control", Cow::Borrowed("no-store"))]) {
        if !response.headers.iter().any(|(name, _)| *name == header.0) {
            response.headers.push(header);
        }
    }
    Ok(response.into_runtime()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_said_once_and_in_the_runtimes_form() {
        let mut response = with_json(200, Body::Empty);
        response.set("content-type", "text/csv");
        response.set("etag", "\"7\"");
        let init = serde_json::to_value(response.init()).unwrap();
        assert_eq!(
            init,
            serde_json::json!({"status": 200, "headers": {"content-type": "text/csv", "etag": "\"7\""}})
        );
    }
}
