//! Five hundred take the last hundred while sessions of the database are ended under them, at any moment of a transaction.
//! Whatever a taker was finally told is what is in the ledger.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result, bail, ensure};
use millwright_contract_tests::{Caller, World, at_once, json as body};
use millwright_domain::id::ProfileId;
use millwright_domain::resource::{PART_TRANSACTIONS, Row};
use millwright_harness::wait;
use millwright_store::StoreError;
use millwright_store::resources::{Once, open, replay};
use postgres::Client;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

const ON_HAND: usize = 100;
/// So many take at the same time, each so often.
const HANDS: usize = 25;
const TURNS: usize = 20;
/// More than any of them needs, if it does not go on for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// One who takes, with a token of their own and that of the API, which looks answers up.
struct Hand {
    number: usize,
    clerk: Caller,
    api: Caller,
}

/// The answers that the takers got, and the errors that they met on the way.
#[derive(Default)]
struct Told {
    /// The id of the movement, by the note of whoever got one.
    taken: BTreeMap<String, Value>,
    refused: usize,
    errors: BTreeMap<String, usize>,
}

/// As the API does it: the same key is sent again until there is an answer that says what is so.
fn take(hand: &Hand, me: ProfileId, part: Uuid, note: &str, told: &mut Told) -> Result<()> {
    let row = json!({"part_id": part, "type": "used", "quantity": 1, "note": note});
    let row: Row = row.as_object().cloned().context("a row")?;
    let once = Once { key: Uuid::now_v7().to_string(), fingerprint: "f".repeat(64) };
    wait::until(&format!("that {note} is told something"), PATIENCE, || {
        attempt(hand, me, note, &row, &once, told)
    })
}

/// Sends it once; nothing where it cannot be known whether it was done.
fn attempt(
    hand: &Hand,
    me: ProfileId,
    note: &str,
    row: &Row,
    once: &Once,
    told: &mut Told,
) -> Result<Option<()>> {
    let asked = hand.clerk.ask(async |session| {
        let reply = open(&session, &PART_TRANSACTIONS, row, Some(once)).await?;
        // A body that breaks off is no answer either.
        body(reply).await.map_err(|error| StoreError::Disagreement(error.to_string()))
    });
    let error = match asked {
        Ok(rows) => {
            told.taken.insert(note.to_owned(), rows["id"].clone());
            return Ok(Some(()));
        }
        Err(error) if error.is_repeated() => {
            let first = hand.api.ask(async |session| replay(&session, me, &once.key).await);
            match first {
                Ok(first) => {
                    let first = first.context("a key that is taken and not known")?;
                    told.taken.insert(note.to_owned(), first.answer["id"].clone());
                    return Ok(Some(()));
                }
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    match &error {
        StoreError::Refused { status: 409, refusal } if refusal.message == "insufficient_stock" => {
            told.refused += 1;
            return Ok(Some(()));
        }
        // Without a code it is not PostgREST's own: its server, out of step after a request that was cut off.
        StoreError::Refused { status, refusal } if *status >= 500 || refusal.code.is_empty() => {
            *told.errors.entry(refusal.code.clone()).or_default() += 1;
        }
        StoreError::Transport(_) => *told.errors.entry("broken off".to_owned()).or_default() += 1,
        other => bail!("{note}: {other}"),
    }
    Ok(None)
}

/// Ends one session after the other that has something to do, until it is told to stop. Answers with how many.
fn kill(mut superuser: Client, stop: &AtomicBool) -> Result<usize> {
    let mut killed = 0;
    while !stop.load(Ordering::Relaxed) {
        // Some milliseconds apart, so that some requests come through; and only requests, not the gateway's own looking
        // around after it has lost a session, which would keep it out of service.
        let ended = superuser.query_one(
            "with pause as materialized (select pg_sleep(0.01 + random() * 0.05))
             select count(*) filter (where pg_terminate_backend(one.pid)) from pause, lateral (
               select pid from pg_stat_activity where datname = current_database() and usename = 'authenticator'
                 and state <> 'idle' and query ~* '^(with pgrst_source|select set_config|begin|commit)'
               order by random() limit 1) one",
            &[],
        )?;
        killed += usize::try_from(ended.get::<_, i64>(0))?;
    }
    Ok(killed)
}

#[test]
fn five_hundred_take_a_hundred_whatever_sessions_are_ended() -> Result<()> {
    let mut world = World::aside_with_sessions("stock_kills", 12)?;
    let warehouse = world.warehouse("UTC")?;
    let clerk = world.person("inventory_clerk", warehouse)?;
    let part = world
        .insert("parts", &json!({"warehouse_id": warehouse, "part_number": "BRG", "name": "Bearing"}))?;
    world.insert("part_transactions", &json!({"part_id": part, "type": "inbound", "quantity": ON_HAND}))?;
    let hand = |number| -> Result<_> {
        Ok(Hand { number, clerk: world.caller(&clerk.email)?, api: world.caller("function:request-api")? })
    };
    let hands = (0..HANDS).map(hand).collect::<Result<Vec<_>>>()?;

    let (stop, superuser) = (AtomicBool::new(false), world.stack().connect()?);
    let (told, ended) = thread::scope(|scope| -> Result<_> {
        let killing = scope.spawn(|| kill(superuser, &stop));
        let told = at_once(hands, |hand| {
            let mut told = Told::default();
            for turn in 0..TURNS {
                let note = format!("hand {} turn {turn}", hand.number);
                take(&hand, ProfileId(clerk.id), part, &note, &mut told)?;
            }
            Ok(told)
        });
        stop.store(true, Ordering::Relaxed);
        let ended = killing.join().map_err(|_| anyhow::anyhow!("the killer panicked"))??;
        Ok((told?, ended))
    })?;

    let (mut taken, mut refused, mut errors) = (BTreeMap::new(), 0, BTreeMap::<_, usize>::new());
    for told in told {
        taken.extend(told.taken);
        refused += told.refused;
        for (code, times) in told.errors {
            *errors.entry(code).or_default() += times;
        }
    }
    println!("{ended} sessions ended; met on the way: {errors:?}");
    ensure!(
        ended >= 10 && errors.values().sum::<usize>() >= 10,
        "too little went wrong: {ended}, {errors:?}"
    );
    assert_eq!((taken.len(), refused), (ON_HAND, HANDS * TURNS - ON_HAND));
    let ledger = world.value(
        "select jsonb_object_agg(note, id) from public.part_transactions where part_id = $1 and type = 'used'",
        &[&part],
    )?;
    assert_eq!(json!(taken), ledger, "left: what they were told; right: the ledger");
    let sums = world.value(
        "select jsonb_build_array(on_hand, (select sum(case type when 'used' then -quantity else quantity end)
           from public.part_transactions where part_id = p.id)) from public.parts p where id = $1",
        &[&part],
    )?;
    assert_eq!(sums, json!([0, 0]), "the stock, and what the ledger sums to");
    // The codes that the API must tell apart from a defect of its own.
    let known = ["", "57P01", "PGRST000", "PGRST001", "PGRST002", "PGRST003", "broken off"];
    let strange: BTreeSet<_> = errors.keys().filter(|code| !known.contains(&code.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
    Ok(())
}
