//! Children that never outlive this process.

use crate::{clock, wait};
use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running program of the stack, with its log file. Dropping it stops it.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
    /// The signal that asks it to stop; the kernel sends it, too, when this process dies.
    stop: Signal,
}

impl Process {
    /// Starts a program in a process group of its own, so that Ctrl-C reaches only this process, which then
    /// stops everything in order. Must be called from a thread that lives as long as the stack: the kernel's
    /// death signal is tied to the thread.
    pub(crate) fn spawn(name: &'static str, command: &mut Command, log: &Path, stop: Signal) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("making {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0);
        die_with_parent(command, stop);
        let child = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { name, child, log: log.into(), stop })
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails, with the end of the log, when the program has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => Err(self.ended(status)),
            None => Ok(()),
        }
    }

    /// Waits for a condition for as long as the program runs.
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        deadline: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<()> {
        let waited = wait::until(what, deadline, || {
            self.check()?;
            Ok(ready().then_some(()))
        });
        waited.with_context(|| format!("{} is in {}", self.name, self.log.display()))
    }

    /// Asks the program to stop and waits; kills it when it does not.
    pub(crate) fn stop(&mut self, patience: Duration) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        let pid = Pid::from_child(&self.child);
        rustix::process::kill_process(pid, self.stop).ok();
        let started = clock::instant();
        let gone = wait::until(self.name, patience, || Ok(self.child.try_wait()?));
        if gone.is_err() {
            rustix::process::kill_process_group(pid, Signal::KILL).ok();
            self.child.wait()?;
            bail!("{} did not stop within {} s and was killed", self.name, started.elapsed().as_secs());
        }
        Ok(())
    }

    fn ended(&self, status: ExitStatus) -> anyhow::Error {
        anyhow!("{} ended ({status}). The end of {}:\n{}", self.name, self.log.display(), tail(&self.log))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop(Duration::from_secs(10)) {
            eprintln!("{error:#}");
        }
    }
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    let from = lines.len().saturating_sub(20);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// Has the kernel send `signal` to the child when the thread that starts it is gone.
#[allow(
    unsafe_code,
    reason = "pre_exec is the only place after a change of user, which would clear the death signal"
)]
fn die_with_parent(command: &mut Command, signal: Signal) {
    let parent = rustix::process::getpid();
    let before_exec = move || {
        rustix::process::set_parent_process_death_signal(Some(signal))?;
        // The parent may have died before the line above.
        if rustix::process::getppid() != Some(parent) {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        Ok(())
    };
    // SAFETY: two plain system calls; nothing allocates or takes a lock between fork and exec.
    unsafe { command.pre_exec(before_exec) };
}
