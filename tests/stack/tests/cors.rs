//! Which pages of other origins may call the API. The stack runs as in development, with no origin on the list but
//! those of this machine; what a list allows is judged beside its code.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Answer, Api};
use ureq::http::Method;

const PAGE: &str = "http://localhost:5173";
const STRANGER: &str = "https://evil.example";

fn preflight(api: &Api, origin: &str, path: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,content-type,if-match"),
    ];
    api.send(&Method::OPTIONS, path, &headers, &[])
}

/// The names of all CORS headers that an answer has.
fn cors(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.keys().map(ureq::http::HeaderName::as_str);
    names.filter(|name| name.starts_with("access-control-")).collect()
}

fn words(list: &str) -> Vec<&str> {
    list.split(", ").collect()
}

#[test]
fn a_browser_is_told_beforehand_what_a_page_may_send() {
    let api = Api::open();
    for (path, methods) in [
        ("/api/v1/equipment/01900000-0000-7000-8000-00000000ffff", "GET, HEAD, PATCH"),
        ("/api/v1/equipment", "GET, HEAD, POST"),
        ("/api/auth/login", "POST"),
    ] {
        let answer = preflight(&api, PAGE, path);
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), PAGE);
        assert_eq!(answer.header("access-control-allow-methods"), methods, "{path}");
        let headers = words(answer.header("access-control-allow-headers"));
        for header in [
            "authorization",
            "content-type",
            "if-match",
            "idempotency-key",
            "x-request-id",
            "traceparent",
            "accept",
        ] {
            assert!(headers.contains(&header), "{header} in {headers:?}");
        }
        assert!(answer.header("access-control-max-age").parse::<u32>().unwrap() >= 600);
        assert!(words(answer.header("vary")).contains(&"origin"));
    }
}

#[test]
fn a_page_reads_answers_and_refusals_alike() {
    let api = Api::open();
    let bearer = format!("Bearer {}", api.token("technician"));
    let headers = [("origin", PAGE), ("authorization", &*bearer)];
    for (path, status) in
        [("/api/v1/equipment?limit=1", 200), ("/api/v1/equipment?colour=red", 422), ("/api/nothing", 404)]
    {
        let answer = api.send(&Method::GET, path, &headers, &[]);
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), PAGE, "{path}");
        let exposed = words(answer.header("access-control-expose-headers"));
        for header in ["etag", "link", "location", "retry-after", "x-request-id", "content-disposition"] {
            assert!(exposed.contains(&header), "{header} in {exposed:?}");
        }
        assert_eq!(words(answer.header("vary")), ["authorization", "origin"]);
        assert_eq!(answer.header("access-control-allow-credentials"), "", "a token is no cookie");
    }
    let stranger = api.send(&Method::GET, "/api/v1/equipment", &[("origin", PAGE)], &[]);
    assert_eq!(stranger.header("access-control-allow-origin"), PAGE, "a page sees that it must sign in");
    stranger.problem(401, "unauthenticated");
}

#[test]
fn another_origin_is_told_nothing() {
    let api = Api::open();
    for origin in [STRANGER, "http://localhost.evil.example", "null"] {
        let answer = preflight(&api, origin, "/api/v1/equipment");
        assert_eq!((answer.status, cors(&answer)), (204, vec![]), "{origin}");
        let answer = api.send(&Method::GET, "/api/live", &[("origin", origin)], &[]);
        assert_eq!((answer.status, cors(&answer)), (200, vec![]), "{origin}");
    }
}

#[test]
fn who_is_no_page_is_told_nothing_and_asks_nothing_beforehand() {
    let api = Api::open();
    let answer = api.send(&Method::GET, "/api/live", &[], &[]);
    assert_eq!((answer.status, cors(&answer)), (200, vec![]));
    assert!(words(answer.header("vary")).contains(&"origin"), "a cache must not give it to a page");
    for headers in [&[("origin", PAGE)][..], &[("access-control-request-method", "GET")]] {
        let options = api.send(&Method::OPTIONS, "/api/live", headers, &[]);
        assert_eq!(options.header("allow"), "GET, HEAD");
        options.problem(405, "method_not_allowed");
    }
}
