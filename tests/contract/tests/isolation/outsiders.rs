//! Whoever is nobody here, our own functions, and what nobody reads at all.

use crate::matrix::scene::keys;
use crate::rooms::Rooms;
use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, FUNCTIONS, World};
use reqwest::Method;
use serde_json::{Map, Value};

/// The filter finds no row: what is judged is the right to do it at all, and no row is lost to a test that fails.
#[test]
fn strangers_and_our_own_functions_may_do_nothing_with_any_table() -> Result<()> {
    let mut world = World::open()?;
    let mut callers = vec![("a stranger", world.stranger()?)];
    for function in FUNCTIONS {
        callers.push((function, world.caller(&format!("function:{function}"))?));
    }
    for (table, key) in keys(&mut world)? {
        let column = key.first().with_context(|| format!("{table} has no key"))?;
        let nothing = format!("{table}?{column}=is.null");
        let row = Value::Object(Map::from_iter([(column.clone(), Value::Null)]));
        for (who, caller) in &callers {
            for (method, path, body) in [
                (Method::GET, &nothing, None),
                (Method::POST, &table, Some(&row)),
                (Method::PATCH, &nothing, Some(&row)),
                (Method::DELETE, &nothing, None),
            ] {
                let answer = caller.send(method.clone(), "public", path, body, &[])?;
                let refused = (answer.is_denied(), answer.code()) == (true, "42501");
                assert!(refused, "{method} of {table} by {who}: {answer:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn credentials_and_their_hashes_are_nobodys_business() -> Result<()> {
    let rooms = Rooms::open()?;
    for (person, caller) in rooms.callers()? {
        for schema in ["public", "functions", "private"] {
            for table in ["credentials", "api_token_hashes"] {
                let answer = caller.send(Method::GET, schema, table, None, &[])?;
                // 406: the gateway does not know that schema.
                let refused = answer.is_denied() || answer.status == 406;
                assert!(refused, "{table} in {schema} read by {}: {answer:?}", person.role);
            }
        }
        let beside = caller.read("profiles?select=id,credentials(password_hash)")?;
        assert_eq!(beside.status, 400, "credentials beside profiles read by {}: {beside:?}", person.role);
    }
    Ok(())
}

#[test]
fn a_token_that_was_tampered_with_is_nobodys() -> Result<()> {
    let rooms = Rooms::open()?;
    let token = rooms.world.token(&rooms.here.person("manager")?.email)?;
    let forged: String = token.chars().rev().collect();
    for bad in [forged, format!("{token}x"), String::new(), "a token".to_owned()] {
        let answer = Caller::new(rooms.world.gateway(), Some(bad.clone()))?.read("work_orders?select=id")?;
        assert_eq!((answer.status, answer.rows()), (401, &[] as &[Value]), "{bad}: {answer:?}");
    }
    Ok(())
}
