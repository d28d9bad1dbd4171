//! A screen is one call: names, moves and counts come with what they are about.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeSet;

use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

const EVERYTHING: &str =
    "names,checklist,attachments,crew,time_logs,comments,parts,reservations,relations,escalations,history";

/// A work order that the technician has, on which a manager has commented.
fn work(api: &Api, site: &Site) -> String {
    let supervisor = site.token(api, "supervisor");
    let machine = json!({"asset_tag": site.mark, "name": "Press", "model": "P-1"});
    let machine = api.post(&supervisor, "/api/v1/equipment", &machine).expect(201)["id"].clone();
    let order = json!({
        "type": "corrective", "title": "Belt slips", "equipment_id": machine, "assigned_to": site.person(api, "technician"),
        "due_at": "2020-01-01T00:00:00Z",
    });
    let order = api.post(&supervisor, "/api/v1/work-orders", &order).expect(201);
    let path = format!("/api/v1/work-orders/{}", order["id"].as_str().unwrap());
    let said = json!({"body": "The vendor comes on Monday."});
    api.post(&api.token("manager"), &format!("{path}/comments"), &said).expect(201);
    path
}

#[test]
fn a_work_order_is_told_with_everything_that_its_screen_shows() {
    let api = Api::open();
    let site = Site::build(&api);
    let path = work(&api, &site);
    let token = site.token(&api, "technician");
    let answer = api.get(&token, &format!("{path}?include={EVERYTHING}"));
    assert_eq!(api.stack.round_trips(answer.header("x-request-id")).unwrap(), 1);
    assert!(answer.header("etag").starts_with("\"1-"), "{}", answer.header("etag"));
    let told = answer.expect(200);
    assert_eq!(told["assignee"], json!({"id": told["assigned_to"], "name": "The technician"}));
    assert_eq!(told["requester"]["name"], "The supervisor");
    assert_eq!(told["machine"]["asset_tag"], json!(site.mark));
    assert_eq!((&told["warehouse"]["code"], &told["vendor"]), (&json!(site.mark), &Value::Null));
    assert!(told["comments"][0]["author"]["name"].is_string(), "{}", told["comments"]);
    assert_eq!(told["open_moves"], json!(["in_progress"]));
    assert!(told["may"].as_array().unwrap().contains(&json!("log_time")));
    for child in EVERYTHING.split(',').skip(1) {
        assert!(told[child].is_array(), "{child}");
    }
    // Without being asked, one is told with its moves, its checklist and its files.
    let usual = api.get(&token, &path).expect(200);
    assert!(usual["open_moves"].is_array() && usual["checklist"].is_array() && usual["assignee"].is_null());
}

#[test]
fn a_list_tells_names_and_moves_to_whoever_sees_its_rows() {
    let api = Api::open();
    let site = Site::build(&api);
    work(&api, &site);
    // The list of a contractor comes out of a function of the database, and so does a search.
    let report = json!({"type": "corrective", "title": "It leaks"});
    api.post(&site.token(&api, "requester"), "/api/v1/work-orders", &report).expect(201);
    for (role, query) in
        [("technician", ""), ("technician", "&q=belt"), ("requester", ""), ("supervisor", "&overdue=true")]
    {
        let path = format!("/api/v1/work-orders?fields=title&include=requester,open_moves{query}");
        let rows = api.get(&site.token(&api, role), &path).expect(200);
        let row = &rows[0];
        assert!(
            row["requester"]["name"].is_string() && row["open_moves"].is_array(),
            "{role} {query}: {rows}"
        );
        let members: BTreeSet<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["id", "title", "requester", "open_moves"]), "{role} {query}");
    }
    let token = site.token(&api, "technician");
    let problem = api.get(&token, "/api/v1/work-orders?include=history").problem(422, "invalid");
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("there is: checklist"), "{problem}");
}

#[test]
fn a_list_says_how_many_rows_there_are() {
    let api = Api::open();
    let site = Site::build(&api);
    for _ in 0..3 {
        work_orders(&api, &site, 1);
    }
    let token = site.token(&api, "supervisor");
    let first = api.get(&token, "/api/v1/work-orders?count=true&limit=2");
    assert_eq!(first.header("x-total-count"), "3");
    assert_eq!(api.stack.round_trips(first.header("x-request-id")).unwrap(), 1);
    let second = api.get(&token, &first.next_page().unwrap());
    assert_eq!(second.header("x-total-count"), "");
    assert_eq!(second.expect(200).as_array().unwrap().len(), 1);
    assert_eq!(api.get(&token, "/api/v1/work-orders?limit=2").header("x-total-count"), "", "nobody asked");
    work_orders(&api, &site, 998);
    let many = api.get(&token, "/api/v1/work-orders?count=true&limit=2");
    assert_eq!((many.header("x-total-count"), many.next_page().is_some()), ("1000+", true));
    assert_eq!(
        api.stack.round_trips(many.header("x-request-id")).unwrap(),
        2,
        "only where they are too many"
    );
}

fn work_orders(api: &Api, site: &Site, many: usize) {
    api.tell(&format!(
        "insert into public.work_orders (type, title, warehouse_id)
         select 'corrective', 'One of many', '{}' from generate_series(1, {many})",
        site.warehouse
    ));
}

#[test]
fn one_is_told_with_fewer_fields() {
    let api = Api::open();
    let site = Site::build(&api);
    let path = work(&api, &site);
    let token = site.token(&api, "technician");
    let answer = api.get(&token, &format!("{path}?fields=title,status"));
    assert_eq!(answer.header("etag"), "\"1\"");
    let told = answer.expect(200);
    let members: BTreeSet<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["id", "version", "title", "status"]));
    let told = api.get(&token, &format!("{path}?fields=title&include=assignee")).expect(200);
    assert_eq!((&told["assignee"]["name"], &told["status"]), (&json!("The technician"), &Value::Null));
    api.get(&token, &format!("{path}?fields=colour")).problem(422, "invalid");
}

#[test]
fn the_start_page_is_one_call_of_a_few_kilobytes() {
    let api = Api::open();
    let site = Site::build(&api);
    work(&api, &site);
    for role in ["technician", "supervisor", "contractor", "inventory_clerk", "requester"] {
        let answer = api.get(&site.token(&api, role), "/api/v1/home");
        assert_eq!(api.stack.round_trips(answer.header("x-request-id")).unwrap(), 1);
        assert!(answer.body.len() < 24 * 1024, "{} bytes for a {role}", answer.body.len());
        let home = answer.expect(200);
        assert_eq!(home["me"]["role"], role);
    }
    let home = api.get(&site.token(&api, "technician"), "/api/v1/home").expect(200);
    assert_eq!(
        (&home["my_work"][0]["machine"]["name"], &home["my_overdue"]["count"]),
        (&json!("Press"), &json!(1))
    );
    let me = api.get(&site.token(&api, "technician"), "/api/auth/me").expect(200);
    assert_eq!(me["permissions"], home["me"]["permissions"]);
}

#[test]
fn a_phone_is_told_what_its_owner_may_do() {
    let api = Api::open();
    let site = Site::build(&api);
    work(&api, &site);
    let told = api.get(&site.token(&api, "technician"), "/api/v1/sync").expect(200);
    let changes = told["changes"].as_array().unwrap();
    let order = changes.iter().find(|change| change["entity"] == "work_orders").unwrap();
    assert_eq!(order["work_orders"]["open_moves"], json!(["in_progress"]));
    assert!(order["work_orders"]["may"].is_array() && order["work_orders"]["history"].is_null());
}

#[test]
fn the_inbox_is_marked_read_at_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let (token, person) = (site.token(&api, "technician"), site.person(&api, "technician"));
    api.tell(&format!(
        "with told as (insert into public.events (kind, warehouse_id, expanded_at)
           select 'wo_comment', '{}', now() from generate_series(1, 3) returning id)
         insert into public.notifications (type, title, body, recipient_id, event_id)
           select 'wo_comment', 'Told', '', '{person}', id from told",
        site.warehouse
    ));
    let unread = |token: &str| api.get(token, "/api/v1/home").expect(200)["unread"].clone();
    assert_eq!(unread(&token), json!({"count": 3, "more": false}));
    let read = api.post(&token, "/api/v1/notifications/read", &json!({})).expect(200);
    assert_eq!(read, json!({"marked": 3, "unread": {"count": 0, "more": false}}));
    assert_eq!(unread(&token)["count"], 0);
    api.post(&token, "/api/v1/notifications/read", &json!({"up_to": "x"})).problem(422, "invalid");
}

#[test]
fn a_search_across_everything_is_one_call() {
    let api = Api::open();
    let site = Site::build(&api);
    work(&api, &site);
    let token = site.token(&api, "technician");
    let answer = api.get(&token, &format!("/api/v1/search?q={}", site.mark));
    assert_eq!(api.stack.round_trips(answer.header("x-request-id")).unwrap(), 1);
    let told = answer.expect(200);
    let machine = &told["found"][0];
    assert_eq!((&machine["type"], &machine["code"]), (&json!("machine"), &json!(site.mark)));
    assert_eq!((&machine["exact"], &machine["matched"]), (&json!(true), &json!(["asset_tag"])));
    assert_eq!(told["more"], json!([]));
    let slips = api.get(&token, "/api/v1/search?q=belt%20slips&type=work_order&limit=20").expect(200);
    assert_eq!(slips["found"][0]["matched"], json!(["title"]));
    for (query, wrong) in [
        ("", "?q"),
        ("?q=", "?q"),
        ("?q=x&type=ghost", "?type"),
        ("?q=x&limit=21", "?limit"),
        ("?q=x&sort=id", "?sort"),
    ] {
        let problem = api.get(&token, &format!("/api/v1/search{query}")).problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], json!(wrong), "{query}");
    }
    let people = api.get(&token, "/api/v1/profiles?q=the%20technician&fields=full_name").expect(200);
    assert_eq!(people.as_array().unwrap().len(), 1, "{people}");
}
