//! A work order that nobody touches is raised: once per firing, and never when somebody had just touched it.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use millwright_contract_tests::{Caller, World, at_once, with};
use millwright_domain::escalation::{Candidate, Step, decide};
use millwright_store::escalation::{apply, candidates, rules};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A warehouse with a rule of its own, orders that have waited two hours, and the function that looks after them.
struct Yard {
    world: World,
    checker: Caller,
    warehouse: Uuid,
    rule: Uuid,
    now: DateTime<Utc>,
}

impl Yard {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let rule = world.insert(
            "escalation_rules",
            &json!({"name": "An hour", "warehouse_id": warehouse, "wo_type": "corrective", "priority": "medium",
                "timeout_minutes": 60, "steps": [{"action": "notify_supervisor", "wait_minutes": 0}]}),
        )?;
        let checker = world.caller("function:escalation-checker")?;
        let now = world.now()?;
        Ok(Self { world, checker, warehouse, rule, now })
    }

    fn work_order(&mut self, more: &Value) -> Result<Uuid> {
        let waited = json!({"last_activity_at": self.now - TimeDelta::hours(2)});
        self.world.work_order(self.warehouse, &with(waited, more))
    }

    /// This warehouse's among all that were not touched for an hour, page by page.
    fn candidates(&self, limit: usize) -> Result<Vec<Candidate>> {
        self.sweep(self.now - TimeDelta::hours(1), false, limit)
    }

    fn sweep(
        &self,
        untouched_since: DateTime<Utc>,
        urgent_only: bool,
        limit: usize,
    ) -> Result<Vec<Candidate>> {
        let mut seen: Vec<Candidate> = Vec::new();
        loop {
            let after = seen.last();
            let page = self.checker.ask(async |session| {
                candidates(&session, untouched_since, urgent_only, after, limit).await
            })?;
            ensure!(page.len() <= limit && seen.len() < 10_000, "paging does not end");
            if page.is_empty() {
                return Ok(seen.into_iter().filter(|found| found.warehouse_id.0 == self.warehouse).collect());
            }
            seen.extend(page);
        }
    }

    /// What is due now in this warehouse.
    fn steps(&self) -> Result<Vec<Step>> {
        let rules = self.checker.ask(async |session| rules(&session).await)?;
        let candidates = self.candidates(100)?;
        Ok(candidates.iter().filter_map(|candidate| decide(self.now, candidate, &rules)).collect())
    }

    /// How many were raised.
    fn apply(&self, steps: &[Step]) -> Result<u64> {
        raise(&self.checker, self.now, steps)
    }

    /// What came of a work order: its level, its escalations, its events of that kind.
    fn found(&mut self, work_order: Uuid) -> Result<Value> {
        self.world.value(
            "select jsonb_build_object('level', w.escalation_level, 'escalated', w.escalated,
               'rows', (select jsonb_agg(jsonb_build_array(e.rule_id, e.level, e.action)) from public.escalations e
                 where e.work_order_id = w.id),
               'events', (select jsonb_agg(v.details - 'reason') from public.events v
                 where v.work_order_id = w.id and v.kind = 'wo_escalation'))
             from public.work_orders w where id = $1",
            &[&work_order],
        )
    }

    /// The same, when it was raised to the first level by this warehouse's rule.
    fn raised_once(&self) -> Value {
        json!({"level": 1, "escalated": true, "rows": [[self.rule, 1, "notify_supervisor"]],
            "events": [{"level": 1, "action": "notify_supervisor"}]})
    }
}

fn raise(checker: &Caller, now: DateTime<Utc>, steps: &[Step]) -> Result<u64> {
    let counts = checker.ask(async |session| apply(&session, now, steps).await)?;
    counts.get("escalated").and_then(Value::as_u64).context("no count")
}

fn untouched() -> Value {
    json!({"level": 0, "escalated": false, "rows": null, "events": null})
}

#[test]
fn what_waited_too_long_is_raised_once_however_often_it_is_tried() -> Result<()> {
    let mut yard = Yard::open()?;
    let (waits, fresh) =
        (yard.work_order(&json!({}))?, yard.work_order(&json!({"last_activity_at": yard.now}))?);
    let steps = yard.steps()?;
    assert_eq!(steps.iter().map(|step| step.work_order_id.0).collect::<Vec<_>>(), [waits]);
    assert_eq!(yard.apply(&steps)?, 1);
    assert_eq!(yard.found(waits)?, yard.raised_once());
    let reason =
        yard.world.value("select reason from public.escalations where work_order_id = $1", &[&waits])?;
    assert_eq!(reason, "no work has started after 2 h; 1 h are allowed (level 1)");

    assert_eq!(yard.apply(&steps)?, 0, "the same steps again");
    assert_eq!(yard.steps()?, [], "the same firing again");
    assert_eq!(yard.found(waits)?, yard.raised_once());
    assert_eq!(yard.found(fresh)?, untouched());
    Ok(())
}

#[test]
fn eight_at_once_raise_it_once() -> Result<()> {
    let mut yard = Yard::open()?;
    let orders = [yard.work_order(&json!({}))?, yard.work_order(&json!({}))?];
    let steps = yard.steps()?;
    assert_eq!(steps.len(), 2);
    let now = yard.now;
    let raised =
        at_once(yard.world.eight("function:escalation-checker")?, |checker| raise(&checker, now, &steps))?;
    assert_eq!(raised.iter().sum::<u64>(), 2, "{raised:?}");
    for order in orders {
        assert_eq!(yard.found(order)?, yard.raised_once());
    }
    Ok(())
}

#[test]
fn a_step_is_void_when_somebody_acted_in_between() -> Result<()> {
    for acted in
        ["last_activity_at = now()", "status = 'cancelled'", "status = 'on_hold', hold_reason = 'parts'"]
    {
        let mut yard = Yard::open()?;
        let technician = yard.world.person("technician", yard.warehouse)?;
        let order = yard.work_order(&json!({"assigned_to": technician.id}))?;
        let steps = yard.steps()?;
        assert_eq!(steps.len(), 1);
        yard.world.change(&format!("update public.work_orders set {acted} where id = $1"), &[&order])?;
        assert_eq!(yard.apply(&steps)?, 0, "{acted}");
        assert_eq!(yard.found(order)?, untouched(), "{acted}");
    }
    Ok(())
}

#[test]
fn the_next_round_raises_to_the_next_level() -> Result<()> {
    let mut yard = Yard::open()?;
    yard.world.change("update public.escalation_rules set repeat_count = 1 where id = $1", &[&yard.rule])?;
    let order = yard.work_order(&json!({}))?;
    for (level, raised) in [(1, 1), (2, 1), (2, 0)] {
        let steps = yard.steps()?;
        assert_eq!(yard.apply(&steps)?, raised);
        assert_eq!(yard.found(order)?["level"], level);
        yard.now += TimeDelta::hours(1);
    }
    Ok(())
}

#[test]
fn only_what_waits_for_someone_is_a_candidate() -> Result<()> {
    let mut yard = Yard::open()?;
    let technician = yard.world.person("technician", yard.warehouse)?.id;
    let mut expected = BTreeSet::new();
    for (status, waits) in [
        ("new", true),
        ("assigned", true),
        ("in_progress", true),
        ("on_hold", false),
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
    }
    let found: BTreeSet<_> = yard.candidates(100)?.iter().map(|candidate| candidate.id.0).collect();
    assert_eq!(found, expected);
    Ok(())
}

#[test]
fn the_urgent_sweep_sees_what_is_urgent() -> Result<()> {
    let mut yard = Yard::open()?;
    let emergency = yard.work_order(&json!({"type": "emergency", "priority": "low"}))?;
    let critical = yard.work_order(&json!({"priority": "critical"}))?;
    yard.work_order(&json!({"priority": "high"}))?;
    let found = yard.sweep(yard.now - TimeDelta::hours(1), true, 100)?;
    let found: BTreeSet<_> = found.iter().map(|candidate| candidate.id.0).collect();
    assert_eq!(found, BTreeSet::from([emergency, critical]));
    Ok(())
}

#[test]
fn pages_of_one_visit_each_once_also_where_times_are_equal() -> Result<()> {
    let mut yard = Yard::open()?;
    let mut expected = Vec::new();
    // Long ago, so that only a few others are on the way.
    for time in ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00.000001Z", "2001-01-01T00:00:00.000002Z"] {
        let mut same_time = Vec::new();
        for _ in 0..3 {
            same_time.push(yard.work_order(&json!({"last_activity_at": time}))?);
        }
        same_time.sort_unstable();
        expected.extend(same_time);
    }
    let found = yard.sweep("2001-01-02T00:00:00Z".parse()?, false, 1)?;
    assert_eq!(found.iter().map(|candidate| candidate.id.0).collect::<Vec<_>>(), expected);
    Ok(())
}
