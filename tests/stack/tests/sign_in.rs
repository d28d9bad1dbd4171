//! Signing in, and being who you say you are.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::Api;
use serde_json::json;
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
