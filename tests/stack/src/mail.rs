//! The mails that the provider got, and its refusals.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::Api;

/// The mails to an address, oldest first.
///
/// # Panics
/// If the catcher does not answer.
#[must_use]
pub fn to(api: &Api, address: &str) -> Vec<Value> {
    let catcher = api.stack.mail().expect("a catcher");
    let mails = api.send_to(catcher, &Method::GET, "/emails", &[], &[]).expect(200);
    mails.as_array().expect("a list").iter().filter(|mail| mail["to"][0] == address).cloned().collect()
}

/// Makes the provider refuse the next mails to an address.
///
/// # Panics
/// If the catcher does not answer.
pub fn refuse_next(api: &Api, address: &str, times: u32, status: u16) {
    let catcher = api.stack.mail().expect("a catcher");
    let body = json!({"status": status, "times": times, "to": address}).to_string();
    let answer = api.send_to(catcher, &Method::POST, "/behaviour", &[], body.as_bytes());
    assert_eq!(answer.status, 204);
}
