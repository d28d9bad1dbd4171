//! Migrations that would lock or break what runs, as squawk finds them. Ways back are not judged: they take away.

use crate::cargo;
use anyhow::{Context, Result, bail};
use millwright_harness::{Project, migrations};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// Names the rules that are left out, and why.
const CONFIGURATION: &str = "migrations/squawk.toml";

pub(super) fn check(project: &Project) -> Result<()> {
    let mut found = Vec::new();
    for (file, way_up) in migrations::ways_up(project)? {
        let name = file.strip_prefix(project.root()).unwrap_or(&file);
        found.extend(lint(project, name, &way_up)?);
    }
    if found.is_empty() {
        return Ok(());
    }
    bail!("{}", found.join("\n"))
}

/// Squawk's findings in a migration; none when it has none.
fn lint(project: &Project, name: &Path, sql: &str) -> Result<Option<String>> {
    let mut squawk = cargo::clean(project, project.squawk()?);
    squawk.args(["--config", CONFIGURATION, "--stdin-filepath"]).arg(name);
    squawk.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = squawk.spawn().context("starting squawk")?;
    // It reads to the end before it says anything, so neither side waits for the other.
    child.stdin.take().context("no input")?.write_all(sql.as_bytes())?;
    let said = child.wait_with_output()?;
    let all = [said.stdout, said.stderr].concat();
    Ok((!said.status.success()).then(|| String::from_utf8_lossy(&all).into_owned()))
}
