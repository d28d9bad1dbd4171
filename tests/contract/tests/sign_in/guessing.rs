//! What slows those who guess: failures are counted by address, by network and by device.

use crate::{RIGHT, WRONG, attempt, attempt_from, hash, network, someone};
use anyhow::{Result, bail};
use millwright_contract_tests::{Caller, World, at_once};
use millwright_store::sign_in::{Checked, SignedIn};
use serde_json::json;

fn guess(api: &Caller, network: &str, email: &str) -> Result<Checked<SignedIn>> {
    attempt_from(api, Some(network), None, &hash(), (email, WRONG))
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
    let warehouse = world.warehouse("UTC")?;
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

/// One password for very many people, from one place: what is counted is the place, and each person can still come in from
/// elsewhere and on a device that is known.
#[test]
fn a_thousand_addresses_from_one_network_slow_that_network_and_nobody_else() -> Result<()> {
    let (mut world, person, api) = someone()?;
    let (there, device) = (network(), hash());
    attempt_from(&api, Some(&there), None, &device, (&person.email, RIGHT))?;
    guess(&api, &there, &person.email)?;
    // As if the first 989 had been tried: the hashes would take a minute.
    world.change(
        "update private.rates set taken = 989 where name = 'sign_in_network' and subject = private.counted_as($1::text)",
        &[&there],
    )?;
    for number in 990..=1_000 {
        let found = guess(&api, &there, &format!("{number}.{}", person.email))?;
        assert!(matches!(found, Checked::Slowed { .. }), "address {number}: {found:?}");
    }
    let right = |network: &str, device: Option<&str>| {
        attempt_from(&api, Some(network), device, &hash(), (&person.email, RIGHT))
    };
    assert!(matches!(right(&there, None)?, Checked::Slowed { .. }), "a stranger there");
    assert!(matches!(right(&there, Some(&device))?, Checked::Ok(_)), "a known device there");
    assert!(matches!(right(&network(), None)?, Checked::Ok(_)), "someone elsewhere");
    Ok(())
}

#[test]
fn however_many_addresses_are_made_up_the_counters_stay_few_and_go_when_their_time_has_passed() -> Result<()>
{
    let mut world = World::aside("made_up_addresses")?;
    world.sql.batch_execute(
        "select private.count_use(name, private.counted_as('a' || n, name), 5, 900)
           from generate_series(1, 20000) n, unnest(array['sign_in_here', 'sign_in_address']) name;
         insert into private.rates select 'sign_in_network', 'later', 1, now() + interval '20 minutes'",
    )?;
    let subjects = "select count(distinct private.counted_as('a' || n)) <= 16 ^ 5 and max(length(private.counted_as('a' || n))) = 5
        from generate_series(1, 20000) n";
    assert_eq!(world.value(subjects, &[])?, true);
    let sweeper = world.caller("function:pm-scheduler")?;
    let later = world.now()? + chrono::TimeDelta::minutes(16);
    sweeper.call("functions", "forget_rates", &json!({"p_now": later}))?;
    assert_eq!(world.value("select jsonb_agg(subject) from private.rates", &[])?, json!(["later"]));
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
