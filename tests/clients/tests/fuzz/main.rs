//! A fuzzer at the gateway, with the token of each role: it knows the tables, their columns and the functions, and sends
//! what they might take, wild values among them. No row of the other warehouse is seen or changed by those who see one;
//! then those who see all have their turn, and after each round every job comes to its end, and every list and report is
//! served.
//!
//! It is among the clients because what it writes would be in the way of all other tests. `cargo xtask test` tries one
//! round, `cargo xtask test --long` some minutes, and `MILLWRIGHT_FUZZ_ROUNDS` says how many rounds instead (a round takes
//! about ten seconds). A failure names the requests and the seed; `MILLWRIGHT_SEED` plays it again, on a fresh stack.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod aftermath;
mod catalog;
mod fence;
mod request;
mod value;

use std::collections::BTreeMap;
use std::env;

use catalog::Catalog;
use fence::Fence;
use millwright_stack_tests::{Api, Dice, is_long};
use request::Request;

/// The roles that see one warehouse, or less of it.
const FENCED: [&str; 5] = ["technician", "supervisor", "inventory_clerk", "contractor", "requester"];
/// Those who see all.
const WIDE: [&str; 2] = ["manager", "admin"];
const REQUESTS: usize = 400;
const LONG: u64 = 60;
const SEED: u64 = 20_261_126;

#[test]
fn whatever_a_role_sends_the_system_goes_on_and_the_fence_holds() {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let rounds = number("MILLWRIGHT_FUZZ_ROUNDS").unwrap_or(if is_long() { LONG } else { 1 });
    let seed = number("MILLWRIGHT_SEED").unwrap_or(SEED);
    println!("MILLWRIGHT_SEED={seed}, {rounds} rounds");
    let api = Api::open();
    let fenced = FENCED.map(|role| (role, api.token(role)));
    let wide = WIDE.map(|role| (role, api.token(role)));
    let mut answers = BTreeMap::new();
    for round in 0..rounds {
        let seed = seed + round;
        play(&api, &fenced, true, seed, &mut answers);
        let people = people(&api);
        let sent = play(&api, &wide, false, seed, &mut answers);
        aftermath::all_is_served(&api)
            .unwrap_or_else(|fault| panic!("seed {seed}: {fault}, after\n{}", sent.join("\n")));
        put_back(&api, &people);
    }
    println!("{answers:?}");
    // A fuzzer that is always refused finds nothing.
    let done = |verb: &str| answers.iter().filter(|((of, status), _)| *of == verb && *status < 300).count();
    assert!(["GET", "POST", "PATCH"].iter().all(|verb| done(verb) > 0), "{answers:?}");
}

/// Everyone's part, which administrators change.
fn people(api: &Api) -> String {
    api.ask("(select jsonb_agg(jsonb_build_object('id', id, 'role', role, 'warehouse_id', warehouse_id, 'vendor_id', vendor_id,
        'active', active)) from public.profiles)")
}

/// Gives everyone their part again, so that the next round is sent by the roles that it names.
fn put_back(api: &Api, people: &str) {
    let people = people.replace('\'', "''");
    api.tell(&format!(
        "update public.profiles p set role = b.role, warehouse_id = b.warehouse_id, vendor_id = b.vendor_id, active = b.active
         from jsonb_populate_recordset(null::public.profiles, '{people}') b where b.id = p.id"
    ));
}

/// Sends one round of requests, and looks at each answer. Answers with what was written.
fn play(
    api: &Api,
    tokens: &[(&str, String)],
    is_fenced: bool,
    seed: u64,
    answers: &mut BTreeMap<(&'static str, u16), usize>,
) -> Vec<String> {
    let mut dice = Dice::of(seed);
    let catalog = Catalog::read(api);
    let fence = Fence::around_the_other(api, &catalog);
    let mut sent = Vec::new();
    let mut said = String::new();
    for nth in 0..REQUESTS {
        let (role, token) = dice.throw(tokens);
        let request = Request::any(&mut dice, &catalog, &fence);
        let answer = request.send(api, token);
        let context = || {
            let body = String::from_utf8_lossy(&answer.body);
            format!("seed {seed}, request {nth}, {role}: {request}\n{} {:.2000}", answer.status, body)
        };
        assert!(answer.status < 500 || request::is_cut_off(&answer), "{}", context());
        let text = request.to_string();
        if let Some(leak) = fence.leak(&said, &text, &answer.body).filter(|_| is_fenced) {
            panic!("{leak} of the other warehouse was told: {}", context());
        }
        said += &text;
        *answers.entry((request.verb, answer.status)).or_default() += 1;
        if answer.status < 300 && request.verb != "GET" {
            sent.push(format!("{role}: {request}"));
        }
    }
    let changed = if is_fenced { fence.changes(api, &catalog) } else { Vec::new() };
    assert!(
        changed.is_empty(),
        "seed {seed}: {changed:?} of the other warehouse, by one of\n{}",
        sent.join("\n")
    );
    sent
}
