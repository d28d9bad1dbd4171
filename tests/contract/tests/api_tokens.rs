//! API tokens end with whoever made them.

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, World};
use millwright_harness::wait;
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

/// Makes one with the rights of an administrator.
fn make(maker: &Caller, more: &Value) -> Result<Value> {
    let token = millwright_contract_tests::with(json!({"name": "PLC", "role": "admin"}), more);
    let hash = format!("{:064x}", Uuid::now_v7().as_u128());
    let answer = maker.call("public", "open_api_token", &json!({"p_token": token, "p_hash": hash}))?;
    anyhow::ensure!(answer.status == 200, "{answer:?}");
    let mut made = answer.body;
    if let Some(made) = made.as_object_mut() {
        made.insert("hash".to_owned(), hash.into());
    }
    Ok(made)
}

fn id_of(token: &Value) -> Result<Uuid> {
    Ok(serde_json::from_value(token.get("id").cloned().unwrap_or_default())?)
}

/// True if the token is still exchanged for its account, which is in service and whose bearer still reads.
fn holds(world: &mut World, token: &Value) -> Result<bool> {
    let id = id_of(token)?;
    let api = world.caller("function:request-api")?;
    let exchanged = api.call("functions", "api_token_exchange", &json!({"p_hash": token.get("hash")}))?.body
        != Value::Null;
    let reads = !world.api_token(id)?.read("warehouses?limit=1")?.rows().is_empty();
    let is_open =
        "select t.revoked_at is null and p.active from public.api_tokens t join public.profiles p using (id)
        where t.id = $1";
    let is_open = world.value(is_open, &[&id])? == true;
    assert_eq!((exchanged, reads), (is_open, is_open), "all of one mind");
    Ok(is_open)
}

/// An administrator with a token, which made another, which made another, and a token that someone else made.
fn family() -> Result<(World, Person, [Value; 4])> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let (admin, other) = (world.person("admin", warehouse)?, world.person("admin", warehouse)?);
    let first = make(&world.caller(&admin.email)?, &json!({}))?;
    let second = make(&world.api_token(id_of(&first)?)?, &json!({}))?;
    let third = make(&world.api_token(id_of(&second)?)?, &json!({}))?;
    let strange = make(&world.caller(&other.email)?, &json!({}))?;
    let mut all = [first, second, third, strange];
    for token in &mut all {
        assert!(holds(&mut world, token)?);
    }
    Ok((world, admin, all))
}

#[test]
fn what_a_token_made_ends_when_it_is_revoked() -> Result<()> {
    let (mut world, admin, [first, second, third, strange]) = family()?;
    let revoke = json!({"revoked_at": "2026-01-01T00:00:00Z"});
    let path = format!("api_tokens?id=eq.{}", id_of(&second)?);
    let answer = world.caller(&admin.email)?.change(&path, &revoke)?;
    assert_eq!(answer.status, 204, "{answer:?}");
    let hold = [&first, &second, &third, &strange].map(|token| holds(&mut world, token));
    assert_eq!(hold.into_iter().collect::<Result<Vec<_>>>()?, [true, false, false, true]);
    Ok(())
}

#[test]
fn what_someone_made_ends_when_they_leave_and_does_not_come_back_with_them() -> Result<()> {
    let (mut world, admin, [first, second, third, strange]) = family()?;
    for active in [false, true] {
        world.change("update public.profiles set active = $2 where id = $1", &[&admin.id, &active])?;
        let hold = [&first, &second, &third, &strange].map(|token| holds(&mut world, token));
        assert_eq!(
            hold.into_iter().collect::<Result<Vec<_>>>()?,
            [false, false, false, true],
            "active: {active}"
        );
    }
    Ok(())
}

#[test]
fn a_family_is_revoked_in_one_request() -> Result<()> {
    let (mut world, admin, [first, second, third, _]) = family()?;
    let revoke = json!({"revoked_at": "2026-01-01T00:00:00Z"});
    let ids = [id_of(&first)?, id_of(&second)?, id_of(&third)?].map(|id| id.to_string()).join(",");
    let path = format!("api_tokens?id=in.({ids})");
    let answer = world.caller(&admin.email)?.change(&path, &revoke)?;
    assert_eq!(answer.status, 204, "{answer:?}");
    for token in [&first, &second, &third] {
        assert!(!holds(&mut world, token)?);
    }
    Ok(())
}

#[test]
fn what_a_token_makes_ends_no_later_than_itself() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let admin = world.person("admin", warehouse)?;
    let [soon, late] = ["2199-01-01T00:00:00+00:00", "2199-06-01T00:00:00+00:00"];
    let maker = make(&world.caller(&admin.email)?, &json!({"expires_at": soon}))?;
    let maker = world.api_token(id_of(&maker)?)?;
    let sooner = "2198-01-01T00:00:00+00:00";
    for (wished, given) in [(Value::Null, soon), (json!(late), soon), (json!(sooner), sooner)] {
        assert_eq!(make(&maker, &json!({"expires_at": wished}))?["expires_at"], given);
    }
    Ok(())
}

/// Whoever makes one while they are deactivated leaves none behind.
#[test]
fn a_token_that_is_made_while_its_maker_leaves_ends_too() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let admin = world.person("admin", warehouse)?;
    let mut other = World::open()?;
    let session: i32 = other.sql.query_one("select pg_backend_pid()", &[])?.try_get(0)?;
    let mut made = world.sql.transaction()?;
    let insert =
        "insert into public.api_tokens (name, role, created_by) values ('late', 'admin', $1) returning id";
    let id: Uuid = made.query_one(insert, &[&admin.id])?.try_get(0)?;
    let leaver = admin.id;
    let leaving = thread::spawn(move || {
        other.change("update public.profiles set active = false where id = $1", &[&leaver])
    });
    wait::until("that it waits for the token", Duration::from_secs(30), || {
        let waits = made.query_one("select cardinality(pg_blocking_pids($1)) > 0", &[&session])?;
        Ok(waits.try_get::<_, bool>(0)?.then_some(()))
    })?;
    assert!(!leaving.is_finished(), "it waits for the token");
    made.commit()?;
    leaving.join().ok().context("it ends")??;
    let revoked =
        world.value("select revoked_at is not null from public.api_tokens where id = $1", &[&id])?;
    assert_eq!(revoked, json!(true));
    let late = "insert into public.api_tokens (name, role, created_by) values ('later', 'admin', $1)";
    assert!(world.sql.execute(late, &[&admin.id]).is_err(), "whoever has left makes none");
    Ok(())
}

#[test]
fn what_an_admin_made_ends_when_they_are_one_no_more() -> Result<()> {
    let (mut world, admin, [first, second, third, strange]) = family()?;
    world.change("update public.profiles set role = 'manager' where id = $1", &[&admin.id])?;
    let hold = [&first, &second, &third, &strange].map(|token| holds(&mut world, token));
    assert_eq!(hold.into_iter().collect::<Result<Vec<_>>>()?, [false, false, false, true]);
    Ok(())
}
