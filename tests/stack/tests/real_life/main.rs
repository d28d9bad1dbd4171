//! Inputs from real life: a typo, a clock that is wrong, parts that come back, a report about last month, and
//! what people type, as they type it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod clocks;
mod past;
mod returns;
mod typed;
mod typo;

use millwright_stack_tests::Api;
use serde_json::{Value, json};

/// Opens one, and answers with its id.
fn open(api: &Api, token: &str, path: &str, body: &Value) -> String {
    let made = api.post(token, &format!("/api/v1/{path}"), body).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// The fields that a problem names.
fn pointers(problem: &Value) -> Value {
    problem["errors"].as_array().into_iter().flatten().map(|error| error["pointer"].clone()).collect()
}

/// A machine of the site with this mark.
fn machine(api: &Api, lead: &str, mark: &str) -> String {
    open(api, lead, "equipment", &json!({"asset_tag": mark, "name": "Press", "model": mark}))
}
