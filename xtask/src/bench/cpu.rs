//! The CPU time of a process, as the kernel counts it.

use anyhow::{Context, Result};
use std::fs;

/// The CPU time of one process.
pub(super) struct Clock {
    process: u32,
    ticks_per_second: f64,
}

impl Clock {
    pub(super) fn of(process: u32) -> Self {
        let ticks = u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100);
        Self { process, ticks_per_second: f64::from(ticks) }
    }

    /// User and system time of all its threads, those that have ended too, in milliseconds.
    pub(super) fn milliseconds(&self) -> Result<f64> {
        let stat = Stat::of(self.process)?;
        Ok((stat.user + stat.system) * 1000.0 / self.ticks_per_second)
    }
}

/// The child of `parent` that runs the program `name`.
pub(super) fn child_called(name: &str, parent: u32) -> Result<u32> {
    let processes = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_it =
        |process: &u32| Stat::of(*process).is_ok_and(|stat| stat.parent == parent && stat.name == name);
    processes.into_iter().find(is_it).with_context(|| format!("process {parent} has no child called {name}"))
}

/// A line of `/proc/<pid>/stat`, see `proc_pid_stat(5)`.
#[derive(Debug, PartialEq)]
struct Stat {
    name: String,
    parent: u32,
    user: f64,
    system: f64,
}

impl Stat {
    fn of(process: u32) -> Result<Self> {
        let path = format!("/proc/{process}/stat");
        let line = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        Self::parse(&line).with_context(|| format!("{path} looks different"))
    }

    fn parse(line: &str) -> Option<Self> {
        // The name may contain anything, a parenthesis too.
        let (before, after) = line.rsplit_once(')')?;
        let name = before.split_once('(')?.1.to_owned();
        let mut fields = after.split_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let user = fields.nth(9)?.parse().ok()?;
        let system = fields.next()?.parse().ok()?;
        Some(Self { name, parent, user, system })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name_is() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 9 0 1 1 1";
        let expected = Stat { name: "a) b (c".to_owned(), parent: 7, user: 150.0, system: 25.0 };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("42 (a"), None);
    }

    #[test]
    fn this_process_has_used_some_time() {
        assert!(Clock::of(std::process::id()).milliseconds().unwrap() >= 0.0);
        assert!(child_called("nobody", std::process::id()).is_err());
    }
}
