//! node, npm, and the pinned tools of `package-lock.json`.

use super::version;
use crate::{cargo, progress};
use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use std::fs;

const AT_LEAST: (u32, u32) = (20, 19);
const STAMP: &str = "node_modules/.millwright-lock";

pub(super) fn prepare(project: &Project) -> Result<()> {
    let (major, minor) = AT_LEAST;
    let found = said(project, "node")?;
    if version(&found).is_none_or(|found| found < AT_LEAST) {
        bail!("node {major}.{minor} or newer is needed (https://nodejs.org); here is {found}");
    }
    said(project, "npm")?;

    // The stamp is the lock file that was installed: no clock and no file time can mislead.
    let lock = project.root().join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("reading {}", lock.display()))?;
    let stamp = project.root().join(STAMP);
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = cargo::clean(project, "npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    progress::run("installing the pinned npm packages (up to a minute)", &mut npm)?;
    fs::write(&stamp, lock).with_context(|| format!("writing {}", stamp.display()))
}

fn said(project: &Project, program: &str) -> Result<String> {
    let (major, minor) = AT_LEAST;
    let output = cargo::clean(project, program).arg("--version").output().with_context(|| {
        format!("{program} is missing: install node {major}.{minor} or newer (https://nodejs.org)")
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
