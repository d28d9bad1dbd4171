//! The configuration that a client reads before anyone signs in.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, Site};
use serde_json::json;
use ureq::http::Method;

#[test]
fn a_stranger_is_told_limits_words_and_features() {
    let api = Api::open();
    let config = api.get("", "/api/config").expect(200);
    assert_eq!((&config["tier"], &config["auth_mode"]), (&json!("development"), &json!("builtin")));
    assert_eq!(config["version"], api.get("", "/api/live").expect(200)["version"]);
    assert_eq!(config["limits"]["max_upload_bytes"], 5_242_880);
    let states =
        ["new", "assigned", "in_progress", "on_hold", "completed", "verified", "closed", "cancelled"];
    assert_eq!(config["enums"]["work-orders"]["status"], json!(states));
    assert_eq!(config["enums"]["work-orders"]["type"], json!(["preventive", "corrective", "emergency"]));
    assert_eq!(config["channels"], json!(["email"]));
    assert_eq!(config["enums"]["profiles"]["role"].as_array().unwrap().len(), 7);
    for path in config["documentation"].as_object().unwrap().values() {
        assert_eq!(api.get("", path.as_str().unwrap()).status, 200, "{path}");
    }
}

#[test]
fn its_limits_are_those_that_hold() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let limits = api.get("", "/api/config").expect(200)["limits"].clone();
    let most = limits["max_page_rows"].as_u64().unwrap();
    api.get(&token, &format!("/api/v1/equipment?limit={most}")).expect(200);
    api.get(&token, &format!("/api/v1/equipment?limit={}", most + 1)).problem(422, "invalid");
    let values = |count: u64| vec!["x"; usize::try_from(count).unwrap()].join(",");
    let most = limits["max_filter_values"].as_u64().unwrap();
    api.get(&token, &format!("/api/v1/equipment?name={}", values(most))).expect(200);
    api.get(&token, &format!("/api/v1/equipment?name={}", values(most + 1))).problem(422, "invalid");
}

#[test]
fn it_is_sent_once_and_kept() {
    let api = Api::open();
    let first = api.send(&Method::GET, "/api/config", &[], &[]);
    assert_eq!(first.header("cache-control"), "public, max-age=300");
    let etag = first.header("etag").to_owned();
    for known in [etag.clone(), format!("\"other\", W/{etag}")] {
        let again = api.send(&Method::GET, "/api/config", &[("if-none-match", &known)], &[]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, &*etag), "{known}");
    }
    let other = api.send(&Method::GET, "/api/config", &[("if-none-match", "\"other\"")], &[]);
    assert_eq!((other.status, other.body), (200, first.body));
    let stranger = api.send(&Method::POST, "/api/config", &[], b"{}");
    assert_eq!(stranger.header("allow"), "GET, HEAD");
    stranger.problem(405, "method_not_allowed");
}
