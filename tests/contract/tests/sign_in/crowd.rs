//! Many who sign in at the same moment: nobody waits in the database, where each who waits holds a session of the gateway.

use anyhow::Result;
use millwright_contract_tests::{Caller, World};
use millwright_store::sign_in::{Checked, SignedIn};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{RIGHT, WRONG, attempt_from, hash, network, someone_in};

/// The answer to one who comes while others are being looked at: nothing is counted, and they come again.
fn not_now() -> Value {
    json!({"outcome": "slowed", "retry_after": 0})
}

fn one(api: &Caller, email: &str) -> Result<Value> {
    let said = json!({"p_email": email, "p_password": WRONG, "p_network": network()});
    Ok(api.call("functions", "sign_in", &said)?.body)
}

#[test]
fn an_address_is_looked_at_once_at_a_time_and_nobody_waits_for_it() -> Result<()> {
    let (world, person, api) = someone_in(World::aside("sign_in_one")?)?;
    for email in [&person.email, &format!("nobody.{}", person.email)] {
        let mut other = world.stack().connect()?;
        let mut looked_at = other.transaction()?;
        looked_at.query_one("select functions.sign_in($1, $2)", &[email, &WRONG])?;
        // Whoever waited would be ended by the `statement_timeout` of the role.
        for _ in 0..30 {
            assert_eq!(one(&api, email)?, not_now(), "{email}");
        }
        looked_at.commit()?;
        assert_eq!(one(&api, email)?, json!({"outcome": "invalid"}), "none of these was counted");
    }
    Ok(())
}

#[test]
fn strangers_together_leave_room_for_those_who_are_known() -> Result<()> {
    let (mut world, person, api) = someone_in(World::aside("sign_in_crowd")?)?;
    let device = hash();
    attempt_from(&api, None, None, &device, (&person.email, RIGHT))?;
    let mut others = (0..4).map(|_| world.stack().connect()).collect::<Result<Vec<_>>>()?;
    let mut taken = Vec::new();
    for other in &mut others {
        let mut looked_at = other.transaction()?;
        let nobody = format!("{}@nowhere.test", Uuid::now_v7());
        looked_at.query_one("select functions.sign_in($1, $2)", &[&nobody, &WRONG])?;
        taken.push(looked_at);
    }
    assert_eq!(one(&api, &format!("{}@nowhere.test", Uuid::now_v7()))?, not_now());
    let found = attempt_from(&api, None, Some(&device), &hash(), (&person.email, RIGHT))?;
    assert!(matches!(found, Checked::Ok(SignedIn { known_device: true, .. })), "{found:?}");
    drop(taken);
    let changed = json!({"p_profile": person.id, "p_current": WRONG, "p_new": "another password"});
    let mut other = world.stack().connect()?;
    let mut looked_at = other.transaction()?;
    looked_at
        .query_one("select functions.password_change($1, $2, 'another password')", &[&person.id, &WRONG])?;
    assert_eq!(api.call("functions", "password_change", &changed)?.body, not_now());
    looked_at.commit()?;
    assert_eq!(api.call("functions", "password_change", &changed)?.body, json!({"outcome": "invalid"}));
    let counted =
        "select taken from private.rates where name = 'password_change' and subject = private.counted_as($1)";
    assert_eq!(world.value(&format!("({counted})"), &[&person.id.to_string()])?, 2);
    Ok(())
}
