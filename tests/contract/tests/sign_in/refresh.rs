//! Staying signed in: a refresh token is good for one use, and has one successor.

use crate::{RIGHT, attempt, hash, someone};
use anyhow::Result;
use millwright_contract_tests::{Caller, Person, World, at_once};
use millwright_store::sign_in::Checked;
use serde_json::{Value, json};

/// A first refresh token of this person, by its hash.
fn first_token(api: &Caller, person: &Person) -> Result<String> {
    let token = hash();
    let said = json!({"p_email": person.email, "p_password": RIGHT, "p_refresh_hash": token, "p_refresh_seconds": 600});
    assert_eq!(api.call("functions", "sign_in", &said)?.body.get("outcome"), Some(&json!("ok")));
    Ok(token)
}

/// The outcome of showing one token for another.
fn exchange(api: &Caller, token: &str, next: &str) -> Result<Value> {
    let said = json!({"p_hash": token, "p_next_hash": next, "p_next_seconds": 600});
    let answer = api.call("functions", "sign_in_refresh", &said)?;
    Ok(answer.body.get("outcome").cloned().unwrap_or_default())
}

#[test]
fn a_used_token_has_the_same_successor_for_half_a_minute() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let [first, second, third] = [first_token(&api, &person)?, hash(), hash()];
    for _ in 0..3 {
        assert_eq!(exchange(&api, &first, &second)?, "ok");
    }
    let kept = "select count(*) from private.refresh_tokens where token_hash = $1";
    assert_eq!(world.value(kept, &[&second])?, 1, "once");
    let ago = |world: &mut World, seconds: f64| {
        let used = "update private.refresh_tokens set used_at = now() - make_interval(secs => $2) where token_hash = $1";
        world.change(used, &[&first, &seconds])
    };
    ago(&mut world, 25.0)?;
    assert_eq!(exchange(&api, &first, &second)?, "ok");
    ago(&mut world, 30.0)?;
    assert_eq!(exchange(&api, &first, &second)?, "reused");
    assert_eq!(exchange(&api, &second, &third)?, "invalid", "the family has ended");
    Ok(())
}

#[test]
fn the_grace_is_over_when_the_successor_was_used() -> Result<()> {
    let (_world, person, api) = someone()?;
    let [first, second, third] = [first_token(&api, &person)?, hash(), hash()];
    assert_eq!(exchange(&api, &first, &second)?, "ok");
    assert_eq!(exchange(&api, &second, &third)?, "ok");
    assert_eq!(exchange(&api, &first, &second)?, "reused");
    assert_eq!(exchange(&api, &third, &hash())?, "invalid");
    Ok(())
}

#[test]
fn a_used_token_has_no_other_successor() -> Result<()> {
    let (_world, person, api) = someone()?;
    let [first, second, other] = [first_token(&api, &person)?, hash(), first_token(&api, &person)?];
    assert_eq!(exchange(&api, &first, &second)?, "ok");
    assert_eq!(exchange(&api, &first, &other)?, "reused", "that one is of another family");
    assert_eq!(exchange(&api, &second, &hash())?, "invalid");
    Ok(())
}

#[test]
fn a_token_that_comes_eight_times_at_once_has_one_successor() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let [first, second] = [first_token(&api, &person)?, hash()];
    let answers = at_once(world.eight("function:request-api")?, |api| exchange(&api, &first, &second))?;
    assert_eq!(answers, [const { "ok" }; 8]);
    let family = "select count(*) from private.refresh_tokens where family_id =
        (select family_id from private.refresh_tokens where token_hash = $1)";
    assert_eq!(world.value(family, &[&first])?, 2);
    assert_eq!(exchange(&api, &second, &hash())?, "ok");
    Ok(())
}

#[test]
fn whoever_comes_back_signs_in_anew() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let token = first_token(&api, &person)?;
    for active in [false, true] {
        world.change("update public.profiles set active = $2 where id = $1", &[&person.id, &active])?;
    }
    assert_eq!(exchange(&api, &token, &hash())?, "invalid");
    assert!(matches!(attempt(&api, &person.email, RIGHT)?, Checked::Ok(_)));
    Ok(())
}
