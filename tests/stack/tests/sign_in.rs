//! Signing in, and being who you say you are.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Answer, Api, Site};
use serde_json::{Value, json};
use ureq::http::Method;

const PASSWORD: &str = "millwright-demo";

#[test]
fn each_demo_person_signs_in_and_is_known() {
    let api = Api::open();
    for role in ["technician", "supervisor", "manager", "inventory_clerk", "contractor", "requester", "admin"]
    {
        let answer = api.sign_in(&format!("{role}@demo.test"), PASSWORD).expect(200);
        assert_eq!((&answer["token_type"], &answer["user"]["role"]), (&json!("Bearer"), &json!(role)));
        let token = answer["access_token"].as_str().unwrap();
        let me = api.get(token, "/api/auth/me").expect(200);
        assert_eq!(me["email"], format!("{role}@demo.test"));
    }
}

#[test]
fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let api = Api::open();
    let wrong = api.sign_in("requester.denver@demo.test", "no").problem(401, "unauthenticated");
    let unknown = api.sign_in("nobody@demo.test", "no").problem(401, "unauthenticated");
    assert_eq!(wrong["detail"], unknown["detail"]);
}

/// Someone's attempt from an address of the internet.
fn attempt(api: &Api, address: &str, email: &str, password: &str, device: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("cf-connecting-ip", address)];
    let said = json!({"email": email, "password": password, "device": device});
    api.send(&Method::POST, "/api/auth/login", &headers, said.to_string().as_bytes())
}

#[test]
fn who_guesses_is_slowed_in_the_same_words_whether_there_is_such_an_account_or_not() {
    let api = Api::open();
    let site = Site::build(&api);
    let known = site.give_password(&api, "supervisor", PASSWORD);
    let unknown = format!("nobody.{known}");
    let told = |email: &str, password: &str, last: u8| {
        // Six of one /64.
        let attempts = (1..=6).map(|n| {
            let answer = attempt(&api, &format!("2001:db8:{last}:1::{n}"), email, password, &Value::Null);
            let waits = answer.header("retry-after").to_owned();
            let body = answer.json();
            let code = (answer.status, body["code"].clone(), body["title"].clone(), body["detail"].clone());
            (code, waits.is_empty())
        });
        attempts.collect::<Vec<_>>()
    };
    let answers = told(&known, "wrong", 1);
    assert_eq!((answers[4].0.0, answers[4].1), (401, true));
    assert_eq!((answers[5].0.0, &answers[5].0.1, answers[5].1), (429, &json!("too_many_requests"), false));
    assert_eq!(told(&unknown, "wrong", 2), answers);
    // Nor is the right password told from a wrong one, once it is not looked at.
    let slowed = attempt(&api, "2001:db8:1:1::ffff", &known, PASSWORD, &Value::Null);
    assert_eq!(slowed.json()["detail"], answers[5].0.3);
    slowed.problem(429, "too_many_requests");
    attempt(&api, "2001:db8:1:2::1", &known, PASSWORD, &Value::Null).expect(200);
}

#[test]
fn a_device_that_someone_has_signed_in_on_is_not_kept_out() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "supervisor", PASSWORD);
    let here = "203.0.113.77";
    let device = attempt(&api, here, &email, PASSWORD, &Value::Null).expect(200)["device"].clone();
    assert_eq!(device.as_str().unwrap().len(), 43);
    for _ in 0..5 {
        attempt(&api, here, &email, "wrong", &Value::Null).problem(401, "unauthenticated");
    }
    for device in [json!(null), json!("made up")] {
        attempt(&api, here, &email, PASSWORD, &device).problem(429, "too_many_requests");
    }
    for _ in 0..2 {
        let again = attempt(&api, here, &email, PASSWORD, &device).expect(200);
        assert_eq!(again["device"], device, "it stays the same");
    }
    let kept =
        |what: &str| api.ask(&format!("select count(*) from private.devices where token_hash = {what}"));
    let token = device.as_str().unwrap();
    assert_eq!(kept(&format!("'{token}'")), "0");
    assert_eq!(kept(&format!("encode(sha256('{token}'), 'hex')")), "1");
}

#[test]
fn what_is_missing_is_named() {
    let api = Api::open();
    let answer = api.post("", "/api/auth/login", &json!({"mail": "a@b"})).problem(422, "invalid");
    let mut pointers: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    pointers.sort_by_key(ToString::to_string);
    assert_eq!(pointers, ["/email", "/mail", "/password"]);
}

#[test]
fn a_token_that_is_missing_forged_or_a_functions_is_refused() {
    let api = Api::open();
    let path = "/api/v1/work-orders";
    api.send(&Method::GET, path, &[], &[]).problem(401, "unauthenticated");
    let good = api.token("technician");
    let (signed, _) = good.rsplit_once('.').unwrap();
    let other = api.token("admin");
    let (_, signature) = other.rsplit_once('.').unwrap();
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAxMDcifQ.";
    let function = api.token("function:pm-scheduler");
    for token in ["", "a.b.c", unsigned, &function, &format!("{signed}.{signature}")] {
        let answer = api.get(token, path);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{token}");
        answer.problem(401, "unauthenticated");
    }
    api.get(&good, path).expect(200);
}
