//! `cargo xtask bench`: figures, always as ratios to something else that ran in the same run.

mod api;
mod cpu;
mod database;
mod figures;
mod fresh;
mod jobs;
mod load;
mod plan;
mod report;
mod same;
mod scale;
mod screens;

use crate::{cargo, progress};
use anyhow::{Context, Result};
use millwright_harness::Project;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

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
    Scale(scale::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Api(arguments) => api::run(arguments),
        What::Jobs(arguments) => jobs::run(arguments),
        What::Scale(arguments) => scale::run(arguments),
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

/// Keeps the figures of a bench for programs, beside those of the others.
fn keep(project: &Project, name: &str, figures: &Value) -> Result<()> {
    let folder = project.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let path = folder.join(format!("{name}.json"));
    fs::write(&path, serde_json::to_string_pretty(figures)?)
        .with_context(|| format!("writing {}", path.display()))?;
    println!("\nall of it is in {}", path.display());
    Ok(())
}

/// The result of `act`, and the seconds that it took.
#[expect(clippy::disallowed_methods, reason = "this is no worker: it runs on the machine itself")]
fn timed<R>(act: impl FnOnce() -> Result<R>) -> Result<(R, f64)> {
    let started = Instant::now();
    Ok((act()?, started.elapsed().as_secs_f64()))
}
