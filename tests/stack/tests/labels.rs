//! Labels of machines: drawn, printed, and replaced by others.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, Labelled, Site};
use serde_json::json;
use ureq::http::Method;

#[test]
fn a_label_is_for_those_who_read_the_machine() {
    let api = Api::open();
    let site = Site::build(&api);
    let machine = Labelled::open(&api, &site);
    let path = format!("/api/v1/equipment/{}/qr.svg", machine.id);
    let bearer = format!("Bearer {}", site.token(&api, "technician"));
    let read = |more: &[(&str, &str)]| {
        let headers = [&[("authorization", &*bearer)], more].concat();
        api.send(&Method::GET, &path, &headers, &[])
    };
    let label = read(&[]);
    let svg = String::from_utf8(label.body.clone()).unwrap();
    assert_eq!((label.status, label.header("content-type")), (200, "image/svg+xml"), "{svg}");
    assert_eq!(label.header("cache-control"), "private, no-cache");
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60mm\" height=\"30mm\""),
        "{svg}"
    );
    assert!(svg.contains("Press &amp; Co") && svg.contains("&lt;1&gt;") && svg.contains("Hall 2"), "{svg}");
    assert!(!svg.contains(&machine.id), "an id can be guessed");
    let etag = label.header("etag");
    let again = read(&[("if-none-match", etag)]);
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, etag));

    for (who, status) in
        [("supervisor", 200), ("inventory_clerk", 200), ("requester", 404), ("contractor", 404)]
    {
        assert_eq!(api.get(&site.token(&api, who), &path).status, status, "{who}");
    }
    api.get(&Site::build(&api).token(&api, "supervisor"), &path).problem(404, "not_found");
    api.get("", &path).problem(401, "unauthenticated");
    api.get(&site.token(&api, "technician"), &format!("{path}?size=7")).problem(422, "invalid");
}

#[test]
fn a_label_that_is_renewed_leads_nowhere_any_more() {
    let api = Api::open();
    let site = Site::build(&api);
    let machine = Labelled::open(&api, &site);
    let supervisor = site.token(&api, "supervisor");
    let setting = json!({"key": "qr_code_base_url", "value": "https://fix.example/"});
    api.post(&supervisor, "/api/v1/settings", &setting).expect(201);
    let path = format!("/api/v1/equipment/{}/qr/renew", machine.id);
    let label = format!("/api/v1/equipment/{}/qr.svg", machine.id);
    let before = api.get(&supervisor, &label).body;

    api.post(&site.token(&api, "technician"), &path, &json!({})).problem(403, "forbidden");
    api.post(&site.token(&api, "requester"), &path, &json!({})).problem(404, "not_found");
    assert_eq!(Labelled::token_of(&api, &machine.id), machine.token);

    let renewed = api.post(&supervisor, &path, &json!({})).expect(200);
    let token = Labelled::token_of(&api, &machine.id);
    assert_eq!(renewed, json!({"address": format!("https://fix.example/s/{token}")}));
    api.get("", &machine.scan()).problem(404, "not_found");
    assert_eq!(api.get("", &machine.page()).status, 404);
    assert_eq!(api.get("", &format!("/s/{token}")).status, 200);
    assert_ne!(api.get(&supervisor, &label).body, before);
}

/// Whoever sends a request says which name it came by; a label that is printed lasts for years.
#[test]
fn a_label_leads_to_the_configured_address_whatever_name_a_request_came_by() {
    let api = Api::open();
    let site = Site::build(&api);
    let machine = Labelled::open(&api, &site);
    let bearer = format!("Bearer {}", site.token(&api, "supervisor"));
    let forged = [
        ("authorization", &*bearer),
        ("content-type", "application/json"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example"),
    ];
    let path = format!("/api/v1/equipment/{}/qr", machine.id);
    let honest = api.get(&site.token(&api, "supervisor"), &format!("{path}.svg")).body;
    assert!(api.send(&Method::GET, &format!("{path}.svg"), &forged, &[]).body == honest, "the same code");
    let renewed = api.send(&Method::POST, &format!("{path}/renew"), &forged, b"{}").expect(200);
    let ours = format!("{}/s/{}", api.stack.api().unwrap(), Labelled::token_of(&api, &machine.id));
    assert_eq!(renewed, json!({"address": ours}));
    for path in
        ["/api/v1/equipment/labels", "/api/v1/equipment?limit=1", "/api/openapi.json", &machine.page()]
    {
        let answer = api.send(&Method::GET, path, &forged, &[]);
        let said = format!("{:?}{}", answer.headers, String::from_utf8_lossy(&answer.body));
        assert!(!said.contains("evil.example"), "{path}: {said}");
    }
}

#[test]
fn an_address_that_no_code_holds_is_told_by_the_label_and_by_the_sheet() {
    let api = Api::open();
    let site = Site::build(&api);
    let machine = Labelled::open(&api, &site);
    let supervisor = site.token(&api, "supervisor");
    let set = |address: String| {
        api.post(&supervisor, "/api/v1/settings", &json!({"key": "qr_code_base_url", "value": address}))
    };
    set(format!("https://fix.example/{}", "x".repeat(481))).problem(422, "invalid");
    // No more than 500 characters, but four times as many bytes.
    set(format!("https://fix.example/{}", "\u{1f527}".repeat(480))).expect(201);
    let technician = site.token(&api, "technician");
    for path in [format!("/api/v1/equipment/{}/qr.svg", machine.id), "/api/v1/equipment/labels".to_owned()] {
        let told = api.get(&technician, &path).problem(409, "address_too_long");
        assert!(told["detail"].as_str().unwrap().contains("qr_code_base_url"), "{told}");
    }
}

#[test]
fn a_sheet_has_the_machines_that_were_asked_for() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "technician");
    for n in 1..=7 {
        let machine =
            json!({"asset_tag": format!("{}-{n}", site.mark), "name": format!("Lift {n}"), "model": "L"});
        api.post(&site.token(&api, "supervisor"), "/api/v1/equipment", &machine).expect(201);
    }
    let sheet = |query: &str| {
        let answer = api.get(&token, &format!("/api/v1/equipment/labels{query}"));
        let html = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{html}"
        );
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert!(html.contains("@page{size:A4;margin:10mm}") && !html.contains("<script"), "{html}");
        (html.matches("<li>").count(), html)
    };
    let (count, html) = sheet("");
    assert!(count == 7 && html.contains("repeat(3,60mm)") && html.contains("Lift 7"), "{html}");
    let (count, html) = sheet("?columns=2&limit=3&sort=asset_tag&q=lift");
    assert!(
        count == 3
            && html.contains("repeat(2,92.5mm)")
            && html.contains("Lift 3")
            && !html.contains("Lift 4"),
        "{html}"
    );
    assert_eq!(sheet(&format!("?asset_tag={}-2", site.mark)).0, 1);
    assert_eq!(sheet("?status=retired").0, 0);
    let wrong = api
        .get(&token, "/api/v1/equipment/labels?columns=9&limit=201&fields=name&colour=red&sheet=l1&start=0")
        .problem(422, "invalid");
    let pointers: Vec<_> =
        wrong["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(json!(pointers), json!(["?fields", "?columns", "?sheet", "?start", "?limit", "?colour"]));
    api.get("", "/api/v1/equipment/labels").problem(401, "unauthenticated");
    let requester = api.get(&site.token(&api, "requester"), "/api/v1/equipment/labels");
    assert!(requester.status == 200 && !requester.body.windows(4).any(|part| part == b"Lift"));
}

#[test]
fn labels_are_printed_on_sheets_and_rolls_that_shops_sell_from_where_one_is_used() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "technician");
    for n in 1..=3 {
        let machine =
            json!({"asset_tag": format!("{}-{n}", site.mark), "name": format!("Lift {n}"), "model": "L"});
        api.post(&site.token(&api, "supervisor"), "/api/v1/equipment", &machine).expect(201);
    }
    let sheet = |query: &str| {
        let answer = api.get(&token, &format!("/api/v1/equipment/labels?{query}"));
        assert_eq!(answer.status, 200, "{query}");
        String::from_utf8(answer.body).unwrap()
    };
    let count = |html: &str| ["<ul>", "<li>", "<li class=\"used\">"].map(|part| html.matches(part).count());
    let html = sheet("sheet=l7160&start=20");
    assert_eq!(count(&html), [2, 3, 19], "two of them fit on the page that is used");
    assert!(html.contains("size:210mm 297mm") && html.contains("repeat(3,63.5mm)"), "{html}");
    let html = sheet("sheet=62x29mm");
    assert_eq!(count(&html), [3, 3, 0], "each on a page of its own");
    assert!(html.contains("size:62mm 29mm") && html.contains("width=\"52mm\" height=\"26mm\""), "{html}");
    assert_eq!(count(&sheet("start=24")), [2, 3, 23]);
    for (query, pointer) in [
        ("sheet=l7160&start=22", "?start"),
        ("sheet=4x6in&start=2", "?start"),
        ("start=25", "?start"),
        ("start=1.5", "?start"),
        ("sheet=5160&columns=2", "?columns"),
        ("sheet=a4", "?sheet"),
    ] {
        let wrong = api.get(&token, &format!("/api/v1/equipment/labels?{query}")).problem(422, "invalid");
        let errors = wrong["errors"].as_array().unwrap();
        assert!(errors.len() == 1 && errors[0]["pointer"] == pointer, "{query}: {wrong}");
    }
}
