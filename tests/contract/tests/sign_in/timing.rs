//! How long an answer takes tells nobody whether there is such an account.

#![allow(clippy::disallowed_methods, reason = "it measures time, on a machine that has a clock")]

use crate::{RIGHT, WRONG, attempt_from, hash, network, someone};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// Attempts of each kind; an address is slowed after 25.
const ATTEMPTS: usize = 20;

#[test]
fn an_unknown_address_takes_as_long_as_a_wrong_password() -> Result<()> {
    let (mut world, known, api) = someone()?;
    let warehouse = world.warehouse("UTC")?;
    let [gone, without] = [world.person("technician", warehouse)?, world.person("technician", warehouse)?];
    // The usual cost of a hash, which is what takes the time.
    let usual =
        "update private.credentials set password_hash = private.password_hash($2) where profile_id = $1";
    world.change(usual, &[&known.id, &RIGHT])?;
    world.change(
        "insert into private.credentials (profile_id, password_hash)
         select $1, password_hash from private.credentials where profile_id = $2",
        &[&gone.id, &known.id],
    )?;
    world.change("update public.profiles set active = false where id = $1", &[&gone.id])?;
    let unknown = format!("nobody.{}", known.email);
    let addresses = [&known.email, &unknown, &gone.email, &without.email];
    let mut taken = addresses.map(|_| Vec::new());
    let mut here = network();
    for number in 0..ATTEMPTS {
        // By turns, so that a busy machine is busy for all of them; five of one network are looked at.
        if number % 5 == 0 {
            here = network();
        }
        for (taken, email) in taken.iter_mut().zip(addresses) {
            let begun = Instant::now();
            attempt_from(&api, Some(&here), None, &hash(), (email, WRONG))?;
            taken.push(begun.elapsed());
        }
    }
    let medians = taken.iter_mut().map(|taken| median(taken)).collect::<Result<Vec<_>>>()?;
    let (least, most) = (medians.iter().min().context("one")?, medians.iter().max().context("one")?);
    // One without a hash would take a tenth.
    assert!(*most < *least * 3 / 2, "known, unknown, deactivated, without a password: {medians:?}");
    Ok(())
}

fn median(taken: &mut [Duration]) -> Result<Duration> {
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied().context("none")
}
