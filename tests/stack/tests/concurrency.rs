//! Many at once on one thing: nobody's change is lost or made twice, and one request that comes fifty times is one.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::sync::{Mutex, PoisonError};

use millwright_stack_tests::{Api, Site, at_once};
use serde_json::{Value, json};
use ureq::http::Method;

const WRITERS: usize = 200;

/// Writers that try again at the same time. All of them would only show how a saturated gateway's queue behaves.
const CONTENDERS: usize = 4;

/// One writer of the work order at `path`.
struct Writer<'a> {
    token: &'a str,
    path: &'a str,
    mark: String,
}

/// The work of one writer.
struct Written {
    mark: String,
    /// The version that the change made.
    version: i64,
    /// The number of times that somebody else was faster.
    lost: usize,
}

impl Writer<'_> {
    fn read(&self, api: &Api) -> (String, Value) {
        let read = api.get(self.token, self.path);
        (read.header("etag").to_owned(), read.expect(200))
    }

    /// Adds the mark to the description that was read; the new version, or nothing when somebody else was faster.
    fn write(&self, api: &Api, (etag, before): (String, Value)) -> Option<i64> {
        let description = format!("{}{}", before["description"].as_str().unwrap(), self.mark);
        let answer = api.patch(self.token, self.path, &etag, &json!({"description": description}));
        if answer.status == 412 {
            answer.problem(412, "precondition_failed");
            return None;
        }
        let after = answer.expect(200);
        assert_eq!(after["description"], description, "the answer is the row as this change made it");
        after["version"].as_i64()
    }

    /// Reads and writes until it is done.
    fn insist(self, api: &Api, mut lost: usize) -> Written {
        loop {
            if let Some(version) = self.write(api, self.read(api)) {
                return Written { mark: self.mark, version, lost };
            }
            lost += 1;
        }
    }
}

#[test]
fn two_hundred_writers_on_one_work_order_all_get_their_turn_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let technician = site.person(&api, "technician");
    let order = json!({"type": "corrective", "title": "Written on", "assigned_to": technician});
    let opened = api.post(&site.token(&api, "supervisor"), "/api/v1/work-orders", &order).expect(201);
    let path = format!("/api/v1/work-orders/{}", opened["id"].as_str().unwrap());
    let first = opened["version"].as_i64().unwrap();

    // Everyone who may describe the work.
    let tokens = [
        site.token(&api, "supervisor"),
        site.token(&api, "technician"),
        api.token("manager"),
        api.token("admin"),
    ];
    let writer = |n: usize| Writer { token: &tokens[n % tokens.len()], path: &path, mark: format!("<{n}>") };
    let read = at_once(WRITERS, |n, api| writer(n).read(api));
    let at_first = at_once(WRITERS, |n, api| writer(n).write(api, read[n].clone()));
    assert_eq!(at_first.iter().flatten().collect::<Vec<_>>(), [&(first + 1)], "one of 200, all others 412");

    let seats = [const { Mutex::new(()) }; CONTENDERS];
    let mut written = at_once(WRITERS, |n, api| {
        let writer = writer(n);
        if let Some(version) = at_first[n] {
            return Written { mark: writer.mark, version, lost: 0 };
        }
        let _seat = seats[n % CONTENDERS].lock().unwrap_or_else(PoisonError::into_inner);
        writer.insist(api, 1)
    });
    written.sort_by_key(|written| written.version);
    let lost: usize = written.iter().map(|written| written.lost).sum();
    println!("{WRITERS} writers, {lost} times somebody else was faster");

    let versions: Vec<i64> = written.iter().map(|written| written.version).collect();
    let expected: Vec<i64> = (first + 1..).take(WRITERS).collect();
    assert_eq!(versions, expected, "each version is one writer's");
    let now = api.get(&tokens[0], &path).expect(200);
    assert_eq!(now["version"], first + i64::try_from(WRITERS).unwrap());
    let marks: String = written.iter().map(|written| written.mark.as_str()).collect();
    assert_eq!(now["description"], marks, "every mark once, in the order in which the writers were told");

    let history = api.get(&tokens[0], &format!("{path}/history?sort=position&limit=200")).expect(200);
    let history = history.as_array().unwrap();
    let id = opened["id"].as_str().unwrap();
    let entries = format!("select count(*) from public.work_order_history where work_order_id = '{id}'");
    assert_eq!((history.len(), api.ask(&entries)), (WRITERS, WRITERS.to_string()));
    let (mut description, mut hash) = (String::new(), json!(""));
    for (entry, written) in history.iter().zip(&written) {
        let changed = json!({"from": description, "to": format!("{description}{}", written.mark)});
        assert_eq!(entry["changes"], json!({"description": changed}), "{entry}");
        assert_eq!(entry["previous_hash"], hash, "{entry}");
        description = format!("{description}{}", written.mark);
        hash = entry["hash"].clone();
    }
    let positions: Vec<_> = history.iter().map(|entry| entry["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=200).collect::<Vec<_>>());
    let true_to_itself = format!("{entries} and hash = private.history_hash(work_order_history)");
    assert_eq!(api.ask(&true_to_itself), WRITERS.to_string());
}

#[test]
fn fifty_of_one_movement_of_stock_are_one_movement_with_one_answer() {
    let api = Api::open();
    let site = Site::build(&api);
    let admin = api.token("admin");
    let part = json!({"part_number": site.mark, "name": "Seal", "warehouse_id": site.warehouse});
    let part = api.post(&admin, "/api/v1/parts", &part).expect(201);
    let path = format!("/api/v1/parts/{}", part["id"].as_str().unwrap());
    let movements = format!("{path}/transactions");
    api.post(&admin, &movements, &json!({"type": "inbound", "quantity": 10})).expect(201);

    let bearer = format!("Bearer {admin}");
    let headers =
        [("authorization", &*bearer), ("content-type", "application/json"), ("idempotency-key", &*site.mark)];
    let body = json!({"type": "used", "quantity": 1}).to_string();
    let answers = at_once(50, |_, api| api.send(&Method::POST, &movements, &headers, body.as_bytes()));
    let answers: Vec<_> = answers.into_iter().map(|answer| answer.expect(201)).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0]["balance"], 9);
    assert_eq!(api.get(&admin, &path).expect(200)["on_hand"], 9);
    let all = api.get(&admin, &movements).expect(200);
    assert_eq!(all.as_array().unwrap().len(), 2, "what came in, and what was used once: {all}");
}
