//! The limits that stand in the catalog, and that the gateway keeps them.

use anyhow::{Context, Result, ensure};
use millwright_contract_tests::{FUNCTIONS, World};
use millwright_domain::resource::MAX_LIMIT;
use millwright_domain::sync::MAX_CHANGES;
use millwright_harness::wait;
use serde_json::json;
use std::time::Duration;

/// The deadline of our own functions for the gateway, in seconds (`shared/edge/src/transport.rs`).
const DEADLINE: i64 = 10;

/// Every role that the gateway's own may become, whoever made it, with the seconds that a statement of it may take.
const PATIENCE: &str = "with recursive become (id) as (
    select 'authenticator'::regrole::oid union select m.roleid from pg_auth_members m join become b on m.member = b.id)
  select jsonb_object_agg(r.rolname, (select extract(epoch from substring(c from '=(.*)')::interval)
      from unnest(r.rolconfig) c where c like 'statement_timeout=%'))
  from become b join pg_roles r on r.oid = b.id where r.rolname <> 'authenticator'";

#[test]
fn every_role_that_the_gateway_may_become_ends_before_its_asker_leaves() -> Result<()> {
    let patience = World::open()?.value(PATIENCE, &[])?;
    let patience = patience.as_object().context("no roles")?;
    assert!(patience.len() >= FUNCTIONS.len() + 2, "{patience:?}");
    for (role, seconds) in patience {
        let longest = if matches!(role.as_str(), "anon" | "authenticated") { 5 } else { DEADLINE - 1 };
        let seconds = seconds.as_f64().unwrap_or(f64::INFINITY);
        assert!(seconds > 0.0 && seconds <= f64::from(i32::try_from(longest)?), "{role}: {seconds} s");
    }
    Ok(())
}

#[test]
fn the_gateway_keeps_them_and_cuts_no_page_of_ours() -> Result<()> {
    let mut world = World::aside("limits")?;
    world.sql.batch_execute(
        "create function public.patience() returns text language sql stable as
           $$ select current_setting('statement_timeout') $$;
         grant usage on schema public to public;
         grant execute on function public.patience() to public;
         notify pgrst, 'reload schema'",
    )?;
    let warehouse = world.warehouse("Europe/Amsterdam")?;
    let person = world.person("supervisor", warehouse)?;
    let caller = world.caller(&person.email)?;
    let patience = wait::until("that the gateway knows the function", Duration::from_secs(30), || {
        let answer = caller.call("public", "patience", &json!({}))?;
        Ok((answer.status == 200).then_some(answer.body))
    })?;
    assert_eq!(patience, "5s");
    for function in FUNCTIONS {
        let answer = world.caller(&format!("function:{function}"))?.call("public", "patience", &json!({}))?;
        assert_eq!(answer.body, "9s", "{function}: {answer:?}");
    }

    let most = world.value(
        "select substring(c from '=(.*)')::integer from pg_roles, unnest(rolconfig) c
         where rolname = 'authenticator' and c like 'pgrst.db_max_rows=%'",
        &[],
    )?;
    let most = usize::try_from(most.as_u64().context("no limit")?)?;
    ensure!(MAX_LIMIT <= most && usize::try_from(MAX_CHANGES)? <= most, "{most} rows cut a page of ours");
    world.sql.execute(
        "insert into public.work_orders (type, title, warehouse_id)
         select 'corrective', 'One of many', $1 from generate_series(1, $2)",
        &[&warehouse, &i32::try_from(most + 1)?],
    )?;
    assert_eq!(caller.read("work_orders?select=id")?.rows().len(), most);
    Ok(())
}
