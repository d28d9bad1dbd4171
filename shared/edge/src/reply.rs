//! Answers.

use millwright_store::Reply;
use serde::Serialize;
use worker::{Response, ResponseBuilder};

use crate::problem::Problem;

/// What every answer says to browsers. An API's answer is never a page: nothing may run, frame or guess in it.
const SECURITY_HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("permissions-policy", "camera=(self), microphone=(self), geolocation=(self)"),
    ("vary", "authorization"),
];

/// An answer with a value of our own.
///
/// # Errors
/// When the value cannot be written as JSON, which does not happen.
pub fn json(status: u16, value: &impl Serialize) -> Result<Response, Problem> {
    ResponseBuilder::new()
        .with_status(status)
        .from_json(value)
        .map_err(|error| Problem::internal(error.to_string()))
}

/// 204: it is done, and there is nothing to say.
///
/// # Errors
/// When the runtime refuses it, which does not happen.
pub fn empty() -> Result<Response, Problem> {
    Ok(ResponseBuilder::new().with_status(204).empty())
}

/// An answer with JSON that is written already.
pub(crate) fn json_bytes(status: u16, body: Vec<u8>) -> Result<Response, Problem> {
    let builder = ResponseBuilder::new().with_status(status).with_header("content-type", "application/json");
    builder.map(|builder| builder.fixed(body)).map_err(|error| Problem::internal(error.to_string()))
}

/// An answer whose body is the gateway's, handed through unread: parsing and writing it again would double the cost.
#[must_use]
pub fn pass_through(status: u16, reply: Reply<Response>) -> Response {
    let (_, body) = reply.body.into_parts();
    let response = ResponseBuilder::new().with_status(status).body(body);
    // It refuses names and values that are none, and these are.
    response.headers().set("content-type", "application/json").ok();
    response
}

/// Says where what was made can be read.
///
/// # Errors
/// When the runtime refuses the header, which does not happen.
pub fn locate(response: &Response, path: &str) -> Result<(), Problem> {
    response.headers().set("location", path).map_err(|error| Problem::internal(error.to_string()))
}

/// Puts on what every answer has: the request's id, and the security headers. What a route has set itself stays.
///
/// # Errors
/// When the runtime refuses a header, which does not happen.
pub fn seal(response: Response, request_id: &str) -> worker::Result<Response> {
    let headers = response.headers();
    headers.set("x-request-id", request_id)?;
    for (name, value) in SECURITY_HEADERS {
        headers.set(name, value)?;
    }
    if !headers.has("cache-control")? {
        headers.set("cache-control", "no-store")?;
    }
    Ok(response)
}
