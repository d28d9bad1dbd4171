//! The checks by cargo's own tools.

use crate::{cargo, progress, setup};
use anyhow::Result;
use millwright_harness::{Project, wrangler};

pub(super) fn format(project: &Project) -> Result<()> {
    let mut command = cargo::cargo(project);
    command.args(["fmt", "--all", "--check"]);
    progress::run("format", &mut command)
}

/// All code, tests too, as it is compiled for this machine.
pub(super) fn native(project: &Project) -> Result<()> {
    let mut command = cargo::cargo(project);
    command.args(["clippy", "--workspace", "--all-targets", "--quiet"]);
    command.args(["--", "-D", "warnings"]);
    progress::run("lints", &mut command)
}

/// The crates that run in a worker, as they are compiled for it.
pub(super) fn workers(project: &Project) -> Result<()> {
    let mut command = cargo::for_workers(project);
    command.args(["clippy", "--quiet", "--target", "wasm32-unknown-unknown"]);
    command.args(["--package", "millwright-edge"]);
    for function in wrangler::functions(project)? {
        command.args(["--package", &function.name]);
    }
    command.args(["--", "-D", "warnings"]);
    progress::run("lints for the runtime", &mut command)
}

pub(super) fn documentation(project: &Project) -> Result<()> {
    let mut command = cargo::cargo(project);
    command.args(["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    progress::run("documentation", &mut command)
}

pub(super) fn unused(project: &Project) -> Result<()> {
    let mut command = cargo::clean(project, setup::machete(project)?);
    command.args(["functions", "shared", "tests", "xtask"]);
    progress::run("unused dependencies", &mut command)
}
