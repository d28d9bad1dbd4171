//! Programs that others wrote, and what they make of the running stack: they share neither our code nor our mistakes. Beside
//! them is a fuzzer of our own (`tests/fuzz`): what both write would be in the way of all other tests.
//!
//! In scope: running the programs. Each test says what it takes from what they said.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use millwright_harness::{Project, wait};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A file of this crate.
#[must_use]
pub fn file(name: &str) -> PathBuf {
    Project::here().root().join("tests/clients").join(name)
}

/// A program of the Python environment that `cargo xtask test clients` makes.
#[must_use]
pub fn python(program: &str) -> Command {
    Command::new(Project::here().python().join("bin").join(program))
}

/// node, which finds the pinned packages.
#[must_use]
pub fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(file(script));
    command
}

/// The output of a program, and its success.
pub struct Said {
    /// Its exit status was 0.
    pub well: bool,
    /// Its standard output and standard error.
    pub text: String,
}

/// Runs a program for at most `limit`. It writes what it says to `log`.
///
/// # Panics
/// If it cannot be started or does not end in time; then it is killed.
#[must_use]
pub fn run(command: &mut Command, log: &Path, limit: Duration) -> Said {
    let output = File::create(log).expect("a log");
    let errors = output.try_clone().expect("a log");
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().expect("it starts");
    let ended = wait::until(&format!("that {name} ends"), limit, || Ok(child.try_wait()?));
    let text = || String::from_utf8_lossy(&fs::read(log).expect("its log")).into_owned();
    match ended {
        Ok(status) => Said { well: status.success(), text: text() },
        Err(error) => {
            child.kill().and_then(|()| child.wait()).expect("it is killed");
            panic!("{error}. It said:\n{}", text());
        }
    }
}
