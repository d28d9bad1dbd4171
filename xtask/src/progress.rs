//! Steps that a person waits for.

use anyhow::{Context, Result, bail};
use std::io::{IsTerminal, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// A step that is over by then is not worth a line.
const NOTICEABLE: Duration = Duration::from_secs(1);

/// Says what begins now.
pub(crate) fn step(what: &str) {
    println!("▸ {what}");
    std::io::stdout().flush().ok();
}

/// Runs a command that may take long. On a terminal it shows its own progress; elsewhere its output is kept for
/// the case that it fails, and a line every 15 seconds shows that it lives.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    step(what);
    finish(what, command, false)
}

/// The same for a command that mostly finds nothing to do: it gets its line only when it takes a while.
pub(crate) fn run_if_needed(what: &str, command: &mut Command) -> Result<()> {
    let shown = std::io::stderr().is_terminal();
    if shown {
        step(what);
    }
    finish(what, command, !shown)
}

fn finish(what: &str, command: &mut Command, say_later: bool) -> Result<()> {
    command.stdin(Stdio::null());
    if std::io::stderr().is_terminal() {
        let status = command.status().with_context(|| format!("starting {}", name(command)))?;
        if !status.success() {
            bail!("{what} failed");
        }
        return Ok(());
    }
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", name(command)))?;
    let output = beating(child, say_later.then_some(what))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{what} failed:\n{}", String::from_utf8_lossy(&said));
    }
    Ok(())
}

/// Waits for the child and shows that it lives; names the step when that was not done before.
fn beating(child: Child, unsaid: Option<&str>) -> Result<Output> {
    let (done, finished) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut waited = Duration::ZERO;
            if let Some(what) = unsaid {
                match finished.recv_timeout(NOTICEABLE) {
                    Err(RecvTimeoutError::Timeout) => step(what),
                    _ => return,
                }
            }
            while let Err(RecvTimeoutError::Timeout) = finished.recv_timeout(HEARTBEAT) {
                waited += HEARTBEAT;
                println!("  … {} s", waited.as_secs());
            }
        });
        let output = child.wait_with_output();
        drop(done);
        Ok(output?)
    })
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
