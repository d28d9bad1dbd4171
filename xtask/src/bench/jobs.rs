//! `cargo xtask bench jobs`: what a firing of a job costs, beside one statement that writes the same rows, and beside a Worker
//! that writes row by row.

mod amounts;
mod bad;
mod bench;
mod engine;
mod firing;
mod free_plan;
mod phases;
mod table;
mod told;

use crate::bench::fresh;
use amounts::Amounts;
use anyhow::Result;
use engine::{ESCALATION, Engine, PREVENTIVE};
use millwright_harness::Project;
use std::process::ExitCode;

/// A firing of a job beside one SQL statement that writes the same rows; of every job, when none is named
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    job: Option<Job>,
}

#[derive(clap::Subcommand)]
enum Job {
    /// Firings of the scheduler of preventive maintenance
    Preventive(amounts::Arguments),
    /// Full sweeps of escalation
    Escalation(amounts::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    fresh::build(&project)?;
    let usual = amounts::Arguments::default();
    let jobs = match &arguments.job {
        Some(Job::Preventive(arguments)) => vec![(&PREVENTIVE, arguments)],
        Some(Job::Escalation(arguments)) => vec![(&ESCALATION, arguments)],
        None => vec![(&PREVENTIVE, &usual), (&ESCALATION, &usual)],
    };
    let mut good = true;
    for (engine, arguments) in jobs {
        good &= one(&project, engine, &Amounts::of(engine, arguments))?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// True when all figures of this job are reached.
fn one(project: &Project, engine: &Engine, amounts: &Amounts) -> Result<bool> {
    let told = phases::measure(project, engine, amounts)?;
    table::print(&told);
    super::keep(project, engine.folder, &told.json())?;
    Ok(told.is_good())
}
