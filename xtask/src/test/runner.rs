//! Running `cargo test`, so that it can be counted and interrupted.

use super::tally::Tally;
use crate::cargo;
use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Cases that a property is tried with in a long run; else 256.
const LONG_CASES: &str = "10000";

/// Runs tests; Ctrl-C ends the one that runs, and leaves the caller time to stop its stack.
pub(super) struct Runner {
    project: Project,
    pub(super) long: bool,
    /// What the programs that others wrote, and the fuzzer, try; if none, what they always try.
    pub(super) seed: Option<u32>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    interrupted: bool,
    group: Option<Pid>,
}

impl Runner {
    /// From now on Ctrl-C no longer ends this process by itself. `long`: tests try all that they can.
    pub(super) fn new(long: bool) -> Result<Self> {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let seen = Arc::clone(&shared);
        thread::spawn(move || {
            for _ in signals.forever() {
                let mut shared = lock(&seen);
                if shared.interrupted && shared.group.is_none() {
                    // The second Ctrl-C outside a test: do not wait for anything. The kernel ends the children.
                    std::process::exit(130);
                }
                shared.interrupted = true;
                if let Some(group) = shared.group {
                    kill_process_group(group, Signal::TERM).ok();
                }
            }
        });
        Ok(Self { project: Project::here(), long, seed: None, shared })
    }

    /// True after Ctrl-C.
    pub(super) fn interrupted(&self) -> bool {
        lock(&self.shared).interrupted
    }

    /// Runs `cargo test` and shows its output. What cannot be built or started counts as one failure.
    pub(super) fn test(&self, arguments: &[&str], stack: Option<&Path>) -> Tally {
        self.tally(self.cargo_test(arguments, stack))
    }

    /// The same, with this runner's seed.
    pub(super) fn test_with_seed(&self, arguments: &[&str], stack: Option<&Path>) -> Tally {
        let mut test = self.cargo_test(arguments, stack);
        if let Some(seed) = self.seed {
            test.env("MILLWRIGHT_SEED", seed.to_string());
        }
        self.tally(test)
    }

    fn tally(&self, test: Command) -> Tally {
        self.counted(test).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Tally { passed: 0, failed: 1 }
        })
    }

    fn cargo_test(&self, arguments: &[&str], stack: Option<&Path>) -> Command {
        let mut test = cargo::cargo(&self.project);
        test.args(["test", "--no-fail-fast"]).args(arguments);
        if let Some(stack) = stack {
            test.env("MILLWRIGHT_STACK", stack);
        }
        if self.long {
            test.env("MILLWRIGHT_LONG", "1").env("PROPTEST_CASES", LONG_CASES);
        }
        test
    }

    fn counted(&self, mut test: Command) -> Result<Tally> {
        // A group of its own, so that the tests end together with cargo.
        test.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = self.spawn(&mut test)?;
        let output = child.stdout.take().context("no output")?;
        let mut tally = Tally::default();
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally += Tally::of_line(&line);
        }
        let status = child.wait();
        lock(&self.shared).group = None;
        if !status?.success() && tally.failed == 0 {
            // It did not compile, or a test program crashed.
            tally.failed = 1;
        }
        Ok(tally)
    }

    /// Runs a program that tests by itself, which Ctrl-C ends too.
    pub(super) fn run(&self, program: &mut Command) -> Result<ExitStatus> {
        let status = self.spawn(program.process_group(0).stdin(Stdio::null()))?.wait();
        lock(&self.shared).group = None;
        Ok(status?)
    }

    fn spawn(&self, test: &mut Command) -> Result<Child> {
        let mut shared = lock(&self.shared);
        if shared.interrupted {
            bail!("interrupted");
        }
        let child = test.spawn().with_context(|| format!("starting {}", test.get_program().display()))?;
        shared.group = Some(Pid::from_child(&child));
        Ok(child)
    }
}

/// The state is valid at every moment, so a panic elsewhere does not spoil it.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
