//! Sign-in with a password, what slows those who guess, and staying signed in.

use anyhow::{Result, bail};
use millwright_contract_tests::{Caller, Person, World, at_once};
use millwright_domain::secret::Secret;
use millwright_domain::sign_in::Credentials;
use millwright_store::sign_in::{Checked, NextToken, Place, SignedIn, sign_in};
use serde_json::{Value, json};
use uuid::Uuid;

const RIGHT: &str = "correct horse";
const WRONG: &str = "battery staple";

fn home_of(world: &mut World, person: &Person) -> Result<Uuid> {
    let home = world.value("select warehouse_id from public.profiles where id = $1", &[&person.id])?;
    Ok(serde_json::from_value(home)?)
}

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

fn guess(api: &Caller, network: &str, email: &str) -> Result<Checked<SignedIn>> {
    attempt_from(api, Some(network), None, &hash(), (email, WRONG))
}

/// A word for a network that no other test has.
fn network() -> String {
    Uuid::now_v7().to_string()
}

/// Lets a quarter of an hour pass for this counter.
fn let_time_pass(world: &mut World, name: &str, subject: &[&str]) -> Result<()> {
    world.change(
        "update private.rates set ends_at = ends_at - interval '15 minutes'
         where name = $1 and subject = private.counted_as(variadic $2)",
        &[&name, &subject],
    )
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
    let (mut world, person, api) = someone()?;
    let home = home_of(&mut world, &person)?;
    let left = world.person("technician", home)?;
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

/// What takes long is the hash: one for each attempt, whoever is asked for and whatever comes of it.
#[test]
fn each_attempt_takes_one_hash() -> Result<()> {
    let (mut world, person, _api) = someone()?;
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
        // Five that are looked at, and five that are not.
        for attempt in 1..=10 {
            let took: f64 = hash
                .query_one(
                    "select pg_temp.took(format('select functions.sign_in(%L, %L)', $1::text, $2::text))",
                    &[email, &WRONG],
                )?
                .try_get(0)?;
            // Never less than one; a busy machine makes some take more, so the least of them is what counts.
            assert!(took > 0.6 * one, "{email} {attempt}: {took} s, and one hash {one} s");
        }
        let least = "select min(pg_temp.took(format('select functions.sign_in(%L, %L)', $1::text, $2::text))) from generate_series(1, 5)";
        let least: f64 = hash.query_one(least, &[email, &WRONG])?.try_get(0)?;
        assert!(least < 1.8 * one, "{email}: {least} s, and one hash {one} s");
    }
    Ok(())
}

#[test]
fn a_stranger_is_slowed_after_five_attempts_until_a_quarter_of_an_hour_has_passed() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let here = network();
    for number in 1..=5 {
        let found = guess(&api, &here, &person.email)?;
        assert!(matches!(found, Checked::Invalid), "attempt {number}: {found:?}");
    }
    for password in [RIGHT, WRONG] {
        let found = attempt_from(&api, Some(&here), None, &hash(), (&person.email, password))?;
        let Checked::Slowed { retry_after } = found else { bail!("{found:?}") };
        assert!((1..=900).contains(&retry_after), "{retry_after} seconds");
    }
    // A quarter of an hour later; attempts meanwhile did not make it longer.
    let_time_pass(&mut world, "sign_in_here", &[&person.email, &here])?;
    let found = attempt_from(&api, Some(&here), None, &hash(), (&person.email, RIGHT))?;
    assert!(matches!(found, Checked::Ok(_)), "{found:?}");
    Ok(())
}

#[test]
fn a_stranger_in_one_network_keeps_nobody_out_of_another() -> Result<()> {
    let (_world, person, api) = someone()?;
    let here = network();
    for _ in 0..40 {
        guess(&api, &here, &person.email)?;
    }
    let found = attempt_from(&api, Some(&network()), None, &hash(), (&person.email, RIGHT))?;
    assert!(matches!(found, Checked::Ok(_)), "{found:?}");
    Ok(())
}

#[test]
fn strangers_everywhere_keep_no_known_device_out() -> Result<()> {
    let (_world, person, api) = someone()?;
    let (home, device) = (network(), hash());
    let found = attempt_from(&api, Some(&home), None, &device, (&person.email, RIGHT))?;
    assert!(matches!(found, Checked::Ok(SignedIn { known_device: false, .. })), "{found:?}");
    let mut looked_at = 0;
    for _ in 0..6 {
        let there = network();
        for _ in 0..5 {
            looked_at += u8::from(matches!(guess(&api, &there, &person.email)?, Checked::Invalid));
        }
    }
    assert_eq!(looked_at, 25, "from everywhere together");
    let found = attempt_from(&api, Some(&network()), None, &hash(), (&person.email, RIGHT))?;
    assert!(matches!(found, Checked::Slowed { .. }), "{found:?}");
    let known = |device: &str, password| {
        attempt_from(&api, Some(&home), Some(device), &hash(), (&person.email, password))
    };
    let found = known(&hash(), RIGHT)?;
    assert!(matches!(found, Checked::Slowed { .. }), "a made-up device: {found:?}");
    for _ in 0..3 {
        let found = known(&device, RIGHT)?;
        assert!(matches!(found, Checked::Ok(SignedIn { known_device: true, .. })), "{found:?}");
    }
    // The secret of a device is no leave to guess.
    for _ in 0..5 {
        assert!(matches!(known(&device, WRONG)?, Checked::Invalid));
    }
    assert!(matches!(known(&device, RIGHT)?, Checked::Slowed { .. }));
    Ok(())
}

#[test]
fn a_device_is_known_for_its_own_person_until_the_password_changes() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let warehouse = home_of(&mut world, &person)?;
    let other = world.person("technician", warehouse)?;
    world.change(
        "insert into private.credentials (profile_id, password_hash)
         select $1, password_hash from private.credentials where profile_id = $2",
        &[&other.id, &person.id],
    )?;
    let device = hash();
    attempt_from(&api, None, None, &device, (&person.email, RIGHT))?;
    let is_known = |email: &str, password: &str| -> Result<bool> {
        let found = attempt_from(&api, None, Some(&device), &hash(), (email, password))?;
        Ok(matches!(found, Checked::Ok(SignedIn { known_device: true, .. })))
    };
    assert!(is_known(&person.email, RIGHT)? && !is_known(&other.email, RIGHT)?);
    let said = json!({"p_profile": person.id, "p_current": RIGHT, "p_new": "another password"});
    assert_eq!(api.call("functions", "password_change", &said)?.body, json!({"outcome": "ok"}));
    assert!(!is_known(&person.email, "another password")?);
    Ok(())
}

#[test]
fn a_person_has_the_last_twenty_devices() -> Result<()> {
    let (mut world, person, api) = someone()?;
    for _ in 0..22 {
        attempt(&api, &person.email, RIGHT)?;
    }
    let kept = "select count(*) from private.devices where profile_id = $1";
    assert_eq!(world.value(kept, &[&person.id])?, 20);
    let old = "update private.devices set seen_at = now() - interval '181 days' where profile_id = $1";
    world.change(old, &[&person.id])?;
    attempt(&api, &person.email, RIGHT)?;
    assert_eq!(world.value(kept, &[&person.id])?, 1);
    Ok(())
}

/// A whole plant may sit behind one network: mistyped passwords are no reason to shut it out, and right ones do not count.
#[test]
fn a_network_is_slowed_after_three_hundred_failures_and_its_known_devices_are_not() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let (plant, device) = (network(), hash());
    let counted = "coalesce((select taken from private.rates where name = 'sign_in_network'
        and subject = private.counted_as($1::text)), 0)";
    attempt_from(&api, Some(&plant), None, &device, (&person.email, RIGHT))?;
    assert_eq!(world.value(counted, &[&plant])?, 0, "what was right");
    guess(&api, &plant, &format!("nobody.{}", person.email))?;
    assert_eq!(world.value(counted, &[&plant])?, 1, "an unknown address, too");
    world.change(
        "update private.rates set taken = 299 where name = 'sign_in_network' and subject = private.counted_as($1::text)",
        &[&plant],
    )?;
    assert!(matches!(guess(&api, &plant, &person.email)?, Checked::Invalid));
    let from = |device| attempt_from(&api, Some(&plant), device, &hash(), (&person.email, RIGHT));
    let found = from(None)?;
    let Checked::Slowed { retry_after } = found else { bail!("{found:?}") };
    assert!((1..=900).contains(&retry_after), "{retry_after} seconds");
    assert!(matches!(from(Some(&device))?, Checked::Ok(_)));
    let_time_pass(&mut world, "sign_in_network", &[&plant])?;
    assert!(matches!(from(None)?, Checked::Ok(_)));
    Ok(())
}

#[test]
fn the_counters_are_bounded_tell_no_address_and_are_swept() -> Result<()> {
    let (mut world, person, api) = someone()?;
    attempt(&api, &person.email, WRONG)?;
    let strange = "select count(*) from private.rates
        where (name like 'sign_in%' or name = 'password_change') and subject !~ '^[0-9a-f]{5}$'";
    assert_eq!(world.value(strange, &[])?, 0);
    let mine = "select count(*) from private.rates where name = 'sign_in_address' and subject = private.counted_as($1::text)";
    assert_eq!(world.value(mine, &[&person.email])?, 1);
    let_time_pass(&mut world, "sign_in_address", &[&person.email])?;
    let sweeper = world.caller("function:pm-scheduler")?;
    sweeper.call("functions", "forget_rates", &json!({"p_now": world.now()?}))?;
    assert_eq!(world.value(mine, &[&person.email])?, 0);
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

// ------------------------------------------------------------------ refresh tokens

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
