//! Runs a program that ends when its caller ends. Miniflare starts workerd through this.

use anyhow::{Context, Result};
use rustix::process::Signal;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Run a program that ends with its caller
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (program, rest) = arguments.command.split_first().context("no program")?;
    // The setting survives exec.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    Err(Command::new(program).args(rest).exec()).context("starting the program")
}
