//! Which of our functions may call what. Everybody else is refused, also after someone who may has called it: the
//! gateway's sessions are shared, and with them the plans that Postgres keeps.

use anyhow::{Context, Result, ensure};
use millwright_contract_tests::{Caller, FUNCTIONS, ROLES, World};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const JOBS: &[&str] = &["escalation-checker", "notification-sender", "pm-scheduler", "file-processor"];

/// With their own rights; these alone are in the schema that clients see.
const PEOPLE: &[&str] = &ROLES;

/// A function in the database, and which of ours may call it.
const MAY_CALL: [(&str, &[&str]); 76] = [
    ("api_token_exchange", &["request-api"]),
    ("archive_work_orders", &["pm-scheduler"]),
    ("attachment_claim", &["file-processor"]),
    ("attachment_fail", &["file-processor", "request-api"]),
    ("attachment_finish", &["file-processor"]),
    ("attachment_state", &["file-processor"]),
    ("changes_since", PEOPLE),
    ("checklist_issue", PEOPLE),
    ("dead_letter", &["file-processor"]),
    ("decide_review", PEOPLE),
    ("deliveries_claim", &["notification-sender"]),
    ("deliveries_finish", &["notification-sender"]),
    ("deliveries_put_aside", &["notification-sender"]),
    ("email_change", &["request-api"]),
    ("email_confirm", &["request-api"]),
    ("equipment_history", PEOPLE),
    ("equipment_kpis", PEOPLE),
    ("escalation_apply", &["escalation-checker"]),
    ("escalation_book", &["escalation-checker"]),
    ("escalation_dry_run", PEOPLE),
    ("escalation_page", &["escalation-checker"]),
    ("escalation_put_off", &["escalation-checker"]),
    ("events_waiting", &["notification-sender"]),
    ("find_equipment", PEOPLE),
    ("find_parts", PEOPLE),
    ("find_profiles", PEOPLE),
    ("find_vendors", PEOPLE),
    ("find_work_orders", PEOPLE),
    ("forget_changes", &["pm-scheduler"]),
    ("forget_keys", &["pm-scheduler"]),
    ("forget_mutations", &["pm-scheduler"]),
    ("forget_problems", &["pm-scheduler"]),
    ("forget_rates", &["pm-scheduler"]),
    ("health", &["request-api"]),
    ("history_verify", PEOPLE),
    ("home", PEOPLE),
    ("import", PEOPLE),
    ("invite", PEOPLE),
    ("job_finish", JOBS),
    ("job_start", JOBS),
    ("notifications_apply", &["notification-sender"]),
    ("open_api_token", PEOPLE),
    ("own_attachments", PEOPLE),
    ("own_work_orders", PEOPLE),
    ("password_accept", &["request-api"]),
    ("password_change", &["request-api"]),
    ("password_forgot", &["request-api"]),
    ("pm_apply", &["pm-scheduler"]),
    ("pm_due", &["pm-scheduler"]),
    ("pm_local_times", PEOPLE),
    ("pm_planned", PEOPLE),
    ("pm_put_off", &["pm-scheduler"]),
    ("pm_sync_schedules", &["pm-scheduler"]),
    ("read_notifications", PEOPLE),
    ("renew_label", PEOPLE),
    ("reorder", PEOPLE),
    ("replay", &["request-api"]),
    ("report_availability", PEOPLE),
    ("report_backlog", PEOPLE),
    ("report_machine_costs", PEOPLE),
    ("report_mtbf", PEOPLE),
    ("report_mttr", PEOPLE),
    ("report_overdue", PEOPLE),
    ("report_planned_work", PEOPLE),
    ("report_pm_compliance", PEOPLE),
    ("report_problems", &["escalation-checker", "notification-sender", "request-api"]),
    ("report_technician_load", PEOPLE),
    ("scan_read", &["request-api"]),
    ("scan_report", &["request-api"]),
    ("sign_in", &["request-api"]),
    ("sign_in_refresh", &["request-api"]),
    ("sign_out", &["request-api"]),
    ("search", PEOPLE),
    ("sync_apply", &["request-api"]),
    ("sync_look", PEOPLE),
    ("work_order_move", PEOPLE),
];

/// Postgres makes a plan that is not for one caller only after five of its own.
const PRIMING: usize = 6;

/// Arguments for every function that the gateway shows, by schema and name.
///
/// They are such that a call which is let through changes nothing: null where that is harmless, and a word that is no
/// number, no time and no id elsewhere. (A null would be: no limit.)
fn exposed(world: &mut World) -> Result<BTreeMap<(&'static str, String), Value>> {
    let rows = world.sql.query(
        "select pronamespace = 'public'::regnamespace, proname::text, coalesce(proargnames, '{}'),
           array(select t::regtype::text from unnest(proargtypes) with ordinality as u(t, n) order by n)
         from pg_proc where pronamespace in ('public'::regnamespace, 'functions'::regnamespace)
           -- What belongs to a row is embedded in it, and cannot be called.
           and not exists (select from unnest(proargtypes) t join pg_type y on y.oid = t where y.typtype = 'c')",
        &[],
    )?;
    let mut found = BTreeMap::new();
    for row in rows {
        let schema = if row.get(0) { "public" } else { "functions" };
        let (names, types): (Vec<String>, Vec<String>) = (row.get(2), row.get(3));
        let harmless = |of: &str| if matches!(of, "text" | "jsonb") { Value::Null } else { "no".into() };
        let arguments: Map<_, _> =
            names.into_iter().zip(&types).map(|(name, of)| (name, harmless(of))).collect();
        found.insert((schema, row.get(1)), Value::Object(arguments));
    }
    Ok(found)
}

/// Everyone there is: a stranger, a person of every role, and our functions.
fn callers(world: &World) -> Result<BTreeMap<&'static str, Caller>> {
    let mut callers = BTreeMap::from([("a stranger", world.stranger()?)]);
    for role in ROLES {
        callers.insert(role, world.caller(role)?);
    }
    for function in FUNCTIONS {
        callers.insert(function, world.caller(&format!("function:{function}"))?);
    }
    Ok(callers)
}

#[test]
fn every_function_in_the_database_has_its_callers() -> Result<()> {
    let mut world = World::open()?;
    let exposed: BTreeSet<_> = exposed(&mut world)?.into_keys().collect();
    let schema = |callers: &[&str]| if callers == PEOPLE { "public" } else { "functions" };
    let known = MAY_CALL.iter().map(|(name, callers)| (schema(callers), (*name).to_owned())).collect();
    assert_eq!(exposed, known, "left: what the gateway shows; right: the table of this test");
    Ok(())
}

#[test]
fn only_its_callers_may_call_a_function() -> Result<()> {
    let mut world = World::open()?;
    let callers = callers(&world)?;
    let mut wrong = Vec::new();
    for ((schema, name), arguments) in exposed(&mut world)? {
        let known = MAY_CALL.iter().find(|(known, _)| *known == name);
        let allowed = known.map_or(&[][..], |(_, allowed)| allowed);
        let call = |who: &str| callers.get(who).context("nobody")?.call(schema, &name, &arguments);
        for who in callers.keys() {
            for primer in allowed.iter().cycle().take(PRIMING) {
                let answer = call(primer)?;
                ensure!(answer.status < 500, "{name} fails for {primer}: {answer:?}");
            }
            let answer = call(who)?;
            if answer.is_denied() == allowed.contains(who) {
                wrong.push(format!("{name} called by {who}: {} {}", answer.status, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn what_is_private_is_not_shown() -> Result<()> {
    let mut world = World::open()?;
    let rows = world
        .sql
        .query("select proname::text from pg_proc where pronamespace = 'private'::regnamespace", &[])?;
    let callers = callers(&world)?;
    assert!(!rows.is_empty());
    for row in rows {
        let name: String = row.get(0);
        for (who, caller) in &callers {
            for schema in ["public", "functions", "private"] {
                let status = caller.call(schema, &name, &Value::Object(Map::new()))?.status;
                // 406: the gateway does not know that schema.
                assert!(matches!(status, 404 | 406), "{name} in {schema} called by {who}: {status}");
            }
        }
    }
    Ok(())
}
