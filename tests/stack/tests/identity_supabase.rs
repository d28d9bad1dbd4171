//! Signing in at Supabase Auth, with tokens that are verified by its published keys: the same paths, the same answers.
//!
//! A second API runs in this mode. Supabase Auth itself is a stand-in, which signs with a key of its own.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_harness::client::SupabaseInfo;
use millwright_stack_tests::{Answer, Api, Site};
use serde_json::{Value, json};
use ureq::http::Method;

const PASSWORD: &str = "kept by supabase";
const LOGIN: &str = "/api/auth/login";
const REFRESH: &str = "/api/auth/refresh";
const LOGOUT: &str = "/api/auth/logout";
const CHANGE: &str = "/api/auth/password";
const ORDERS: &str = "/api/v1/work-orders";

/// The second API, and a site whose technician has an account at Supabase Auth.
struct Elsewhere {
    api: Api,
    second: SupabaseInfo,
    site: Site,
}

impl Elsewhere {
    fn open() -> Self {
        let api = Api::open();
        let second = api.stack.supabase.clone().expect("the stack has a second API");
        let site = Site::build(&api);
        let here = Self { api, second, site };
        here.register(&here.site.person(&here.api, "technician"), &here.email());
        here
    }

    fn email(&self) -> String {
        self.site.email("technician")
    }

    fn register(&self, id: &str, email: &str) {
        self.tell("/admin/users", &json!({"id": id, "email": email, "password": PASSWORD})).expect(200);
    }

    /// Tells the stand-in something.
    fn tell(&self, path: &str, body: &Value) -> Answer {
        let headers = [("apikey", self.second.apikey.as_str())];
        self.api.send_to(&self.second.auth, &Method::POST, path, &headers, body.to_string().as_bytes())
    }

    fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.api.send_to(&self.second.api, &Method::POST, path, &headers, body.to_string().as_bytes())
    }

    fn get(&self, token: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.api.send_to(&self.second.api, &Method::GET, path, &[("authorization", &bearer)], &[])
    }

    fn sign_in(&self, password: &str) -> Answer {
        self.post("", LOGIN, &json!({"email": self.email(), "password": password}))
    }

    fn session(&self) -> Value {
        self.sign_in(PASSWORD).expect(200)
    }
}

fn access(session: &Value) -> &str {
    session["access_token"].as_str().unwrap()
}

fn refresh_of(session: &Value) -> Value {
    json!({"refresh_token": session["refresh_token"]})
}

#[test]
fn a_person_signs_in_stays_signed_in_and_signs_out() {
    let here = Elsewhere::open();
    let first = here.session();
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(first["user"]["id"], here.site.person(&here.api, "technician"));
    assert_eq!(first["user"]["warehouse_id"], here.site.warehouse);
    let me = here.get(access(&first), "/api/auth/me").expect(200);
    assert!(me["permissions"].is_array() && me.get("time_zone").is_some(), "{me}");
    for (name, value) in first["user"].as_object().unwrap() {
        assert_eq!(&me[name], value, "{name}");
    }
    let order = json!({"type": "corrective", "title": "Seen by a technician"});
    here.post(access(&first), ORDERS, &order).expect(201);
    let second = here.post("", REFRESH, &refresh_of(&first)).expect(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    here.get(access(&second), ORDERS).expect(200);
    here.post("", LOGOUT, &refresh_of(&second)).expect(204);
    here.post("", REFRESH, &refresh_of(&second)).problem(401, "unauthenticated");
    for token in [refresh_of(&second), json!({"refresh_token": "unknown"})] {
        here.post("", LOGOUT, &token).expect(204);
    }
}

#[test]
fn a_changed_password_holds_and_ends_every_sign_in() {
    let here = Elsewhere::open();
    let [one, other] = [(); 2].map(|()| here.session());
    let change = |current: &str, new: &str| {
        here.post(access(&one), CHANGE, &json!({"current_password": current, "new_password": new}))
    };
    let pointer = |answer: Answer| answer.problem(422, "invalid")["errors"][0]["pointer"].clone();
    assert_eq!(pointer(change("wrong", "another password")), "/current_password");
    assert_eq!(pointer(change(PASSWORD, PASSWORD)), "/new_password");
    assert_eq!(pointer(change(PASSWORD, "aaaaaaaa")), "/new_password", "too weak for Supabase Auth");
    change(PASSWORD, "another password").expect(204);
    for session in [&one, &other] {
        here.post("", REFRESH, &refresh_of(session)).problem(401, "unauthenticated");
    }
    here.sign_in(PASSWORD).problem(401, "unauthenticated");
    here.sign_in("another password").expect(200);
}

#[test]
fn its_links_set_a_password_once_and_end_the_other_sign_ins() {
    let here = Elsewhere::open();
    let session = here.session();
    let nobody = json!({"email": format!("nobody.{}", here.email())});
    for said in [json!({"email": here.email()}), nobody] {
        here.post("", "/api/auth/forgot", &said).expect(204);
    }
    for (kind, password) in [("recovery", "chosen anew"), ("invite", "chosen at first")] {
        let link = json!({"token": format!("{kind}-{}", here.email()), "password": password});
        let signed_in = here.post("", "/api/auth/accept", &link).expect(200);
        here.get(access(&signed_in), ORDERS).expect(200);
        let again = here.post("", "/api/auth/accept", &link).problem(422, "invalid");
        assert_eq!(again["errors"][0]["pointer"], "/token");
        here.sign_in(password).expect(200);
    }
    here.post("", REFRESH, &refresh_of(&session)).problem(401, "unauthenticated");
}

#[test]
fn what_is_managed_there_is_refused_with_a_reason() {
    let here = Elsewhere::open();
    let token = here.session();
    let change = json!({"email": "another@demo.test", "current_password": PASSWORD});
    here.post(access(&token), "/api/auth/email", &change).problem(409, "managed_elsewhere");
    here.post("", "/api/auth/email/confirm", &json!({"token": "x"})).problem(409, "managed_elsewhere");
    let invite = format!("/api/v1/profiles/{}/invite", here.site.person(&here.api, "technician"));
    here.post(access(&token), &invite, &json!({})).problem(409, "managed_elsewhere");
}

#[test]
fn its_refusals_are_told_in_our_words() {
    let here = Elsewhere::open();
    let wrong = here.sign_in("wrong").problem(401, "unauthenticated");
    let ours = here.api.sign_in("nobody@demo.test", "no").problem(401, "unauthenticated");
    assert_eq!(wrong["detail"], ours["detail"]);
    here.post("", LOGIN, &json!({"email": "x"})).problem(422, "invalid");
    for (status, retry_after, expected, code, wait) in [
        (429, json!(7), 429, "too_many_requests", "7"),
        (429, Value::Null, 429, "too_many_requests", "60"),
        (500, Value::Null, 503, "unavailable", "5"),
        (503, Value::Null, 503, "unavailable", "5"),
        (418, Value::Null, 503, "unavailable", "5"),
    ] {
        let mut behaviour = json!({"email": here.email(), "status": status});
        if !retry_after.is_null() {
            behaviour["retry_after"] = retry_after;
        }
        here.tell("/behaviour", &behaviour).expect(204);
        let answer = here.sign_in(PASSWORD);
        assert_eq!(answer.header("retry-after"), wait, "{status}");
        let problem = answer.problem(expected, code);
        assert!(!problem.to_string().contains("In its own words"), "{problem}");
    }
}

#[test]
fn whoever_has_no_profile_here_does_not_get_in() {
    let here = Elsewhere::open();
    let stranger = format!("stranger.{}@demo.test", here.site.mark).to_lowercase();
    here.register(&uuid::Uuid::new_v4().to_string(), &stranger);
    let answer = here.post("", LOGIN, &json!({"email": stranger, "password": PASSWORD}));
    answer.problem(401, "unauthenticated");
}

#[test]
fn each_api_takes_the_tokens_of_its_own_algorithm_only() {
    let here = Elsewhere::open();
    let session = here.session();
    here.get(access(&session), ORDERS).expect(200);
    here.api.get(access(&session), ORDERS).problem(401, "unauthenticated");
    let shared = here.site.token(&here.api, "technician");
    here.api.get(&shared, ORDERS).expect(200);
    here.get(&shared, ORDERS).problem(401, "unauthenticated");
    let (_, rest) = access(&session).split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    // {"alg":"none","kid":"stand-in"} and {"alg":"ES256"} in place of what was signed.
    for header in ["eyJhbGciOiJub25lIiwia2lkIjoic3RhbmQtaW4ifQ", "eyJhbGciOiJFUzI1NiJ9"] {
        here.get(&format!("{header}.{rest}"), ORDERS).problem(401, "unauthenticated");
        here.get(&format!("{header}.{claims}."), ORDERS).problem(401, "unauthenticated");
    }
}

#[test]
fn made_up_keys_do_not_make_it_ask_for_the_real_ones_again_and_again() {
    let here = Elsewhere::open();
    let counts = || {
        let answer = here.api.send_to(&here.second.auth, &Method::GET, "/counts", &[], &[]);
        answer.expect(200)["jwks"].as_u64().unwrap()
    };
    let session = here.session();
    here.get(access(&session), ORDERS).expect(200);
    let before = counts();
    let (_, rest) = access(&session).split_once('.').unwrap();
    for _ in 0..20 {
        // {"alg":"ES256","kid":"made up"}
        let token = format!("eyJhbGciOiJFUzI1NiIsImtpZCI6Im1hZGUgdXAifQ.{rest}");
        here.get(&token, ORDERS).problem(401, "unauthenticated");
    }
    assert!(counts() <= before + 1, "{before} {}", counts());
}

#[test]
fn a_machine_is_known_in_this_mode_too() {
    let here = Elsewhere::open();
    let token = json!({"name": "PLC", "role": "requester", "warehouse_id": here.site.warehouse});
    let made = here.api.post(&here.api.token("admin"), "/api/v1/api-tokens", &token).expect(201);
    let me = here.get(made["secret"].as_str().unwrap(), "/api/auth/me").expect(200);
    assert_eq!(me["id"], made["id"]);
}
