//! `cargo xtask check`: everything that can be judged without running the product.

mod budget;
mod circles;
mod crons;
mod direction;
mod length;
mod lint;
mod migrations;

use crate::{build, progress, setup};
use anyhow::Result;
use millwright_harness::{Profile, Project};
use std::process::ExitCode;

/// Check format, lints, docs, migrations, dependencies, circles of modules, module sizes, crons and file lengths
#[derive(clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    setup::prepare(&project)?;
    let mut failed = 0;
    // Quick ones first. All of them run, so that one call tells everything.
    let mut judge = |what: &str, found: Result<()>| {
        if let Err(error) = found {
            eprintln!("✗ {what}: {error:#}");
            failed += 1;
        }
    };
    judge("format", lint::format(&project));
    judge("crons", said("crons", || crons::check(&project)));
    judge("file length", said("file length", || length::check(&project)));
    judge("migrations", said("migrations", || migrations::check(&project)));
    judge("direction of dependencies", said("direction of dependencies", || direction::check(&project)));
    judge("circles of modules", said("circles of modules", || circles::check(&project)));
    judge("unused dependencies", lint::unused(&project));
    judge("lints", lint::native(&project));
    judge("lints for the runtime", lint::workers(&project));
    judge("documentation", lint::documentation(&project));
    judge("module size", build::all(&project, Profile::Release).and_then(|()| budget::check(&project)));
    if failed > 0 {
        eprintln!("{failed} of the checks failed");
        return Ok(ExitCode::FAILURE);
    }
    println!("all checks are good");
    Ok(ExitCode::SUCCESS)
}

fn said(what: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    progress::step(what);
    check()
}
