//! `cargo xtask build`: the functions as modules that the runtime can load.

use crate::artifact::Artifact;
use crate::{cargo, docs, module, progress, setup};
use anyhow::{Context, Result, anyhow};
use millwright_harness::{Profile, Project, wrangler};
use std::fs::File;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

const TARGET: &str = "wasm32-unknown-unknown";

/// Build one function or all of them for a deployment, and show their sizes
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A function of wrangler.toml; without it, all of them
    function: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    let functions = match &arguments.function {
        Some(name) => vec![wrangler::function(&project, name)?.name],
        None => names(&project)?,
    };
    setup::prepare(&project)?;
    build(&project, &functions, Profile::Release)?;
    for name in functions {
        let size = Artifact::of(&project, &name, Profile::Release).size()?;
        println!("{name:<22} {:>9} raw {:>9} gzip", kib(size.raw), kib(size.gzip));
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds every function of `wrangler.toml`.
pub(crate) fn all(project: &Project, profile: Profile) -> Result<()> {
    build(project, &names(project)?, profile)
}

/// A size as people read it.
pub(crate) fn kib(bytes: usize) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}

fn names(project: &Project) -> Result<Vec<String>> {
    Ok(wrangler::functions(project)?.into_iter().map(|function| function.name).collect())
}

fn build(project: &Project, functions: &[String], profile: Profile) -> Result<()> {
    let target = cargo::target_directory(project)?;
    // Two tasks at the same time would write the same files.
    let path = target.join("modules.lock");
    let lock = File::create(&path).with_context(|| format!("making {}", path.display()))?;
    lock.lock().with_context(|| format!("locking {}", path.display()))?;

    compile(project, profile)?;
    let compiled = target.join(TARGET).join(cargo_name(profile));
    let mut stale = Vec::new();
    for function in functions {
        let wasm = compiled.join(function.replace('-', "_") + ".wasm");
        let artifact = Artifact::of(project, function, profile);
        let is_stale = !artifact.is_from(&wasm)?;
        docs::fill(project, function, is_stale)?;
        if is_stale {
            stale.push((artifact, wasm));
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    progress::step("making modules for the runtime");
    // None of them needs more than one core.
    thread::scope(|scope| {
        let makers: Vec<_> = stale
            .iter()
            .map(|(artifact, wasm)| scope.spawn(|| make(project, artifact, wasm, profile)))
            .collect();
        makers.into_iter().try_for_each(|maker| maker.join().map_err(|_| anyhow!("a thread panicked"))?)
    })
}

fn make(project: &Project, artifact: &Artifact, wasm: &Path, profile: Profile) -> Result<()> {
    module::make(project, wasm, artifact.folder(), profile)?;
    artifact.remember(wasm)
}

/// The profile's name in `Cargo.toml`.
fn cargo_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Development => "wasm-dev",
        Profile::Release => "release",
    }
}

/// All functions in one call, so that all cores have work, and so that a function that is built alone is the same as among
/// the others: their packages have features in common. cargo alone decides whether there is something to do.
fn compile(project: &Project, profile: Profile) -> Result<()> {
    let mut build = cargo::for_workers(project);
    build.args(["build", "--profile", cargo_name(profile), "--lib", "--target", TARGET]);
    for function in names(project)? {
        build.args(["--package", &function]);
    }
    let what = match profile {
        Profile::Development => "compiling the functions (about 2 minutes the first time)",
        Profile::Release => "compiling the functions for a deployment (about 4 minutes the first time)",
    };
    progress::run_if_needed(what, &mut build)
}
