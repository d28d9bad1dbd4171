//! The database of the stack that is measured on, and the statements of `tests/bench`.

use anyhow::{Context, Result};
use millwright_harness::Project;
use millwright_harness::client::StackInfo;
use postgres::types::ToSql;
use postgres::{Client, Row};
use std::fs;
use std::path::PathBuf;

/// A session as superuser, and a folder of statements.
pub(super) struct Database {
    client: Client,
    folder: PathBuf,
}

impl Database {
    /// `folder` is one of `tests/bench`, or empty.
    pub(super) fn open(project: &Project, info: &StackInfo, folder: &str) -> Result<Self> {
        Ok(Self { client: info.connect()?, folder: project.root().join("tests/bench").join(folder) })
    }

    /// True when the folder has a statement of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Runs a file of statements.
    pub(super) fn batch(&mut self, name: &str) -> Result<()> {
        let sql = self.sql(name)?;
        self.client.batch_execute(&sql).with_context(|| format!("running {name}.sql"))
    }

    /// Runs a statement.
    pub(super) fn run(&mut self, name: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<()> {
        let sql = self.sql(name)?;
        self.client.execute(&sql, parameters).map(drop).with_context(|| format!("running {name}.sql"))
    }

    /// The same past all triggers and checks of other tables' rows, for what was there before anything is measured.
    pub(super) fn run_past_triggers(&mut self, name: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<()> {
        self.client.batch_execute("set session_replication_role = replica")?;
        self.run(name, parameters)?;
        Ok(self.client.batch_execute("set session_replication_role = origin")?)
    }

    /// The rows that a statement finds.
    pub(super) fn rows(&mut self, name: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let sql = self.sql(name)?;
        self.client.query(&sql, parameters).with_context(|| format!("running {name}.sql"))
    }

    /// The number that a statement finds. Without nested loops: the planner does not know yet how much was just written.
    pub(super) fn number(&mut self, name: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<i64> {
        self.client.batch_execute("set enable_nestloop = off")?;
        let number = self.rows(name, parameters)?.first().context("no row")?.try_get(0)?;
        self.client.batch_execute("reset enable_nestloop")?;
        Ok(number)
    }

    /// The first column of what a query finds, as text.
    pub(super) fn texts(&mut self, query: &str) -> Result<Vec<String>> {
        Ok(self.client.query(query, &[])?.iter().map(|row| row.get(0)).collect())
    }

    /// Looks at all tables and writes out what waits: now, so that nothing of it happens, and no plan changes, in the middle.
    pub(super) fn settle(&mut self) -> Result<()> {
        self.client.batch_execute("vacuum analyze")?;
        Ok(self.client.batch_execute("checkpoint")?)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension("sql")
    }

    fn sql(&self, name: &str) -> Result<String> {
        let path = self.path(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }
}
