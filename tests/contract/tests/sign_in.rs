//! Sign-in with a password, and its lock against guessing.

use anyhow::{Result, bail};
use millwright_contract_tests::{Caller, Person, World, at_once};
use millwright_domain::secret::Secret;
use millwright_domain::sign_in::Credentials;
use millwright_store::sign_in::{Checked, NextToken, SignedIn, sign_in};
use serde_json::json;

const RIGHT: &str = "correct horse";
const WRONG: &str = "battery staple";

/// A world with one person who has a password, and the function that checks it.
fn someone() -> Result<(World, Person, Caller)> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let person = world.person("technician", warehouse)?;
    // Cheap on purpose: these tests are not about the cost of the hash.
    world.change(
        "insert into private.credentials (profile_id, password_hash)
         values ($1, extensions.crypt($2, extensions.gen_salt('bf', 4)))",
        &[&person.id, &RIGHT],
    )?;
    let api = world.caller("function:request-api")?;
    Ok((world, person, api))
}

fn attempt(api: &Caller, email: &str, password: &str) -> Result<Checked<SignedIn>> {
    let credentials = Credentials { email: email.to_owned(), password: Secret::new(password.to_owned()) };
    let hash = format!("{:064x}", uuid::Uuid::now_v7().as_u128());
    let next = NextToken { hash, seconds: 60 };
    Ok(api.ask(async |session| sign_in(&session, &credentials, &next).await)?)
}

#[test]
fn the_right_password_tells_who_it_is() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let Checked::Ok(SignedIn { profile }) = attempt(&api, &person.email, RIGHT)? else { bail!("refused") };
    let stored = world.value("select to_jsonb(p) from public.profiles p where id = $1", &[&person.id])?;
    assert_eq!(json!(profile.id), stored["id"]);
    assert_eq!(json!(profile.email), stored["email"]);
    assert_eq!(json!(profile.full_name), stored["full_name"]);
    assert_eq!(json!(profile.role), stored["role"]);
    assert_eq!(json!(profile.warehouse_id), stored["warehouse_id"]);
    Ok(())
}

#[test]
fn an_address_in_upper_case_is_the_same() -> Result<()> {
    let (_world, person, api) = someone()?;
    let found = attempt(&api, &person.email.to_uppercase(), RIGHT)?;
    assert!(matches!(found, Checked::Ok(_)), "{found:?}");
    Ok(())
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_told_apart_by_nothing() -> Result<()> {
    let (_world, person, api) = someone()?;
    let unknown = format!("nobody.{}", person.email);
    for (email, password) in
        [(&person.email, WRONG), (&person.email, ""), (&unknown, WRONG), (&unknown, RIGHT)]
    {
        let found = attempt(&api, email, password)?;
        assert!(matches!(found, Checked::Invalid), "{email}: {found:?}");
    }
    Ok(())
}

#[test]
fn someone_who_left_is_as_good_as_unknown() -> Result<()> {
    let (mut world, person, api) = someone()?;
    world.change("update public.profiles set active = false where id = $1", &[&person.id])?;
    for _ in 0..6 {
        let found = attempt(&api, &person.email, RIGHT)?;
        assert!(matches!(found, Checked::Invalid), "{found:?}");
    }
    Ok(())
}

#[test]
fn five_wrong_passwords_lock_the_account_until_the_lock_ends() -> Result<()> {
    let (mut world, person, api) = someone()?;
    for number in 1..=5 {
        let found = attempt(&api, &person.email, WRONG)?;
        assert!(matches!(found, Checked::Invalid), "attempt {number}: {found:?}");
    }
    for password in [RIGHT, WRONG] {
        let Checked::Locked { retry_after } = attempt(&api, &person.email, password)? else {
            bail!("not locked")
        };
        assert!((1..=900).contains(&retry_after), "{retry_after} seconds");
    }
    // A quarter of an hour later; attempts while it was locked did not make it longer.
    world.change(
        "update private.credentials set locked_until = locked_until - interval '15 minutes' where profile_id = $1",
        &[&person.id],
    )?;
    let found = attempt(&api, &person.email, RIGHT)?;
    assert!(matches!(found, Checked::Ok(_)), "{found:?}");
    Ok(())
}

#[test]
fn the_right_password_wipes_the_slate() -> Result<()> {
    let (_world, person, api) = someone()?;
    for _ in 0..3 {
        for _ in 0..4 {
            attempt(&api, &person.email, WRONG)?;
        }
        let found = attempt(&api, &person.email, RIGHT)?;
        assert!(matches!(found, Checked::Ok(_)), "{found:?}");
    }
    Ok(())
}

#[test]
fn guessing_at_the_same_moment_does_not_buy_more_guesses() -> Result<()> {
    let (world, person, _api) = someone()?;
    let guessers = world.eight("function:request-api")?;
    let answers = at_once(guessers, |api| attempt(&api, &person.email, WRONG))?;
    let looked_at = answers.iter().filter(|answer| matches!(answer, Checked::Invalid)).count();
    assert_eq!(looked_at, 5, "{answers:?}");
    Ok(())
}
