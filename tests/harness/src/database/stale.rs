//! A server that is still there from a start that was killed.

use super::wait_for;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Stops a server that still runs on this data folder, and removes a pid file that names somebody else.
pub(super) fn stop(data: &Path) -> Result<()> {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(());
    };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok()).and_then(Pid::from_raw);
    let running = |pid| works_in(pid, data);
    if let Some(pid) = pid.filter(|pid| running(*pid)) {
        rustix::process::kill_process(pid, Signal::INT).ok();
        let stopped = wait_for("that the old Postgres stops", Duration::from_secs(30), || !running(pid));
        if stopped.is_err() {
            // Immediate shutdown: the next start recovers from the log.
            rustix::process::kill_process(pid, Signal::QUIT).ok();
            wait_for("that the old Postgres stops", Duration::from_secs(30), || !running(pid))?;
        }
        return Ok(());
    }
    // The number may belong to any process by now, and Postgres would then refuse to start.
    fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))
}

/// A postmaster's working folder is its data folder, so a reused number is not mistaken for one.
fn works_in(pid: Pid, data: &Path) -> bool {
    let folder = fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero()));
    folder.is_ok_and(|folder| data.canonicalize().is_ok_and(|data| folder == data))
}
