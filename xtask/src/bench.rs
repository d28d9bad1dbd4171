//! `cargo xtask bench`: figures, always as ratios to something else that ran in the same run.

mod api;
mod cpu;
mod figures;
mod load;
mod plan;
mod report;
mod same;

use anyhow::Result;
use std::process::ExitCode;

/// Measure, side by side with what one would use instead
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Api(api::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Api(arguments) => api::run(arguments),
    }
}
