//! `cargo xtask bench`: figures, always as ratios to something else that ran in the same run.

mod api;
mod cpu;
mod escalation;
mod figures;
mod jobs;
mod load;
mod plan;
mod preventive;
mod report;
mod same;

use crate::{cargo, progress};
use anyhow::Result;
use millwright_harness::Project;
use std::path::PathBuf;
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
    Jobs(jobs::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Api(arguments) => api::run(arguments),
        What::Jobs(arguments) => jobs::run(arguments),
    }
}

/// A TypeScript Worker as one module, minified as for a deployment. `made` is where, below `target`.
fn bundle(project: &Project, source: &str, made: &str) -> Result<PathBuf> {
    let made = project.target().join(made);
    let mut esbuild = cargo::clean(project, project.esbuild()?);
    esbuild
        .arg(source)
        .args(["--bundle", "--minify", "--format=esm", "--target=es2024", "--log-level=warning"])
        .arg("--conditions=workerd,worker,browser")
        .arg(format!("--outfile={}", made.display()));
    progress::run("bundling a TypeScript Worker", &mut esbuild)?;
    Ok(made)
}
