//! Two alike warehouses in a database of their own, everyone who asks, and what rows hang on.

use crate::matrix::rule::{Place, Row, Rule};
use crate::rooms::{Room, Rooms};
use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, World, with};
use millwright_domain::work_order::Status;
use postgres::types::ToSql;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Everything that a case needs.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) here: Room,
    pub(crate) there: Room,
    /// Someone in each warehouse who asks nothing.
    colleague: [Person; 2],
    callers: BTreeMap<&'static str, Caller>,
    keys: BTreeMap<String, Vec<String>>,
    orders: BTreeMap<(Place, Uuid), Uuid>,
    numbers: i32,
}

/// The place of a row that is to be made, and the person it is for.
pub(crate) struct At<'a> {
    scene: &'a mut Scene,
    pub(crate) place: Place,
    /// The person who will ask for it.
    pub(crate) person: Person,
}

/// A row that is there, or is about to be.
pub(crate) struct Made {
    pub(crate) row: Row,
    /// Its key: null when it is not there.
    pub(crate) key: Value,
}

impl Scene {
    /// `name` tells its database from those of other tests.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let Rooms { mut world, here, there } = Rooms::on(World::aside(name)?)?;
        let colleague = [world.person("technician", here.id)?, world.person("technician", there.id)?];
        let mut callers = BTreeMap::new();
        for person in &here.people {
            callers.insert(person.role, world.caller(&person.email)?);
        }
        let keys = keys(&mut world)?;
        Ok(Self { world, here, there, colleague, callers, keys, orders: BTreeMap::new(), numbers: 0 })
    }

    pub(crate) fn caller(&self, role: &str) -> Result<&Caller> {
        self.callers.get(role).with_context(|| format!("no {role} asks"))
    }

    /// The columns that tell a table's rows apart.
    pub(crate) fn key(&self, table: &str) -> Result<&[String]> {
        self.keys.get(table).map(Vec::as_slice).with_context(|| format!("there is no table {table}"))
    }

    /// Makes a row of this table for someone, as superuser, or only what it hangs on.
    pub(crate) fn make(&mut self, rule: &Rule, place: Place, who: &str, wholly: bool) -> Result<Made> {
        let person = self.here.person(who)?.clone();
        let row = (rule.row)(&mut At { scene: self, place, person })
            .with_context(|| format!("making a row of {} for {who} ({place:?})", rule.table()))?;
        if !wholly {
            return Ok(Made { row, key: Value::Null });
        }
        let made = if row.exists {
            row.said.clone()
        } else {
            self.acting_as(row.by)?;
            let made = self.world.insert_row(rule.table(), &with(row.said.clone(), &row.filled));
            self.acting_as(None)?;
            made?
        };
        let columns = self.key(rule.table())?.iter();
        let key: Map<_, _> =
            columns.map(|column| (column.clone(), made.get(column).cloned().unwrap_or_default())).collect();
        Ok(Made { row, key: Value::Object(key) })
    }

    /// Takes someone out of service, or back.
    pub(crate) fn set_active(&mut self, role: &str, active: bool) -> Result<()> {
        let person = self.here.person(role)?.id;
        self.world.change("update public.profiles set active = $2 where id = $1", &[&person, &active])
    }

    /// Ends work, and nothing else with it: what hangs on it stays there.
    pub(crate) fn end_work(&mut self, order: Uuid, status: Status) -> Result<()> {
        self.past_triggers(
            "update public.work_orders set status = $2::text, completed_at = now(), completed_by = requested_by where id = $1",
            &[&order, &status.word()],
        )
    }

    /// As it was.
    pub(crate) fn take_work_up_again(&mut self, order: Uuid) -> Result<()> {
        self.past_triggers(
            "update public.work_orders set status = case when assigned_to is null then 'new' else 'assigned' end,
               completed_at = null, completed_by = null where id = $1",
            &[&order],
        )
    }

    /// Begins work, and nothing else with it.
    pub(crate) fn begin_work(&mut self, order: Uuid) -> Result<()> {
        self.past_triggers(
            "update public.work_orders set status = 'in_progress', assigned_to = coalesce(assigned_to, requested_by) where id = $1",
            &[&order],
        )
    }

    fn past_triggers(&mut self, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<()> {
        self.world.sql.batch_execute("set session_replication_role = replica")?;
        self.world.change(statement, parameters)?;
        Ok(self.world.sql.batch_execute("reset session_replication_role")?)
    }

    /// Whom triggers take the superuser for.
    fn acting_as(&mut self, person: Option<Uuid>) -> Result<()> {
        let claims = person.map(|id| json!({"sub": id}).to_string()).unwrap_or_default();
        self.world.sql.execute("select set_config('request.jwt.claims', $1, false)", &[&claims])?;
        Ok(())
    }
}

impl At<'_> {
    fn room(&self) -> &Room {
        if matches!(self.place, Place::There | Place::Moved) { &self.scene.there } else { &self.scene.here }
    }

    /// The warehouse; null for what is everywhere.
    pub(crate) fn warehouse(&self) -> Option<Uuid> {
        (self.place != Place::Everywhere).then(|| self.room().id)
    }

    /// Whose it is: theirs where it is their own, and else a colleague's.
    pub(crate) fn owner(&self) -> Uuid {
        let [here, there] = &self.scene.colleague;
        match self.place {
            Place::Mine | Place::Moved => self.person.id,
            Place::There => there.id,
            _ => here.id,
        }
    }

    /// A word that nothing else has.
    pub(crate) fn word() -> String {
        Uuid::now_v7().to_string()
    }

    /// A small number that no other row has.
    pub(crate) fn number(&mut self) -> i32 {
        self.scene.numbers += 1;
        self.scene.numbers
    }

    /// A code that no other warehouse has.
    pub(crate) fn code(&mut self) -> String {
        format!("W-{}", self.number())
    }

    /// An hour that no other row has.
    pub(crate) fn hour(&mut self) -> String {
        let hour = self.number();
        format!("{}-01-{:02}T{:02}:00:00Z", 2000 + hour / 672, 1 + hour / 24 % 28, hour % 24)
    }

    /// A machine; where the place says so, one that there is such a work order for.
    pub(crate) fn machine(&mut self) -> Result<Uuid> {
        let room = self.room().id;
        let machine = self.scene.world.machine(room)?;
        if matches!(self.place, Place::Assigned | Place::Crew | Place::Requested) {
            self.work_order_with(&json!({"equipment_id": machine}))?;
        }
        Ok(machine)
    }

    /// The requester and the assignee of a work order of this place.
    pub(crate) fn people(&self) -> Value {
        let (me, colleague) = (self.person.id, self.owner());
        match self.place {
            Place::Assigned => json!({"requested_by": colleague, "assigned_to": me}),
            Place::Mine if Place::Assigned.suits(self.person.role) => {
                json!({"requested_by": me, "assigned_to": me})
            }
            Place::Mine | Place::Moved | Place::Requested => json!({"requested_by": me}),
            _ => json!({"requested_by": colleague, "assigned_to": colleague}),
        }
    }

    /// A work order of this place; the same one again for the same person.
    pub(crate) fn work_order(&mut self) -> Result<Uuid> {
        if self.place == Place::Crew {
            // Another case may take them out of that crew.
            return self.work_order_with(&json!({}));
        }
        let whose = (self.place, self.person.id);
        if let Some(order) = self.scene.orders.get(&whose) {
            return Ok(*order);
        }
        let order = self.work_order_with(&json!({}))?;
        self.scene.orders.insert(whose, order);
        Ok(order)
    }

    /// A new work order of this place, with more to it.
    pub(crate) fn work_order_with(&mut self, more: &Value) -> Result<Uuid> {
        let (room, people) = (self.room().id, self.people());
        let order = self.scene.world.work_order(room, &with(people, more))?;
        if self.place == Place::Crew {
            let along = json!({"work_order_id": order, "profile_id": self.person.id});
            self.insert("work_order_crew", &along)?;
        }
        Ok(order)
    }

    /// A part of which there are some.
    pub(crate) fn part(&mut self) -> Result<Uuid> {
        let part = json!({"part_number": Self::word(), "name": "A belt", "warehouse_id": self.warehouse(), "on_hand": 9});
        self.insert("parts", &part)
    }

    /// A technician of whom nothing else is known.
    pub(crate) fn newcomer(&mut self) -> Result<Uuid> {
        let room = self.room().id;
        Ok(self.scene.world.person("technician", room)?.id)
    }

    /// Changes what is there, past every policy.
    pub(crate) fn change(&mut self, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<()> {
        self.scene.world.change(statement, parameters)
    }

    /// One of the rules that a migration makes.
    pub(crate) fn escalation_rule(&mut self) -> Result<Value> {
        self.scene.world.value("select id from public.escalation_rules order by id limit 1", &[])
    }

    /// Clears the way, where there can be only one such row of someone's (`$1`).
    pub(crate) fn make_way(&mut self, rows: &str, whose: Option<Uuid>) -> Result<()> {
        self.scene.world.sql.execute(&format!("delete from public.{rows}"), &[&whose])?;
        Ok(())
    }

    /// Something that it hangs on, past every policy.
    pub(crate) fn insert(&mut self, table: &str, row: &Value) -> Result<Uuid> {
        self.scene.world.insert(table, row)
    }
}

/// Every table and view of the schema that clients see, with the columns of its key.
pub(crate) fn keys(world: &mut World) -> Result<BTreeMap<String, Vec<String>>> {
    let rows = world.sql.query(
        "select t.relname::text,
           coalesce(array_agg(a.attname::text order by a.attnum) filter (where a.attnum is not null), '{}')
         from pg_class t
         left join pg_index i on i.indrelid = t.oid and i.indisprimary
         left join pg_attribute a on a.attrelid = t.oid and a.attnum = any (i.indkey)
         where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p', 'v', 'm', 'f')
           -- A view that nobody reads is a type.
           and (t.relkind <> 'v' or has_table_privilege('authenticated', t.oid, 'select')) group by 1",
        &[],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
