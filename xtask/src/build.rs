//! `cargo xtask build`: the functions as modules that can be uploaded.

use crate::artifact::Artifact;
use crate::setup::{self, Tools};
use crate::{cargo, docs, progress};
use anyhow::Result;
use millwright_harness::{Project, wrangler};
use std::path::PathBuf;
use std::process::ExitCode;

const TARGET: &str = "wasm32-unknown-unknown";

/// Build one function or all of them, and show their sizes
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A function of wrangler.toml; without it, all of them
    function: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    let functions = match &arguments.function {
        Some(name) => vec![wrangler::function(&project, name)?],
        None => wrangler::functions(&project)?,
    };
    let tools = setup::prepare(&project)?;
    let names: Vec<_> = functions.into_iter().map(|f| f.name).collect();
    build(&project, &tools, &names)?;
    for name in names {
        let size = Artifact::of(&project, &name).size()?;
        println!("{name:<22} {:>9} raw {:>9} gzip", kib(size.raw), kib(size.gzip));
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds every function of `wrangler.toml`.
pub(crate) fn all(project: &Project, tools: &Tools) -> Result<()> {
    let functions = wrangler::functions(project)?;
    let names: Vec<_> = functions.into_iter().map(|f| f.name).collect();
    build(project, tools, &names)
}

/// A size as people read it.
pub(crate) fn kib(bytes: usize) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}

fn build(project: &Project, tools: &Tools, functions: &[String]) -> Result<()> {
    let target = cargo::target_directory(project)?;
    for function in functions {
        let wasm = target.join(TARGET).join("release").join(function.replace('-', "_") + ".wasm");
        compile(project, function)?;
        let artifact = Artifact::of(project, function);
        if !artifact.is_from(&wasm, tools)? {
            wrap(project, tools, function)?;
            artifact.remember(&wasm, tools)?;
        }
        docs::fill(project, function)?;
    }
    Ok(())
}

/// cargo alone decides whether there is something to do.
fn compile(project: &Project, function: &str) -> Result<()> {
    let mut build = cargo::for_workers(project);
    build.args(["build", "--release", "--lib", "--target", TARGET]);
    build.args(["--package", function]);
    progress::run_if_needed(&format!("compiling {function}"), &mut build)
}

fn wrap(project: &Project, tools: &Tools, function: &str) -> Result<()> {
    let folder: PathBuf = project.root().join("functions").join(function);
    let mut build = cargo::clean(project, &tools.worker_build);
    build
        .current_dir(folder)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("ESBUILD_BIN", &tools.esbuild)
        // rustc has optimised already, and the optimiser would have to be downloaded.
        .args(["--release", "--no-opt"]);
    progress::run(&format!("wrapping {function}"), &mut build)?;
    Artifact::of(project, function).enter_plainly()
}
