//! Tools that cargo installs into the project's own target folder.

use crate::{cargo, progress};
use anyhow::{Context, Result};
use millwright_harness::Project;
use std::fs;
use std::path::PathBuf;

/// A program in a package of its name.
struct Tool {
    package: &'static str,
    version: &'static str,
    takes: &'static str,
}

const MACHETE: Tool = Tool { package: "cargo-machete", version: "0.9.1", takes: "half a minute" };
const MUTANTS: Tool = Tool { package: "cargo-mutants", version: "27.1.0", takes: "two minutes" };

/// The finder of unused dependencies, installed now unless it is there in this version.
pub(crate) fn machete(project: &Project) -> Result<PathBuf> {
    MACHETE.installed(project)
}

/// What breaks the code piece by piece, to see whether a test notices: installed now unless it is there in this version.
pub(crate) fn mutants(project: &Project) -> Result<PathBuf> {
    MUTANTS.installed(project)
}

impl Tool {
    fn installed(&self, project: &Project) -> Result<PathBuf> {
        let Self { package, version, takes } = self;
        let root = project.target().join("tools");
        let program = root.join("bin").join(package);
        if program.exists() && self.is_recorded(project)? {
            return Ok(program);
        }
        let build = root.join("build");
        let mut install = cargo::cargo(project);
        // Without optimisation, because it has little to do and compiles for minutes.
        install.args([
            "install",
            "--force",
            "--locked",
            "--debug",
            package,
            "--version",
            &format!("={version}"),
        ]);
        install.arg("--root").arg(&root).arg("--target-dir").arg(&build);
        let what = format!("installing {package} {version} (about {takes} the first time)");
        progress::run(&what, &mut install)?;
        // Hundreds of megabytes that nobody needs any more; they are no reason to stop.
        let _ = fs::remove_dir_all(build);
        Ok(program)
    }

    /// Asks cargo's own record of what is in that root.
    fn is_recorded(&self, project: &Project) -> Result<bool> {
        let record = project.target().join("tools/.crates.toml");
        let record = fs::read_to_string(record).unwrap_or_default();
        let record: toml::Table = toml::from_str(&record).context("reading .crates.toml")?;
        let wanted = format!("{} {} ", self.package, self.version);
        let installed = record.get("v1").and_then(toml::Value::as_table);
        Ok(installed.is_some_and(|all| all.keys().any(|key| key.starts_with(&wanted))))
    }
}
