//! CORS: the origins whose pages may read our answers.
//!
//! An answer says so to the one origin that asked, never to all of them; an origin that is not on the list is told
//! nothing, and its browser keeps the answer to itself. Sign-in travels in a header and not in a cookie, so nothing is
//! allowed that needs `access-control-allow-credentials`.

use crate::reply::Response;
use crate::request::{Request, RequestInfo};

/// The request headers that the API reads.
const REQUEST_HEADERS: &str = "accept, authorization, content-type, idempotency-key, if-match, if-none-match, \
    range, traceparent, tracestate, x-request-id";

/// The answer's headers that pages may read, beside those that they may always read.
const EXPOSED_HEADERS: &str = "allow, content-disposition, content-range, etag, link, location, retry-after, x-request-id, x-total-count";

/// Seconds for which a browser may remember the permission. Chromium remembers nothing longer.
const MAX_AGE: &str = "7200";

/// The beginning of a wildcard.
const ANY: &str = "*.";

/// The origins that may read our answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    listed: Vec<Listed>,
    /// If true, pages on the developer's own machine may, too.
    local: bool,
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Listed {
    /// One origin.
    Exactly(String),
    /// All those below a domain: `https://` and `.example.com`, with its port if it has one.
    Below { scheme: String, domain: String },
}

impl Origins {
    /// Reads a list like `https://app.example.com, https://*.example.com`; empty entries count as none. `local` lets
    /// pages on the developer's own machine read, too.
    ///
    /// # Errors
    /// The first entry that is no origin, or whose wildcard stands for more than the names below a domain.
    pub fn parse(list: &str, local: bool) -> Result<Self, String> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let listed = entries.map(|entry| Listed::parse(entry).ok_or_else(|| entry.to_owned()));
        Ok(Self { listed: listed.collect::<Result<_, _>>()?, local })
    }

    /// True if pages of this origin, as a browser writes it, may read our answers.
    #[must_use]
    pub fn allow(&self, origin: &str) -> bool {
        self.listed.iter().any(|listed| listed.holds(origin)) || (self.local && is_local(origin))
    }
}

impl Listed {
    fn parse(entry: &str) -> Option<Self> {
        let entry = entry.to_ascii_lowercase();
        let (scheme, authority) = entry.split_once("://")?;
        let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
        let known = matches!(scheme, "https" | "http");
        if !known || port.is_some_and(|port| !is_port(port)) {
            return None;
        }
        // A browser leaves the usual port out.
        let port = port.filter(|port| !matches!((scheme, *port), ("https", "443") | ("http", "80")));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        match host.strip_prefix(ANY) {
            // A wildcard directly below a top-level domain would allow everybody.
            Some(domain) if are_labels(domain) && domain.contains('.') => {
                Some(Self::Below { scheme: format!("{scheme}://"), domain: format!(".{domain}{port}") })
            }
            None if are_labels(host) => Some(Self::Exactly(format!("{scheme}://{host}{port}"))),
            _ => None,
        }
    }

    fn holds(&self, origin: &str) -> bool {
        match self {
            Self::Exactly(listed) => listed == origin,
            Self::Below { scheme, domain } => {
                let below =
                    origin.strip_prefix(scheme.as_str()).and_then(|o| o.strip_suffix(domain.as_str()));
                below.is_some_and(are_labels)
            }
        }
    }
}

/// A page on the developer's own machine, on any port.
fn is_local(origin: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let rest = authority.and_then(|authority| {
        ["localhost", "127.0.0.1", "[::1]"].into_iter().find_map(|host| authority.strip_prefix(host))
    });
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
}

fn are_labels(host: &str) -> bool {
    host.split('.').all(|label| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

impl Origins {
    /// The answer to a preflight, in which a browser asks beforehand if a page may send a request; `allow` names the methods of
    /// the path. `None` for every other request.
    #[must_use]
    pub fn preflight(
        &self,
        request: &Request,
        info: &RequestInfo,
        allow: impl FnOnce() -> String,
    ) -> Option<Response> {
        let origin = info.origin.as_deref().filter(|_| info.method == "OPTIONS")?;
        request.header("access-control-request-method")?;
        let mut answer = Response::without_body(204);
        if self.allow(origin) {
            answer.set("access-control-allow-methods", allow());
            answer.set("access-control-allow-headers", REQUEST_HEADERS);
            answer.set("access-control-max-age", MAX_AGE);
        }
        Some(answer)
    }
}

/// Lets pages of `origin`, which must be an allowed one, read an answer.
pub fn open_to(response: &mut Response, origin: String) {
    response.set("access-control-allow-origin", origin);
    response.set("access-control-expose-headers", EXPOSED_HEADERS);
}

#[cfg(test)]
mod tests {
    use super::Origins;

    fn allows(list: &str, local: bool, origins: &[&str]) -> bool {
        let list = Origins::parse(list, local).unwrap();
        let allowed: Vec<_> = origins.iter().filter(|origin| list.allow(origin)).collect();
        assert!(allowed.is_empty() || allowed.len() == origins.len(), "only {allowed:?} of {origins:?}");
        !allowed.is_empty()
    }

    #[test]
    fn what_is_listed_is_allowed_and_nothing_like_it() {
        let list = "https://app.example.com, HTTPS://Other.example:8443 ,,https://plain.example:443";
        let good = ["https://app.example.com", "https://other.example:8443", "https://plain.example"];
        assert!(allows(list, false, &good));
        let bad = [
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://evil-app.example.com",
            "https://other.example",
            "https://APP.example.com",
            "app.example.com",
            "null",
            "*",
            "",
        ];
        assert!(!allows(list, false, &bad));
        assert!(!allows("", false, &good));
    }

    #[test]
    fn a_wildcard_stands_for_names_below_a_domain() {
        let list = "https://*.example.com,http://*.test.example:8080";
        assert!(allows(
            list,
            false,
            &["https://a.example.com", "https://a.b-2.example.com", "http://a.test.example:8080"]
        ));
        let bad = [
            "https://example.com",
            "https://.example.com",
            "https://a..example.com",
            "https://evilexample.com",
            "https://evil.example/.example.com",
            "https://user@evil.example.com",
            "https://a.example.com:444",
            "https://evil.example:1.example.com",
            "https://a.example.com.",
            "http://a.example.com",
            "http://a.test.example",
        ];
        assert!(!allows(list, false, &bad));
    }

    #[test]
    fn the_developers_own_machine_is_allowed_where_it_is_said() {
        let local =
            ["http://localhost:5173", "http://localhost", "https://127.0.0.1:3000", "http://[::1]:8080"];
        assert!(allows("", true, &local));
        assert!(!allows("", false, &local));
        let bad = [
            "http://localhost.evil.example",
            "http://localhost:",
            "http://localhost:80x",
            "http://127.0.0.10",
            "http://mylocalhost",
            "ftp://localhost",
        ];
        assert!(!allows("", true, &bad));
    }

    #[test]
    fn what_is_no_origin_is_told() {
        for wrong in [
            "*",
            "https://*",
            "https://*.com",
            "https://*.*.example.com",
            "https://app.*.com",
            "https://app.example.com/",
            "https://app.example.com:port",
            "app.example.com",
            "ftp://app.example.com",
            "https://",
        ] {
            assert_eq!(Origins::parse(&format!("https://a.example, {wrong}"), true), Err(wrong.to_owned()));
        }
    }
}
