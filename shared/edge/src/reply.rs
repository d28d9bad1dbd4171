//! An answer to a client, on its way to the runtime.
//!
//! It is put together here and given to the runtime once, when it is complete: each call into the runtime and each
//! object that lives there costs more than what we do to fill it.

use std::borrow::Cow;
use std::cell::OnceCell;

use wasm_bindgen::JsValue;
use worker::js_sys::Uint8Array;
use worker::web_sys;

/// Headers of every answer, unless its endpoint sets its own. An API's answer is no page: nothing may run, frame or guess in
/// it.
const STANDARD_HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("permissions-policy", "camera=(self), microphone=(self), geolocation=(self)"),
    ("vary", "authorization, origin"),
    ("cache-control", "no-store"),
];

/// The header of most answers, which has a frame of its own.
const JSON: (&str, &str) = ("content-type", "application/json");

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
        Self { status, headers: Vec::new(), body }
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
}

/// An answer with JSON that is written already.
pub(crate) fn with_json(status: u16, body: Body) -> Response {
    let mut response = Response::new(status, body);
    response.set(JSON.0, JSON.1);
    response
}

/// The beginning of an answer as objects of the runtime, made once for each isolate: the runtime copies headers that are there
/// already for half of what it takes to read them from an object anew.
struct Frame {
    headers: web_sys::Headers,
    /// Holds the headers.
    init: web_sys::ResponseInit,
}

/// The frames of answers in JSON and of all others.
struct Frames {
    json: Frame,
    other: Frame,
}

impl Frame {
    fn new(more: Option<(&str, &str)>) -> Result<Self, JsValue> {
        let headers = web_sys::Headers::new()?;
        for (name, value) in STANDARD_HEADERS.into_iter().chain(more) {
            headers.set(name, value)?;
        }
        let init = web_sys::ResponseInit::new();
        init.set_headers(&headers);
        Ok(Self { headers, init })
    }

    /// An answer with the standard headers alone. The runtime copies them, so the next answer may change them.
    fn answer(&self, status: u16, body: Body, request_id: &str) -> Result<web_sys::Response, JsValue> {
        self.headers.set("x-request-id", request_id)?;
        self.init.set_status(status);
        match body {
            Body::Empty => web_sys::Response::new_with_opt_str_and_init(None, &self.init),
            Body::Text(text) => web_sys::Response::new_with_opt_str_and_init(Some(&text), &self.init),
            Body::Bytes(bytes) => {
                web_sys::Response::new_with_opt_js_u8_array_and_init(Some(&bytes), &self.init)
            }
            Body::Stream(stream) => {
                web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &self.init)
            }
        }
    }
}

/// Adds the request's id and the standard headers, and gives the answer to the runtime. A header that the endpoint has set
/// stays.
///
/// # Errors
/// If the runtime refuses it, which does not happen.
pub fn seal(response: Response, request_id: &str) -> worker::Result<web_sys::Response> {
    thread_local! {
        static FRAMES: OnceCell<Frames> = const { OnceCell::new() };
    }
    FRAMES.with(|cell| {
        if cell.get().is_none() {
            cell.set(Frames { json: Frame::new(Some(JSON))?, other: Frame::new(None)? }).ok();
        }
        let frames = cell.get().ok_or_else(|| JsValue::from_str("an answer has no frame"))?;
        Ok(sealed(response, request_id, frames)?)
    })
}

fn sealed(response: Response, request_id: &str, frames: &Frames) -> Result<web_sys::Response, JsValue> {
    let Response { status, headers, body } = response;
    let is_framed = |(name, value): &Header| (*name, value.as_ref()) == JSON;
    let frame = if headers.iter().any(is_framed) { &frames.json } else { &frames.other };
    let answer = frame.answer(status, body, request_id)?;
    let mut own = headers.iter().filter(|header| !is_framed(header)).peekable();
    if own.peek().is_some() {
        let headers = answer.headers();
        for (name, value) in own {
            headers.set(name, value)?;
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_said_once() {
        let mut response = with_json(200, Body::Empty);
        response.set("content-type", "text/csv");
        response.set("etag", "\"7\"");
        let headers: Vec<_> = response.headers.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        assert_eq!(response.status(), 200);
        assert_eq!(headers, [("content-type", "text/csv"), ("etag", "\"7\"")]);
    }
}
