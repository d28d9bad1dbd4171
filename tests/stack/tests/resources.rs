//! Plain resources over HTTP: lists, pages, words, order, exports, and guarded changes.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use millwright_stack_tests::{Api, Site, plan_faults};
use serde_json::{Value, json};
use ureq::http::Method;

/// Opens machines named 0, 1, 2 … in a site of their own; every third has an area.
fn machines(api: &Api, site: &Site, count: usize) {
    let token = site.token(api, "supervisor");
    for n in 0..count {
        let area = (n % 3 == 0).then(|| format!("Hall {}, \"left\"", n % 2));
        let machine = json!({
            "asset_tag": format!("{}-{n:02}", site.mark), "name": format!("Press {n}"), "model": "P-1", "area": area,
        });
        api.post(&token, "/api/v1/equipment", &machine).expect(201);
    }
}

#[test]
fn pages_hold_every_row_once_in_every_order() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 11);
    let token = site.token(&api, "technician");
    for sort in ["id", "-id", "name", "-name", "asset_tag", "-asset_tag"] {
        let mut path = format!("/api/v1/equipment?limit=3&sort={sort}");
        let mut seen = Vec::new();
        let mut pages = 0;
        loop {
            let answer = api.get(&token, &path);
            let following = answer.next_page();
            seen.extend(answer.expect(200).as_array().unwrap().iter().map(|row| row["name"].to_string()));
            pages += 1;
            match following {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (11, 4), "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 11, "{sort}");
    }
}

#[test]
fn an_order_or_a_filter_that_no_index_serves_is_refused_with_those_that_are_offered() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "technician");
    for (query, pointer, offered) in [
        ("equipment?sort=area", "?sort", "asset_tag, -asset_tag"),
        ("work-orders?sort=-due_at", "?sort", "-id, id, due_at, -priority"),
        ("work-orders?area=Yard", "?area", "equipment_id"),
    ] {
        let problem = api.get(&token, &format!("/api/v1/{query}")).expect(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert!(problem["errors"][0]["message"].as_str().unwrap().contains(offered), "{problem}");
    }
}

/// Lists that come out of a function of the database: a search, and what a contractor has to do.
#[test]
fn fields_order_and_filters_hold_for_what_is_found_and_what_is_ones_own() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 3);
    let supervisor = site.token(&api, "supervisor");
    let contractor = site.person(&api, "contractor");
    for (title, due_at) in
        [("Grease the press", json!(null)), ("Oil the press", json!("2080-01-01T00:00:00Z"))]
    {
        let order =
            json!({"type": "corrective", "title": title, "due_at": due_at, "assigned_to": contractor});
        api.post(&supervisor, "/api/v1/work-orders", &order).expect(201);
    }
    let signed_in = site.sign_in(&api, "contractor");
    for token in [&supervisor, &signed_in] {
        for query in ["sort=due_at&fields=title", "q=press&sort=due_at&fields=title"] {
            let rows = api.get(token, &format!("/api/v1/work-orders?{query}")).expect(200);
            let rows = rows.as_array().unwrap();
            let titles: Vec<_> = rows.iter().map(|row| row["title"].as_str().unwrap()).collect();
            assert_eq!(titles, ["Oil the press", "Grease the press"], "{query}");
            let keys: Vec<_> = rows[0].as_object().unwrap().keys().collect();
            assert_eq!(keys, ["due_at", "id", "title"], "{query}");
        }
        let one = api.get(token, "/api/v1/work-orders?sort=due_at&fields=title&limit=1");
        let next = one.next_page().expect("a second page");
        assert_eq!(api.get(token, &next).expect(200)[0]["title"], "Grease the press");
    }
    let export = |query: &str| {
        let answer = api.get(&supervisor, &format!("/api/v1/equipment/export.csv?{query}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        String::from_utf8(answer.body).unwrap()
    };
    assert!(export("q=press&sort=name&fields=asset_tag").starts_with("id,asset_tag\n"));
    assert_eq!(export("q=nosuchword&fields=asset_tag"), "id,asset_tag\n");
}

#[test]
fn a_page_goes_on_where_it_ended_while_others_write() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 4);
    let token = site.token(&api, "technician");
    let first = api.get(&token, "/api/v1/equipment?limit=2");
    let following = first.next_page().expect("a second page");
    let mark = &site.mark;
    let newcomer = json!({"asset_tag": format!("{mark}-new"), "name": "Newcomer", "model": "P-1"});
    api.post(&site.token(&api, "supervisor"), "/api/v1/equipment", &newcomer).expect(201);
    let names = |answer: Value| -> Vec<Value> {
        answer.as_array().unwrap().iter().map(|row| row["name"].clone()).collect()
    };
    assert_eq!(names(first.expect(200)), ["Press 3", "Press 2"]);
    assert_eq!(names(api.get(&token, &following).expect(200)), ["Press 1", "Press 0"]);
}

#[test]
fn words_filters_and_fields_narrow_a_list() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 4);
    let token = site.token(&api, "technician");
    let list = |query: &str| api.get(&token, &format!("/api/v1/equipment?sort=name&{query}")).expect(200);
    assert_eq!(list("q=press%202").as_array().unwrap().len(), 1);
    assert_eq!(list("q=lathe"), json!([]));
    assert_eq!(list("area=null").as_array().unwrap().len(), 2);
    assert_eq!(list("name=Press%200,Press%203").as_array().unwrap().len(), 2);
    assert_eq!(list("name=Press%200&name=Press%203&name=Press%204").as_array().unwrap().len(), 2);
    assert_eq!(list("area=null,nowhere&area=Yard").as_array().unwrap().len(), 2);
    assert_eq!(list("status.not=retired,disposed").as_array().unwrap().len(), 4);
    assert_eq!(list("status.not=active"), json!([]));
    let problem =
        api.get(&token, "/api/v1/equipment?limit=1&sort=name&limit=2&sort=name").problem(422, "invalid");
    let named: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(named, ["?limit", "?sort"]);
    let row = &list("fields=area&name=Press%200")[0];
    let keys: Vec<_> = row.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["area", "id", "name"], "what is asked, and what the next page needs");
    assert_eq!(list("area=Hall%200,%22left%22)"), json!([]), "a value is no syntax");
}

#[test]
fn a_list_comes_as_csv_too() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 2);
    let token = site.token(&api, "technician");
    let answer =
        api.get(&token, "/api/v1/equipment/export.csv?sort=name&fields=asset_tag,area&fields=created_at");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    let name = answer.header("content-disposition").to_owned();
    assert!(name.starts_with("attachment; filename=\"equipment-20") && name.ends_with(".csv\""), "{name}");
    let text = String::from_utf8(answer.body).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "id,asset_tag,area,created_at");
    let (before, moment) = lines[1].rsplit_once(',').unwrap();
    assert!(before.ends_with("\"Hall 0, \"\"left\"\"\""), "{before}");
    assert!(moment.parse::<DateTime<Utc>>().is_ok() && moment.contains('T'), "{moment}");
    let problem = api
        .get(&token, "/api/v1/equipment/export.csv?limit=7&cursor=x&include=meters")
        .problem(422, "invalid");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3);
}

/// More than the gateway answers at once.
#[test]
fn an_export_is_the_whole_list() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "technician");
    api.tell(&format!(
        "insert into public.equipment (asset_tag, name, model, warehouse_id)
         select '{}-' || n, 'Pump', 'P', '{}' from generate_series(1, 1203) n",
        site.mark, site.warehouse
    ));
    for query in ["", "?sort=name", "?q=pump", "?sort=name&q=pump&fields=name"] {
        let answer = api.get(&token, &format!("/api/v1/equipment/export.csv{query}"));
        let text = String::from_utf8(answer.body).unwrap();
        let rows: Vec<_> = text.lines().skip(1).collect();
        let ids: BTreeSet<_> = rows.iter().map(|row| row.split(',').next().unwrap()).collect();
        assert_eq!((answer.status, rows.len(), ids.len()), (200, 1203, 1203), "{query}");
    }
}

/// The platform may end a stream that failed as one that is whole.
#[test]
fn an_export_that_breaks_off_is_no_file_that_anyone_takes_for_the_whole() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "technician");
    api.tell(&format!(
        "insert into public.equipment (asset_tag, name, model, warehouse_id)
         select '{}-' || n, 'Pump', 'P', '{}' from generate_series(1, 1203) n",
        site.mark, site.warehouse
    ));
    let request_id = format!("broken-export-{}", site.mark);
    plan_faults(&api, &request_id, &["", "drop", "drop", "drop", "drop"]);
    let headers = [("authorization", &*format!("Bearer {token}")), ("x-request-id", &*request_id)];
    let path = "/api/v1/equipment/export.csv?fields=name";
    // Some see the connection break off; whoever does not sees the last line.
    if let Ok(answer) = api.try_send_to(api.stack.api().unwrap(), &Method::GET, path, &headers, &[]) {
        let text = String::from_utf8(answer.body).unwrap();
        let mut lines = text.lines().skip(501);
        assert_eq!(lines.next().unwrap().get(..28), Some("\"THE EXPORT BROKE OFF HERE A"));
        assert_eq!(lines.next(), None);
    }
    // On another connection: that one may be broken.
    let whole = Api::open().get(&token, "/api/v1/equipment/export.csv?fields=name");
    assert_eq!(String::from_utf8(whole.body).unwrap().lines().count(), 1204);
}

/// What every endpoint does with what a client says of itself.
#[test]
fn a_client_is_told_what_it_cannot_have() {
    let api = Api::open();
    let token = api.token("manager");
    let bearer = format!("Bearer {token}");
    let path = "/api/v1/equipment?limit=1";
    let taking =
        |accept: &str| api.send(&Method::GET, path, &[("authorization", &*bearer), ("accept", accept)], &[]);
    assert_eq!(taking("text/html, */*;q=0.1").status, 200);
    taking("text/csv").problem(406, "not_acceptable");
    taking("application/json;q=0, */*").problem(406, "not_acceptable");
    for (name, value) in [("content-encoding", "gzip"), ("content-type", "application/json; charset=latin1")]
    {
        let mut headers =
            vec![("authorization", &*bearer), ("content-type", "application/json"), (name, value)];
        if name == "content-type" {
            headers.remove(1);
        }
        let sent = api.send(&Method::POST, "/api/v1/equipment", &headers, b"{}");
        sent.problem(415, "unsupported_media_type");
    }
}

#[test]
fn a_cursor_is_of_the_list_that_it_was_given_out_for() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 3);
    let token = site.token(&api, "technician");
    let next =
        api.get(&token, "/api/v1/equipment?limit=1&sort=name&name=Press%200,Press%201").next_page().unwrap();
    api.get(&token, &next).expect(200);
    let cursor =
        next.split('&').find(|part| part.contains("cursor=")).unwrap().trim_start_matches(|c| c != 'c');
    for other in
        ["sort=name", "sort=-id&name=Press%200,Press%201", "sort=name&name=Press%200,Press%201&q=press"]
    {
        let problem =
            api.get(&token, &format!("/api/v1/equipment?{other}&{cursor}")).problem(400, "not_a_cursor");
        assert_eq!(problem["errors"][0]["pointer"], "?cursor", "{other}");
    }
}

#[test]
fn if_match_with_a_star_is_any_version() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 1);
    let bearer = format!("Bearer {}", site.token(&api, "supervisor"));
    let list = api.get(&site.token(&api, "supervisor"), "/api/v1/equipment").expect(200);
    let path = format!("/api/v1/equipment/{}", list[0]["id"].as_str().unwrap());
    let headers = [("authorization", &*bearer), ("content-type", "application/json"), ("if-match", "*")];
    let changed = api.send(&Method::PATCH, &path, &headers, br#"{"name": "Press with a star"}"#);
    assert_eq!(changed.expect(200)["name"], "Press with a star");
}

#[test]
fn of_two_changes_of_one_version_one_wins() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 1);
    let token = site.token(&api, "supervisor");
    let id = api.get(&token, "/api/v1/equipment").expect(200)[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/equipment/{id}");
    let etag = api.get(&token, &path).header("etag").to_owned();
    assert_eq!(etag, "\"1\"");
    let won: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..20)
            .map(|n| {
                let (api, token, path, etag) = (Api::open(), &token, &path, &etag);
                scope
                    .spawn(move || api.patch(token, path, etag, &json!({"area": format!("Hall {n}")})).status)
            })
            .collect();
        let statuses: Vec<_> = tries.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
        statuses.iter().filter(|status| **status == 200).count()
    });
    assert_eq!(won, 1);
    let answer = api.patch(&token, &path, &etag, &json!({"area": "x"})).problem(412, "precondition_failed");
    assert!(answer["detail"].as_str().unwrap().contains("its version is 2"));
    let changed = api.patch(&token, &path, "", &json!({"status": "retired", "area": null}));
    assert_eq!(changed.header("etag"), "\"3\"");
    assert_eq!(changed.expect(200)["status"], "retired");
}

/// A row that is told with more has another `ETag` when that changes; its version is the part that guards a change.
#[test]
fn whoever_has_a_row_is_not_sent_it_again_until_something_in_it_changes() {
    let api = Api::open();
    let site = Site::build(&api);
    machines(&api, &site, 1);
    let token = site.token(&api, "supervisor");
    let bearer = format!("Bearer {token}");
    let known = |path: &str, etag: &str| {
        api.send(&Method::GET, path, &[("authorization", &bearer), ("if-none-match", etag)], &[])
    };
    let id = api.get(&token, "/api/v1/equipment").expect(200)[0]["id"].as_str().unwrap().to_owned();
    let machine = format!("/api/v1/equipment/{id}");
    for etag in ["\"1\"", "W/\"1\"", "*"] {
        let again = known(&machine, etag);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, "\"1\""), "{etag}");
    }
    api.patch(&token, &machine, "\"1\"", &json!({"area": "Yard"})).expect(200);
    assert_eq!(known(&machine, "\"1\"").expect(200)["area"], "Yard");

    let order = json!({"type": "corrective", "title": "Grease it"});
    let order = api.post(&token, "/api/v1/work-orders", &order).expect(201);
    let path = format!("/api/v1/work-orders/{}", order["id"].as_str().unwrap());
    let first = api.get(&token, &path);
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with("\"1-") && etag.len() == 20, "{etag}");
    assert_eq!((known(&path, &etag).status, known(&path, "\"1\"").status), (304, 200));
    let plain = format!("{path}?fields=title");
    assert_eq!(known(&plain, "\"1\"").status, 304);
    // A child changes the answer, and not the version of the row.
    api.post(&token, &format!("{path}/checklist"), &json!({"component": "Door", "action": "Clean it"}))
        .expect(201);
    let more = known(&path, &etag);
    assert_eq!(more.status, 200);
    assert_ne!(more.header("etag"), etag);
    let changed = api.patch(&token, &path, more.header("etag"), &json!({"title": "Oil it"}));
    assert_eq!(changed.status, 200, "{:?}", changed.json());
    api.patch(&token, &path, &etag, &json!({"title": "Grease it"})).problem(412, "precondition_failed");
}

#[test]
fn who_may_not_change_is_told_so_and_nothing_changes() {
    let api = Api::open();
    let (site, other) = (Site::build(&api), Site::build(&api));
    machines(&api, &site, 1);
    let supervisor = site.token(&api, "supervisor");
    let machine = api.get(&supervisor, "/api/v1/equipment").expect(200)[0].clone();
    let path = format!("/api/v1/equipment/{}", machine["id"].as_str().unwrap());
    let change = json!({"name": "Mine"});
    let technician = site.token(&api, "technician");
    api.patch(&technician, &path, "", &change).problem(403, "forbidden");
    api.patch(&technician, &path, "\"1\"", &change).problem(403, "forbidden");
    api.patch(&other.token(&api, "supervisor"), &path, "", &change).problem(404, "not_found");
    api.patch(&supervisor, &path, "\"x\"", &change).problem(412, "precondition_failed");
    let wrong = api.patch(&supervisor, &path, "", &json!({"name": "", "warehouse_id": null, "colour": 1}));
    assert_eq!(wrong.problem(422, "invalid")["errors"].as_array().unwrap().len(), 3);
    api.patch(&supervisor, &path, "", &json!({})).problem(422, "invalid");
    assert_eq!(api.get(&supervisor, &path).expect(200), machine);
}

#[test]
fn every_resource_answers_and_knows_its_methods() {
    let api = Api::open();
    let admin = api.token("admin");
    for path in [
        "work-orders",
        "equipment",
        "parts",
        "warehouses",
        "profiles",
        "pm/templates",
        "pm/schedules",
        "pm/occurrences",
        "escalation-rules",
        "notifications",
        "jobs/runs",
        "jobs/dead-letters",
    ] {
        let path = format!("/api/v1/{path}");
        let list = api.get(&admin, &format!("{path}?limit=1")).expect(200);
        if let Some(id) = list[0]["id"].as_str() {
            assert_eq!(api.get(&admin, &format!("{path}/{id}")).expect(200)["id"], id);
        }
        api.get(&admin, &format!("{path}/01900000-0000-7000-8000-00000000ffff")).problem(404, "not_found");
        api.get(&admin, &format!("{path}?colour=red")).problem(422, "invalid");
        let deleted = api.send(&Method::DELETE, &path, &[("authorization", &format!("Bearer {admin}"))], &[]);
        assert!(deleted.header("allow").starts_with("GET, HEAD"));
        deleted.problem(405, "method_not_allowed");
    }
}

#[test]
fn the_description_says_what_is_answered() {
    let api = Api::open();
    let document = api.get("", "/api/openapi.json").expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    let admin = api.token("admin");
    let mut described = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let answer = &operations["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let Some(row) = answer["items"]["$ref"].as_str() else { continue };
        let schema = document.pointer(row.trim_start_matches('#')).unwrap();
        let said: BTreeSet<_> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        // A list under another one is read under the newest row of that, if there is any.
        let path = match path.split_once("/{id}") {
            None => path.clone(),
            Some((above, below)) => {
                match api.get(&admin, &format!("{above}?limit=1")).expect(200)[0]["id"].as_str() {
                    Some(id) => format!("{above}/{id}{below}"),
                    None => continue,
                }
            }
        };
        let rows = api.get(&admin, &format!("{path}?limit=1")).expect(200);
        if let Some(row) = rows[0].as_object() {
            // A file that can be read has its addresses besides.
            let told: BTreeSet<_> = row.keys().filter(|name| *name != "addresses").cloned().collect();
            assert_eq!(told, said, "{path}");
            described += 1;
        }
    }
    assert!(described >= 8, "{described} resources have rows");
}

/// A token says how far its bearer sees, and lists are asked for no more than that. Where that is no longer so, the token is
/// refused as soon as the database looks at a row: an empty list would say that there is nothing.
#[test]
fn a_token_from_before_someone_moved_is_refused_and_the_next_one_shows_their_new_place() {
    let api = Api::open();
    let (site, other) = (Site::build(&api), Site::build(&api));
    machines(&api, &site, 1);
    machines(&api, &other, 2);
    let before = site.sign_in(&api, "technician");
    assert_eq!(api.get(&before, "/api/v1/equipment").expect(200).as_array().unwrap().len(), 1);
    api.tell(&format!(
        "update public.profiles set warehouse_id = '{}' where id = '{}'",
        other.warehouse,
        site.person(&api, "technician")
    ));
    let problem = api.get(&before, "/api/v1/equipment").expect(401);
    assert_eq!(problem["code"], "unauthenticated", "{problem}");
    let again = api.sign_in(&site.email("technician"), "a password of theirs").expect(200);
    let after = again["access_token"].as_str().unwrap();
    assert_eq!(api.get(after, "/api/v1/equipment").expect(200).as_array().unwrap().len(), 2);
}
