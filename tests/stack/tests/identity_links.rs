//! How people come in and come back over HTTP: invitations, forgotten passwords, new addresses; and how those who leave are out.
//!
//! Nobody reads the letters but their owner, so the tests look for the tokens in the database.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and one measures time"
)]

use std::time::{Duration, Instant};

use millwright_stack_tests::{Answer, Api, Site};
use serde_json::{Value, json};

const CHOSEN: &str = "chosen by themselves";
const OLD: &str = "the first password";

fn accept(api: &Api, token: &str) -> Answer {
    api.post("", "/api/auth/accept", &json!({"token": token, "password": CHOSEN}))
}

/// The token in the letter of this kind that went to an address.
fn token_of(api: &Api, kind: &str, email: &str) -> String {
    api.ask(&format!("select token from private.letters where kind = '{kind}' and email = '{email}'"))
}

fn pointer(answer: Answer) -> Value {
    answer.problem(422, "invalid")["errors"][0]["pointer"].clone()
}

/// Someone whom an administrator opens: their address and id.
fn newcomer(api: &Api, site: &Site) -> (String, String) {
    let email = site.email("newcomer");
    let said =
        json!({"email": email, "full_name": "New", "role": "technician", "warehouse_id": site.warehouse});
    let opened = api.post(&api.token("admin"), "/api/v1/profiles", &said).expect(201);
    (email, opened["id"].as_str().unwrap().to_owned())
}

#[test]
fn someone_is_invited_sets_a_password_and_is_signed_in() {
    let api = Api::open();
    let site = Site::build(&api);
    let (email, id) = newcomer(&api, &site);
    let token = token_of(&api, "invitation", &email);
    assert_eq!(token.len(), 43);
    assert_eq!(
        pointer(api.post("", "/api/auth/accept", &json!({"token": token, "password": "short"}))),
        "/password"
    );
    let session = accept(&api, &token).expect(200);
    assert_eq!(session["user"]["id"], id);
    let access = session["access_token"].as_str().unwrap();
    assert_eq!(api.get(access, "/api/auth/me").expect(200)["email"], email);
    assert_eq!(pointer(accept(&api, &token)), "/token", "used");
    assert_eq!(pointer(accept(&api, "made up")), "/token");
    let again = json!({"email": email, "password": CHOSEN, "device": session["device"]});
    api.post("", "/api/auth/login", &again).expect(200);
    let invite = format!("/api/v1/profiles/{id}/invite");
    api.post(&api.token("admin"), &invite, &json!({})).problem(409, "has_password");
}

#[test]
fn an_invitation_is_renewed_by_administrators_alone() {
    let api = Api::open();
    let (site, elsewhere) = (Site::build(&api), Site::build(&api));
    let (email, id) = newcomer(&api, &site);
    let invite = format!("/api/v1/profiles/{id}/invite");
    let first = token_of(&api, "invitation", &email);
    api.post("", &invite, &json!({})).problem(401, "unauthenticated");
    for (token, status, code) in [
        (site.token(&api, "supervisor"), 403, "forbidden"),
        (api.token("manager"), 403, "forbidden"),
        (elsewhere.token(&api, "supervisor"), 404, "not_found"),
        (site.token(&api, "requester"), 404, "not_found"),
    ] {
        api.post(&token, &invite, &json!({})).problem(status, code);
    }
    assert_eq!(token_of(&api, "invitation", &email), first);
    let invited = api.post(&api.token("admin"), &invite, &json!({})).expect(200);
    assert!(invited["expires_at"].as_str().unwrap().contains('T'));
    assert!(!invited.to_string().contains(&token_of(&api, "invitation", &email)));
    assert_eq!(pointer(accept(&api, &first)), "/token", "replaced");
    api.tell(&format!("update private.links set expires_at = now() where email = '{email}'"));
    assert_eq!(pointer(accept(&api, &token_of(&api, "invitation", &email))), "/token", "too old");
}

#[test]
fn a_forgotten_password_is_answered_alike_and_in_the_same_time() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "technician", OLD);
    let session = api.sign_in(&email, OLD).expect(200);
    let forgot = |email: &str| {
        let begun = Instant::now();
        let answer = api.post("", "/api/auth/forgot", &json!({"email": email}));
        (answer, begun.elapsed())
    };
    for email in [email.clone(), format!("nobody.{email}")] {
        let (answer, taken) = forgot(&email);
        assert!(taken >= Duration::from_millis(380), "{email}: {taken:?}");
        assert!(answer.body.is_empty() && answer.status == 204, "{email}");
    }
    let token = token_of(&api, "password_reset", &email);
    accept(&api, &token).expect(200);
    let old = json!({"refresh_token": session["refresh_token"]});
    api.post("", "/api/auth/refresh", &old).problem(401, "unauthenticated");
    let _ = api.sign_in(&email, OLD).problem(401, "unauthenticated");
    api.sign_in(&email, CHOSEN).expect(200);
    assert_eq!(pointer(api.post("", "/api/auth/forgot", &json!({}))), "/email");
    let nobody = format!("someone.{email}");
    for _ in 0..5 {
        forgot(&nobody).0.expect(204);
    }
    forgot(&nobody).0.problem(429, "too_many_requests");
}

#[test]
fn an_address_is_changed_by_whoever_reads_mail_there() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "requester", OLD);
    let token = site.token(&api, "requester");
    let wanted = format!("new.{email}");
    let change = |token: &str, password: &str, email: &str| {
        api.post(token, "/api/auth/email", &json!({"email": email, "current_password": password}))
    };
    change("", OLD, &wanted).problem(401, "unauthenticated");
    assert_eq!(pointer(change(&token, OLD, "no address")), "/email");
    assert_eq!(pointer(change(&token, "wrong", &wanted)), "/current_password");
    change(&token, OLD, &site.email("supervisor")).expect(204);
    change(&token, OLD, &wanted).expect(204);
    let link = token_of(&api, "email_confirmation", &wanted);
    let confirm = || api.post("", "/api/auth/email/confirm", &json!({"token": link}));
    confirm().expect(204);
    assert_eq!(pointer(confirm()), "/token");
    api.sign_in(&wanted, OLD).expect(200);
    let _ = api.sign_in(&email, OLD).problem(401, "unauthenticated");
    let told =
        format!("select count(*) from private.letters where kind = 'email_changed' and email = '{email}'");
    assert_eq!(api.ask(&told), "1");
}

#[test]
fn whoever_is_deactivated_is_out_at_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let (email, id) = newcomer(&api, &site);
    let session = accept(&api, &token_of(&api, "invitation", &email)).expect(200);
    let access = session["access_token"].as_str().unwrap();
    let order = json!({"type": "corrective", "title": "Belt slips"});
    api.post(access, "/api/v1/work-orders", &order).expect(201);
    api.post("", "/api/auth/forgot", &json!({"email": email})).expect(204);
    let link = token_of(&api, "password_reset", &email);
    let person = format!("/api/v1/profiles/{id}");
    api.patch(&api.token("admin"), &person, "", &json!({"active": false})).expect(200);
    api.get(access, "/api/auth/me").problem(401, "unauthenticated");
    assert_eq!(api.post(access, "/api/v1/work-orders", &order).status / 100, 4);
    let seen = api.get(access, "/api/v1/work-orders");
    assert!(seen.status == 401 || seen.json() == json!([]), "{}", seen.status);
    let refresh = json!({"refresh_token": session["refresh_token"]});
    api.post("", "/api/auth/refresh", &refresh).problem(401, "unauthenticated");
    let _ = api.sign_in(&email, CHOSEN).problem(401, "unauthenticated");
    assert_eq!(pointer(accept(&api, &link)), "/token");
}

#[test]
fn people_edit_their_own_name_and_reach_and_nothing_else() {
    let api = Api::open();
    let site = Site::build(&api);
    let me = "/api/auth/me";
    for role in ["technician", "supervisor", "requester", "contractor", "inventory_clerk"] {
        let token = site.token(&api, role);
        let said =
            json!({"full_name": "Ada", "phone": "+31 20 123", "locale": "nl", "time_zone": "Europe/Lisbon"});
        let changed = api.patch(&token, me, "", &said).expect(200);
        assert_eq!(changed, api.get(&token, me).expect(200), "{role}");
        for (name, value) in said.as_object().unwrap() {
            assert_eq!(&changed[name], value, "{role}");
        }
        assert!(api.patch(&token, me, "", &json!({"phone": null})).expect(200)["phone"].is_null());
        for name in ["role", "warehouse_id", "email", "active", "vendor_id"] {
            let refused =
                api.patch(&token, me, "", &json!({name: null, "full_name": "Eve"})).problem(422, "invalid");
            assert_eq!(refused["errors"][0]["pointer"], format!("/{name}"));
        }
        let own = format!("/api/v1/profiles/{}", site.person(&api, role));
        api.patch(&token, &own, "", &json!({"role": "admin"})).problem(403, "forbidden");
    }
    let token = site.token(&api, "technician");
    assert_eq!(pointer(api.patch(&token, me, "", &json!({"full_name": ""}))), "/full_name");
    assert_eq!(pointer(api.patch(&token, me, "", &json!({"locale": "english!"}))), "/locale");
    assert_eq!(pointer(api.patch(&token, me, "", &json!({"time_zone": "Mars/Phobos"}))), "/time_zone");
    api.patch(&token, me, "", &json!({})).problem(422, "invalid");
    let machine = json!({"name": site.mark, "role": "technician", "warehouse_id": site.warehouse});
    let machine = api.post(&api.token("admin"), "/api/v1/api-tokens", &machine).expect(201);
    let secret = machine["secret"].as_str().unwrap();
    api.patch(secret, me, "", &json!({"full_name": "Eve"})).problem(403, "forbidden");
}
