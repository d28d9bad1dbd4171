//! The gateway's round trips for one request: one for a list, a read or a plain write; none for what can be refused
//! without it; never more than two.
//!
//! The proxy before the gateway counts by the id of the client's request, so other tests' requests do not matter.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod opened;
mod steps;
mod walk;

use std::collections::BTreeSet;

use millwright_stack_tests::{Api, Labelled, Passer, Site, eventually, picture};
use serde_json::{Value, json};
use uuid::Uuid;
use walk::{Cost, Walk};

/// An id that nothing has.
pub(crate) const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

/// Operations on what only jobs make, files that have been looked at among them (the last test here reads those). They are
/// served by the same code as all others of their kind.
const NOT_MADE_HERE: [&str; 18] = [
    // Of a phone that came too late.
    "GET reviews/{id}",
    "POST reviews/{id}/decide",
    "GET attachments/{id}/content",
    "GET jobs/dead-letters/{id}",
    "GET notifications/{id}",
    "GET pm/occurrences/{id}",
    "GET pm/schedules/{id}",
    "GET pm/schedules/{id}/occurrences",
    "GET pm/schedules/{id}/occurrences/{child}",
    // Of a label, by whoever scans it: the last test but one.
    "GET scan/{token}",
    "GET pictures/{warehouse}/{id}/{variant}",
    "GET pm/schedules/{id}/preview",
    "GET work-orders/{id}/escalations",
    "GET work-orders/{id}/escalations/{child}",
    "PATCH notifications/{id}",
    "PATCH pm/schedules/{id}",
    "POST scan/{token}/reports",
    // Asks twice, to look and to write: the test after the next.
    "POST sync",
];

#[test]
fn every_operation_that_is_described_asks_once_and_what_it_refuses_at_most_twice() {
    let api = Api::open();
    let site = Site::build(&api);
    let mut walk = Walk::begin(&api);
    let document = api.get("", "/api/openapi.json").expect(200);
    let described: Vec<(String, Value)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(path, operations)| {
            Some((path.strip_prefix(steps::BASE)?.to_owned(), operations.clone()))
        })
        .collect();
    for (path, body) in opened::bodies(&api, &site) {
        let body = walk.made.named(body);
        let operation = described.iter().find(|(described, _)| described == path).unwrap();
        steps::open(&mut walk, &site, path, &operation.1["post"], &body);
    }
    steps::upload(&mut walk);
    steps::import(&mut walk, &site, "equipment/import", "asset_tag");
    steps::import(&mut walk, &site, "parts/import", "part_number");
    let is_one = |path: &str| path.ends_with("/{id}") || path.ends_with("/{child}");
    // What a list has is asked with it: its export.
    let is_apart = |path: &str| ["/content", steps::EXPORT].iter().any(|end| path.ends_with(end));
    let is_list = |path: &str| {
        !is_one(path) && !is_apart(path) && !path.contains("{token}") && !path.contains("{variant}")
    };
    for (path, operations) in described.iter().filter(|(path, _)| is_list(path)) {
        let Some(get) = operations.get("get") else { continue };
        let answers = &get["responses"]["200"]["content"]["application/json"]["schema"];
        if answers["type"] == "array" {
            let export = format!("{path}{}", steps::EXPORT);
            steps::list(&mut walk, path, described.iter().any(|(path, _)| *path == export));
        } else {
            steps::ask(&mut walk, path, get);
        }
    }
    for (path, operations) in &described {
        let Some(of) = path.strip_suffix("/{child}").or_else(|| path.strip_suffix("/{id}")) else { continue };
        steps::read(&mut walk, of, path);
        if operations.get("patch").is_some() {
            let name =
                operations["patch"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
            let schema = document.pointer(name.unwrap().trim_start_matches('#')).unwrap();
            steps::change(&mut walk, &site, of, path, schema);
        }
    }
    // Children are removed before their parents.
    for (path, operations) in described.iter().rev() {
        if operations.get("delete").is_some() {
            steps::remove(&mut walk, path);
        }
    }
    let all: BTreeSet<String> = described
        .iter()
        .flat_map(|(path, operations)| {
            let methods = operations.as_object().unwrap().keys().filter(|name| *name != "parameters");
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let succeeded = walk.end();
    let never: Vec<_> =
        all.difference(&succeeded).filter(|name| !NOT_MADE_HERE.contains(&name.as_str())).collect();
    assert!(never.is_empty(), "nothing succeeded here; opened.rs says how to open what they need: {never:?}");
}

#[test]
fn signing_in_and_what_tells_how_it_runs_ask_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let email = site.give_password(&api, "technician", "a long enough password");
    let mut walk = Walk::begin(&api);
    let token = site.token(&api, "technician");
    let post = |token: &str, path: &str, body: Value| api.post(token, &format!("/api/auth/{path}"), &body);

    let login = api.sign_in(&email, "a long enough password");
    walk.judge("login", &login, &[200], Cost::One);
    walk.judge("login, with a wrong password", &api.sign_in(&email, "wrong"), &[401], Cost::One);
    walk.judge("login, without one", &post("", "login", json!({})), &[422], Cost::Nothing);
    let refresh = post("", "refresh", json!({"refresh_token": login.json()["refresh_token"]}));
    walk.judge("refresh", &refresh, &[200], Cost::One);
    let ended = json!({"refresh_token": refresh.json()["refresh_token"]});
    walk.judge("logout", &post("", "logout", ended.clone()), &[204], Cost::One);
    walk.judge("refresh, after that", &post("", "refresh", ended), &[401], Cost::One);
    let change =
        json!({"current_password": "a long enough password", "new_password": "another long password"});
    walk.judge("password", &post(&token, "password", change), &[204], Cost::One);
    let link = |kind: &str| {
        let token = format!(
            "select token from private.letters where kind = '{kind}' and profile_id = '{}'",
            site.person(&api, "technician")
        );
        api.ask(&token)
    };
    walk.judge("forgot", &post("", "forgot", json!({"email": email})), &[204], Cost::One);
    let accepted = json!({"token": link("password_reset"), "password": "another long password"});
    walk.judge("accept", &post("", "accept", accepted.clone()), &[200], Cost::One);
    walk.judge("accept, again", &post("", "accept", accepted), &[422], Cost::One);
    let wanted = json!({"email": format!("new.{email}"), "current_password": "another long password"});
    walk.judge("email", &post(&token, "email", wanted), &[204], Cost::One);
    let confirmed = json!({"token": link("email_confirmation")});
    walk.judge("email, confirmed", &post("", "email/confirm", confirmed), &[204], Cost::One);
    walk.judge("me", &api.get(&token, "/api/auth/me"), &[200], Cost::One);
    walk.judge("me, with a bad token", &api.get("x", "/api/auth/me"), &[401], Cost::Nothing);
    for (path, cost) in [
        ("/api/live", Cost::Nothing),
        ("/api/openapi.json", Cost::Nothing),
        ("/api/config", Cost::Nothing),
        ("/api/docs", Cost::Nothing),
        ("/api/ready", Cost::One),
        ("/api/health", Cost::One),
    ] {
        walk.judge(path, &api.get("", path), &[200], cost);
    }
    let machine = json!({"name": site.mark, "role": "technician", "warehouse_id": site.warehouse});
    let machine = api.post(&walk.token, "/api/v1/api-tokens", &machine).expect(201);
    let secret = machine["secret"].as_str().unwrap();
    walk.judge("a machine's first list", &api.get(secret, "/api/v1/equipment"), &[200], Cost::AtMostTwo);
    walk.judge("a machine's next list", &api.get(secret, "/api/v1/equipment"), &[200], Cost::One);
    walk.judge("an unknown machine", &api.get("mw_nobody", "/api/v1/equipment"), &[401], Cost::One);
    walk.end();
}

#[test]
fn a_screen_asks_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let mut walk = Walk::begin(&api);
    let token = site.token(&api, "technician");
    let order = json!({"type": "corrective", "title": "Belt slips"});
    let order = api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].clone();
    let order = order.as_str().unwrap();
    let everything = "names,checklist,attachments,crew,time_logs,comments,parts,reservations,relations,escalations,history";
    for path in [
        "home".to_owned(),
        format!("work-orders/{order}?include={everything}"),
        format!("work-orders/{order}?fields=title"),
        "work-orders?include=names,open_moves,may&count=true".to_owned(),
        "work-orders?q=belt&count=true".to_owned(),
        format!("profiles?ids={}", site.person(&api, "technician")),
    ] {
        walk.judge(&path, &api.get(&token, &format!("/api/v1/{path}")), &[200], Cost::One);
    }
    api.tell(&format!(
        "insert into public.work_orders (type, title, warehouse_id)
         select 'corrective', 'One of many', '{}' from generate_series(1, 1000)",
        site.warehouse
    ));
    let many = api.get(&token, "/api/v1/work-orders?count=true");
    walk.judge("a list of too many to be counted", &many, &[200], Cost::AtMostTwo);
    walk.end();
}

#[test]
fn a_phone_that_comes_back_asks_twice_however_much_it_brings() {
    let api = Api::open();
    let site = Site::build(&api);
    let mut walk = Walk::begin(&api);
    let token = site.token(&api, "technician");
    let order = json!({"type": "corrective", "title": "Belt slips"});
    let order = api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].clone();
    let comment = |n: u128| {
        json!({"id": Uuid::from_u128(n), "entity": "comments", "entity_id": Uuid::now_v7(),
            "made_at": "2026-01-01T00:00:00Z", "changes": {"work_order_id": order, "body": "Seen"}})
    };
    let batch = |mutations: Vec<Value>| {
        let body = json!({"device_id": NOBODY, "sent_at": "2026-01-02T00:00:00Z", "mutations": mutations});
        api.post(&token, "/api/v1/sync", &body)
    };
    let full: Vec<_> = (0..500).map(comment).collect();
    walk.judge("a full batch", &batch(full.clone()), &[200], Cost::AtMostTwo);
    walk.judge("the same again", &batch(full), &[200], Cost::One);
    walk.judge("nothing", &batch(vec![]), &[422], Cost::Nothing);
    walk.end();
    let said = api.ask(
        &format!("select count(*) from public.comments where work_order_id = {order}").replace('"', "'"),
    );
    assert_eq!(said, "500");
}

#[test]
fn a_scan_asks_once() {
    let api = Api::open();
    let site = Site::build(&api);
    site.takes_reports(&api);
    let (machine, passer) = (Labelled::open(&api, &site), Passer::default());
    let mut walk = Walk::begin(&api);
    let reports = format!("{}/reports", machine.scan());
    let said = json!({"description": "It leaks"});
    for path in [machine.scan(), machine.page()] {
        walk.judge(&format!("GET {path}"), &api.get("", &path), &[200], Cost::One);
        let unknown = path.replace(&machine.token, "AAAAAAAAAAAAAAAAAAAAAA");
        walk.judge(&format!("GET {unknown}"), &api.get("", &unknown), &[404], Cost::One);
        let none = path.replace(&machine.token, NOBODY);
        walk.judge(&format!("GET {none}"), &api.get("", &none), &[404], Cost::Nothing);
    }
    walk.judge("a report", &passer.post(&api, &reports, &said), &[201], Cost::One);
    walk.judge("a report of nothing", &passer.post(&api, &reports, &json!({})), &[422], Cost::Nothing);
    let photo = picture::photo();
    let filled = |description| {
        let texts = [("form", "form-1"), ("description", description)];
        passer.fill(&api, &machine.page(), &texts, Some(("a.jpg", &photo)))
    };
    walk.judge("a form with a photo", &filled("It leaks"), &[201], Cost::One);
    walk.judge("the same form again", &filled("It leaks"), &[201], Cost::One);
    walk.judge("another form by its name", &filled("It smokes"), &[422], Cost::One);
    // The page shows the machine again, and what was written.
    walk.judge("an empty form", &filled(""), &[422], Cost::One);
    for _ in 0..3 {
        walk.judge("more reports", &passer.post(&api, &reports, &said), &[201], Cost::One);
    }
    walk.judge("one too many", &passer.post(&api, &reports, &said), &[429], Cost::One);
    walk.end();
}

#[test]
fn files_ask_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let mut walk = Walk::begin(&api);
    let token = site.token(&api, "requester");
    let order = json!({"type": "corrective", "title": "With a photo"});
    let order = api.post(&token, "/api/v1/work-orders", &order).expect(201);
    let order = order["id"].as_str().unwrap();
    let uploaded = api.upload(&token, order, "door.jpg", &picture::photo());
    walk.judge("upload", &uploaded, &[201], Cost::One);
    walk.judge(
        "upload, of no picture",
        &api.upload(&token, order, "x.exe", b"MZ\0\0"),
        &[415],
        Cost::Nothing,
    );
    let elsewhere = api.upload(&token, NOBODY, "door.jpg", &picture::photo());
    walk.judge("upload, to nothing", &elsewhere, &[404], Cost::AtMostTwo);
    let content = uploaded.header("location");
    let read = eventually("that the photo is ready", || {
        let answer = api.get(&token, content);
        walk.judge("content", &answer, &[200, 409], Cost::One);
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(read.header("content-type"), "image/jpeg");
    let row = api.get(&token, content.trim_end_matches("/content"));
    walk.judge("its row, with its addresses", &row, &[200], Cost::One);
    let row = row.json();
    let shown = api.address(row["addresses"]["thumbnail"].as_str().unwrap());
    walk.judge("a picture at its address", &api.get("", shown), &[200], Cost::Nothing);
    let nobody = format!("/api/v1/attachments/{NOBODY}/content");
    walk.judge("content, of nobody", &api.get(&token, &nobody), &[404], Cost::One);
    walk.end();
}
