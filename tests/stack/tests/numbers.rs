//! Numbers that clients keep in free JSON, as they were sent: no digit is lost on any way in or out.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and a phone has a clock"
)]

use millwright_stack_tests::{Answer, Api, Site};
use serde_json::json;
use ureq::http::Method;
use uuid::Uuid;

/// What 64 bits cannot hold: too many digits behind the point, too many before it, and a zero that says how exact it is.
const SENT: &str = r#"{"exact":123456789.123456789,"long":12345678901234567890123,"tolerance":1.10}"#;

/// Sends JSON as it is written: made from values, it would be what this side has read.
fn send(api: &Api, token: &str, method: &Method, path: &str, body: &str) -> Answer {
    let headers = [
        ("authorization", &*format!("Bearer {token}")),
        ("content-type", "application/json"),
        ("if-match", "\"1\""),
    ];
    let answer = api.send(method, path, &headers, body.as_bytes());
    assert!((200..300).contains(&answer.status), "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer
}

fn says_them(what: &str, answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.body);
    let text = text.replace(": ", ":").replace("\"\"", "\"");
    for number in ["123456789.123456789", "12345678901234567890123", "1.10"] {
        assert!(text.contains(&format!(":{number}")), "{what}: {number} in {text}");
    }
}

#[test]
fn a_number_in_free_json_comes_back_as_it_was_sent() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");

    let new = format!(r#"{{"type":"corrective","title":"Measure","custom_fields":{SENT}}}"#);
    let opened = send(&api, &token, &Method::POST, "/api/v1/work-orders", &new);
    says_them("opening", &opened);
    let order = opened.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/work-orders/{order}");
    let changed = send(&api, &token, &Method::PATCH, &path, &format!(r#"{{"custom_fields":{SENT}}}"#));
    says_them("changing", &changed);
    says_them("reading", &api.get(&token, &path));
    says_them("a list", &api.get(&token, "/api/v1/work-orders"));

    let mutation = Uuid::now_v7();
    let batch = format!(
        r#"{{"device_id":"{}","sent_at":{now},"mutations":[{{"id":"{mutation}","entity":"work_orders","entity_id":"{order}",
            "base_version":{},"made_at":{now},"changes":{{"custom_fields":{}}}}}]}}"#,
        Uuid::now_v7(),
        changed.json()["version"],
        SENT.replace("exact", "measured"),
        now = json!(chrono::Utc::now()),
    );
    let brought = send(&api, &token, &Method::POST, "/api/v1/sync", &batch);
    assert_eq!(
        brought.json()["results"][0]["outcome"],
        "applied",
        "{}",
        String::from_utf8_lossy(&brought.body)
    );
    let stored =
        api.ask(&format!("select custom_fields ->> 'measured' from public.work_orders where id = '{order}'"));
    assert_eq!(stored, "123456789.123456789");
    says_them("a phone's page", &api.get(&token, "/api/v1/sync"));
    says_them("the history", &api.get(&token, &format!("{path}/history")));

    let file = format!(
        "asset_tag,name,model,custom_fields\n{}-1,Press,P-1,\"{}\"\n",
        site.mark,
        SENT.replace('"', "\"\"")
    );
    let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", "text/csv")];
    api.send(&Method::POST, "/api/v1/equipment/import", &headers, file.as_bytes()).expect(200);
    let machines = format!("/api/v1/equipment?asset_tag={}-1", site.mark);
    says_them("an import", &api.get(&token, &machines));
}
