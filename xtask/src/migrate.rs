//! `cargo xtask migrate`: migrations on the running stack or on any database.

use anyhow::Result;
use clap::ValueEnum;
use millwright_harness::client::StackInfo;
use millwright_harness::{Project, migrations};
use std::process::ExitCode;

/// Apply migrations, take the newest back, or list them
#[derive(clap::Args)]
pub(crate) struct Arguments {
    direction: Direction,
    /// The database; without it, that of the running stack
    #[arg(long, value_name = "URL", env = "MILLWRIGHT_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Direction {
    Up,
    Down,
    Status,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    let url = match &arguments.database_url {
        Some(url) => url.clone(),
        None => StackInfo::from_env()?.database,
    };
    let said = match arguments.direction {
        Direction::Up => migrations::up(&project, &url)?,
        Direction::Down => migrations::down(&project, &url)?,
        Direction::Status => migrations::status(&project, &url)?,
    };
    print!("{said}");
    Ok(ExitCode::SUCCESS)
}
