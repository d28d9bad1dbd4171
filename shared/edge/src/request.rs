//! A request as it comes in.

use std::borrow::Cow;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use worker::{ByteStream, web_sys};

use crate::address::Address;
use crate::clock;
use crate::id::new_id;

/// A request of a client. Each part is fetched from the runtime only when it is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    inner: web_sys::Request,
    headers: web_sys::Headers,
}

impl From<web_sys::Request> for Request {
    fn from(inner: web_sys::Request) -> Self {
        Self { headers: inner.headers(), inner }
    }
}

impl Request {
    /// A header, by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// The client's address as the platform tells it, so that no client can forge it. `None` where the platform tells none.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        self.header("cf-connecting-ip")?.trim().parse().ok()
    }

    /// The token of an `Authorization: Bearer` header.
    #[must_use]
    pub fn bearer_token(&self) -> Option<String> {
        let header = self.header("authorization")?;
        let (scheme, token) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    }

    /// The body as it comes in. `None` for a request without one, and when someone has begun to read it.
    #[must_use]
    pub fn stream(&self) -> Option<ByteStream> {
        if self.inner.body_used() { None } else { self.inner.body().map(ByteStream::from) }
    }

    pub(crate) fn inner(&self) -> &web_sys::Request {
        &self.inner
    }
}

/// The parts of a request that every answer and every log line needs.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// The caller's own id for it (`x-request-id`), its trace (`traceparent`), or one that we made.
    pub id: String,
    /// `GET`, `POST` … as it was sent.
    pub method: String,
    /// Path and query.
    pub address: Address,
    /// The origin of the page that sends it, when a browser says that it is not our own.
    pub origin: Option<String>,
    /// The moment at which it came in.
    pub started: DateTime<Utc>,
}

impl RequestInfo {
    /// Reads it.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let id = request
            .header("x-request-id")
            .filter(|id| is_plain(id))
            .or_else(|| request.header("traceparent").and_then(|trace| trace_id(&trace)))
            .unwrap_or_else(|| new_id().to_string());
        Self {
            id,
            method: request.inner.method(),
            address: Address::new(request.inner.url()),
            origin: request.header("origin"),
            started: clock::now(),
        }
    }

    /// The path, percent-encoded as it came.
    #[must_use]
    pub fn path(&self) -> &str {
        self.address.path()
    }

    /// The parameters of the query, decoded, in their order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.address.query_pairs()
    }
}

/// The id is sent back and logged, so it may hold nothing that could forge a line or a header.
fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// The trace id of a W3C `traceparent` (`00-<trace>-<span>-<flags>`).
fn trace_id(traceparent: &str) -> Option<String> {
    let trace = traceparent.split('-').nth(1)?;
    (trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_an_id_and_a_forged_line_is_not() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(trace_id(trace).as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_eq!(trace_id("00-xyz-1-01"), None);
        assert!(is_plain("req_1.2:3-4"));
        assert!(!is_plain("a\nb") && !is_plain("") && !is_plain(&"a".repeat(129)));
    }
}
