//! The scheduler in a database that nobody else uses, fired natively with pages of two schedules.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use millwright_contract_tests::{Caller, World};
use millwright_domain::schedule::plan_page;
use millwright_store::StoreError;
use millwright_store::preventive::{apply, due, put_off, sync_schedules};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const MACHINES: usize = 5;
/// So few that a firing has several pages.
const PAGE: usize = 2;

/// A database that nobody else uses.
pub(crate) struct IsolatedScheduler {
    pub(crate) world: World,
}

/// A warehouse whose machines have a template.
pub(crate) struct Warehouse {
    pub(crate) id: Uuid,
}

impl IsolatedScheduler {
    pub(crate) fn start(name: &str) -> Result<Self> {
        let mut world = World::aside(name)?;
        // Nothing but what a test makes is due.
        world.sql.batch_execute("update public.pm_templates set active = false")?;
        Ok(Self { world })
    }

    /// Weekly on Wednesdays since the beginning of the year, three days ahead; and every tenth day, from completion.
    pub(crate) fn warehouse(&mut self, more: &Value) -> Result<Warehouse> {
        let world = &mut self.world;
        world.name = Uuid::now_v7().simple().to_string();
        let warehouse = world.warehouse("Europe/Amsterdam")?;
        let technician = world.person("technician", warehouse)?.id;
        for _ in 0..MACHINES {
            world.machine(warehouse)?;
        }
        let round = json!({"title": "Round", "equipment_model": world.name, "warehouse_id": warehouse, "lead_time_days": 3,
            "rrule": "FREQ=WEEKLY;BYDAY=WE", "starts_on": "2026-01-01", "overlap": "generate",
            "default_assignee_id": technician});
        let round = world.insert("pm_templates", &millwright_contract_tests::with(round, more))?;
        let floating = json!({"title": "Grease", "equipment_model": world.name, "warehouse_id": warehouse,
            "rrule": "FREQ=DAILY;INTERVAL=10", "starts_on": "2026-03-24", "lead_time_days": 3, "basis": "floating"});
        world.insert("pm_templates", &floating)?;
        world.change(
            "insert into public.pm_template_items (template_id, position, component, action)
             values ($1, 1, 'Belt', 'Look'), ($1, 2, 'Guard', 'Shake')",
            &[&round],
        )?;
        Ok(Warehouse { id: warehouse })
    }

    pub(crate) fn scheduler(&self) -> Result<Caller> {
        self.world.caller("function:pm-scheduler")
    }

    /// All that a firing leaves behind, without ids and numbers.
    pub(crate) fn left_behind(&mut self, warehouse: &Warehouse) -> Result<Value> {
        self.world.value(
            "jsonb_build_object(
              'orders', (select jsonb_agg(jsonb_build_array(w.title, w.due_at, w.status, a.row, i.n, v.n, h.n) order by w.title, w.due_at, a.row)
                from public.work_orders w
                join (select id, row_number() over (order by id) as row from public.equipment where warehouse_id = $1) a
                  on a.id = w.equipment_id
                cross join lateral (select count(*) as n from public.checklist_items where work_order_id = w.id) i
                cross join lateral (select count(*) as n from public.events where work_order_id = w.id) v
                cross join lateral (select count(*) as n from public.work_order_history where work_order_id = w.id) h
                where w.warehouse_id = $1),
              'decisions', (select jsonb_agg(jsonb_build_array(t.title, o.due_on, o.decision, o.reason) order by t.title, o.due_on, o.decision)
                from public.pm_occurrences o
                join public.pm_schedules s on s.id = o.schedule_id join public.pm_templates t on t.id = s.template_id
                where t.warehouse_id = $1),
              'missed', (select jsonb_agg(details -> 'missed') from public.events where warehouse_id = $1 and kind = 'missed_pm'),
              'next', (select jsonb_agg(jsonb_build_array(t.title, s.next_due_on, s.generate_on, s.last_work_order_id is null)
                  order by t.title, s.id)
                from public.pm_schedules s join public.pm_templates t on t.id = s.template_id where t.warehouse_id = $1))",
            &[&warehouse.id],
        )
    }

    pub(crate) fn count(&mut self, of: &str, warehouse: &Warehouse) -> Result<i64> {
        let count = self
            .world
            .value(&format!("select count(*) from {of} where warehouse_id = $1"), &[&warehouse.id])?;
        count.as_i64().context("a number")
    }
}

/// One firing of the function: schedules in step, then page after page.
pub(crate) fn fire(scheduler: &Caller, now: DateTime<Utc>) -> Result<(), StoreError> {
    scheduler.ask(async |session| {
        let mut further = None;
        loop {
            further = sync_schedules(&session, now, further, PAGE).await?.further;
            if further.is_none() {
                break;
            }
        }
        let mut after = None;
        loop {
            let page = due(&session, now, after.as_ref(), PAGE).await?;
            after = page.end();
            let planned = plan_page(page.schedules, page.templates, page.warehouses);
            if !planned.problems.is_empty() {
                put_off(&session, now, &planned.problems).await?;
            }
            if !planned.plans.is_empty() {
                apply(&session, now, &planned.plans).await?;
            }
            if after.is_none() {
                return Ok(());
            }
        }
    })
}

pub(crate) fn at(text: &str) -> Result<DateTime<Utc>> {
    Ok(text.parse()?)
}
