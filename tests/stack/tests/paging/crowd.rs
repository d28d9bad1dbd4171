//! Twenty thousand work orders in a warehouse of their own, and what happens to a thousand of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

use crate::PATH;

/// Work orders at first.
const SEEDED: usize = 20_000;

/// Inserts, moves, edits and archivings, all in all.
pub(crate) const WRITES: usize = 1_000;

/// One thing that happens to a work order.
enum Write {
    Insert(usize),
    /// Another priority and another due date: another place in the orders by these.
    Move(String, usize),
    /// Another description: no order is by that.
    Edit(String),
    Archive(String),
}

/// The work orders of one test, and what is still to be done with them.
pub(crate) struct Crowd<'a> {
    api: &'a Api,
    site: &'a Site,
    supervisor: String,
    writes: Vec<Write>,
    next: AtomicUsize,
    /// Nobody writes to them.
    pub(crate) untouched: BTreeSet<String>,
    /// They get another description.
    pub(crate) edited: BTreeSet<String>,
    /// They get another priority and another due date, once.
    pub(crate) moved: BTreeSet<String>,
}

impl<'a> Crowd<'a> {
    /// Seeds them: completed preventive work, which nobody is told of and no job touches. Many are due at the same
    /// time, every third never, and all were created at the same moment.
    pub(crate) fn seed(api: &'a Api, site: &'a Site) -> Self {
        let (warehouse, technician) = (&site.warehouse, site.person(api, "technician"));
        api.tell(&format!(
            "insert into public.work_orders
               (type, title, priority, status, completed_at, completed_by, due_at, warehouse_id)
             select 'preventive', 'Lubricate ' || n, (array['low', 'medium', 'high', 'critical'])[1 + n % 4], 'completed', now(),
               '{technician}', case when n % 3 > 0 then timestamptz '2027-01-01' + n % 499 * interval '1 hour' end,
               '{warehouse}'
             from generate_series(1, {SEEDED}) n"
        ));
        api.tell("analyze public.work_orders");
        // In an order that has nothing to do with any that is asked for.
        let ids = api.ask(&format!(
            "select string_agg(id::text, ' ' order by md5(id::text)) from public.work_orders
             where warehouse_id = '{warehouse}'"
        ));
        let mut ids = ids.split(' ').map(str::to_owned);
        let (mut edited, mut moved) = (BTreeSet::new(), BTreeSet::new());
        let writes = (0..WRITES).map(|n| match n % 4 {
            0 => Write::Insert(n),
            1 => Write::Archive(ids.next().unwrap()),
            2 => {
                let id = ids.next().unwrap();
                edited.insert(id.clone());
                Write::Edit(id)
            }
            _ => {
                let id = ids.next().unwrap();
                moved.insert(id.clone());
                Write::Move(id, n)
            }
        });
        let writes = writes.collect();
        let supervisor = site.token(api, "supervisor");
        let next = AtomicUsize::new(0);
        Self { api, site, supervisor, writes, next, untouched: ids.collect(), edited, moved }
    }

    /// Does the next of the thousand writes, if there is one left.
    pub(crate) fn write(&self, api: &Api) {
        match self.writes.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            None => {}
            Some(Write::Insert(n)) => {
                let order = with_place(*n, json!({"type": "preventive", "title": "In between"}));
                api.post(&self.supervisor, PATH, &order).expect(201);
            }
            Some(Write::Move(id, n)) => self.patch(api, id, &with_place(*n, json!({}))),
            Some(Write::Edit(id)) => {
                self.patch(api, id, &json!({"description": "Grease, not oil"}));
            }
            Some(Write::Archive(id)) => {
                api.tell(&format!("update public.work_orders set archived_at = now() where id = '{id}'"));
            }
        }
    }

    fn patch(&self, api: &Api, id: &str, changes: &Value) {
        api.patch(&self.supervisor, &format!("{PATH}/{id}"), "", changes).expect(200);
    }

    /// The number of writes that have been begun.
    pub(crate) fn begun(&self) -> usize {
        self.next.load(Ordering::Relaxed).min(WRITES)
    }
}

/// A priority and a due date somewhere among the others.
fn with_place(n: usize, mut order: Value) -> Value {
    let (day, priorities) = (1 + n * 7 % 28, ["low", "medium", "high", "critical"]);
    order["priority"] = priorities[n / 4 % 4].into();
    order["due_at"] =
        if n.is_multiple_of(5) { Value::Null } else { format!("2027-01-{day:02}T06:00:00Z").into() };
    order
}

impl Drop for Crowd<'_> {
    /// Work orders with a history stay, as history is never deleted. They are completed, so no job touches them.
    fn drop(&mut self) {
        let statement = format!(
            "delete from public.work_orders w where warehouse_id = '{}'
             and not exists (select from public.work_order_history h where h.work_order_id = w.id)",
            self.site.warehouse
        );
        // Not a failure of the test: whoever runs into the leftovers is told by this line.
        let deleted = self.api.stack.connect().map(|mut database| database.batch_execute(&statement));
        if !matches!(deleted, Ok(Ok(()))) {
            eprintln!("the work orders of {} were not deleted", self.site.mark);
        }
    }
}
