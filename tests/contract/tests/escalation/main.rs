//! A work order that nobody touches is raised: once per firing, and never when somebody had just touched it.

mod yard;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use millwright_contract_tests::{World, at_once};
use millwright_domain::escalation::Scope;
use millwright_store::escalation::{apply, page, put_off};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;
use yard::{Yard, raise, raised, untouched};

#[test]
fn what_waited_too_long_is_raised_once_however_often_it_is_tried() -> Result<()> {
    let mut yard = Yard::open()?;
    let (waits, fresh) =
        (yard.work_order(&json!({}))?, yard.work_order(&json!({"last_activity_at": yard.now}))?);
    let decisions = yard.decisions(Scope::Every)?;
    assert_eq!(raised(&decisions), [waits]);
    assert_eq!(yard.apply(&decisions)?, 1);
    assert_eq!(yard.found(waits)?, yard.raised_once());
    let deadline = yard.seen(waits, "response_due_at")?;
    assert_eq!(serde_json::from_value::<DateTime<Utc>>(deadline)?, yard.now - TimeDelta::hours(1));

    assert_eq!(yard.apply(&decisions)?, 0, "the same decisions again");
    assert_eq!(raised(&yard.decisions(Scope::Every)?), Vec::<Uuid>::new(), "the same firing again");
    assert_eq!(yard.found(waits)?, yard.raised_once());
    assert_eq!(yard.found(fresh)?, untouched());
    assert_eq!(yard.seen(fresh, "version")?, 1, "a deadline that is shown is no change of the work order");
    assert_eq!(
        yard.world
            .value("select count(*) from public.work_order_history where work_order_id = $1", &[&fresh])?,
        0
    );
    Ok(())
}

#[test]
fn eight_at_once_raise_it_once() -> Result<()> {
    let mut yard = Yard::open()?;
    let orders = [yard.work_order(&json!({}))?, yard.work_order(&json!({}))?];
    let decisions = yard.decisions(Scope::Every)?;
    let now = yard.now;
    let raised = at_once(yard.world.eight("function:escalation-checker")?, |checker| {
        raise(&checker, now, &decisions)
    })?;
    assert_eq!(raised.iter().sum::<u64>(), 2, "{raised:?}");
    for order in orders {
        assert_eq!(yard.found(order)?, yard.raised_once());
    }
    Ok(())
}

#[test]
fn a_decision_is_void_when_what_it_was_made_on_has_changed() -> Result<()> {
    for acted in [
        "last_activity_at = now()",
        "status = 'cancelled'",
        "status = 'on_hold', hold_reason = 'parts'",
        "acknowledged_until = now() + interval '1 hour'",
        "priority = 'low'",
    ] {
        let mut yard = Yard::open()?;
        let technician = yard.world.person("technician", yard.warehouse)?;
        let order = yard.work_order(&json!({"assigned_to": technician.id}))?;
        let decisions = yard.decisions(Scope::Every)?;
        assert_eq!(raised(&decisions), [order]);
        yard.world.change(&format!("update public.work_orders set {acted} where id = $1"), &[&order])?;
        assert_eq!(yard.apply(&decisions)?, 0, "{acted}");
        assert_eq!(yard.found(order)?, untouched(), "{acted}");
    }
    let mut yard = Yard::open()?;
    let order = yard.work_order(&json!({}))?;
    let decisions = yard.decisions(Scope::Every)?;
    yard.world
        .change("update public.escalation_rules set timeout_minutes = 600 where id = $1", &[&yard.rule])?;
    assert_eq!(yard.apply(&decisions)?, 0, "the rule allows more by now");
    assert_eq!(yard.fire()?, 0);
    assert_eq!(yard.found(order)?, untouched());
    Ok(())
}

#[test]
fn the_next_round_raises_to_the_next_level_by_the_rule_as_it_was() -> Result<()> {
    let mut yard = Yard::open()?;
    yard.world.change("update public.escalation_rules set repeat_count = 1 where id = $1", &[&yard.rule])?;
    let order = yard.work_order(&json!({}))?;
    for (level, raised) in [(1, 1), (2, 1), (2, 0)] {
        assert_eq!(yard.fire()?, raised);
        assert_eq!(yard.found(order)?["level"], level);
        let edit = "update public.escalation_rules set timeout_minutes = timeout_minutes * 9, repeat_count = 9 where id = $1";
        yard.world.change(edit, &[&yard.rule])?;
        yard.now += TimeDelta::hours(1);
    }
    Ok(())
}

#[test]
fn only_what_has_not_ended_has_a_clock_and_reopening_starts_a_new_one() -> Result<()> {
    let mut yard = Yard::open()?;
    let technician = yard.world.person("technician", yard.warehouse)?.id;
    let mut expected = BTreeSet::new();
    for (status, waits) in [
        ("new", true),
        ("assigned", true),
        ("in_progress", true),
        ("on_hold", true),
        ("completed", false),
        ("verified", false),
        ("closed", false),
        ("cancelled", false),
    ] {
        let ended = matches!(status, "completed" | "verified" | "closed");
        let order = yard.work_order(&json!({
            "status": status, "assigned_to": (status != "new").then_some(technician),
            "hold_reason": (status == "on_hold").then_some("parts"),
            "completed_at": ended.then_some(yard.now), "completed_by": ended.then_some(technician),
        }))?;
        if waits {
            expected.insert(order);
        }
        if status == "completed" {
            yard.world.change(
                "update public.work_orders set status = 'in_progress', completed_at = null where id = $1",
                &[&order],
            )?;
            expected.insert(order);
        }
    }
    let found: BTreeSet<_> = yard.found_by(false, 100)?.iter().map(|order| order.id.0).collect();
    assert_eq!(found, expected);
    yard.fire()?;
    let after: Vec<_> = yard.found_by(false, 100)?.iter().map(|order| order.status).collect();
    assert_eq!(after, [], "what is on hold is looked at once");
    Ok(())
}

#[test]
fn time_on_hold_is_kept_and_does_not_count() -> Result<()> {
    let mut yard = Yard::open()?;
    let technician = yard.world.person("technician", yard.warehouse)?.id;
    let order = yard.work_order(&json!({"status": "in_progress", "assigned_to": technician}))?;
    let counts_from = yard.seen(order, "last_activity_at")?;
    let hold = "update public.work_orders set status = 'on_hold', hold_reason = 'parts', last_activity_at = now() where id = $1";
    yard.world.change(hold, &[&order])?;
    let go_on = "update public.work_orders set status = 'in_progress', hold_reason = null, last_activity_at = now() where id = $1";
    yard.world.change(go_on, &[&order])?;
    let found = yard.found_by(false, 100)?;
    let found = found.first().context("it is not looked at")?;
    assert_eq!(
        found.counts_from,
        serde_json::from_value::<DateTime<Utc>>(counts_from)?,
        "a pause is no activity"
    );
    assert!(matches!(found.held[..], [(from, Some(until))] if from < until), "{:?}", found.held);
    yard.world.change("update public.work_orders set last_activity_at = now() where id = $1", &[&order])?;
    assert_eq!(yard.found_by(false, 100)?.first().context("gone")?.held, []);
    Ok(())
}

#[test]
fn the_urgent_sweep_raises_what_is_urgent_and_shows_all_new_deadlines() -> Result<()> {
    let mut yard = Yard::open()?;
    let general = "update public.escalation_rules set wo_type = null, priority = null where id = $1";
    yard.world.change(general, &[&yard.rule])?;
    let emergency = yard.work_order(&json!({"type": "emergency", "priority": "low"}))?;
    let critical = yard.work_order(&json!({"priority": "critical"}))?;
    let high = yard.work_order(&json!({"priority": "high"}))?;
    let decisions = yard.decisions(Scope::Urgent)?;
    assert_eq!(BTreeSet::from_iter(raised(&decisions)), BTreeSet::from([emergency, critical]));
    assert_eq!(yard.apply(&decisions)?, 2);
    assert!(yard.seen(high, "response_due_at")?.is_string());
    assert_eq!(yard.found_by(true, 100)?, [], "once");
    assert_eq!(raised(&yard.decisions(Scope::Every)?), [high]);
    Ok(())
}

#[test]
fn pages_of_one_visit_each_once_also_where_times_are_equal() -> Result<()> {
    let mut yard = Yard::open()?;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(yard.work_order(&json!({}))?);
    }
    // Long ago, so that only a few others are on the way.
    let clocks =
        "update private.escalation_clocks set check_at = '1960-01-01' where work_order_id = any ($1)";
    yard.world.change(clocks, &[&expected])?;
    expected.sort_unstable();
    let (mut found, mut after) = (Vec::new(), None);
    while found.len() < expected.len() {
        let page =
            yard.checker.ask(async |session| page(&session, yard.now, false, after.as_ref(), 1).await)?;
        after = page.end();
        let one = page.work_orders.read.into_iter().next().context("an end")?;
        found.push(one.id.0);
    }
    assert_eq!(found, expected);
    Ok(())
}

#[test]
fn it_is_given_to_who_may_have_it_and_otherwise_says_why_not() -> Result<()> {
    let mut yard = Yard::open()?;
    let steps = json!([{"action": "auto_reassign", "wait_minutes": 0}]);
    yard.world
        .change("update public.escalation_rules set steps = $2 where id = $1", &[&yard.rule, &steps])?;
    let gone = yard.world.person("technician", yard.warehouse)?.id;
    yard.world.person("contractor", yard.warehouse)?;
    let orders = [yard.work_order(&json!({}))?, yard.work_order(&json!({}))?];
    let decisions = yard.decisions(Scope::Every)?;
    yard.world.change("update public.profiles set active = false where id = $1", &[&gone])?;
    assert_eq!(yard.apply(&decisions)?, 2, "raised all the same");
    let outcomes =
        "select jsonb_agg(distinct outcome) from public.escalations where work_order_id = any ($1)";
    let outcome = "nobody to give it to: whom it was meant for may not have it any more";
    assert_eq!(yard.world.value(outcomes, &[&orders.as_slice()])?, json!([outcome]));
    assert_eq!(yard.seen(orders[0], "status")?, "new");

    let busy = yard.world.person("technician", yard.warehouse)?.id;
    yard.work_order(&json!({"assigned_to": busy, "last_activity_at": yard.now}))?;
    let free = yard.world.person("technician", yard.warehouse)?.id;
    let late = yard.work_order(&json!({}))?;
    assert_eq!(yard.fire()?, 1);
    assert_eq!(yard.seen(late, "jsonb_build_array(assigned_to, status)")?, json!([free, "assigned"]));
    let events = "select jsonb_agg(kind order by kind) from public.events where work_order_id = $1";
    assert_eq!(
        yard.world.value(events, &[&late])?,
        json!(["wo_assigned", "wo_escalation", "request_received"])
    );
    Ok(())
}

#[test]
fn a_dry_run_tells_a_supervisor_no_rules_and_hours_of_other_warehouses() -> Result<()> {
    let mut yard = Yard::open()?;
    let hours = "update public.warehouses set operating_hours =
        '[{\"day\": 1, \"from\": \"08:00\", \"until\": \"17:00\"}]' where id = $1";
    let (rule, home) = (yard.rule, yard.warehouse);
    yard.world.change(hours, &[&home])?;
    let told = |world: &mut World, warehouse: Uuid| -> Result<[bool; 2]> {
        let supervisor = world.person("supervisor", warehouse)?;
        let nothing =
            json!({"p_at": "2026-01-01T00:00:00Z", "p_warehouse": null, "p_work_order": null, "p_limit": 1});
        let book = world.caller(&supervisor.email)?.call("public", "escalation_dry_run", &nothing)?.body;
        let names = |list: &str, field: &str, id: Uuid| {
            let list = book.get(list).and_then(Value::as_array).context("a list of the book")?;
            anyhow::Ok(list.iter().any(|row| row.get(field) == Some(&json!(id))))
        };
        Ok([names("rules", "id", rule)?, names("places", "warehouse_id", home)?])
    };
    assert_eq!(told(&mut yard.world, home)?, [true, true]);
    let elsewhere = yard.world.warehouse("UTC")?;
    assert_eq!(told(&mut yard.world, elsewhere)?, [false, false]);
    Ok(())
}

#[test]
fn a_work_order_that_is_refused_is_put_off_alone() -> Result<()> {
    let mut yard = Yard::open()?;
    let (good, refused) = (yard.work_order(&json!({}))?, yard.work_order(&json!({}))?);
    let mut decisions = yard.decisions(Scope::Every)?;
    for step in decisions.iter_mut().filter(|d| d.work_order_id.0 == refused).filter_map(|d| d.step.as_mut())
    {
        step.rule_id.0 = Uuid::now_v7();
    }
    let now = yard.now;
    let applied = yard.checker.ask(async |session| apply(&session, now, &decisions).await)?;
    assert_eq!(applied.counts.get("escalated"), Some(&json!(1)));
    assert_eq!(applied.problems.len(), 1, "{applied:?}");
    assert_eq!(yard.found(good)?, yard.raised_once());
    assert_eq!(yard.found(refused)?, untouched());
    assert!(yard.found_by(false, 100)?.iter().all(|order| order.id.0 != refused), "not before tomorrow");
    Ok(())
}

#[test]
fn a_work_order_that_cannot_be_read_is_put_off_alone() -> Result<()> {
    // In a database of its own, whose guard is gone: as if a value had got past it.
    let mut world = World::aside("escalation_unreadable")?;
    world.sql.batch_execute("alter table public.work_orders drop constraint work_orders_due_at_check")?;
    let mut yard = Yard::in_world(world)?;
    let (good, endless) = (yard.work_order(&json!({}))?, yard.work_order(&json!({}))?);
    yard.world.change("update public.work_orders set due_at = 'infinity' where id = $1", &[&endless])?;
    let now = yard.now;
    let unreadable = |yard: &Yard| {
        let page = yard.checker.ask(async |session| page(&session, now, false, None, 10_000).await)?;
        anyhow::Ok(page.work_orders.unreadable)
    };
    let rows = unreadable(&yard)?;
    assert_eq!(rows.iter().map(|row| row.word("id")).collect::<Vec<_>>(), [endless.to_string()]);
    assert_eq!(yard.fire()?, 1);
    assert_eq!(yard.found(good)?, yard.raised_once());
    assert_eq!(yard.checker.ask(async |session| put_off(&session, now, &rows).await)?, 1);
    assert_eq!(unreadable(&yard)?.len(), 0, "not before tomorrow");
    let told = yard.world.value("select jsonb_agg(reference) from public.dead_letters", &[])?;
    assert_eq!(told, json!([format!("work order {endless}")]));
    Ok(())
}

#[test]
fn however_often_work_is_put_on_hold_its_clock_stays_small_and_stands_still_as_long() -> Result<()> {
    let mut yard = Yard::open()?;
    let technician = yard.world.person("technician", yard.warehouse)?;
    let order = yard.work_order(&json!({"status": "in_progress", "assigned_to": technician.id}))?;
    // Each hold of a minute, nine minutes apart.
    let times = 130;
    let start = yard.now - TimeDelta::days(2);
    for n in 0..times {
        let at = (start + TimeDelta::minutes(10 * n)).to_rfc3339();
        yard.world.change(
            "update private.escalation_clocks set held = private.fold_held(held || jsonb_build_array(jsonb_build_array($2::text::timestamptz,
               $2::text::timestamptz + interval '1 minute'))) where work_order_id = $1",
            &[&order, &at],
        )?;
    }
    for _ in 0..3 {
        for to in ["status = 'on_hold', hold_reason = 'parts'", "status = 'in_progress', hold_reason = null"]
        {
            yard.world.change(&format!("update public.work_orders set {to} where id = $1"), &[&order])?;
        }
    }
    let held = "select jsonb_build_array(jsonb_array_length(held), (
          select round(extract(epoch from sum((h ->> 1)::timestamptz - (h ->> 0)::timestamptz)) / 60) from jsonb_array_elements(held) h),
          (select bool_and((h ->> 0)::timestamptz <= (h ->> 1)::timestamptz) from jsonb_array_elements(held) h))
        from private.escalation_clocks where work_order_id = $1";
    assert_eq!(yard.world.value(held, &[&order])?, json!([100, times, true]));
    Ok(())
}
