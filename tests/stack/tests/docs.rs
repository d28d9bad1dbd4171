//! The API's description as a page: served by ourselves, with a policy that lets it do what it needs and no more.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Answer, Api};
use ureq::http::Method;

/// The content security policy of every answer but the page.
const STRICT: &str = "default-src 'none'; frame-ancestors 'none'";

fn read(api: &Api, path: &str) -> Answer {
    let answer = api.send(&Method::GET, path, &[], &[]);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer
}

/// The addresses that a text has between `before` and a quotation mark.
fn named<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_page_its_files_and_the_document_that_they_name_are_there() {
    let api = Api::open();
    let page = read(&api, "/api/docs");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = String::from_utf8(page.body).unwrap();
    let scripts = named(&html, "<script src=\"");
    assert_eq!((scripts.len(), html.matches("<script").count()), (2, 2), "no script but in files: {html}");
    let mut size = 0;
    for script in &scripts {
        let script = read(&api, script);
        assert!(
            script.header("content-type").starts_with("text/javascript"),
            "{}",
            script.header("content-type")
        );
        size += script.body.len();
    }
    assert!(size > 500_000, "the page's program has {size} bytes");
    let [style] = named(&html, "rel=\"stylesheet\" href=\"")[..] else { panic!("one style sheet: {html}") };
    assert!(read(&api, style).header("content-type").starts_with("text/css"));
    let start = String::from_utf8(read(&api, "/api/docs/start.js").body).unwrap();
    let [document] = named(&start, "url: \"")[..] else { panic!("one document: {start}") };
    assert_eq!(api.get("", document).expect(200)["openapi"], "3.1.0");
    let foreign = |text: &str| text.contains("//") && text.contains("http");
    assert!(!foreign(&html), "nothing comes from elsewhere");
}

#[test]
fn only_the_page_may_run_scripts_and_only_its_own() {
    let api = Api::open();
    let page = read(&api, "/api/docs");
    let policy: Vec<_> = page.header("content-security-policy").split("; ").collect();
    for needed in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(&needed), "{needed} in {policy:?}");
    }
    assert_eq!(page.header("x-frame-options"), "DENY");
    for path in ["/api/docs/start.js", "/api/openapi.json", "/api/config"] {
        assert_eq!(read(&api, path).header("content-security-policy"), STRICT, "{path}");
    }
}

#[test]
fn a_file_is_sent_once_and_nothing_else_is_served() {
    let api = Api::open();
    let first = read(&api, "/api/docs/swagger-ui-bundle.js");
    let etag = first.header("etag").to_owned();
    assert!(!etag.is_empty());
    let headers = [("if-none-match", &*etag)];
    let again = api.send(&Method::GET, "/api/docs/swagger-ui-bundle.js", &headers, &[]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    for path in ["/api/docs/nothing.js", "/api/docs/..%2Findex.js", "/api/docs/%2e%2e%2findex_bg.wasm"] {
        api.get("", path).problem(404, "not_found");
    }
    // The function is asked first: no asset lies open beside it.
    api.get("", "/start.js").problem(404, "not_found");
    api.get("", "/").problem(404, "not_found");
    let head = api.send(&Method::HEAD, "/api/docs", &[], &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
}
