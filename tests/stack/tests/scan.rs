//! Someone passes a machine, scans its label, sees what a stranger may see, and reports what is wrong.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::picture::{SECRET, photo};
use millwright_stack_tests::{Answer, Api, Labelled, Passer, Site, eventually, mail};
use serde_json::json;
use ureq::http::Method;

/// A site that takes reports, a machine of it, and someone who passes it.
fn open(api: &Api) -> (Site, Labelled, Passer) {
    let site = Site::build(api);
    site.takes_reports(api);
    let machine = Labelled::open(api, &site);
    (site, machine, Passer::default())
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("a text")
}

/// The body of a page of ours: HTML in which nothing runs, and nothing comes from elsewhere.
fn page(answer: &Answer, status: u16) -> String {
    let html = text(answer);
    assert_eq!(answer.status, status, "{html}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!((answer.header("cache-control"), answer.header("x-frame-options")), ("no-store", "DENY"));
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("style=\""), "{html}");
    html
}

/// The token of the form in a page.
fn form_token(html: &str) -> String {
    html.split_once("name=\"form\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
}

#[test]
fn a_problem_is_reported_with_a_photo_and_the_supervisor_hears_of_it() {
    let api = Api::open();
    let (site, machine, passer) = open(&api);
    let shown = page(&api.get("", &machine.page()), 200);
    for words in ["Press &amp; Co", "P-1", "Hall 2", "In use", "&lt;1&gt;", "Report a problem"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let texts = [
        ("form", &*form_token(&shown)),
        ("description", "It leaks oil.\r\nOn the left."),
        ("priority", "high"),
        ("reporter_name", "Nora"),
        ("reporter_contact", ""),
    ];
    let sent = photo();
    assert!(sent.windows(SECRET.len()).any(|window| window == SECRET));
    let thanks = page(&passer.fill(&api, &machine.page(), &texts, Some(("IMG 1.HEIC", &sent))), 201);

    let supervisor = site.token(&api, "supervisor");
    let orders = api.get(&supervisor, "/api/v1/work-orders").expect(200);
    let order = &orders[0];
    assert_eq!(orders.as_array().unwrap().len(), 1);
    assert!(thanks.contains(order["number"].as_str().unwrap()), "{thanks}");
    for (field, value) in [
        ("type", json!("corrective")),
        ("status", json!("new")),
        ("title", json!("It leaks oil.")),
        ("description", json!("It leaks oil.\nOn the left.")),
        ("priority", json!("high")),
        ("equipment_id", json!(machine.id)),
        ("reporter_name", json!("Nora")),
        ("reporter_contact", json!(null)),
        ("requested_by", json!(null)),
    ] {
        assert_eq!(order[field], value, "{field}");
    }
    eventually("a mail to the supervisor", || {
        mail::to(&api, &site.email("supervisor"))
            .into_iter()
            .find(|mail| mail.to_string().contains("It leaks oil."))
    });
    let inbox = api.get(&supervisor, "/api/v1/notifications").expect(200);
    assert_eq!(inbox[0]["type"], "request_received");

    let path = format!("/api/v1/work-orders/{}/attachments", order["id"].as_str().unwrap());
    let file = eventually("that the photo is ready", || {
        let file = api.get(&supervisor, &path).expect(200)[0].clone();
        (file["state"] == "ready").then_some(file)
    });
    assert_eq!((&file["file_name"], &file["uploaded_by"]), (&json!("IMG 1.jpg"), &json!(null)));
    for variant in ["original", "display", "thumbnail"] {
        let path = format!("/api/v1/attachments/{}/content?variant={variant}", file["id"].as_str().unwrap());
        let served = api.get(&supervisor, &path);
        assert_eq!((served.status, served.header("content-type")), (200, "image/jpeg"));
        assert!(!served.body.windows(SECRET.len()).any(|window| window == SECRET), "{variant}");
    }
}

#[test]
fn what_a_stranger_writes_is_no_formula_in_the_supervisors_list() {
    let api = Api::open();
    let (site, machine, passer) = open(&api);
    let token = form_token(&page(&api.get("", &machine.page()), 200));
    let formula = "=HYPERLINK(\"https://evil.example\",\"Click\")";
    let texts = [("form", &*token), ("description", formula), ("reporter_name", "@SUM(A1)")];
    page(&passer.fill(&api, &machine.page(), &texts, None), 201);
    let token = site.token(&api, "supervisor");
    let list = |query: &str| text(&api.get(&token, &format!("/api/v1/work-orders/export.csv{query}")));
    let history = format!("/api/v1/equipment/{}/history/export.csv", machine.id);
    for csv in [list(""), list("?fields=title,description,reporter_name")] {
        assert!(csv.contains("\"'=HYPERLINK(") && csv.contains(",'@SUM(A1)"), "{csv}");
        assert!(!csv.contains(",\"=") && !csv.contains(",@"), "{csv}");
    }
    assert!(list("?raw=true").contains(",\"=HYPERLINK("));
    assert_eq!(api.get(&token, &history).status, 200);
}

#[test]
fn the_same_form_twice_is_one_report() {
    let api = Api::open();
    let (site, machine, passer) = open(&api);
    let token = form_token(&page(&api.get("", &machine.page()), 200));
    let fill = |words| {
        let texts = [("form", &*token), ("description", words)];
        passer.fill(&api, &machine.page(), &texts, Some(("a.jpg", &photo())))
    };
    let first = page(&fill("It leaks"), 201);
    assert_eq!(page(&fill("It leaks"), 201), first);
    assert!(page(&fill("Something else"), 422).contains("sent before"));
    assert_eq!(site.work_orders(&api), "1");

    let body = json!({"description": "It smokes", "priority": "critical", "reporter_name": ""});
    let path = format!("{}/reports", machine.scan());
    let headers = [("content-type", "application/json"), ("idempotency-key", "report-1")];
    let send = |body: &serde_json::Value| {
        api.send_to(
            &api.stack.supabase.as_ref().unwrap().api,
            &Method::POST,
            &path,
            &[headers[0], headers[1], ("cf-connecting-ip", "203.0.113.9")],
            body.to_string().as_bytes(),
        )
    };
    let first = send(&body).expect(201);
    assert_eq!(first["photo"], json!(null));
    assert_eq!(send(&body).expect(201), first);
    send(&json!({"description": "It does not"})).problem(422, "idempotency_key_reused");
    assert_eq!(site.work_orders(&api), "2");
}

#[test]
fn where_strangers_may_not_report_they_are_told_whom_to_tell() {
    let api = Api::open();
    let (site, passer) = (Site::build(&api), Passer::default());
    let machine = Labelled::open(&api, &site);
    let shown = page(&api.get("", &machine.page()), 200);
    assert!(
        shown.contains("Press &amp; Co") && shown.contains("tell a supervisor") && !shown.contains("<form"),
        "{shown}"
    );
    let scanned = api.get("", &machine.scan()).expect(200);
    let tag = format!("{}-<1>", site.mark);
    let told =
        json!({"name": "Press & Co", "model": "P-1", "asset_tag": tag, "area": "Hall 2", "status": "active"});
    assert_eq!(scanned, json!({"machine": told, "reports_open": false}));
    let refused =
        passer.fill(&api, &machine.page(), &[("description", "It leaks")], Some(("a.jpg", &photo())));
    assert!(page(&refused, 403).contains("tell a supervisor"));
    let path = format!("{}/reports", machine.scan());
    passer.post(&api, &path, &json!({"description": "It leaks"})).problem(403, "forbidden");
    let files = format!("select count(*) from public.attachments where warehouse_id = '{}'", site.warehouse);
    assert_eq!((site.work_orders(&api), api.ask(&files)), ("0".to_owned(), "0".to_owned()));
}

#[test]
fn a_label_that_is_not_known_has_a_page_too() {
    let api = Api::open();
    let passer = Passer::default();
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "01900000-0000-7000-8000-000000000001", "%00", "..%2F"] {
        assert!(page(&api.get("", &format!("/s/{token}")), 404).contains("not known"), "{token}");
        api.get("", &format!("/api/v1/scan/{token}")).problem(404, "not_found");
        let sent = passer.fill(&api, &format!("/s/{token}"), &[("description", "It leaks")], None);
        assert_eq!(sent.status, 404, "{token}");
    }
}

#[test]
fn the_sixth_report_from_an_address_has_to_wait() {
    let api = Api::open();
    let (site, machine, passer) = open(&api);
    let path = format!("{}/reports", machine.scan());
    let report =
        |passer: &Passer, n: usize| passer.post(&api, &path, &json!({"description": format!("No. {n}")}));
    // An invalid report is not counted.
    passer.post(&api, &path, &json!({})).problem(422, "invalid");
    for n in 1..=5 {
        report(&passer, n).expect(201);
    }
    let refused = report(&passer, 6);
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    refused.problem(429, "too_many_requests");
    let refused = passer.fill(&api, &machine.page(), &[("description", "No. 7")], None);
    assert!(!refused.header("retry-after").is_empty());
    assert!(page(&refused, 429).contains("Please wait"));
    assert_eq!(site.work_orders(&api), "5");
    report(&Passer::default(), 8).expect(201);
}

#[test]
fn every_wrong_field_is_named_and_what_was_written_is_not_lost() {
    let api = Api::open();
    let (site, machine, passer) = open(&api);
    let path = format!("{}/reports", machine.scan());
    let named = |answer: Answer| {
        let problem = answer.problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap().iter();
        let mut pointers: Vec<_> =
            errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
        pointers.sort();
        pointers
    };
    let wrong = json!({"description": " ", "priority": "now", "colour": "red", "reporter_name": 7});
    let wanted = ["/colour", "/description", "/priority", "/reporter_name"];
    assert_eq!(named(passer.post(&api, &path, &wrong)), wanted);
    let texts = [("priority", "now"), ("colour", "red"), ("reporter_name", "a"), ("reporter_name", "b")];
    assert_eq!(
        named(passer.fill(&api, &path, &texts, None)),
        ["/colour", "/description", "/priority", "/reporter_name"]
    );
    let text = Some(("a.jpg", &b"no picture"[..]));
    assert_eq!(
        named(passer.fill(&api, &path, &texts[..2], text)),
        ["/colour", "/description", "/photo", "/priority"]
    );

    let texts = [("priority", "high"), ("reporter_name", "\"><script>alert(1)</script>")];
    let again = page(&passer.fill(&api, &machine.page(), &texts, text), 422);
    assert!(
        again.contains("<option value=\"high\" selected>")
            && again.contains("value=\"&quot;&gt;&lt;script&gt;"),
        "{again}"
    );
    assert_eq!(again.matches("aria-invalid=\"true\"").count(), 2, "the description and the photo: {again}");

    passer.send(&api, &Method::POST, &path, "text/plain", b"It leaks").problem(415, "unsupported_media_type");
    passer.send(&api, &Method::POST, &path, "application/json", b"{").problem(400, "malformed");
    let broken =
        passer.send(&api, &Method::POST, &path, "multipart/form-data; boundary=x", b"nothing of the kind");
    broken.problem(400, "malformed");
    let mut large = photo();
    large.resize(6 * 1024 * 1024, 0);
    let sent = passer.fill(&api, &path, &[("description", "It leaks")], Some(("a.jpg", &large)));
    sent.problem(413, "too_large");
    assert_eq!(site.work_orders(&api), "0");
    let put = passer.send(&api, &Method::PUT, &machine.page(), "text/plain", b"x");
    assert_eq!((put.status, put.header("allow")), (405, "GET, HEAD, POST"));
}

#[test]
fn a_photo_that_is_broken_is_quarantined_and_the_report_stands() {
    let api = Api::open();
    let (site, machine, passer) = open(&api);
    let mut broken = photo();
    broken.truncate(broken.len() / 2);
    let path = format!("{}/reports", machine.scan());
    let texts = [("description", "It leaks")];
    let sent = passer.fill(&api, &path, &texts, Some(("a.jpg", &broken))).expect(201);
    assert_eq!(sent["photo"], "uploaded");
    let state = format!("select state from public.attachments where warehouse_id = '{}'", site.warehouse);
    eventually("a verdict", || (api.ask(&state) == "quarantined").then_some(()));
    assert_eq!(site.work_orders(&api), "1");
}
