//! More work orders than a firing reads at once, and how many of them are raised.

use chrono::{DateTime, Utc};
use millwright_stack_tests::now;
use serde_json::{Value, json};

use crate::yard::{FULL, Yard};

/// Work orders that a firing reads and writes together.
pub(crate) const PAGE: usize = 1_000;

/// A yard where so many have waited too long.
pub(crate) struct Crowd {
    pub(crate) yard: Yard,
    size: usize,
    /// The moment at which they are late, and nobody else's are.
    pub(crate) late: DateTime<Utc>,
}

impl Crowd {
    pub(crate) fn open(size: usize) -> Self {
        let yard = Yard::open();
        // Nobody here is told of a webhook, which spares the mail catcher.
        yard.rule(&json!({"repeat_count": 0}), &["webhook"]);
        let late = now(&yard.api);
        // The first sweep takes all others that are due then.
        yard.sweep(FULL, late);
        // Preventive, so that no supervisor hears of each one that is opened.
        yard.api.tell(&format!(
            "insert into public.work_orders (type, title, warehouse_id, last_activity_at)
               select 'preventive', 'Waits', '{}', to_timestamp({}) - interval '2 hours' from generate_series(1, {size})",
            yard.site.warehouse,
            late.timestamp()
        ));
        Self { yard, size, late }
    }

    /// The number raised, each once and with all that belongs to it: a step, an event, an entry of the history.
    pub(crate) fn raised(&self) -> usize {
        let found = self.yard.api.ask(&format!(
            "with mine as (select * from public.work_orders where warehouse_id = '{}')
             select jsonb_build_object('orders', (select count(*) from mine),
               'raised', (select count(*) from mine where escalated and escalation_level = 1),
               'untouched', (select count(*) from mine where not escalated and escalation_level = 0),
               'steps', (select count(*) from public.escalations s join mine on mine.id = s.work_order_id),
               'stepped', (select count(distinct s.work_order_id) from public.escalations s join mine on mine.id = s.work_order_id),
               'events', (select count(*) from public.events v join mine on mine.id = v.work_order_id and v.kind = 'wo_escalation'),
               'told', (select count(distinct v.work_order_id) from public.events v join mine on mine.id = v.work_order_id and v.kind = 'wo_escalation'),
               'entries', (select count(*) from public.work_order_history h join mine on mine.id = h.work_order_id
                 where h.changes ? 'escalation_level'))",
            self.yard.site.warehouse
        ));
        let found: Value = serde_json::from_str(&found).unwrap();
        let raised = found["raised"].as_u64().unwrap();
        let all = json!({"orders": self.size, "raised": raised, "untouched": self.size as u64 - raised, "steps": raised,
            "stepped": raised, "events": raised, "told": raised, "entries": raised});
        assert_eq!(found, all);
        usize::try_from(raised).unwrap()
    }

    /// That firings which may do all they want raise the rest, and none twice.
    pub(crate) fn ends_well(&self) {
        self.yard.sweep(FULL, self.late);
        assert_eq!(self.raised(), self.size);
        self.yard.sweep(FULL, self.late);
        assert_eq!(self.raised(), self.size);
    }
}
