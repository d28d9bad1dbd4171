//! The places of a person: so many requests of theirs run at a time. A test takes them from outside, by the same locks.

use anyhow::{Context, Result};
use millwright_contract_tests::{Person, World, pauses};
use millwright_domain::resource::WORK_ORDERS;
use millwright_harness::wait;
use millwright_store::health::health;
use millwright_store::resources::exists;
use postgres::Client;
use std::thread;
use std::time::Duration;
use uuid::Uuid;

/// As many as `private.admit` gives.
const PLACES: i32 = 8;

fn take(sql: &mut Client, person: &str, places: i32) -> Result<()> {
    sql.execute(
        "select pg_advisory_lock(hashtext($1), n) from generate_series(1, $2) n",
        &[&person, &places],
    )?;
    Ok(())
}

struct Site {
    world: World,
    work_order: Uuid,
    busy: Person,
    other: Person,
}

fn site() -> Result<Site> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("Europe/Amsterdam")?, world.warehouse("Europe/Amsterdam")?);
    let work_order = world.work_order(here, &serde_json::json!({}))?;
    let (busy, other) = (world.person("supervisor", here)?, world.person("supervisor", there)?);
    Ok(Site { world, work_order, busy, other })
}

#[test]
fn whoever_has_all_their_places_waits_and_nobody_else_does() -> Result<()> {
    let Site { mut world, busy, other, .. } = site()?;
    let (caller, another) = (world.caller(&busy.email)?, world.caller(&other.email)?);
    let path = "work_orders?select=id&limit=1";
    take(&mut world.sql, &busy.id.to_string(), PLACES - 1)?;
    assert_eq!(caller.read(path)?.status, 200, "one place is left");
    take(&mut world.sql, &busy.id.to_string(), PLACES)?;
    let refused = caller.read(path)?;
    assert_eq!((refused.status, refused.code()), (429, "PT429"), "{refused:?}");
    assert_eq!(
        (&refused.body["message"], &refused.body["details"]),
        (&"too_many_at_once".into(), &"1".into())
    );
    assert_eq!(another.read(path)?.status, 200);
    // A function is nobody, whose places are taken here.
    take(&mut world.sql, "", PLACES)?;
    world.caller("function:request-api")?.ask(async |session| health(&session).await)?;
    Ok(())
}

#[test]
fn the_store_waits_for_a_place_and_says_so_when_none_becomes_free() -> Result<()> {
    let Site { mut world, work_order, busy, .. } = site()?;
    let caller = world.caller(&busy.email)?;
    let ask = || caller.ask(async |session| exists(&session, &WORK_ORDERS, work_order).await);
    take(&mut world.sql, &busy.id.to_string(), PLACES)?;
    let refused = ask().err().map(|error| error.is_for_want_of_a_place());
    assert_eq!(refused, Some(true));
    let before = pauses();
    let found = thread::scope(|scope| -> Result<bool> {
        let leaving = scope.spawn(|| -> Result<()> {
            let paused = || Ok((pauses() > before).then_some(()));
            wait::until("that the store waits", Duration::from_secs(30), paused)?;
            Ok(world.sql.batch_execute("select pg_advisory_unlock_all()")?)
        });
        let found = ask()?;
        leaving.join().ok().context("it leaves")??;
        Ok(found)
    })?;
    assert!(found, "it is there");
    Ok(())
}
