//! The life of an API token: made once, used as its role, revoked for good.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, Site, eventually};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/api-tokens";
const ORDERS: &str = "/api/v1/work-orders";

fn create(api: &Api, site: &Site, role: &str) -> (String, String) {
    let token = json!({"name": format!("PLC {}", site.mark), "role": role, "warehouse_id": site.warehouse});
    let made = api.post(&api.token("admin"), PATH, &token).expect(201);
    (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

#[test]
fn a_machine_may_what_its_role_may_in_its_warehouse() {
    let api = Api::open();
    let (site, other) = (Site::build(&api), Site::build(&api));
    let (id, secret) = create(&api, &site, "requester");
    assert!(secret.starts_with("mw_") && secret.len() == 46);
    let me = api.get(&secret, "/api/auth/me").expect(200);
    assert_eq!(
        (&me["id"], &me["role"], &me["warehouse_id"]),
        (&json!(id), &json!("requester"), &json!(site.warehouse))
    );
    let order = json!({"type": "corrective", "title": "Said by a machine"});
    let opened = api.post(&secret, ORDERS, &order).expect(201);
    assert_eq!((&opened["requested_by"], &opened["warehouse_id"]), (&json!(id), &json!(site.warehouse)));
    let mut elsewhere = order.clone();
    elsewhere["warehouse_id"] = json!(other.warehouse);
    api.post(&secret, ORDERS, &elsewhere).problem(403, "forbidden");
    api.post(&site.token(&api, "requester"), ORDERS, &order).expect(201);
    let seen = api.get(&secret, ORDERS).expect(200);
    assert_eq!(seen.as_array().unwrap().len(), 1, "a requester sees their own");
    assert_eq!(api.get(&secret, PATH).expect(200), json!([]), "tokens are not for requesters");
}

#[test]
fn the_secret_is_told_once_and_kept_nowhere() {
    let api = Api::open();
    let site = Site::build(&api);
    let (id, secret) = create(&api, &site, "technician");
    api.get(&secret, "/api/auth/me").expect(200);
    for role in ["admin", "manager"] {
        let all = api.get(&api.token(role), &format!("{PATH}?warehouse_id={}", site.warehouse)).expect(200);
        let [one] = all.as_array().unwrap().as_slice() else { panic!("{all}") };
        assert_eq!(one["id"], id);
        assert_ne!(one["last_used_at"], Value::Null);
        let kept = one.as_object().unwrap().keys().find(|name| name.contains("hash") || *name == "secret");
        assert_eq!(kept, None);
    }
    let hash = "/api_token_hashes?select=hash";
    let bearer = format!("Bearer {}", api.token("admin"));
    let answer =
        api.send_to(&api.stack.gateway, &ureq::http::Method::GET, hash, &[("authorization", &bearer)], &[]);
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("42P01")));
    let hashed = format!(
        "select count(*) from private.api_token_hashes where hash = encode(sha256('{secret}'), 'hex')"
    );
    assert_eq!(api.ask(&hashed), "1");
}

#[test]
fn a_revoked_token_is_of_no_use() {
    let api = Api::open();
    let site = Site::build(&api);
    let admin = api.token("admin");
    api.post(&site.token(&api, "requester"), ORDERS, &json!({"type": "corrective", "title": "x"}))
        .expect(201);
    let (unused, secret) = create(&api, &site, "supervisor");
    for _ in 0..2 {
        api.delete(&admin, &format!("{PATH}/{unused}")).expect(204);
    }
    api.get(&secret, ORDERS).problem(401, "unauthenticated");
    let (used, secret) = create(&api, &site, "supervisor");
    assert_eq!(api.get(&secret, ORDERS).expect(200).as_array().unwrap().len(), 1);
    api.delete(&admin, &format!("{PATH}/{used}")).expect(204);
    // It may be remembered for a minute, but its account is out of service at once.
    let answer = api.get(&secret, ORDERS);
    assert!(answer.status == 401 || answer.json() == json!([]), "{:?}", answer.json());
    let order = json!({"type": "corrective", "title": "Too late"});
    assert!([401, 403].contains(&api.post(&secret, ORDERS, &order).status));
    assert_eq!(site.work_orders(&api), "1");
    let revoked = api.get(&admin, &format!("{PATH}/{used}")).expect(200)["revoked_at"].clone();
    let back = format!("update public.api_tokens set revoked_at = null where id = '{used}'");
    api.tell(&back);
    let still = api.get(&admin, &format!("{PATH}/{used}")).expect(200)["revoked_at"].clone();
    assert_eq!(revoked, still, "for good");
}

#[test]
fn a_token_of_someone_who_is_no_administrator_any_more_is_refused() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = format!("chief.{}@stack.test", site.mark.to_lowercase());
    api.tell(&format!(
        "insert into public.profiles (email, full_name, role) values ('{email}', 'A chief', 'admin')"
    ));
    let chief = api.token(&email);
    let make = |name: &str| {
        let token = json!({"name": name, "role": "admin"});
        let made = api.post(&chief, PATH, &token).expect(201);
        made["secret"].as_str().unwrap().to_owned()
    };
    let (used, unused) = (make("used"), make("never used"));
    api.get(&used, ORDERS).expect(200);
    let person = api.ask(&format!("select id from public.profiles where email = '{email}'"));
    let demoted = json!({"role": "supervisor", "warehouse_id": site.warehouse});
    api.patch(&api.token("admin"), &format!("/api/v1/profiles/{person}"), "", &demoted).expect(200);
    api.get(&unused, ORDERS).problem(401, "unauthenticated");
    // It may be remembered for a minute, but its account is out of service at once.
    let answer = api.get(&used, ORDERS);
    assert!(answer.status == 401 || answer.json() == json!([]), "{:?}", answer.json());
    let more = json!({"name": "another", "role": "admin"});
    for secret in [&used, &unused] {
        assert!([401, 403].contains(&api.post(secret, PATH, &more).status));
    }
}

#[test]
fn a_token_ends_when_it_was_said_to() {
    let api = Api::open();
    let ends = api.ask("select to_json(now() + interval '3 s') #>> '{}'");
    let token = json!({"name": "short", "role": "manager", "expires_at": ends});
    let secret = api.post(&api.token("admin"), PATH, &token).expect(201)["secret"].clone();
    let secret = secret.as_str().unwrap();
    api.get(secret, "/api/auth/me").expect(200);
    eventually("that it ends", || (api.get(secret, "/api/auth/me").status == 401).then_some(()));
    assert_eq!(api.ask(&format!("select now() >= '{ends}'")), "true", "and no sooner");
}

#[test]
fn only_an_admin_makes_and_revokes_them() {
    let api = Api::open();
    let site = Site::build(&api);
    let (id, secret) = create(&api, &site, "technician");
    let token = json!({"name": "x", "role": "admin"});
    let one = format!("{PATH}/{id}");
    for (role, seen) in [("manager", true), ("supervisor", false), ("technician", false)] {
        let caller = api.token(role);
        api.post(&caller, PATH, &token).problem(403, "forbidden");
        let (status, code) = if seen { (403, "forbidden") } else { (404, "not_found") };
        api.delete(&caller, &one).problem(status, code);
    }
    api.post(&secret, PATH, &token).problem(403, "forbidden");
    api.get(&secret, "/api/auth/me").expect(200);
    let nobody = format!("{PATH}/01900000-0000-7000-8000-00000000ffff");
    api.delete(&api.token("admin"), &nobody).problem(404, "not_found");
}

#[test]
fn bad_input_is_explained() {
    let api = Api::open();
    let admin = api.token("admin");
    let pointers = |body: Value| {
        let answer = api.post(&admin, PATH, &body).problem(422, "invalid");
        let mut all: Vec<_> =
            answer["errors"].as_array().unwrap().iter().map(|error| error["pointer"].to_string()).collect();
        all.sort();
        all.join(" ")
    };
    assert_eq!(pointers(json!({"token_hash": "0"})), r#""/name" "/role" "/token_hash""#);
    let past = json!({"name": "x", "role": "technician", "expires_at": "2020-01-01T00:00:00Z"});
    assert_eq!(pointers(past), r#""/expires_at" "/warehouse_id""#);
    let nowhere =
        json!({"name": "x", "role": "technician", "warehouse_id": "01900000-0000-7000-8000-00000000ffff"});
    assert_eq!(pointers(nowhere), r#""/warehouse_id""#);
    for token in ["mw_", "mw_x", &format!("mw_{}", "A".repeat(43))] {
        api.get(token, ORDERS).problem(401, "unauthenticated");
    }
}

#[test]
fn a_machine_has_no_password_and_gets_no_mail() {
    let api = Api::open();
    let site = Site::build(&api);
    let (id, _secret) = create(&api, &site, "supervisor");
    let email = api.ask(&format!("select email from public.profiles where id = '{id}'"));
    let _ = api.sign_in(&email, "").problem(422, "invalid");
    let _ = api.sign_in(&email, "anything").problem(401, "unauthenticated");
    let order = json!({"type": "corrective", "title": "Who hears of it?"});
    api.post(&site.token(&api, "requester"), ORDERS, &order).expect(201);
    let told = |who: &str| {
        api.ask(&format!("select count(*) from public.notifications where recipient_id = '{who}'"))
    };
    let supervisor = site.person(&api, "supervisor");
    eventually("that the supervisor is told", || (told(&supervisor) == "1").then_some(()));
    assert_eq!(told(&id), "0");
}
