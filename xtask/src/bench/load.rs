//! The process that sends the load (`tests/bench/load.mjs`): one line of JSON for each phase, and one back.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use crate::cargo;
use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A phase that takes longer than this is broken off, in seconds.
const PATIENCE: u32 = 300;

/// The requests of a phase.
pub(super) struct Wanted<'a> {
    pub(super) base: &'a str,
    /// One after the other, and again from the first.
    pub(super) requests: &'a [Value],
    pub(super) connections: u16,
    /// The number of requests in all.
    pub(super) amount: u32,
}

/// The running process. It ends when its input ends, also when this process is killed.
pub(super) struct Load {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Load {
    pub(super) fn start(project: &Project) -> Result<Self> {
        let mut command = cargo::clean(project, "node");
        command.arg("tests/bench/load.mjs").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("starting node")?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, input, output })
    }

    /// Sends one phase's requests and waits for the last answer. Fails unless every one of them was a success.
    pub(super) fn phase(&mut self, wanted: &Wanted<'_>) -> Result<Value> {
        let order = json!({
            "url": wanted.base, "requests": wanted.requests, "connections": wanted.connections,
            "amount": wanted.amount, "patience": PATIENCE,
        });
        let input = self.input.as_mut().context("no input")?;
        writeln!(input, "{order}").context("the load has ended")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).context("the load has ended")?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{error}");
        }
        if answer["failed"] != 0 {
            bail!("{} requests failed; the answers were {}", answer["failed"], answer["statuses"]);
        }
        Ok(answer)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        drop(self.input.take());
        self.child.wait().ok();
    }
}
