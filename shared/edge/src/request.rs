//! What is known of a request before anything is done about it.

use chrono::{DateTime, Utc};
use worker::{Request, Url};

use crate::clock;

/// What every answer and every log line of a request needs.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// The caller's own id for it (`x-request-id`), its trace (`traceparent`), or one that we made.
    pub id: String,
    /// `GET`, `POST` … as it was sent; the runtime's own type takes every method that it does not know for a `GET`.
    pub method: String,
    /// Path and query.
    pub url: Url,
    /// When it came in.
    pub started: DateTime<Utc>,
}

impl RequestInfo {
    /// Reads it.
    ///
    /// # Errors
    /// When the runtime gives an address that is none.
    pub fn of(request: &Request) -> worker::Result<Self> {
        let header = |name| request.headers().get(name).ok().flatten();
        let id = header("x-request-id")
            .filter(|id| is_plain(id))
            .or_else(|| header("traceparent").and_then(|trace| trace_id(&trace)))
            .unwrap_or_else(|| crate::new_id().to_string());
        Ok(Self { id, method: request.inner().method(), url: request.url()?, started: clock::now() })
    }
}

/// The token of an `Authorization: Bearer` header.
#[must_use]
pub fn bearer_token(request: &Request) -> Option<String> {
    let header = request.headers().get("authorization").ok().flatten()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// It is told back and logged: nothing that could forge a line or a header.
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
