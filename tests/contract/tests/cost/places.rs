//! The places of a person: so many requests of theirs run at a time. A test takes them from outside, by the same locks.

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, World, pauses};
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

/// Really at once: eight requests wait for a row that someone else holds.
#[test]
fn the_ninth_request_at_once_is_refused_and_places_are_free_afterwards() -> Result<()> {
    let Site { mut world, work_order, busy, other } = site()?;
    let path = format!("work_orders?id=eq.{work_order}");
    let change = serde_json::json!({"title": "Belt slips again"});
    let places = "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and granted
        and classid::bigint = hashtext($1)::bigint & 4294967295";
    let id = busy.id.to_string();
    let mut holder = world.stack().connect()?;
    let (ninth, another) = (world.caller(&busy.email)?, world.caller(&other.email)?);
    let all_taken = |sql: &mut Client| -> Result<()> {
        wait::until("that all places are taken", Duration::from_secs(30), || {
            let taken: i64 = sql.query_one(places, &[&id])?.get(0);
            Ok((taken == i64::from(PLACES)).then_some(()))
        })
    };
    let hold = format!("begin; select from public.work_orders where id = '{work_order}' for update");

    holder.batch_execute(&hold)?;
    let eight = world.eight(&busy.email)?;
    let (path, change) = (&path, &change);
    let outcomes = thread::scope(|scope| -> Result<Vec<u16>> {
        let waiting: Vec<_> = eight
            .into_iter()
            .map(|caller| scope.spawn(move || Ok(caller.change(path, change)?.status)))
            .collect();
        all_taken(&mut world.sql)?;
        let refused = ninth.read("work_orders?select=id&limit=1")?;
        let others = another.read("work_orders?select=id&limit=1")?;
        holder.batch_execute("commit")?;
        assert_eq!((refused.status, refused.code()), (429, "PT429"), "{refused:?}");
        assert_eq!(
            refused.headers.get("retry-after").map(reqwest::header::HeaderValue::as_bytes),
            Some(&b"1"[..])
        );
        assert_eq!(others.status, 200, "{others:?}");
        waiting.into_iter().map(|one| one.join().ok().context("it ends")?).collect()
    })?;
    assert_eq!(outcomes, [204; 8]);
    assert_eq!(ninth.read("work_orders?select=id&limit=1")?.status, 200, "a place is free");

    // Whoever leaves does not take the place along.
    holder.batch_execute(&hold)?;
    let url = world.gateway().to_owned();
    let token = world.token(&busy.email)?;
    thread::scope(|scope| -> Result<()> {
        for _ in 0..PLACES {
            let caller = Caller::with_deadline(&url, Some(token.clone()), Duration::from_secs(2))?;
            scope.spawn(move || caller.change(path, change));
        }
        all_taken(&mut world.sql)
    })?;
    holder.batch_execute("commit")?;
    wait::until("that the places are given back", Duration::from_secs(30), || {
        Ok((ninth.read("work_orders?select=id&limit=1")?.status == 200).then_some(()))
    })?;
    Ok(())
}
