//! Tools that cargo installs into the project's own target folder.

use crate::{cargo, progress};
use anyhow::{Context, Result};
use millwright_harness::Project;
use std::fs;
use std::path::PathBuf;

const WORKER_BUILD: &str = "0.8.7";
const MACHETE: &str = "0.9.1";

/// What turns a crate into a worker.
pub(crate) struct Tools {
    /// Makes the module around the Wasm.
    pub(crate) worker_build: PathBuf,
    /// Makes the glue between Wasm and JavaScript.
    pub(crate) wasm_bindgen: PathBuf,
    /// Bundles that glue.
    pub(crate) esbuild: PathBuf,
    /// Changes when one of them is another version.
    pub(crate) versions: String,
}

pub(super) fn prepare(project: &Project) -> Result<Tools> {
    let bindgen = locked(project, "wasm-bindgen")?;
    let worker_build = Tool {
        package: "worker-build",
        program: "worker-build",
        version: WORKER_BUILD,
        locked: true,
        takes: "about 4 minutes the first time",
    };
    let wasm_bindgen = Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: &bindgen,
        // Its lock file names versions that are gone.
        locked: false,
        takes: "about 2 minutes the first time",
    };
    Ok(Tools {
        worker_build: worker_build.install(project)?,
        wasm_bindgen: wasm_bindgen.install(project)?,
        esbuild: project.esbuild()?,
        versions: format!("worker-build {WORKER_BUILD}, wasm-bindgen {bindgen}"),
    })
}

/// The finder of unused dependencies.
pub(crate) fn machete(project: &Project) -> Result<PathBuf> {
    let tool = Tool {
        package: "cargo-machete",
        program: "cargo-machete",
        version: MACHETE,
        locked: true,
        takes: "about a minute the first time",
    };
    tool.install(project)
}

struct Tool<'a> {
    package: &'a str,
    program: &'a str,
    version: &'a str,
    locked: bool,
    takes: &'a str,
}

impl Tool<'_> {
    /// The program, installed now unless it is there in this version.
    fn install(&self, project: &Project) -> Result<PathBuf> {
        let root = project.target().join("tools");
        let program = root.join("bin").join(self.program);
        if program.exists() && self.is_installed(project)? {
            return Ok(program);
        }
        let mut install = cargo::cargo(project);
        install.args(["install", "--force", self.package]);
        install.args(["--version", &format!("={}", self.version)]);
        install.arg("--root").arg(&root);
        let build = root.join("build");
        install.arg("--target-dir").arg(&build);
        if self.locked {
            install.arg("--locked");
        }
        let Self { package, version, takes, .. } = self;
        progress::run(&format!("installing {package} {version} ({takes})"), &mut install)?;
        // A gigabyte that nobody needs any more; one that cannot be removed is no reason to stop.
        let _ = fs::remove_dir_all(build);
        Ok(program)
    }

    /// Asks cargo's own record of what is in that root.
    fn is_installed(&self, project: &Project) -> Result<bool> {
        let record = project.target().join("tools/.crates.toml");
        let record = fs::read_to_string(record).unwrap_or_default();
        let record: toml::Table = toml::from_str(&record).context("reading .crates.toml")?;
        let wanted = format!("{} {} ", self.package, self.version);
        let installed = record.get("v1").and_then(toml::Value::as_table);
        Ok(installed.is_some_and(|all| all.keys().any(|key| key.starts_with(&wanted))))
    }
}

/// The version of a package in Cargo.lock.
fn locked(project: &Project, package: &str) -> Result<String> {
    let lock = fs::read_to_string(project.root().join("Cargo.lock")).context("reading Cargo.lock")?;
    let lock: toml::Table = toml::from_str(&lock).context("reading Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let found = packages.into_iter().flatten().find_map(|found| {
        let is_it = found.get("name")?.as_str()? == package;
        is_it.then(|| found.get("version")?.as_str().map(str::to_owned))?
    });
    found.with_context(|| format!("Cargo.lock has no {package}"))
}
