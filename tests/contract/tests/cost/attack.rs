//! The cheapest request that costs the most, twenty at a time, while someone of the other warehouse works.
#![expect(clippy::disallowed_methods, reason = "how long people wait is what this is about")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, World, at_once};
use millwright_harness::wait;
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// As the stack has.
const SESSIONS: u8 = 20;
const AT_ONCE: usize = 20;
/// The statement timeout of clients, and the same with what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(5);
const BUSY: Duration = Duration::from_secs(8);
/// A page of one's own while others do this. Without a bound they have every session, for as long as they like.
const SERVED: Duration = Duration::from_secs(3);

/// Each of a thousand rows with three times a thousand others.
const QUESTION: &str = "work_orders?select=id,p:profiles!work_orders_requested_by_fkey(id,\
    a:work_orders!work_orders_requested_by_fkey(id,title,due_at),b:work_orders!work_orders_requested_by_fkey(id,title,due_at),\
    c:work_orders!work_orders_requested_by_fkey(id,title,due_at))";

/// Statements of clients that run now.
fn running(world: &mut World) -> Result<u64> {
    let running = "select count(*) from pg_stat_activity
        where datname = current_database() and usename = 'authenticator' and state = 'active'";
    world.value(running, &[])?.as_u64().context("no number")
}

#[test]
fn nobody_alone_keeps_the_others_from_working() -> Result<()> {
    let mut world = World::aside_with_sessions("attack", SESSIONS)?;
    let (here, there) = (world.warehouse("Europe/Amsterdam")?, world.warehouse("Europe/Amsterdam")?);
    let (attacker, reader) = (world.person("requester", here)?, world.person("technician", there)?);
    world.sql.execute(
        "insert into public.work_orders (type, title, warehouse_id, requested_by)
         select 'corrective', 'One of many', $1, $2 from generate_series(1, 1500)",
        &[&here, &attacker.id],
    )?;
    world.work_order(there, &json!({}))?;
    world.sql.batch_execute("analyze")?;

    let (gateway, token) = (world.gateway().to_owned(), world.token(&attacker.email)?);
    let attackers = |deadline| -> Result<Vec<_>> {
        (0..AT_ONCE).map(|_| Caller::with_deadline(&gateway, Some(token.clone()), deadline)).collect()
    };
    let reader = world.caller(&reader.email)?;
    let over = AtomicBool::new(false);
    let (told, slowest) = thread::scope(|scope| -> Result<_> {
        let patient = attackers(Duration::from_mins(1))?;
        let attack = scope.spawn(|| {
            let told = at_once(patient, |caller| {
                let began = Instant::now();
                Ok((caller.read(QUESTION)?, began.elapsed()))
            });
            over.store(true, Ordering::Release);
            told
        });
        let mut slowest = Duration::ZERO;
        while !over.load(Ordering::Acquire) {
            let began = Instant::now();
            let page = reader.read("work_orders?select=*&limit=50")?;
            assert_eq!((page.status, page.rows().len()), (200, 1), "{page:?}");
            slowest = slowest.max(began.elapsed());
        }
        Ok((attack.join().ok().context("the attack panicked")??, slowest))
    })?;
    assert!(slowest < SERVED, "a page took {slowest:?}");
    for (answer, took) in &told {
        assert!(matches!(answer.code(), "57014" | "PT429"), "{took:?}: {} {}", answer.status, answer.code());
        assert!(*took < BUSY, "{took:?}: {answer:?}");
    }
    assert!(told.iter().any(|(answer, _)| answer.code() == "57014"), "the question costs too little");
    assert_eq!(running(&mut world)?, 0);

    // Whoever leaves is not waited for.
    for caller in attackers(Duration::from_millis(300))? {
        caller.read(QUESTION).ok();
    }
    assert!(running(&mut world)? > 0, "it has ended already");
    wait::until("that what nobody waits for ends", PATIENCE + Duration::from_secs(3), || {
        Ok((running(&mut world)? == 0).then_some(()))
    })
}
