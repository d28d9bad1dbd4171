//! Rust, and its target for the Workers runtime.

use super::version;
use crate::{cargo, progress};
use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const AT_LEAST: (u32, u32) = (1, 91);

pub(super) fn prepare(project: &Project) -> Result<()> {
    let rustc = said(cargo::clean(project, "rustc").arg("--version"))?;
    if version(&rustc).is_none_or(|found| found < AT_LEAST) {
        let (major, minor) = AT_LEAST;
        bail!("Rust {major}.{minor} or newer is needed (https://rustup.rs); here is {rustc}");
    }
    if has_target(project)? {
        return Ok(());
    }
    let mut rustup = cargo::clean(project, "rustup");
    if rustup.arg("--version").output().is_err() {
        bail!(
            "Rust's target {TARGET} is missing and there is no rustup to add it. \
             Install rustup (https://rustup.rs), or your system's package with that target's standard library"
        );
    }
    let mut add = cargo::clean(project, "rustup");
    add.args(["target", "add", TARGET]);
    progress::run(&format!("adding Rust's target {TARGET}"), &mut add)
}

fn has_target(project: &Project) -> Result<bool> {
    let mut rustc = cargo::clean(project, "rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    let folder = said(&mut rustc)?;
    let found = Path::new(folder.trim()).read_dir();
    Ok(found.is_ok_and(|mut entries| entries.next().is_some()))
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output().context("running rustc: install Rust from https://rustup.rs")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
