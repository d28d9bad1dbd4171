//! Five hundred take the last hundred while the way to the database breaks off wherever it can. Whatever a client was
//! finally told is what is in the ledger.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeMap;

use millwright_stack_tests::{Api, Dice, Site, at_once};
use serde_json::{Value, json};
use ureq::http::Method;
use uuid::Uuid;

const ON_HAND: usize = 100;
const TAKERS: usize = 500;

/// The faults, each as often as it is named; every fifth time there is none.
const FAULTS: [&str; 10] = ["", "drop", "cut", "cut", "torn", "", "garble", "refuse", "delay", "cut"];

/// More than any of them needs, if it does not go on for ever.
const PATIENCE: usize = 60;

/// The final answer to a taker.
struct Told {
    note: String,
    /// The movement as it was answered; null for whoever got none.
    movement: Value,
    /// The number of requests that it took.
    attempts: usize,
}

/// Sends the same request with the same key until it has an answer that says what is so.
fn take(api: &Api, token: &str, path: &str, n: usize) -> Told {
    let mut dice = Dice::of(n as u64 * 7919 + 1);
    let note = format!("taker {n}");
    let (bearer, key) = (format!("Bearer {token}"), Uuid::new_v4().to_string());
    let body = json!({"type": "used", "quantity": 1, "note": note}).to_string();
    let mut attempt = |number: usize| {
        // A few wait out the functions' deadline, once.
        let fault = if number == 1 && n.is_multiple_of(100) { "late" } else { dice.throw(&FAULTS) };
        let request_id = format!("fault:{fault}:{n}.{number}.{key}");
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", &*key),
            ("x-request-id", &*request_id),
        ];
        let answer = api.send(&Method::POST, path, &headers, body.as_bytes());
        match answer.status {
            201 => Some((answer.json(), number)),
            409 => {
                let problem = answer.problem(409, "insufficient_stock");
                let now = ["on_hand", "available", "needed"].map(|name| problem[name].clone());
                assert_eq!(now, [json!(0), json!(0), json!(1)]);
                Some((Value::Null, number))
            }
            // It cannot be known whether it was done, or one person asks too much at once: the same is sent again.
            status => {
                assert!(matches!(status, 429 | 503 | 504), "{n} after {fault}: {status} {}", answer.json());
                None
            }
        }
    };
    let (movement, attempts) = (1..=PATIENCE).find_map(&mut attempt).expect("an answer in the end");
    Told { note, movement, attempts }
}

#[test]
fn five_hundred_take_a_hundred_wherever_the_connection_is_cut() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "inventory_clerk");
    let part = json!({"part_number": site.mark, "name": "Seal"});
    let part = api.post(&token, "/api/v1/parts", &part).expect(201);
    let path = format!("/api/v1/parts/{}", part["id"].as_str().unwrap());
    let movements = format!("{path}/transactions");
    api.post(&token, &movements, &json!({"type": "inbound", "quantity": ON_HAND})).expect(201);

    let told = at_once(TAKERS, |n, api| take(api, &token, &movements, n));
    let attempts: usize = told.iter().map(|told| told.attempts).sum();
    let got: BTreeMap<_, _> = told
        .iter()
        .filter(|told| !told.movement.is_null())
        .map(|told| (&*told.note, &told.movement))
        .collect();
    println!("{TAKERS} takers asked {attempts} times");
    assert!(attempts > TAKERS * 3 / 2, "nothing went wrong: {attempts} attempts");
    assert_eq!(got.len(), ON_HAND);

    let ledger = api.ask(&format!(
        "select jsonb_object_agg(note, jsonb_build_object('id', id, 'balance', balance, 'quantity', quantity))
         from public.part_transactions where part_id = '{}' and type = 'used'",
        part["id"].as_str().unwrap()
    ));
    let ledger: BTreeMap<String, Value> = serde_json::from_str(&ledger).unwrap();
    let said = got.iter().map(|(note, movement)| {
        let said =
            json!({"id": movement["id"], "balance": movement["balance"], "quantity": movement["quantity"]});
        ((*note).to_owned(), said)
    });
    assert_eq!(said.collect::<BTreeMap<_, _>>(), ledger, "left: what they were told; right: the ledger");
    let movements = "select count(*) || ' ' || sum(case type when 'used' then -quantity else quantity end) from public.part_transactions";
    let sum = api.ask(&format!("{movements} where part_id = '{}'", part["id"].as_str().unwrap()));
    let now = api.get(&token, &path).expect(200);
    assert_eq!((sum, &now["on_hand"]), ("101 0".to_owned(), &json!(0)), "the ledger sums to the stock");
}
