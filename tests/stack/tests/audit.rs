//! The history's verifier over HTTP.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use millwright_stack_tests::{Api, Site};
use serde_json::json;

#[test]
fn administrators_verify_histories_in_steps() {
    let api = Api::open();
    let site = Site::build(&api);
    let supervisor = site.token(&api, "supervisor");
    let new = json!({"type": "corrective", "title": "Belt slips"});
    let order = api.post(&supervisor, "/api/v1/work-orders", &new).expect(201)["id"].clone();
    let id = order.as_str().unwrap_or_default();
    let assign = format!("/api/v1/work-orders/{id}/assign");
    api.post(&supervisor, &assign, &json!({"assigned_to": site.person(&api, "technician")})).expect(200);

    let admin = api.token("admin");
    // From just before it: only what is written meanwhile comes after it.
    let before = format!("{}000000000000", &id[..24]);
    let path = format!("/api/v1/audit/verify?limit=1&cursor={before}");
    let found = api.get(&admin, &path).expect(200);
    assert_eq!((&found["work_orders"], &found["broken"]), (&json!(1), &json!([])), "{found}");
    assert_eq!((&found["next"], &found["entries"]), (&order, &json!(1)), "{found}");
    for role in ["manager", "supervisor", "technician"] {
        api.get(&api.token(role), "/api/v1/audit/verify").problem(403, "forbidden");
    }
    let wrong = api.get(&admin, "/api/v1/audit/verify?limit=0&cursor=x&since=1").problem(422, "invalid");
    let named: Vec<_> = wrong["errors"].as_array().into_iter().flatten().map(|one| &one["pointer"]).collect();
    assert_eq!(named, ["?limit", "?cursor", "?since"]);
}
