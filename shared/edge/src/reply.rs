//! An answer to a client, on its way to the runtime.
//!
//! It is put together here and given to the runtime once, when it is complete: each call into the runtime and each
//! object that lives there costs more than what we do to fill it.

use std::borrow::Cow;

use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::js_sys::Uint8Array;
use worker::web_sys;

use crate::init::{Headers, object};

/// Headers of every answer, unless its endpoint sets its own. An API's answer is no page: nothing may run, frame or guess in
/// it.
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

/// The body of an answer, where it lies.
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

    /// Sets a header, in the place of an earlier value.
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

/// An answer with JSON that is written already.
pub(crate) fn with_json(status: u16, body: Body) -> Response {
    let mut response = Response::new(status, body);
    response.set("content-type", "application/json");
    response
}

/// Adds the request's id and the security headers, and gives the answer to the runtime. A header that
/// the endpoint has set stays.
///
/// # Errors
/// If the runtime refuses it, which does not happen.
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
