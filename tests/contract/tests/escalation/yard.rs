//! A warehouse in which work waits, and what a firing does there.

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use millwright_contract_tests::{Caller, World, with};
use millwright_domain::escalation::{Decision, People, Person, Rulebook, Scope, WorkOrder, decide};
use millwright_store::escalation::{apply, book, page};
use serde_json::{Value, json};
use uuid::Uuid;

/// A warehouse with a rule of its own, orders that have waited two hours, and the function that looks after them.
pub(crate) struct Yard {
    pub(crate) world: World,
    pub(crate) checker: Caller,
    pub(crate) warehouse: Uuid,
    pub(crate) rule: Uuid,
    pub(crate) now: DateTime<Utc>,
}

impl Yard {
    pub(crate) fn open() -> Result<Self> {
        Self::in_world(World::open()?)
    }

    pub(crate) fn in_world(mut world: World) -> Result<Self> {
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

    pub(crate) fn work_order(&mut self, more: &Value) -> Result<Uuid> {
        let waited = json!({"last_activity_at": self.now - TimeDelta::hours(2)});
        self.world.work_order(self.warehouse, &with(waited, more))
    }

    /// This warehouse's among all whose moment has come, page by page.
    pub(crate) fn found_by(&self, urgent_only: bool, limit: usize) -> Result<Vec<WorkOrder>> {
        Ok(self.asked(urgent_only, limit)?.0)
    }

    /// The same, with those whom their work could be given to.
    fn asked(&self, urgent_only: bool, limit: usize) -> Result<(Vec<WorkOrder>, Vec<Person>)> {
        let (mut seen, mut people, mut after) = (Vec::new(), Vec::new(), None);
        for _ in 0..10_000 {
            let page = self
                .checker
                .ask(async |session| page(&session, self.now, urgent_only, after.as_ref(), limit).await)?;
            ensure!(page.work_orders.len() <= limit, "too many on a page");
            after = page.end();
            if after.is_none() {
                return Ok((seen, people));
            }
            people.extend(
                page.people.read.into_iter().filter(|person| person.warehouse_id.0 == self.warehouse),
            );
            let orders = page.work_orders.read.into_iter();
            seen.extend(orders.filter(|order| order.warehouse_id.0 == self.warehouse));
        }
        bail!("paging does not end")
    }

    /// The decisions on this warehouse's work orders at `self.now`.
    pub(crate) fn decisions(&self, scope: Scope) -> Result<Vec<Decision>> {
        let book = self.checker.ask(async |session| book(&session).await)?;
        let (book, _) = Rulebook::read(book.rules, book.warehouses);
        let (orders, people) = self.asked(scope == Scope::Urgent, 100)?;
        let mut people = People::new(people);
        Ok(orders.iter().map(|order| decide(self.now, scope, order, &book, &mut people)).collect())
    }

    /// Writes the decisions; answers with how many were raised.
    pub(crate) fn apply(&self, decisions: &[Decision]) -> Result<u64> {
        raise(&self.checker, self.now, decisions)
    }

    /// A firing: how many were raised in this warehouse.
    pub(crate) fn fire(&self) -> Result<u64> {
        self.apply(&self.decisions(Scope::Every)?)
    }

    /// A column of a work order.
    pub(crate) fn seen(&mut self, work_order: Uuid, column: &str) -> Result<Value> {
        self.world.value(&format!("select {column} from public.work_orders where id = $1"), &[&work_order])
    }

    /// The escalation of a work order: its level, its rows, its events of that kind.
    pub(crate) fn found(&mut self, work_order: Uuid) -> Result<Value> {
        self.world.value(
            "select jsonb_build_object('level', w.escalation_level, 'escalated', w.escalated,
               'rows', (select jsonb_agg(jsonb_build_array(e.rule_id, e.level, e.action)) from public.escalations e
                 where e.work_order_id = w.id),
               'events', (select jsonb_agg(v.details - '{reason,rule_id}'::text[]) from public.events v
                 where v.work_order_id = w.id and v.kind = 'wo_escalation'))
             from public.work_orders w where id = $1",
            &[&work_order],
        )
    }

    /// The same, when it was raised to the first level by this warehouse's rule.
    pub(crate) fn raised_once(&self) -> Value {
        json!({"level": 1, "escalated": true, "rows": [[self.rule, 1, "notify_supervisor"]],
            "events": [{"level": 1, "action": "notify_supervisor"}]})
    }
}

pub(crate) fn raise(checker: &Caller, now: DateTime<Utc>, decisions: &[Decision]) -> Result<u64> {
    let counts = checker.ask(async |session| apply(&session, now, decisions).await)?.counts;
    counts.get("escalated").and_then(Value::as_u64).context("no count")
}

/// The work orders that are raised.
pub(crate) fn raised(decisions: &[Decision]) -> Vec<Uuid> {
    decisions.iter().filter(|d| d.step.is_some()).map(|d| d.work_order_id.0).collect()
}

pub(crate) fn untouched() -> Value {
    json!({"level": 0, "escalated": false, "rows": null, "events": null})
}
