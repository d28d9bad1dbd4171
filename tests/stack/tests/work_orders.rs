//! Work orders over HTTP: opening, listing, reading, and everything that is refused.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, Site, at_once};
use serde_json::{Value, json};
use ureq::http::Method;

const PATH: &str = "/api/v1/work-orders";

#[test]
fn what_is_opened_can_be_read_where_the_answer_says() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "requester");
    let opened =
        api.post(&token, PATH, &json!({"type": "corrective", "title": "Door jams", "priority": "high"}));
    let location = opened.header("location").to_owned();
    let opened = opened.expect(201);
    assert_eq!((&opened["status"], &opened["title"]), (&json!("new"), &json!("Door jams")));
    assert_eq!(opened["warehouse_id"], site.warehouse.as_str());
    assert!(opened["number"].as_str().unwrap().starts_with("WO-"));
    let read = api.get(&token, &location).expect(200);
    assert_eq!((&read["id"], &read["checklist"]), (&opened["id"], &json!([])));
}

#[test]
fn each_role_has_its_own_view() {
    let api = Api::open();
    let site = Site::build(&api);
    let order = json!({"type": "corrective", "title": "Only here"});
    let id = api.post(&site.token(&api, "requester"), PATH, &order).expect(201)["id"].clone();
    let sees = |token: &str| {
        let list = api.get(token, &format!("{PATH}?limit=200&warehouse_id={}", site.warehouse)).expect(200);
        list.as_array().unwrap().iter().any(|order| order["id"] == id)
    };
    for role in ["requester", "technician", "supervisor"] {
        assert!(sees(&site.token(&api, role)), "{role} of the warehouse");
    }
    assert!(sees(&api.token("manager")) && sees(&api.token("admin")));
    for role in ["technician", "supervisor", "contractor", "requester", "inventory_clerk"] {
        assert!(!sees(&api.token(role)), "{role} of another warehouse");
        let path = format!("{PATH}/{}", id.as_str().unwrap());
        api.get(&api.token(role), &path).problem(404, "not_found");
    }
}

#[test]
fn a_list_is_filtered_and_limited() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let technician = site.person(&api, "technician");
    for (title, assigned_to) in [("one", None), ("two", Some(&technician)), ("three", Some(&technician))] {
        let order = json!({"type": "corrective", "title": title, "assigned_to": assigned_to});
        api.post(&token, PATH, &order).expect(201);
    }
    let titles = |query: &str| -> Vec<Value> {
        let list = api.get(&token, &format!("{PATH}?{query}")).expect(200);
        list.as_array().unwrap().iter().map(|order| order["title"].clone()).collect()
    };
    assert_eq!(titles(""), ["three", "two", "one"], "newest first");
    assert_eq!(titles("status=assigned"), ["three", "two"]);
    assert_eq!(titles("limit=1"), ["three"]);
    assert_eq!(titles(&format!("status=new&assigned_to={technician}")), [] as [Value; 0]);
    let wrong = api.get(&token, &format!("{PATH}?status=done&limit=0&colour=x")).problem(422, "invalid");
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 3);
}

#[test]
fn bad_input_is_explained_and_leaves_no_trace() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let send = |content_type: &str, body: &str| {
        let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", content_type)];
        api.send(&Method::POST, PATH, &headers, body.as_bytes())
    };
    let json_type = "application/json";
    send(json_type, r#"{"type": "corrective", "#).problem(400, "malformed");
    send(json_type, "\u{0}").problem(400, "malformed");
    let _ =
        send("text/plain", r#"{"type": "corrective", "title": "x"}"#).problem(415, "unsupported_media_type");
    send(json_type, &format!("\"{}\"", "x".repeat(1_100_000))).problem(413, "too_large");
    for body in ["[]", "null", "7", r#""text""#] {
        send(json_type, body).problem(422, "invalid");
    }
    let wrong = send(
        json_type,
        r#"{"type": 7, "title": "", "priority": "urgent", "due_at": "soon", "equipment_id": "x", "status": "closed"}"#,
    )
    .problem(422, "invalid");
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 6, "{wrong}");
    let year = r#"{"type": "corrective", "title": "x", "due_at": "+262000-01-01T00:00:00Z"}"#;
    let answer = send(json_type, year);
    assert_eq!(answer.status, 422, "{:?}", answer.json());
    assert_eq!(site.work_orders(&api), "0");
}

#[test]
fn what_is_named_must_be_there_and_allowed() {
    let api = Api::open();
    let (site, other) = (Site::build(&api), Site::build(&api));
    let token = site.token(&api, "supervisor");
    let open = |token: &str, field: &str, value: &str| {
        let mut order = json!({"type": "corrective", "title": "x"});
        order[field] = json!(value);
        api.post(token, PATH, &order)
    };
    let nobody = "01900000-0000-7000-8000-00000000ffff";
    for field in ["equipment_id", "assigned_to", "parent_id"] {
        let answer = open(&token, field, nobody).problem(422, "invalid");
        assert_eq!(answer["errors"][0]["pointer"], format!("/{field}"));
    }
    let elsewhere = api.ask("select id from public.equipment where asset_tag = 'DEN-CNV-01'");
    let answer = open(&token, "equipment_id", &elsewhere).problem(422, "invalid");
    assert_eq!(answer["errors"][0]["pointer"], "/equipment_id", "a machine of another warehouse");
    open(&token, "warehouse_id", &other.warehouse).problem(403, "forbidden");
    let requester = site.token(&api, "requester");
    let technician = site.person(&api, "technician");
    let answer = open(&requester, "assigned_to", &technician).problem(422, "invalid");
    assert_eq!(answer["errors"][0]["pointer"], "/assigned_to", "whom a requester does not see is not there");
    let clerk = api.token("inventory_clerk");
    api.post(&clerk, PATH, &json!({"type": "corrective", "title": "x"})).problem(403, "forbidden");
    let manager = api.token("manager");
    let answer =
        api.post(&manager, PATH, &json!({"type": "corrective", "title": "x"})).problem(422, "invalid");
    assert_eq!(answer["errors"][0]["pointer"], "/warehouse_id", "a manager has no warehouse of their own");
    assert_eq!((site.work_orders(&api), other.work_orders(&api)), ("0".to_owned(), "0".to_owned()));
}

#[test]
fn the_same_id_twice_is_one_work_order() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "requester");
    let order = json!({"id": uuid::Uuid::new_v4(), "type": "corrective", "title": "Sent twice"});
    api.post(&token, PATH, &order).expect(201);
    api.post(&token, PATH, &order).problem(409, "already_exists");
    assert_eq!(site.work_orders(&api), "1");
}

#[test]
fn fifty_of_one_request_are_one_work_order_with_one_answer() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "requester");
    let bearer = format!("Bearer {token}");
    let send = |api: &Api, order: &Value| {
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", "from-a-phone-1"),
        ];
        api.send(&Method::POST, PATH, &headers, order.to_string().as_bytes())
    };
    let order = json!({"type": "corrective", "title": "Sent fifty times"});
    let answers = at_once(50, |_, api| send(api, &order));
    let first = answers[0].json();
    for answer in answers {
        assert_eq!(answer.header("location"), format!("{PATH}/{}", first["id"].as_str().unwrap()));
        assert_eq!(answer.header("etag"), "\"1\"");
        assert_eq!(answer.expect(201), first);
    }
    assert_eq!(site.work_orders(&api), "1");
    let told = format!("select count(*) from public.events where warehouse_id = '{}'", site.warehouse);
    assert_eq!(api.ask(&told), "1", "and it is told of once");
    send(&api, &json!({"type": "corrective", "title": "Another"})).problem(422, "idempotency_key_reused");
    let mut other = site.token(&api, "technician");
    other.insert_str(0, "Bearer ");
    let headers = [
        ("authorization", &*other),
        ("content-type", "application/json"),
        ("idempotency-key", "from-a-phone-1"),
    ];
    api.send(&Method::POST, PATH, &headers, order.to_string().as_bytes()).expect(201);
    assert_eq!(site.work_orders(&api), "2", "a key is its owner's");
}

#[test]
fn what_is_mine_or_nobodys_is_one_list_with_words_and_without() {
    let api = Api::open();
    let site = Site::build(&api);
    let (supervisor, technician) = (site.token(&api, "supervisor"), site.person(&api, "technician"));
    let contractor = site.person(&api, "contractor");
    for (title, assignee) in [("Pump A", Some(&technician)), ("Pump B", None), ("Pump C", Some(&contractor))]
    {
        let order = json!({"type": "corrective", "title": title, "assigned_to": assignee});
        api.post(&supervisor, PATH, &order).expect(201);
    }
    for (query, titles) in [
        (format!("assigned_to={technician}&assigned_to=null"), &["Pump A", "Pump B"][..]),
        (format!("assigned_to={technician},null"), &["Pump A", "Pump B"]),
        (format!("assigned_to.not={technician}"), &["Pump B", "Pump C"]),
        (format!("assigned_to.not={technician}&assigned_to.not=null"), &["Pump C"]),
        ("assigned_to.not=null".to_owned(), &["Pump A", "Pump C"]),
        ("status.not=new".to_owned(), &["Pump A", "Pump C"]),
    ] {
        for words in ["", "&q=pump"] {
            let rows = api.get(&supervisor, &format!("{PATH}?sort=id&{query}{words}")).expect(200);
            let found: Vec<_> =
                rows.as_array().unwrap().iter().map(|row| row["title"].as_str().unwrap()).collect();
            assert_eq!(found, titles, "{query}{words}");
        }
    }
}

#[test]
fn the_same_assignment_again_changes_nothing() {
    let api = Api::open();
    let site = Site::build(&api);
    let (token, technician) = (site.token(&api, "supervisor"), site.person(&api, "technician"));
    let order = json!({"type": "corrective", "title": "Sent twice"});
    let order = api.post(&token, PATH, &order).expect(201);
    let path = format!("{PATH}/{}", order["id"].as_str().unwrap());
    let assign = |body: Value| api.post(&token, &format!("{path}/assign"), &body).expect(200);
    let history = || api.get(&token, &format!("{path}/history")).expect(200).as_array().unwrap().len();
    let told = format!("select count(*) from public.events where warehouse_id = '{}'", site.warehouse);
    let first = assign(json!({"assigned_to": technician}));
    let before = (history(), api.ask(&told));
    assert_eq!(assign(json!({"assigned_to": technician})), first);
    assert_eq!((history(), api.ask(&told)), before);
    let noted = assign(json!({"assigned_to": technician, "note": "Take the ladder."}));
    assert_eq!(
        (&noted["status_note"], noted["version"].as_i64()),
        (&json!("Take the ladder."), first["version"].as_i64().map(|version| version + 1))
    );
}

#[test]
fn unknown_paths_ids_and_methods_are_told_apart() {
    let api = Api::open();
    let token = api.token("technician");
    api.get(&token, "/api/v1/nothing").problem(404, "not_found");
    for id in ["7", "01900000-0000-7000-8000-00000000ffff", "%00"] {
        api.get(&token, &format!("{PATH}/{id}")).problem(404, "not_found");
    }
    for method in ["DELETE", "PUT", "QUERY"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = api.send(&method, PATH, &[("authorization", &format!("Bearer {token}"))], &[]);
        assert_eq!(answer.header("allow"), "GET, HEAD, POST");
        answer.problem(405, "method_not_allowed");
    }
}

#[test]
fn whoever_completed_work_before_it_was_taken_up_again_does_not_verify_it() {
    let api = Api::open();
    let site = Site::build(&api);
    let (supervisor, technician, manager) =
        (site.token(&api, "supervisor"), site.token(&api, "technician"), api.token("manager"));
    let [me, them] = ["supervisor", "technician"].map(|role| site.person(&api, role));
    let order = json!({"type": "corrective", "title": "The belt slips", "assigned_to": me});
    let order = api.post(&supervisor, "/api/v1/work-orders", &order).expect(201);
    let order = format!("/api/v1/work-orders/{}", order["id"].as_str().unwrap());
    let moves = |token: &str, to: &str| {
        api.post(token, &format!("{order}/transitions"), &json!({"to": to, "note": "looked at"}))
    };
    moves(&supervisor, "in_progress").expect(200);
    moves(&supervisor, "completed").expect(200);
    moves(&manager, "in_progress").expect(200);
    api.post(&manager, &format!("{order}/assign"), &json!({"assigned_to": them})).expect(200);
    moves(&technician, "completed").expect(200);
    let refused = moves(&supervisor, "verified").problem(409, "move_not_open");
    assert_eq!(refused["open_moves"], json!([]), "{refused}");
    // Time that someone books for them on completed work would keep them from judging, too.
    let time = json!({"profile_id": them, "started_at": "2026-01-01T08:00:00Z", "stopped_at": "2026-01-01T08:00:01Z"});
    api.post(&manager, &format!("{order}/time-logs"), &time).problem(409, "work_has_ended");
    let own = json!({"started_at": "2026-01-01T08:00:00Z", "stopped_at": "2026-01-01T09:00:00Z"});
    api.post(&technician, &format!("{order}/time-logs"), &own).expect(201);
    moves(&manager, "verified").expect(200);
}

#[test]
fn whoever_has_left_is_not_told_again_what_they_did() {
    let api = Api::open();
    let site = Site::build(&api);
    let bearer = format!("Bearer {}", site.token(&api, "technician"));
    let headers =
        [("authorization", &*bearer), ("content-type", "application/json"), ("idempotency-key", &*site.mark)];
    let body = json!({"type": "corrective", "title": "Belt slips"}).to_string();
    let send = || api.send(&Method::POST, "/api/v1/work-orders", &headers, body.as_bytes());
    assert_eq!(send().expect(201)["id"], send().expect(201)["id"]);
    api.tell(&format!(
        "update public.profiles set active = false where id = '{}'",
        site.person(&api, "technician")
    ));
    send().problem(403, "forbidden");
}
