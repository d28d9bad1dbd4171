//! Ended work: whatever people may write on a work order, once that has ended they are told so, and nothing is changed.
//!
//! The tables are found in the catalog, and who may write them in the rules, so that a table that comes later is tried, too.

use crate::matrix::case::{Case, Verb, cases};
use crate::matrix::scene::{Made, Scene};
use crate::tables;
use anyhow::Result;
use millwright_contract_tests::World;
use millwright_domain::work_order::Status;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// People go on to say and to show something about work that has ended.
const STILL_ADDED: [&str; 2] = ["comments", "attachments"];
/// What is the machine's more than the work's may be struck through later, too.
const STRUCK_THROUGH_LATER: [(&str, Verb); 1] =
    [("downtime_intervals", Verb::Set("annulled_reason", "Of another"))];
/// It tells someone of the work, and is no part of it.
const NO_PART: [&str; 1] = ["notifications"];

#[test]
fn ended_work_is_frozen() -> Result<()> {
    let mut scene = Scene::open("frozen")?;
    let parts = parts_of_work(&mut scene.world)?;
    let mut tried = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in tables::rules().flat_map(cases).filter(|case| is_about(case, &parts)) {
        for status in Status::ALL.into_iter().filter(|status| status.is_frozen()) {
            let Some(made) = case.prepare(&mut scene)? else { continue };
            let Some(order) = order_of(&case, &made)? else { continue };
            scene.end_work(order, status)?;
            let table = case.rule.table();
            let fault = if STILL_ADDED.contains(&table) || STRUCK_THROUGH_LATER.contains(&(table, case.verb))
            {
                case.judge(&mut scene, &made, true)?
            } else {
                case.judge_ended(&mut scene, &made)?
            };
            scene.take_work_up_again(order)?;
            wrong.extend(fault.map(|fault| format!("{}: {fault}", status.word())));
            tried.insert(case.rule.table().to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(parts, tried, "every part of work that people write was tried");
    Ok(())
}

/// The tables that people write and that refer to a work order, and that of the work orders themselves.
fn parts_of_work(world: &mut World) -> Result<BTreeSet<String>> {
    let rows = world.sql.query(
        "select distinct t.relname::text from pg_class t
         join pg_constraint k on k.conrelid = t.oid and k.confrelid = 'public.work_orders'::regclass
         where t.relnamespace = 'public'::regnamespace and (has_any_column_privilege('authenticated', t.oid, 'insert, update')
           or has_table_privilege('authenticated', t.oid, 'delete'))",
        &[],
    )?;
    let found: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    Ok(found.into_iter().filter(|table| !NO_PART.contains(&table.as_str())).collect())
}

/// True for a write that the rules allow while work goes on. A move is judged by the table of moves.
fn is_about(case: &Case, parts: &BTreeSet<String>) -> bool {
    let opens = case.rule.table() == "work_orders" && case.verb == Verb::Insert;
    let moves = matches!(case.verb, Verb::Set("status", _));
    case.allowed && case.verb != Verb::Select && !opens && !moves && parts.contains(case.rule.table())
}

/// The work order that it is or hangs on; some movements of stock hang on none.
fn order_of(case: &Case, made: &Made) -> Result<Option<Uuid>> {
    let order = if case.rule.table() == "work_orders" {
        made.key.get("id")
    } else {
        made.row.said.get("work_order_id")
    };
    Ok(order.and_then(Value::as_str).map(str::parse).transpose()?)
}
