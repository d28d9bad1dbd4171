//! Machines with a template. Everything is due in a year in which nothing else is.

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use millwright_contract_tests::{Caller, World, with};
use millwright_domain::id::ScheduleId;
use millwright_domain::schedule::{DueSchedule, Plan, Template, Warehouse, plan_page};
use millwright_store::preventive::{apply, due, sync_schedules};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The Saturday before clocks go forward in Denver.
pub(crate) const SATURDAY: &str = "2080-03-09";

/// What is due of a site.
#[derive(Default)]
pub(crate) struct Due {
    pub(crate) schedules: Vec<DueSchedule>,
    pub(crate) templates: Vec<Template>,
    pub(crate) warehouses: Vec<Warehouse>,
}

/// A warehouse in Denver with a machine and a daily template, generated a day ahead.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) scheduler: Caller,
    pub(crate) warehouse: Uuid,
    pub(crate) machine: Uuid,
    pub(crate) template: Uuid,
}

impl Site {
    pub(crate) fn open() -> Result<Self> {
        Self::open_in("America/Denver", &json!({}))
    }

    /// `more` says what else the template is.
    pub(crate) fn open_in(time_zone: &str, more: &Value) -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse(time_zone)?;
        let machine = world.machine(warehouse)?;
        let daily = json!({"title": "Daily look", "equipment_model": world.name, "warehouse_id": warehouse,
            "rrule": "FREQ=DAILY", "starts_on": SATURDAY, "lead_time_days": 1, "overlap": "generate"});
        let template = world.insert("pm_templates", &with(daily, more))?;
        world.change(
            "insert into public.pm_template_items (template_id, position, component, action)
             values ($1, 1, 'Belt', 'Look'), ($1, 2, 'Guard', 'Shake')",
            &[&template],
        )?;
        let scheduler = world.caller("function:pm-scheduler")?;
        Ok(Self { world, scheduler, warehouse, machine, template })
    }

    /// Syncs as of today, so that machines of other tests get no schedules out of their time.
    pub(crate) fn sync(&mut self) -> Result<Map<String, Value>> {
        let now = self.world.now()?;
        Ok(self.scheduler.ask(async |session| sync_schedules(&session, now, None, 10_000).await)?.counts)
    }

    /// Opens the site's schedules.
    pub(crate) fn synced(mut self) -> Result<Self> {
        self.sync()?;
        Ok(self)
    }

    /// The template's schedules, as they are stored.
    pub(crate) fn schedules(&mut self) -> Result<Value> {
        self.world.value(
            "select jsonb_agg(s order by s.id) from public.pm_schedules s where s.template_id = $1",
            &[&self.template],
        )
    }

    /// Those that are due at `now`, among all that are, page by page.
    pub(crate) fn due(&mut self, now: &str, limit: usize) -> Result<Due> {
        let mine = self.world.value(
            "select coalesce(jsonb_agg(id), '[]') from public.pm_schedules where template_id = $1",
            &[&self.template],
        )?;
        let mine: Vec<ScheduleId> = serde_json::from_value(mine)?;
        let now = time(now)?;
        let (mut seen, mut after) = (Due::default(), None);
        loop {
            let page = self.scheduler.ask(async |session| due(&session, now, after.as_ref(), limit).await)?;
            after = page.end();
            ensure!(page.schedules.len() <= limit && seen.schedules.len() < 10_000, "paging does not end");
            if page.schedules.is_empty() {
                seen.schedules.retain(|schedule| mine.contains(&schedule.id));
                return Ok(seen);
            }
            seen.schedules.extend(page.schedules.read);
            seen.templates.extend(page.templates.read);
            seen.warehouses.extend(page.warehouses.read);
        }
    }

    /// The domain's plans for those that are due.
    pub(crate) fn plans(&mut self, now: &str) -> Result<Vec<Plan>> {
        let page = self.due(now, 1000)?;
        let planned = plan_page(page.schedules.into(), page.templates.into(), page.warehouses.into());
        ensure!(planned.problems.is_empty(), "{:?}", planned.problems);
        Ok(planned.plans)
    }

    /// Plans and writes what is due at `now`.
    pub(crate) fn fire(&mut self, now: &str) -> Result<[u64; 3]> {
        let plans = self.plans(now)?;
        self.apply(now, &plans)
    }

    /// Writes plans; answers with schedules, work orders and missed ones.
    pub(crate) fn apply(&self, now: &str, plans: &[Plan]) -> Result<[u64; 3]> {
        write(&self.scheduler, now, plans)
    }

    /// The template's occurrences: `[date, decision, due_at, status, checklist, kinds of events]` each.
    pub(crate) fn generated(&mut self) -> Result<Value> {
        self.world.value(
            "select coalesce(jsonb_agg(jsonb_build_array(o.due_on, o.decision, w.due_at at time zone 'UTC', w.status,
               (select jsonb_agg(i.action order by i.position) from public.checklist_items i where i.work_order_id = w.id),
               (select jsonb_agg(e.kind) from public.events e where e.work_order_id = w.id)) order by o.due_on), '[]')
             from public.pm_occurrences o join public.pm_schedules s on s.id = o.schedule_id
             left join public.work_orders w on w.id = o.work_order_id
             where s.template_id = $1",
            &[&self.template],
        )
    }

    /// The number of work orders in its warehouse.
    pub(crate) fn work_orders(&mut self) -> Result<Value> {
        self.world
            .value("select count(*) from public.work_orders where warehouse_id = $1", &[&self.warehouse])
    }

    /// Takes the machine out of service, or back into it.
    pub(crate) fn put(&mut self, status: &str) -> Result<()> {
        let put = "update public.equipment set status = $2::text::public.equipment_status where id = $1";
        self.world.change(put, &[&self.machine, &status])
    }
}

pub(crate) fn write(scheduler: &Caller, now: &str, plans: &[Plan]) -> Result<[u64; 3]> {
    let now = time(now)?;
    let counts = scheduler.ask(async |session| apply(&session, now, plans).await)?.counts;
    let count =
        |of: &str| counts.get(of).and_then(Value::as_u64).with_context(|| format!("no count of {of}"));
    Ok([count("schedules")?, count("generated")?, count("missed")?])
}

fn time(text: &str) -> Result<DateTime<Utc>> {
    Ok(text.parse()?)
}
