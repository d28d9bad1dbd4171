//! A warehouse with someone of each role, and a session of the database that speaks as one of them: what they try is taken back.

use anyhow::{Context, Result};
use millwright_contract_tests::{Person, ROLES, World};
use postgres::Transaction;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) warehouse: Uuid,
    pub(crate) people: Vec<Person>,
}

impl Scene {
    pub(crate) fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let people = ROLES.into_iter().map(|role| world.person(role, warehouse)).collect::<Result<_>>()?;
        Ok(Self { world, warehouse, people })
    }

    pub(crate) fn person(&self, role: &str) -> Result<Person> {
        self.people.iter().find(|person| person.role == role).cloned().context("nobody has this role")
    }

    pub(crate) fn id(&self, role: &str) -> Result<Uuid> {
        Ok(self.person(role)?.id)
    }
}

/// From here on the transaction is someone's.
pub(crate) fn become_someone(transaction: &mut Transaction<'_>, person: Uuid) -> Result<()> {
    let claims = json!({"sub": person, "role": "authenticated"}).to_string();
    transaction.execute("select set_config('request.jwt.claims', $1, true)", &[&claims])?;
    Ok(transaction.batch_execute("set local role authenticated")?)
}

/// The rows that a statement changes; none where it is refused. Nothing of it stays.
pub(crate) fn tried(transaction: &mut Transaction<'_>, statement: &str) -> Result<u64> {
    let mut attempt = transaction.savepoint("attempt")?;
    let changed = attempt.execute(statement, &[]).unwrap_or(0);
    attempt.rollback()?;
    Ok(changed)
}

/// One value of JSON.
pub(crate) fn told(transaction: &mut Transaction<'_>, question: &str) -> Result<Value> {
    let row =
        transaction.query_one(&format!("select to_jsonb(({question}))"), &[]).context(question.to_owned())?;
    Ok(row.try_get::<_, Option<Value>>(0)?.unwrap_or_default())
}

/// The words in a list.
pub(crate) fn words(list: &Value) -> Vec<String> {
    let words = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut words: Vec<_> = words.map(str::to_owned).collect();
    words.sort_unstable();
    words
}
