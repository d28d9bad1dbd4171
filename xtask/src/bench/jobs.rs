//! `cargo xtask bench jobs`: what a firing of a job costs, beside one statement that writes the same rows.

use super::{escalation, preventive};
use anyhow::Result;
use clap::Parser;
use std::process::ExitCode;

/// A firing of a job beside one SQL statement that writes the same rows; of every job, when none is named
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    job: Option<Job>,
}

#[derive(clap::Subcommand)]
enum Job {
    Preventive(preventive::Arguments),
    Escalation(escalation::Arguments),
}

/// What holds where nothing is said.
#[derive(Parser)]
struct Usual<A: clap::Args> {
    #[command(flatten)]
    arguments: A,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.job {
        Some(Job::Preventive(arguments)) => preventive::run(arguments),
        Some(Job::Escalation(arguments)) => escalation::run(arguments),
        None => {
            let first = preventive::run(&Usual::parse_from([""]).arguments)?;
            let second = escalation::run(&Usual::parse_from([""]).arguments)?;
            Ok(if first == ExitCode::SUCCESS { second } else { first })
        }
    }
}
