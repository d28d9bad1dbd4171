//! Links that go out by mail: who may ask for one, how long it holds, and what nobody learns by it.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{RIGHT, WRONG, attempt, hash, network, someone};

const CHOSEN: &str = "chosen by themselves";
const ROLES: [&str; 6] =
    ["technician", "supervisor", "manager", "inventory_clerk", "contractor", "requester"];

/// The hash of the token in the letter of this kind to this person; null if there is none.
fn token_hash(world: &mut World, person: Uuid, kind: &str) -> Result<Value> {
    let hash = "select encode(sha256(convert_to(token, 'UTF8')), 'hex') from private.letters where profile_id = $1 and kind = $2";
    world.value(hash, &[&person, &kind])
}

fn letters(world: &mut World, person: Uuid) -> Result<Value> {
    world.value(
        "select coalesce(jsonb_agg(kind order by id), '[]') from private.letters where profile_id = $1",
        &[&person],
    )
}

fn accept(api: &Caller, token: &Value) -> Result<Value> {
    let said = json!({"p_hash": token, "p_password": CHOSEN, "p_refresh_hash": hash(), "p_refresh_seconds": 60,
        "p_next_device_hash": hash()});
    Ok(api.call("functions", "password_accept", &said)?.body["outcome"].clone())
}

fn forgot(api: &Caller, email: &str, network: &str) -> Result<Value> {
    let mut body =
        api.call("functions", "password_forgot", &json!({"p_email": email, "p_network": network}))?.body;
    if let Some(wait) = body.get_mut("retry_after") {
        assert!((840..=900).contains(&wait.as_i64().unwrap_or_default()), "{wait}");
        *wait = json!("about a quarter of an hour");
    }
    Ok(body)
}

/// An administrator, and whom they have opened at the gateway.
fn newcomer() -> Result<(World, Caller, Person, Caller)> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let admin = world.person("admin", warehouse)?;
    let admin = world.caller(&admin.email)?;
    let email = format!("newcomer.{}@contract.test", Uuid::now_v7().simple());
    let said = json!({"email": email, "full_name": "New", "role": "technician", "warehouse_id": warehouse});
    let opened = admin.insert("profiles", &said)?;
    let id = opened.rows().first().and_then(|row| row["id"].as_str()).context("an id")?.parse()?;
    let api = world.caller("function:request-api")?;
    Ok((world, admin, Person { id, email, role: "technician" }, api))
}

#[test]
fn whoever_is_opened_is_invited_and_comes_in_once() -> Result<()> {
    let (mut world, _admin, newcomer, api) = newcomer()?;
    assert_eq!(letters(&mut world, newcomer.id)?, json!(["invitation"]));
    let token = token_hash(&mut world, newcomer.id, "invitation")?;
    let lasts =
        "select extract(epoch from expires_at - now()) / 3600 from private.links where profile_id = $1";
    let hours = world.value(lasts, &[&newcomer.id])?.as_f64().context("hours")?;
    assert!((71.9..=72.0).contains(&hours), "{hours}");
    assert_eq!(accept(&api, &json!(hash()))?, "invalid", "made up");
    assert_eq!(accept(&api, &token)?, "ok");
    assert_eq!(accept(&api, &token)?, "invalid", "used");
    assert_eq!(letters(&mut world, newcomer.id)?, json!([]), "and the token is nowhere any more");
    let found = attempt(&api, &newcomer.email, CHOSEN)?;
    assert!(matches!(found, millwright_store::sign_in::Checked::Ok(_)), "{found:?}");
    Ok(())
}

#[test]
fn a_link_holds_until_it_is_too_old_or_replaced_or_its_owner_has_left() -> Result<()> {
    let (mut world, admin, newcomer, api) = newcomer()?;
    let invite =
        || Ok::<_, anyhow::Error>(admin.call("public", "invite", &json!({"p_profile": newcomer.id}))?.body);
    let first = token_hash(&mut world, newcomer.id, "invitation")?;
    assert!(invite()?["expires_at"].is_string());
    let second = token_hash(&mut world, newcomer.id, "invitation")?;
    assert_eq!(accept(&api, &first)?, "invalid", "replaced");
    // A stranger who asks for another password does not end the invitation.
    forgot(&api, &newcomer.email, &network())?;
    assert_eq!(letters(&mut world, newcomer.id)?, json!(["invitation", "password_reset"]));
    let age = "update private.links set expires_at = now() where profile_id = $1";
    world.change(age, &[&newcomer.id])?;
    assert_eq!(accept(&api, &second)?, "invalid", "too old");
    invite()?;
    let third = token_hash(&mut world, newcomer.id, "invitation")?;
    let active = "update public.profiles set active = $2 where id = $1";
    world.change(active, &[&newcomer.id, &false])?;
    assert_eq!(accept(&api, &third)?, "invalid", "left");
    assert_eq!(letters(&mut world, newcomer.id)?, json!([]));
    assert_eq!(invite()?["message"], "not_active");
    world.change(active, &[&newcomer.id, &true])?;
    assert_eq!(accept(&api, &third)?, "invalid", "and it does not come back");
    for _ in 0..3 {
        invite()?;
    }
    assert_eq!(invite()?["message"], "too_many_requests", "five invitations an hour");
    let last = token_hash(&mut world, newcomer.id, "invitation")?;
    assert_eq!(accept(&api, &last)?, "ok");
    assert_eq!(invite()?["message"], "has_password");
    Ok(())
}

#[test]
fn administrators_alone_invite_and_nobody_reads_a_token() -> Result<()> {
    let (mut world, admin, newcomer, _api) = newcomer()?;
    let warehouse = world.warehouse("UTC")?;
    let before = token_hash(&mut world, newcomer.id, "invitation")?;
    let asked = json!({"p_profile": newcomer.id});
    for role in ROLES {
        let attacker = world.person(role, warehouse)?;
        let attacker = world.caller(&attacker.email)?;
        assert_eq!(attacker.call("public", "invite", &asked)?.body, Value::Null, "{role}");
    }
    assert!(world.stranger()?.call("public", "invite", &asked)?.is_denied());
    assert_eq!(token_hash(&mut world, newcomer.id, "invitation")?, before, "and nothing was written");
    for schema in ["private", "public", "functions"] {
        for table in ["letters", "links"] {
            let answer = admin.send(reqwest::Method::GET, schema, table, None, &[])?;
            assert!(answer.status >= 400, "{schema}.{table}: {}", answer.body);
        }
    }
    for (function, said) in [
        (
            "password_accept",
            json!({"p_hash": before, "p_password": CHOSEN, "p_refresh_hash": hash(),
            "p_refresh_seconds": 60, "p_next_device_hash": hash()}),
        ),
        ("email_confirm", json!({"p_hash": before})),
        (
            "email_change",
            json!({"p_profile": newcomer.id, "p_password": RIGHT, "p_email": "mine@contract.test"}),
        ),
        ("password_forgot", json!({"p_email": newcomer.email})),
    ] {
        assert!(admin.call("functions", function, &said)?.is_denied(), "{function}");
    }
    // What everyone may read of the change says nothing of it.
    let token = world.value("select token from private.letters where profile_id = $1", &[&newcomer.id])?;
    let token = token.as_str().context("a token")?;
    for table in ["audit_log", "profiles", "notifications"] {
        assert!(!admin.read(table)?.body.to_string().contains(token), "{table}");
    }
    Ok(())
}

#[test]
fn a_forgotten_password_is_answered_alike_for_whoever_it_is() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let warehouse = world.warehouse("UTC")?;
    let left = world.person("technician", warehouse)?;
    world.change("update public.profiles set active = false where id = $1", &[&left.id])?;
    let answers = |email: &str| -> Result<Vec<Value>> {
        let network = network();
        (0..7).map(|_| forgot(&api, email, &network)).collect()
    };
    let known = answers(&person.email)?;
    assert_eq!(known[4], json!({"outcome": "ok"}));
    assert_eq!(known[5], json!({"outcome": "slowed", "retry_after": "about a quarter of an hour"}));
    for email in [format!("nobody.{}", person.email), left.email.clone()] {
        assert_eq!(answers(&email)?, known, "{email}");
    }
    assert_eq!(letters(&mut world, left.id)?, json!([]));
    // Three were written, and the newest holds.
    let written =
        "select taken from private.rates where name = 'forgot_letter' and subject = private.counted_as($1)";
    assert_eq!(world.value(written, &[&person.id.to_string()])?, 5);
    assert_eq!(letters(&mut world, person.id)?, json!(["password_reset"]));
    let lasts = "select extract(epoch from expires_at - now()) / 60 from private.links where profile_id = $1";
    let minutes = world.value(lasts, &[&person.id])?.as_f64().context("minutes")?;
    assert!((59.0..=60.0).contains(&minutes), "{minutes}");
    let token = token_hash(&mut world, person.id, "password_reset")?;
    assert_eq!(accept(&api, &token)?, "ok");
    assert_eq!(accept(&api, &token)?, "invalid");
    let found = attempt(&api, &person.email, RIGHT)?;
    assert!(matches!(found, millwright_store::sign_in::Checked::Invalid), "{found:?}");
    Ok(())
}

#[test]
fn an_address_changes_once_it_is_confirmed_and_the_former_one_is_told() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let warehouse = world.warehouse("UTC")?;
    let other = world.person("technician", warehouse)?;
    let change = |password: &str, email: &str| {
        let said = json!({"p_profile": person.id, "p_password": password, "p_email": email});
        Ok::<_, anyhow::Error>(api.call("functions", "email_change", &said)?.body)
    };
    let confirm = |token: &Value| {
        Ok::<_, anyhow::Error>(
            api.call("functions", "email_confirm", &json!({"p_hash": token}))?.body["outcome"].clone(),
        )
    };
    let wanted = format!("Wanted.{}", person.email);
    assert_eq!(change(WRONG, &wanted)?, json!({"outcome": "invalid"}));
    assert_eq!(
        change(RIGHT, &other.email.to_uppercase())?,
        json!({"outcome": "ok"}),
        "that it is taken is not told"
    );
    assert_eq!(letters(&mut world, person.id)?, json!([]));
    assert_eq!(letters(&mut world, other.id)?, json!(["email_taken"]), "but to its owner");
    assert_eq!(change(RIGHT, &wanted)?, json!({"outcome": "ok"}));
    let now =
        |world: &mut World| world.value("select email from public.profiles where id = $1", &[&person.id]);
    assert_eq!(now(&mut world)?, json!(person.email), "not yet");
    forgot(&api, &person.email, &network())?;
    let [reset, token] = [
        token_hash(&mut world, person.id, "password_reset")?,
        token_hash(&mut world, person.id, "email_confirmation")?,
    ];
    assert_eq!(accept(&api, &token)?, "invalid", "it sets no password");
    assert_eq!(confirm(&reset)?, "invalid", "and that one no address");
    assert_eq!(confirm(&token)?, "ok");
    assert_eq!(confirm(&token)?, "invalid", "used");
    assert_eq!(now(&mut world)?, json!(wanted.to_lowercase()));
    assert_eq!(accept(&api, &reset)?, "invalid", "what went to the former address ends");
    let told = "select jsonb_agg(jsonb_build_array(kind, email)) from private.letters where profile_id = $1";
    assert_eq!(world.value(told, &[&person.id])?, json!([["email_changed", person.email]]));
    let by = "select actor_id from public.audit_log where subject_id = $1 and changes ? 'email' and action = 'update'";
    assert_eq!(world.value(by, &[&person.id])?, json!(person.id));
    // Someone else comes in with an address that was asked for meanwhile.
    let wanted = format!("late.{}", person.email);
    change(RIGHT, &wanted)?;
    let token = token_hash(&mut world, person.id, "email_confirmation")?;
    world.change("update public.profiles set email = $2 where id = $1", &[&other.id, &wanted])?;
    assert_eq!(confirm(&token)?, "invalid");
    Ok(())
}
