//! The health checks, and the headers that every answer carries.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, eventually};
use serde_json::json;
use ureq::http::Method;

#[test]
fn it_is_live_ready_and_healthy() {
    let api = Api::open();
    assert_eq!(api.get("", "/api/live").expect(200)["status"], "live");
    assert_eq!(api.get("", "/api/ready").expect(200)["status"], "ready");
    // A function that was never asked before may take longer to begin than health waits for it.
    let health = eventually("every function is up", || {
        let health = api.get("", "/api/health").expect(200);
        let components = health["components"].as_object().expect("components").values();
        components.clone().all(|component| component["status"] == "up").then_some(health)
    });
    // What other tests gave up needs a look.
    let given_up = health["metrics"]["dead_letters"].as_u64().expect("a number") > 0;
    assert_eq!(health["status"], if given_up { "degraded" } else { "healthy" }, "{health}");
    for part in [
        "request-api",
        "escalation-checker",
        "notification-sender",
        "pm-scheduler",
        "file-processor",
        "database",
    ] {
        assert_eq!(health["components"][part]["status"], "up", "{part}");
    }
}

#[test]
fn every_answer_has_its_id_and_its_security_headers() {
    let api = Api::open();
    for path in ["/api/live", "/nothing"] {
        let answer = api.send(&Method::GET, path, &[("x-request-id", "mine-1")], &[]);
        let expected = [
            ("x-request-id", "mine-1"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
    }
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let answer = api.send(&Method::GET, "/api/live", &[("traceparent", trace)], &[]);
    assert_eq!(answer.header("x-request-id"), "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn a_head_is_a_get_without_its_body() {
    let api = Api::open();
    let answer = api.send(&Method::HEAD, "/api/live", &[], &[]);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(json!(answer.status), 200);
}
