//! `cargo xtask migrate`: migrations on the running stack or on any database, and what they make as one text.

use crate::{dev, setup};
use anyhow::{Context, Result};
use clap::ValueEnum;
use millwright_harness::client::StackInfo;
use millwright_harness::{Project, Stack, migrations, schema};
use std::fs;
use std::process::ExitCode;

/// Apply migrations, take the newest back, list them, or write down the schema that they make
#[derive(clap::Args)]
pub(crate) struct Arguments {
    direction: Direction,
    /// The database; without it, that of the running stack, or a fresh one to dump
    #[arg(long, value_name = "URL", env = "MILLWRIGHT_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Direction {
    Up,
    Down,
    Status,
    /// Write migrations/schema.sql
    Dump,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    let url = || match &arguments.database_url {
        Some(url) => Ok(url.clone()),
        None => StackInfo::from_env().map(|stack| stack.database),
    };
    let said = match arguments.direction {
        Direction::Up => migrations::up(&project, &url()?)?,
        Direction::Down => migrations::down(&project, &url()?)?,
        Direction::Status => migrations::status(&project, &url()?)?,
        Direction::Dump => dump(&project, arguments.database_url.as_deref())?,
    };
    print!("{said}");
    Ok(ExitCode::SUCCESS)
}

/// Without a database it makes one: that of a running stack may stand where the files no longer are.
fn dump(project: &Project, database_url: Option<&str>) -> Result<String> {
    let text = match database_url {
        Some(url) => schema::dump(url)?,
        None => fresh_dump(project)?,
    };
    let file = project.schema();
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    Ok(format!("{} is written\n", file.display()))
}

fn fresh_dump(project: &Project) -> Result<String> {
    setup::prepare(project)?;
    let stack = Stack::start(project, dev::temporary(project, "dump"))?;
    let text = schema::dump(&stack.info().database)?;
    stack.stop()?;
    Ok(text)
}
