//! The requests to a resource: opening one, lists, reading, changing and removing it, and those that are refused.

use millwright_stack_tests::{Site, picture};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::NOBODY;
use crate::walk::{Cost, Walk};

/// What a list's address and this are the address of: all of it, as CSV.
pub(crate) const EXPORT: &str = "/export.csv";

pub(crate) const BASE: &str = "/api/v1/";

pub(crate) fn open(walk: &mut Walk<'_>, site: &Site, path: &str, operation: &Value, body: &Value) {
    let (api, what, url) = (walk.api, format!("POST {path}"), format!("{BASE}{}", walk.made.fill(path)));
    let with_key =
        operation["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "Idempotency-Key");
    let key = format!("{}-{}", site.mark, path.replace(['{', '}', '/'], "."));
    let bearer = format!("Bearer {}", walk.token);
    let send = |token: &str, content_type: &str, text: &str| {
        let headers = [("authorization", token), ("content-type", content_type), ("idempotency-key", &*key)];
        api.send(&Method::POST, &url, &headers, text.as_bytes())
    };
    let text = body.to_string();
    let answer = send(&bearer, "application/json", &text);
    walk.judge(&what, &answer, &[200, 201], Cost::One);
    let first = answer.json();
    // Reordering opens several at once, or none.
    let made = first["id"].as_str().or(first.pointer("/drafts/0/id").and_then(Value::as_str));
    walk.made.remember(path, made.unwrap_or(NOBODY));
    if with_key {
        let again = send(&bearer, "application/json", &text);
        walk.judge(&format!("{what}, again with its key"), &again, &[200, 201], Cost::AtMostTwo);
        assert!(answer.status > 201 || again.json() == first, "{what}");
    }
    for (about, answer, status) in [
        ("an unknown field", send(&bearer, "application/json", r#"{"colour": "red"}"#), 422),
        ("half a body", send(&bearer, "application/json", "{"), 400),
        ("a form", send(&bearer, "text/plain", &text), 415),
        ("a bad token", send("Bearer nobody", "application/json", &text), 401),
    ] {
        walk.judge(&format!("{what}, {about}"), &answer, &[status], Cost::Nothing);
    }
    // A browser would pass to whoever says it.
    if path != "push-subscriptions" {
        let stranger = site.token(api, "requester");
        let refused = api.post(&stranger, &url, body);
        walk.judge(
            &format!("{what}, by a requester"),
            &refused,
            &[200, 201, 403, 404, 409, 422],
            Cost::AtMostTwo,
        );
    }
    if path.contains("{id}") {
        let nowhere = format!("{BASE}{}", path.replace("{id}", NOBODY));
        let answer = api.post(&walk.token, &nowhere, body);
        walk.judge(&format!("{what}, under nothing"), &answer, &[403, 404, 422], Cost::AtMostTwo);
    }
}

/// A file, which the walk's work order needs to have one.
pub(crate) fn upload(walk: &mut Walk<'_>) {
    let uploaded = walk.api.upload(&walk.token, walk.made.id("work-orders"), "door.jpg", &picture::photo());
    walk.judge("POST work-orders/{id}/attachments", &uploaded, &[201], Cost::One);
}

/// A file of lines, some of them wrong.
pub(crate) fn import(walk: &mut Walk<'_>, site: &Site, path: &str, key: &str) {
    let (api, what, url) = (walk.api, format!("POST {path}"), format!("{BASE}{path}"));
    let lines: Vec<_> = (0..20).map(|n| format!("{0}-{n},,{1}", site.mark, site.warehouse)).collect();
    let bearer = format!("Bearer {}", walk.token);
    let headers = [("authorization", &*bearer), ("content-type", "text/csv")];
    let mut send = |what: &str, file: &str, statuses: &[u16], cost| {
        walk.judge(what, &api.send(&Method::POST, &url, &headers, file.as_bytes()), statuses, cost);
    };
    let file = format!("{key},bin_or_area,warehouse_id\n{}\n", lines.join("\n"));
    send(&format!("{what}, with a column that nobody knows"), &file, &[422], Cost::Nothing);
    send(&what, &file.replace(",bin_or_area,", ",name,"), &[200], Cost::One);
}

pub(crate) fn list(walk: &mut Walk<'_>, path: &str, exported: bool) {
    let above = path.split_once("/{id}").map(|(above, _)| above);
    if above.is_some_and(|above| !walk.made.knows(above)) {
        return;
    }
    let (api, what, url) = (walk.api, format!("GET {path}"), format!("{BASE}{}", walk.made.fill(path)));
    let answer = api.get(&walk.token, &format!("{url}?limit=1"));
    let first = answer.json()[0]["id"].as_str().map(str::to_owned);
    // An empty list below something is looked into: nothing there, or nothing that it could be below?
    let cost = if first.is_none() && above.is_some() { Cost::AtMostTwo } else { Cost::One };
    walk.judge(&what, &answer, &[200], cost);
    if let Some(next) = answer.next_page() {
        walk.judge(&format!("{what}, the next page"), &api.get(&walk.token, &next), &[200], Cost::One);
    }
    if let Some(id) = first.filter(|_| !walk.made.knows(path)) {
        walk.made.remember(path, &id);
    }
    if exported {
        let whole = api.get(&walk.token, &format!("{url}{EXPORT}"));
        walk.judge(&format!("{what}{EXPORT}"), &whole, &[200], Cost::Pages);
    }
    walk.judge(
        &format!("{what}, badly asked"),
        &api.get(&walk.token, &format!("{url}?colour=red")),
        &[422],
        Cost::Nothing,
    );
    walk.judge(&format!("{what}, with a bad token"), &api.get("x", &url), &[401], Cost::Nothing);
    let bearer = format!("Bearer {}", walk.token);
    let put = api.send(&Method::PUT, &url, &[("authorization", &*bearer)], &[]);
    walk.judge(&format!("{what}, with PUT"), &put, &[405], Cost::Nothing);
}

/// A question that is no list: a report, the verifier.
pub(crate) fn ask(walk: &mut Walk<'_>, path: &str, operation: &Value) {
    if path.split_once("/{id}").is_some_and(|(above, _)| !walk.made.knows(above)) {
        return;
    }
    let (api, what, url) = (walk.api, format!("GET {path}"), format!("{BASE}{}", walk.made.fill(path)));
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    // All that must be said so far are days and words.
    let needed = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let said: Vec<_> =
        needed.map(|parameter| format!("{}=2026-03-02", parameter["name"].as_str().unwrap())).collect();
    let url = format!("{url}?{}", said.join("&"));
    // An export asks once for each of its pages.
    let cost = if path.ends_with("/export.csv") { Cost::Pages } else { Cost::One };
    walk.judge(&what, &api.get(&walk.token, &url), &[200], cost);
    let badly = api.get(&walk.token, &format!("{url}&colour=red"));
    walk.judge(&format!("{what}, badly asked"), &badly, &[422], Cost::Nothing);
    walk.judge(&format!("{what}, with a bad token"), &api.get("x", &url), &[401], Cost::Nothing);
}

pub(crate) fn read(walk: &mut Walk<'_>, of: &str, path: &str) {
    let (api, what) = (walk.api, format!("GET {path}"));
    if walk.made.knows(of) {
        let answer = api.get(&walk.token, &one(walk, of, path));
        walk.judge(&what, &answer, &[200], Cost::One);
    }
    let nobody = format!("{BASE}{}/{NOBODY}", walk.made.fill(of));
    walk.judge(&format!("{what}, of nobody"), &api.get(&walk.token, &nobody), &[404], Cost::AtMostTwo);
}

/// The address of the one of a resource that was made.
fn one(walk: &Walk<'_>, of: &str, path: &str) -> String {
    let whole = if path.ends_with("/{child}") { path.to_owned() } else { format!("{of}/{{id}}") };
    format!("{BASE}{}", walk.made.fill(&whole))
}

/// Writes one of its fields as it is: a plain write, and nobody minds.
pub(crate) fn change(walk: &mut Walk<'_>, site: &Site, of: &str, path: &str, schema: &Value) {
    let (api, what, url) = (walk.api, format!("PATCH {path}"), one(walk, of, path));
    let nobody = format!("{BASE}{}/{NOBODY}", walk.made.fill(of));
    if !walk.made.knows(of) {
        return;
    }
    let now = api.get(&walk.token, &url).json();
    let fields = schema["properties"].as_object().unwrap();
    let filled = fields.keys().find(|name| !now[name.as_str()].is_null());
    let name = filled.or(fields.keys().next()).unwrap();
    let body = json!({name.as_str(): now[name.as_str()]});
    walk.judge(&what, &api.patch(&walk.token, &url, "", &body), &[200], Cost::One);
    if now["version"].is_number() {
        let answer = api.patch(&walk.token, &url, "\"99999\"", &body);
        walk.judge(&format!("{what}, of another version"), &answer, &[412], Cost::AtMostTwo);
        let version = format!("\"{}\"", api.get(&walk.token, &url).json()["version"]);
        let answer = api.patch(&walk.token, &url, &version, &body);
        walk.judge(&format!("{what}, of its version"), &answer, &[200], Cost::One);
    }
    let answer = api.patch(&walk.token, &nobody, "", &body);
    walk.judge(&format!("{what}, of nobody"), &answer, &[404], Cost::AtMostTwo);
    let answer = api.patch(&site.token(api, "requester"), &url, "", &body);
    walk.judge(&format!("{what}, by a requester"), &answer, &[403, 404], Cost::AtMostTwo);
    let answer = api.patch(&walk.token, &url, "", &json!({"colour": "red"}));
    walk.judge(&format!("{what}, an unknown field"), &answer, &[422], Cost::Nothing);
    walk.judge(&format!("{what}, with a bad token"), &api.patch("x", &url, "", &body), &[401], Cost::Nothing);
}

pub(crate) fn remove(walk: &mut Walk<'_>, path: &str) {
    let Some(of) = path.strip_suffix("/{child}").or_else(|| path.strip_suffix("/{id}")) else { return };
    let (api, what, url) = (walk.api, format!("DELETE {path}"), one(walk, of, path));
    walk.judge(&format!("{what}, with a bad token"), &api.delete("x", &url), &[401], Cost::Nothing);
    walk.judge(&what, &api.delete(&walk.token, &url), &[204], Cost::One);
    let nobody = format!("{BASE}{}/{NOBODY}", walk.made.fill(of));
    walk.judge(&format!("{what}, of nobody"), &api.delete(&walk.token, &nobody), &[404], Cost::AtMostTwo);
}
