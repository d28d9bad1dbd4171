//! Tools that cargo installs into the project's own target folder.

use crate::{cargo, progress};
use anyhow::{Context, Result};
use millwright_harness::Project;
use std::fs;
use std::path::PathBuf;

const PACKAGE: &str = "cargo-machete";
const VERSION: &str = "0.9.1";

/// The finder of unused dependencies, installed now unless it is there in this version.
pub(crate) fn machete(project: &Project) -> Result<PathBuf> {
    let root = project.target().join("tools");
    let program = root.join("bin").join(PACKAGE);
    if program.exists() && is_installed(project)? {
        return Ok(program);
    }
    let build = root.join("build");
    let mut install = cargo::cargo(project);
    // Without optimisation, because it runs for a second and compiles for a minute.
    install.args(["install", "--force", "--locked", "--debug", PACKAGE, "--version", &format!("={VERSION}")]);
    install.arg("--root").arg(&root).arg("--target-dir").arg(&build);
    let what = format!("installing {PACKAGE} {VERSION} (about half a minute the first time)");
    progress::run(&what, &mut install)?;
    // Hundreds of megabytes that nobody needs any more; they are no reason to stop.
    let _ = fs::remove_dir_all(build);
    Ok(program)
}

/// Asks cargo's own record of what is in that root.
fn is_installed(project: &Project) -> Result<bool> {
    let record = project.target().join("tools/.crates.toml");
    let record = fs::read_to_string(record).unwrap_or_default();
    let record: toml::Table = toml::from_str(&record).context("reading .crates.toml")?;
    let wanted = format!("{PACKAGE} {VERSION} ");
    let installed = record.get("v1").and_then(toml::Value::as_table);
    Ok(installed.is_some_and(|all| all.keys().any(|key| key.starts_with(&wanted))))
}
