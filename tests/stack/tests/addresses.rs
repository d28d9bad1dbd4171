//! Addresses that we would call at someone's wish. This stack is one of development, and nothing is let through here that
//! production refuses: a test of a webhook needs a stand-in with a public name.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

#[test]
fn an_address_of_our_own_network_is_refused_in_development_too() {
    let api = Api::open();
    let (admin, technician) = (api.token("admin"), Site::build(&api).token(&api, "technician"));
    let key = json!({"p256dh": "a".repeat(87), "auth": "a".repeat(22)});
    let with = |mut row: Value, field: &str, address: &str| {
        row[field] = json!(address);
        row
    };
    for address in [
        "https://localhost:8787/hook",
        "http://127.0.0.1:8787/",
        "https://127.0.0.1/",
        "https://printer.local/",
    ] {
        for (token, path, field, row) in [
            (&admin, "/api/v1/webhooks", "url", json!({"name": "Ours"})),
            (&technician, "/api/v1/push-subscriptions", "endpoint", key.clone()),
        ] {
            let told = api.post(token, path, &with(row, field, address)).problem(422, "invalid");
            assert_eq!(told["errors"][0]["pointer"], format!("/{field}"), "{address}: {told}");
        }
    }
}
