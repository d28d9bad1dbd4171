//! `cargo xtask audit`: whether the history that the database keeps is still what was written.

use anyhow::Result;
use clap::Subcommand;
use millwright_harness::audit;
use millwright_harness::client::StackInfo;
use std::process::ExitCode;

/// Work orders whose histories are verified in one statement.
const BATCH: u16 = 1000;

/// Verify the histories of work orders
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Find every work order whose history was edited, removed or cut off; exit code 1 when there is one
    Verify {
        /// The database; without it, that of the running stack
        #[arg(long, value_name = "URL", env = "MILLWRIGHT_DATABASE_URL", hide_env_values = true)]
        database_url: Option<String>,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Task::Verify { database_url } = &arguments.task;
    let url = match database_url {
        Some(url) => url.clone(),
        None => StackInfo::from_env()?.database,
    };
    let found = audit::verify(&url, BATCH)?;
    for broken in &found.broken {
        let number = broken.number.as_deref().unwrap_or("a work order that is gone");
        println!("✗ {number} ({}): {} [{}]", broken.work_order_id, broken.detail, broken.fault);
    }
    println!(
        "{} entries of {} work orders verified, {} histories are broken",
        found.entries,
        found.work_orders,
        found.broken.len()
    );
    Ok(if found.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
