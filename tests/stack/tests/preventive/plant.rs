//! A site with machines and templates of its own, and all that firings leave behind there.

use chrono::{DateTime, Utc};
use millwright_stack_tests::{Alone, Api, Cron, Site, alone};
use serde_json::{Value, json};

pub(crate) const GENERATE: Cron = Cron::of("pm-scheduler", "0 2 * * *");
pub(crate) const ARCHIVE: Cron = Cron::of("pm-scheduler", "30 2 * * *");

/// Three in the night of a Monday in Amsterdam, in the week before clocks go forward. It is so long ago that nothing of
/// anybody else's is due.
pub(crate) const NIGHT: &str = "2026-03-23T02:00:00Z";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A firing looks at everyone's schedules: one test at a time, so that each can say what is due.
pub(crate) struct Plant {
    pub(crate) api: Api,
    pub(crate) site: Site,
    supervisor: String,
    _alone: Alone,
}

impl Drop for Plant {
    fn drop(&mut self) {
        // Nothing of it is due for whoever comes next, and no sweep need look at it.
        self.api.tell(&format!(
            "update public.pm_templates set active = false where warehouse_id = '{0}';
             delete from private.escalation_clocks c using public.work_orders w
               where w.id = c.work_order_id and w.warehouse_id = '{0}'",
            self.site.warehouse
        ));
    }
}

impl Plant {
    /// With so many machines of a model of its own.
    pub(crate) fn open(machines: usize) -> Self {
        let alone = alone();
        let api = Api::open();
        let site = Site::build(&api);
        let (mark, warehouse) = (&site.mark, &site.warehouse);
        api.tell(&format!(
            "insert into public.equipment (asset_tag, name, model, warehouse_id)
               select '{mark}-' || n, 'Press', '{mark}', '{warehouse}' from generate_series(1, {machines}) n"
        ));
        let supervisor = site.token(&api, "supervisor");
        Self { api, site, supervisor, _alone: alone }
    }

    /// A template for all of them: on Wednesdays since the beginning of the year, three days ahead, whatever is still open.
    pub(crate) fn template(&self, title: &str, more: &Value) -> String {
        let mut template = json!({"title": title, "equipment_model": self.site.mark, "warehouse_id": self.site.warehouse,
            "rrule": "FREQ=WEEKLY;BYDAY=WE", "starts_on": "2026-01-01", "lead_time_days": 3, "overlap": "generate"});
        template.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let template = self.api.post(&self.supervisor, "/api/v1/pm/templates", &template).expect(201);
        template["id"].as_str().unwrap().to_owned()
    }

    /// Gives a template so many things to look at.
    pub(crate) fn checklist(&self, template: &str, items: usize) {
        self.api.tell(&format!(
            "insert into public.pm_template_items (template_id, position, component, action)
               select '{template}', n, 'Part ' || n, 'Look' from generate_series(1, {items}) n"
        ));
    }

    /// [`Self::template`] with two things to look at and somebody who is told; and every tenth day, from completion.
    pub(crate) fn round_and_grease(&self) {
        let technician = self.site.person(&self.api, "technician");
        let round = self.template("Round", &json!({"default_assignee_id": technician}));
        self.checklist(&round, 2);
        let floating =
            json!({"rrule": "FREQ=DAILY;INTERVAL=10", "starts_on": "2026-03-24", "basis": "floating"});
        self.template("Grease", &floating);
    }

    /// The result of one firing in that [`NIGHT`] on [`Self::round_and_grease`], for so many machines.
    pub(crate) fn after_a_night(machines: usize) -> Value {
        json!([
            // It goes on when it is done.
            ["Grease", machines, null, null, [["2026-03-24", "generated", "new", 0, 0, 0]], null],
            [
                "Round",
                machines,
                "2026-04-01",
                "2026-03-29",
                [["2026-03-25", "generated", "assigned", 2, 1, 0]],
                null
            ],
        ])
    }

    /// All that firings leave behind: for each title and what its schedules have in common, how many they are, the next
    /// date, when it is looked at, each decision, and how many dates each event tells as missed. A decision is its due date,
    /// what was decided, and the work order's status with how many checklist items, events and entries of the history it has.
    pub(crate) fn found(&self) -> Value {
        let warehouse = &self.site.warehouse;
        let found = self.api.ask(&format!(
            "with missed as (select v.details ->> 'schedule_id' as schedule_id, jsonb_agg(v.details -> 'missed') as dates
               from public.events v where v.warehouse_id = '{warehouse}' and v.kind = 'missed_pm' group by 1),
             opened as (select w.id, w.status,
                 (select count(*) from public.checklist_items c where c.work_order_id = w.id) as items,
                 (select count(*) from public.events v where v.work_order_id = w.id) as events,
                 (select count(*) from public.work_order_history h where h.work_order_id = w.id) as entries
               from public.work_orders w where w.warehouse_id = '{warehouse}'),
             mine as (select s.id, t.title, s.next_due_on, s.generate_on from public.pm_schedules s
               join public.equipment e on e.id = s.equipment_id and e.warehouse_id = '{warehouse}'
               join public.pm_templates t on t.id = s.template_id),
             decided as (select o.schedule_id, jsonb_agg(jsonb_build_array(o.due_on, o.decision, w.status,
                 coalesce(w.items, 0), coalesce(w.events, 0), coalesce(w.entries, 0)) order by o.due_on) as dates
               from mine join public.pm_occurrences o on o.schedule_id = mine.id left join opened w on w.id = o.work_order_id
               group by 1),
             line as (select title, next_due_on, generate_on, decided.dates as decided, missed.dates as missed
               from mine left join decided on decided.schedule_id = mine.id
               left join missed on missed.schedule_id = mine.id::text),
             alike as (select *, count(*) as machines from line group by title, next_due_on, generate_on, decided, missed)
             select jsonb_build_array(
               (select count(*) from opened) - (select count(*) from public.pm_occurrences o join opened on opened.id = o.work_order_id),
               (select jsonb_agg(jsonb_build_array(title, machines, next_due_on, generate_on, decided, missed)
                 order by title, next_due_on) from alike))"
        ));
        let [strays, lines]: [Value; 2] = serde_json::from_str(&found).unwrap();
        assert_eq!(strays, 0, "a work order that nobody decided on");
        lines
    }

    /// The numbers of schedules and of work orders.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let counts = self.api.ask(&format!(
            "select jsonb_build_array((select count(*) from public.pm_schedules s join public.equipment e
                 on e.id = s.equipment_id where e.warehouse_id = '{0}'),
               (select count(*) from public.work_orders where warehouse_id = '{0}'))",
            self.site.warehouse
        ));
        serde_json::from_str(&counts).unwrap()
    }
}
