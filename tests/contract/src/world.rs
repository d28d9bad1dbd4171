//! Rows of a test's own, and the superuser's view of them.

use crate::caller::Caller;
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use millwright_harness::client::{self, StackInfo};
use millwright_harness::{IsolatedDatabase, Project};
use postgres::Client;
use postgres::types::ToSql;
use serde_json::{Value, json};
use uuid::Uuid;

/// The roles of people, as the database spells them.
pub const ROLES: [&str; 7] =
    ["technician", "supervisor", "manager", "inventory_clerk", "contractor", "requester", "admin"];

/// A test's own corner of the database. What it opened is ended when it is dropped.
pub struct World {
    /// The database, as superuser: for what a test prepares, and for judging what came of it.
    pub sql: Client,
    /// A word that nothing else in the database has.
    pub name: String,
    stack: StackInfo,
    warehouses: Vec<Uuid>,
    people: Vec<Uuid>,
    // The last one to go: all others are in it.
    database: Option<IsolatedDatabase>,
}

/// Someone in a world.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their profile.
    pub id: Uuid,
    /// Their address.
    pub email: String,
    /// One of [`ROLES`].
    pub role: &'static str,
}

/// An object with more to it.
#[must_use]
pub fn with(mut object: Value, more: &Value) -> Value {
    if let (Some(object), Some(more)) = (object.as_object_mut(), more.as_object()) {
        object.extend(more.clone());
    }
    object
}

impl World {
    /// An empty one.
    ///
    /// # Errors
    /// If no stack runs.
    pub fn open() -> Result<Self> {
        Self::on(StackInfo::from_env()?)
    }

    /// One in a database of its own beside the stack, for what would disturb the others. `name` tells its database from those of
    /// other tests.
    ///
    /// # Errors
    /// See [`IsolatedDatabase::start`].
    pub fn aside(name: &str) -> Result<Self> {
        Self::within(IsolatedDatabase::start(&Project::here(), name)?)
    }

    /// The same, with so many sessions of its gateway.
    ///
    /// # Errors
    /// See [`IsolatedDatabase::start`].
    pub fn aside_with_sessions(name: &str, sessions: u8) -> Result<Self> {
        Self::within(IsolatedDatabase::with_sessions(&Project::here(), name, sessions)?)
    }

    fn within(database: IsolatedDatabase) -> Result<Self> {
        let mut world = Self::on(database.info().clone())?;
        world.database = Some(database);
        Ok(world)
    }

    fn on(stack: StackInfo) -> Result<Self> {
        let sql = stack.connect()?;
        let name = Uuid::now_v7().simple().to_string();
        Ok(Self { sql, name, stack, warehouses: Vec::new(), people: Vec::new(), database: None })
    }

    /// Its addresses and secrets.
    #[must_use]
    pub fn stack(&self) -> &StackInfo {
        &self.stack
    }

    /// The person with this address, or for `function:NAME` one of our functions.
    ///
    /// # Errors
    /// If there is no such caller.
    pub fn caller(&self, who: &str) -> Result<Caller> {
        Caller::new(self.gateway(), Some(self.token(who)?))
    }

    /// The bearer of the API token with this id.
    ///
    /// # Errors
    /// If there is no such token.
    pub fn api_token(&self, id: Uuid) -> Result<Caller> {
        self.caller(&format!("api-token+{id}@millwright.invalid"))
    }

    /// The token of whom [`Self::caller`] names.
    ///
    /// # Errors
    /// If there is no such caller.
    pub fn token(&self, who: &str) -> Result<String> {
        client::token(&self.stack, who)
    }

    /// The address of the gateway.
    #[must_use]
    pub fn gateway(&self) -> &str {
        &self.stack.gateway
    }

    /// The same one, eight times over.
    ///
    /// # Errors
    /// If there is no such caller.
    pub fn eight(&self, who: &str) -> Result<Vec<Caller>> {
        (0..8).map(|_| self.caller(who)).collect()
    }

    /// Someone without a token.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn stranger(&self) -> Result<Caller> {
        Caller::new(self.gateway(), None)
    }

    /// A new warehouse in this time zone.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn warehouse(&mut self, time_zone: &str) -> Result<Uuid> {
        // The end of a UUIDv7 is random, its beginning is not.
        let code = Uuid::now_v7().simple().to_string().to_uppercase().split_off(20);
        let id = self.insert("warehouses", &json!({"code": code, "name": code, "time_zone": time_zone}))?;
        self.warehouses.push(id);
        Ok(id)
    }

    /// A new person; managers and administrators belong to no warehouse.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn person(&mut self, role: &'static str, warehouse: Uuid) -> Result<Person> {
        let email = format!("{role}.{}@contract.test", Uuid::now_v7().simple());
        let home = (!matches!(role, "manager" | "admin")).then_some(warehouse);
        let row = json!({"email": email, "full_name": role, "role": role, "warehouse_id": home});
        let id = self.insert("profiles", &row)?;
        self.people.push(id);
        Ok(Person { id, email, role })
    }

    /// A new machine of a model that only this world has.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn machine(&mut self, warehouse: Uuid) -> Result<Uuid> {
        let tag = Uuid::now_v7();
        let model = &self.name.clone();
        self.insert(
            "equipment",
            &json!({"asset_tag": tag, "name": "A machine", "model": model, "warehouse_id": warehouse}),
        )
    }

    /// A new work order that nobody has; `more` says what else it is.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn work_order(&mut self, warehouse: Uuid, more: &Value) -> Result<Uuid> {
        let least = json!({"type": "corrective", "title": "Belt slips", "warehouse_id": warehouse});
        self.insert("work_orders", &with(least, more))
    }

    /// Inserts a row as superuser, past every policy; what it does not name gets its default. Returns its id.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn insert(&mut self, table: &str, row: &Value) -> Result<Uuid> {
        let inserted = self.insert_row(table, row)?;
        let id = inserted.get("id").and_then(Value::as_str).context("it has no id")?;
        Ok(id.parse()?)
    }

    /// The same, and returns all of the row; for tables without an `id`, too.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn insert_row(&mut self, table: &str, row: &Value) -> Result<Value> {
        let names: Vec<_> = row.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let names = names.join(",");
        let insert = format!(
            "insert into public.{table} as made ({names})
             select {names} from jsonb_populate_record(null::public.{table}, $1) returning to_jsonb(made)"
        );
        let inserted =
            self.sql.query_one(&insert, &[row]).with_context(|| format!("inserting {row} into {table}"))?;
        Ok(inserted.try_get(0)?)
    }

    /// The rows of a table that have these values.
    ///
    /// # Errors
    /// If the database refuses.
    pub fn rows(&mut self, table: &str, values: &Value) -> Result<Vec<Value>> {
        // Both sides as the database spells them. An id is looked up, so that nothing is searched.
        let given = format!("(jsonb_populate_record(null::public.{table}, $1))");
        let found = if values.get("id").is_some() { format!("t.id = {given}.id") } else { "true".to_owned() };
        let rows = format!(
            "select to_jsonb(t) from public.{table} t where {found} and to_jsonb(t) @> (
               select jsonb_object_agg(v.key, v.value) from jsonb_each(to_jsonb({given})) v where $1 ? v.key)"
        );
        let rows = self.sql.query(&rows, &[values]).with_context(|| format!("{values} in {table}"))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The one value of an SQL expression, as JSON; a query with one column and one row is one, too.
    ///
    /// # Errors
    /// If the database refuses it.
    pub fn value(&mut self, expression: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Value> {
        let row = self.sql.query_one(&format!("select to_jsonb(({expression}))"), parameters);
        let value: Option<Value> = row.with_context(|| expression.to_owned())?.try_get(0)?;
        Ok(value.unwrap_or_default())
    }

    /// Changes rows as superuser; they must be there.
    ///
    /// # Errors
    /// If the database refuses, or nothing was changed.
    pub fn change(&mut self, statement: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<()> {
        let changed = self.sql.execute(statement, parameters).with_context(|| statement.to_owned())?;
        anyhow::ensure!(changed > 0, "nothing was changed by {statement}");
        Ok(())
    }

    /// The database's clock, which is the one that leases and locks are measured with.
    ///
    /// # Errors
    /// If the database does not answer.
    pub fn now(&mut self) -> Result<DateTime<Utc>> {
        Ok(serde_json::from_value(self.value("clock_timestamp()", &[])?)?)
    }

    /// Leaves nothing to do for the functions that run on this database later.
    fn end(&mut self) -> Result<(), postgres::Error> {
        let (name, warehouses, people) = (&self.name, &self.warehouses, &self.people);
        let sql = &mut self.sql;
        sql.execute(
            "update public.work_orders set status = 'cancelled', hold_reason = null
             where warehouse_id = any ($1) and private.is_open(status)",
            &[warehouses],
        )?;
        sql.execute(
            "update public.events set expanded_at = now() where warehouse_id = any ($1) and expanded_at is null",
            &[warehouses],
        )?;
        sql.execute(
            "update public.deliveries d set state = 'dead' from public.notifications n
             where n.id = d.notification_id and n.recipient_id = any ($1) and d.state in ('ready', 'running')",
            &[people],
        )?;
        sql.execute("update public.profiles set active = false where id = any ($1)", &[people])?;
        sql.execute(
            "update public.pm_templates set active = false where warehouse_id = any ($1)",
            &[warehouses],
        )?;
        sql.execute(
            "update public.escalation_rules set active = false where warehouse_id = any ($1)",
            &[warehouses],
        )?;
        sql.execute("delete from public.dead_letters where source = $1", &[name])?;
        // What was put aside here would have the functions told of as unwell.
        sql.execute(
            "delete from public.dead_letters where reference in (
               select 'work order ' || id from public.work_orders where warehouse_id = any ($1)
               union all select 'event ' || id from public.events where warehouse_id = any ($1)
               union all select 'delivery ' || d.id from public.deliveries d
                 join public.notifications n on n.id = d.notification_id where n.recipient_id = any ($2))",
            &[warehouses, people],
        )?;
        sql.execute("delete from public.job_runs where trigger = $1", &[name])?;
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Not a failure of the test: whoever runs into the leftovers is told by this line.
        if let Err(error) = self.end() {
            eprintln!("the world {} was not ended: {error}", self.name);
        }
    }
}
