//! Demo data: people to sign in as, machines, work orders.

use crate::{Project, database};
use anyhow::{Context, Result};
use std::fs;
use std::io::ErrorKind;

/// Fills an empty database. Says why when it does nothing that was expected.
pub(crate) fn seed(project: &Project, database_url: &str, say: fn(&str)) -> Result<()> {
    let path = project.harness("demo.sql");
    let sql = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            say("no demo data: tests/harness/demo.sql is not there");
            return Ok(());
        }
        read => read.with_context(|| format!("reading {}", path.display()))?,
    };
    let mut client = database::connect(database_url)?;
    let is_empty = client.query_one("select not exists (select from public.profiles)", &[]);
    if !is_empty.context("looking for profiles")?.get::<_, bool>(0) {
        return Ok(());
    }
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&sql).with_context(|| format!("running {}", path.display()))?;
    transaction.commit().context("keeping the demo data")?;
    Ok(())
}
