//! Sign-in with a password: who gets in, and that nothing tells an address of someone from any other. What slows those who
//! guess is in `guessing`, and staying signed in is in `refresh`.

mod crowd;
mod guessing;
mod links;
mod refresh;
mod timing;

use anyhow::{Result, bail};
use millwright_contract_tests::{Caller, Person, World};
use millwright_domain::secret::Secret;
use millwright_domain::sign_in::Credentials;
use millwright_store::sign_in::{Checked, NextToken, Place, SignedIn, sign_in};
use serde_json::{Value, json};
use uuid::Uuid;

const RIGHT: &str = "correct horse";
const WRONG: &str = "battery staple";

/// A world with one person who has a password, and the function that checks it.
fn someone() -> Result<(World, Person, Caller)> {
    someone_in(World::open()?)
}

/// The same in a world that may have a database of its own: few passwords are looked at at once in one.
fn someone_in(mut world: World) -> Result<(World, Person, Caller)> {
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

fn hash() -> String {
    format!("{:064x}", Uuid::now_v7().as_u128())
}

/// An attempt from this network, on a device that shows the secret with this hash and is otherwise given another one.
fn attempt_from(
    api: &Caller,
    network: Option<&str>,
    device: Option<&str>,
    next_device: &str,
    (email, password): (&str, &str),
) -> Result<Checked<SignedIn>> {
    let credentials =
        Credentials { email: email.to_owned(), password: Secret::new(password.to_owned()), device: None };
    let next = NextToken { hash: hash(), seconds: 60 };
    let place = Place {
        network: network.map(str::to_owned),
        device_hash: device.map(str::to_owned),
        next_device_hash: next_device.to_owned(),
    };
    Ok(api.ask(async |session| sign_in(&session, &credentials, &next, &place).await)?)
}

/// An attempt of a stranger.
fn attempt(api: &Caller, email: &str, password: &str) -> Result<Checked<SignedIn>> {
    attempt_from(api, None, None, &hash(), (email, password))
}

/// A word for a network that no other test has.
fn network() -> String {
    Uuid::now_v7().to_string()
}

#[test]
fn the_right_password_tells_who_it_is() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let Checked::Ok(SignedIn { profile, .. }) = attempt(&api, &person.email, RIGHT)? else {
        bail!("refused")
    };
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
    let found = attempt(&api, &person.email, RIGHT)?;
    assert!(matches!(found, Checked::Invalid), "{found:?}");
    Ok(())
}

/// Every answer, word for word as the gateway gives it.
#[test]
fn nothing_tells_an_address_of_someone_from_any_other_however_often_it_is_tried() -> Result<()> {
    let (mut world, person, api) = someone_in(World::aside("sign_in_told")?)?;
    let warehouse = world.warehouse("UTC")?;
    let left = world.person("technician", warehouse)?;
    world.change("update public.profiles set active = false where id = $1", &[&left.id])?;
    let nobody = format!("nobody.{}", person.email);
    let answers = |email: &str, password: &str| -> Result<Vec<Value>> {
        let network = network();
        let one = |_| {
            let said = json!({"p_email": email, "p_password": password, "p_network": network});
            let mut body = api.call("functions", "sign_in", &said)?.body;
            // The seconds pass while this test runs.
            if let Some(wait) = body.get_mut("retry_after") {
                assert!((840..=900).contains(&wait.as_i64().unwrap_or_default()), "{wait}");
                *wait = json!("about a quarter of an hour");
            }
            Ok(body)
        };
        (0..8).map(one).collect()
    };
    let known = answers(&person.email, WRONG)?;
    assert_eq!(known[4], json!({"outcome": "invalid"}));
    assert_eq!(known[5], json!({"outcome": "slowed", "retry_after": "about a quarter of an hour"}));
    for email in [&nobody, &left.email, &nobody.to_uppercase()] {
        assert_eq!(answers(email, WRONG)?, known, "{email}");
    }
    Ok(())
}

/// What takes long is the hash: one for each attempt that is looked at, whoever is asked for and whatever comes of it; and none
/// for one that is not, so that nobody keeps the database busy with those.
#[test]
fn each_attempt_that_is_looked_at_takes_one_hash() -> Result<()> {
    let (mut world, person, _api) = someone_in(World::aside("sign_in_hash")?)?;
    // As dear as those that people have.
    world.change(
        "update private.credentials set password_hash = private.password_hash($2) where profile_id = $1",
        &[&person.id, &RIGHT],
    )?;
    let nobody = format!("nobody.{}", person.email);
    let mut hash = world.sql.transaction()?;
    hash.batch_execute(
        "set local client_min_messages = error;
         create function pg_temp.took(said text) returns double precision language plpgsql as $$
         declare
           began constant timestamptz := clock_timestamp();
         begin
           execute said;
           return extract(epoch from clock_timestamp() - began);
         end $$",
    )?;
    let one = "select min(pg_temp.took('select extensions.crypt(''x'', extensions.gen_salt(''bf'', 10))')) from generate_series(1, 5)";
    let one: f64 = hash.query_one(one, &[])?.try_get(0)?;
    for email in [&person.email, &nobody] {
        let mut looked_at = f64::MAX;
        for attempt in 1..=5 {
            let took: f64 = hash
                .query_one(
                    "select pg_temp.took(format('select functions.sign_in(%L, %L)', $1::text, $2::text))",
                    &[email, &WRONG],
                )?
                .try_get(0)?;
            // Never less than one; a busy machine makes some take more, so the least of them is what counts.
            assert!(took > 0.6 * one, "{email} {attempt}: {took} s, and one hash {one} s");
            looked_at = looked_at.min(took);
        }
        assert!(looked_at < 1.8 * one, "{email}: {looked_at} s, and one hash {one} s");
        let least = "select min(pg_temp.took(format('select functions.sign_in(%L, %L)', $1::text, $2::text))) from generate_series(1, 5)";
        let least: f64 = hash.query_one(least, &[email, &WRONG])?.try_get(0)?;
        assert!(least < 0.5 * one, "{email} is not looked at any more: {least} s, and one hash {one} s");
    }
    Ok(())
}
