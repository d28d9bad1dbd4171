//! Changing a password, and what slows those who guess at it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Answer, Api, Site};
use serde_json::json;

const OLD: &str = "the first password";
const NEW: &str = "the second password";

fn change(api: &Api, token: &str, current: &str, new: &str) -> Answer {
    api.post(token, "/api/auth/password", &json!({"current_password": current, "new_password": new}))
}

#[test]
fn a_changed_password_holds_and_ends_every_sign_in() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "supervisor", OLD);
    let [here, elsewhere] = [(); 2].map(|()| api.sign_in(&email, OLD).expect(200));
    let token = here["access_token"].as_str().unwrap();
    change(&api, token, OLD, NEW).expect(204);
    for session in [&here, &elsewhere] {
        let token = json!({"refresh_token": session["refresh_token"]});
        api.post("", "/api/auth/refresh", &token).problem(401, "unauthenticated");
    }
    let _ = api.sign_in(&email, OLD).problem(401, "unauthenticated");
    api.sign_in(&email, NEW).expect(200);
}

#[test]
fn what_is_wrong_is_named_and_changes_nothing() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "supervisor", OLD);
    let session = api.sign_in(&email, OLD).expect(200);
    let token = session["access_token"].as_str().unwrap();
    change(&api, "", OLD, NEW).problem(401, "unauthenticated");
    let pointer = |answer: Answer| answer.problem(422, "invalid")["errors"][0]["pointer"].clone();
    assert_eq!(pointer(change(&api, token, "not it", NEW)), "/current_password");
    assert_eq!(pointer(change(&api, token, OLD, "7 bytes")), "/new_password");
    assert_eq!(pointer(change(&api, token, OLD, &"x".repeat(73))), "/new_password");
    api.post("", "/api/auth/refresh", &json!({"refresh_token": session["refresh_token"]})).expect(200);
    api.sign_in(&email, OLD).expect(200);
}

#[test]
fn five_wrong_passwords_close_the_change_and_not_the_sign_in() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "requester", OLD);
    let token = site.token(&api, "requester");
    for _ in 0..5 {
        change(&api, &token, "wrong", NEW).problem(422, "invalid");
    }
    let answer = change(&api, &token, OLD, NEW);
    let wait: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    answer.problem(429, "too_many_requests");
    api.sign_in(&email, OLD).expect(200);
    api.tell(&format!(
        "update private.rates set ends_at = now() where name = 'password_change'
         and subject = private.counted_as('{}')",
        site.person(&api, "requester")
    ));
    change(&api, &token, OLD, NEW).expect(204);
}

#[test]
fn a_right_password_starts_the_count_anew() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "requester", OLD);
    for _ in 0..2 {
        for _ in 0..4 {
            let _ = api.sign_in(&email, "wrong").problem(401, "unauthenticated");
        }
        api.sign_in(&email, OLD).expect(200);
    }
}
