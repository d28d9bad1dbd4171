//! Calling cargo from a program that cargo itself has started.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// Variables that `cargo run` sets for the program it starts; an inner cargo or its build scripts must not see them.
const FROM_CARGO_RUN: &[&str] = &[
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "LD_LIBRARY_PATH",
    "OUT_DIR",
];

/// `program` in the project's folder, without what `cargo run` has set.
pub(crate) fn clean(project: &Project, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project.root());
    let from_package = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")));
    for name in from_package.chain(FROM_CARGO_RUN.iter().map(Into::into)) {
        command.env_remove(name);
    }
    command
}

/// cargo in the project's folder.
pub(crate) fn cargo(project: &Project) -> Command {
    clean(project, "cargo")
}

/// cargo for code that runs in a worker. Flags in the environment would replace those of `.cargo/config.toml`, and
/// the functions would lose SIMD.
pub(crate) fn for_workers(project: &Project) -> Command {
    let mut command = cargo(project);
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// The folder in which cargo puts what it builds.
pub(crate) fn target_directory(project: &Project) -> Result<PathBuf> {
    let metadata = metadata(project, &["--no-deps"])?;
    let path = metadata["target_directory"].as_str();
    Ok(path.context("cargo metadata names no target folder")?.into())
}

/// `cargo metadata`.
pub(crate) fn metadata(project: &Project, arguments: &[&str]) -> Result<Value> {
    let output = cargo(project)
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .output()
        .context("running cargo metadata")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
