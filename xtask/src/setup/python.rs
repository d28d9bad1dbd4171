//! Python, and the pinned packages of `tests/clients/requirements.txt`, in an environment of their own.

use super::version;
use crate::{cargo, progress};
use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use rustix::process::geteuid;
use std::fs;
use std::path::Path;
use std::process::Command;

const AT_LEAST: (u32, u32) = (3, 11);
const REQUIREMENTS: &str = "tests/clients/requirements.txt";
const STAMP: &str = "millwright-requirements.txt";

/// A person's own Python comes first, then the system's.
const PROGRAMS: &[&str] = &["python3", "/usr/bin/python3"];

/// Makes the environment, unless it is there with these very packages.
pub(crate) fn prepare(project: &Project) -> Result<()> {
    let wanted = project.root().join(REQUIREMENTS);
    let requirements = fs::read(&wanted).with_context(|| format!("reading {}", wanted.display()))?;
    let environment = project.python();
    let stamp = environment.join(STAMP);
    let python = environment.join("bin/python");
    // Its Python is a link to one outside, which may have gone.
    let runs = || cargo::clean(project, &python).arg("--version").output().is_ok();
    if fs::read(&stamp).is_ok_and(|installed| installed == requirements) && runs() {
        return Ok(());
    }
    let mut make = cargo::clean(project, system_python(project)?);
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    progress::run("making a Python environment", &mut make)?;
    let mut install = cargo::clean(project, &python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    install.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]).arg(&wanted);
    progress::run("installing the pinned Python packages (up to a minute)", &mut install)?;
    fs::write(&stamp, requirements).with_context(|| format!("writing {}", stamp.display()))
}

/// A Python that is new enough and can make environments. On Debian root gets it installed.
fn system_python(project: &Project) -> Result<&'static str> {
    let missing = match usable(project) {
        Ok(python) => return Ok(python),
        Err(missing) => missing,
    };
    if !geteuid().is_root() || !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "{missing}. The programs in {REQUIREMENTS} need it: install Python with its venv module \
             (on Debian and Ubuntu: apt-get install python3-venv)"
        );
    }
    let mut apt = cargo::clean(project, "sh");
    apt.args(["-c", "apt-get update -q && apt-get install -qy --no-install-recommends python3-venv"]);
    progress::run("installing python3-venv (apt-get)", apt.env("DEBIAN_FRONTEND", "noninteractive"))?;
    usable(project).map_err(anyhow::Error::msg)
}

/// The first one that will do, or what is missing of the last.
fn usable(project: &Project) -> Result<&'static str, String> {
    let mut missing = String::new();
    for program in PROGRAMS {
        match lacks(|| cargo::clean(project, program)) {
            None => return Ok(program),
            Some(lacks) => missing = lacks,
        }
    }
    Err(missing)
}

/// The first thing that a Python lacks; none when it will do.
fn lacks(python: impl Fn() -> Command) -> Option<String> {
    let (major, minor) = AT_LEAST;
    let Ok(output) = python().arg("--version").output() else {
        return Some("there is no python3 here".to_owned());
    };
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if version(&said).is_none_or(|found| found < AT_LEAST) {
        return Some(format!("Python {major}.{minor} or newer is needed; here is {said}"));
    }
    // Debian has them in a package of their own.
    let modules = python().args(["-c", "import ensurepip, venv"]).output();
    let found = modules.is_ok_and(|modules| modules.status.success());
    (!found).then(|| format!("{said} is here, but not its venv module"))
}

#[cfg(test)]
mod tests {
    use super::lacks;
    use std::process::Command;

    fn lacks_of(script: &str) -> Option<String> {
        lacks(|| {
            let mut command = Command::new("sh");
            command.args(["-c", script, "python"]);
            command
        })
    }

    #[test]
    fn what_is_missing_is_named() {
        let good = "if [ $1 = --version ]; then echo Python 3.11.0; fi";
        assert_eq!(lacks_of(good), None);
        assert!(lacks_of("echo Python 3.9.2").is_some_and(|lacks| lacks.contains("3.11 or newer")));
        let bare = "if [ $1 = --version ]; then echo Python 3.12.1; else exit 1; fi";
        assert!(lacks_of(bare).is_some_and(|lacks| lacks.contains("venv")));
        assert_eq!(lacks(|| Command::new("/nowhere/python3")).as_deref(), Some("there is no python3 here"));
    }
}
