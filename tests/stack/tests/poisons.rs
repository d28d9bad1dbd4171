//! Bodies that look like JSON, with values that nothing here can hold: each is refused clearly, at the API and at the gateway,
//! and changes nothing.
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
fn what_nothing_can_hold_is_refused_clearly_and_changes_nothing() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let order = api
        .post(&token, "/api/v1/work-orders", &json!({"type": "corrective", "title": "Belt slips"}))
        .expect(201);
    let id = order["id"].as_str().unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("prefer", "return=representation"),
    ];
    let gateway = api.stack.gateway.clone();
    let row = || api.ask(&format!("select to_jsonb(w) from public.work_orders w where id = '{id}'"));
    let before = row();
    let deep = format!("{}1{}", "[".repeat(3000), "]".repeat(3000));
    let long = format!("\"{}\"", "x".repeat(10 << 20));
    for poison in
        [r#""\ud800""#, r#""a\u0000b""#, r#"{"a\u0000": 1}"#, r#"{"\ud800": 1}"#, "1e400", &deep, &long]
    {
        let shown = &poison[..poison.len().min(40)];
        for field in ["title", "description", "custom_fields", "due_at", "equipment_id"] {
            let change = format!(r#"{{"{field}": {poison}}}"#);
            let mut new = json!({"type": "corrective", "title": "Another"});
            new[field] = json!("POISON");
            let new = new.to_string().replace("\"POISON\"", poison);
            for (method, path, body) in [
                (Method::POST, "/api/v1/work-orders".to_owned(), &new),
                (Method::PATCH, format!("/api/v1/work-orders/{id}"), &change),
            ] {
                let answer = api.send(&method, &path, &headers[..2], body.as_bytes());
                let problem = answer.json();
                assert!((400..500).contains(&answer.status), "{method} {field} {shown}: {problem}");
                assert_eq!(
                    answer.header("content-type"),
                    "application/problem+json",
                    "{method} {field} {shown}"
                );
            }
            // The gateway takes a number or a list for a text as it is written: that is one that can be kept.
            let is_text = matches!(field, "title" | "description");
            if is_text && (poison.starts_with('1') || poison.starts_with('[')) {
                continue;
            }
            for (method, path, body) in [
                (Method::POST, "/work_orders".to_owned(), &new),
                (Method::PATCH, format!("/work_orders?id=eq.{id}"), &change),
            ] {
                let answer = api.send_to(&gateway, &method, &path, &headers, body.as_bytes());
                let told = String::from_utf8_lossy(&answer.body).into_owned();
                assert!(
                    (400..500).contains(&answer.status),
                    "{method} {field} {shown}: {} {told}",
                    answer.status
                );
            }
        }
    }
    assert_eq!(row(), before);
    assert_eq!(site.work_orders(&api), "1");
}
