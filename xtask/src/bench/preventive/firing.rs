//! The preventive maintenance scheduler: a firing beside its floor, beside a Worker that writes row by row, and among ten
//! times as many schedules that are not due.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use super::Arguments;
use crate::progress;
use anyhow::{Context, Result, ensure};
use millwright_harness::client::{fire, token};
use millwright_harness::{Project, Stack};
use serde_json::{Value, json};
use std::fs;
use std::time::Instant;

const FUNCTION: &str = "pm-scheduler";
/// At most so many times the floor.
const MOST_OF_FLOOR: f64 = 2.5;
const MOST_MEMORY: f64 = 64e6;
const MOST_SECONDS: f64 = 600.0;
const MOST_CALLS: f64 = 10_000.0;
/// How many schedules are stored for each that is due, at last.
const STORED: i64 = 10;

/// What was measured.
pub(super) struct Told {
    due: u32,
    floor_seconds: f64,
    firing: Firing,
    /// Of the Worker that writes row by row, scaled to all that are due.
    row_by_row_seconds: f64,
    floor_among_many_seconds: f64,
    among_many: Firing,
}

/// One firing.
struct Firing {
    seconds: f64,
    calls: f64,
    memory: f64,
}

/// Seeds and measures, one after the other: all write to the same tables, the floor first, when they are smallest.
pub(super) fn measure(project: &Project, stack: &Stack, arguments: &Arguments) -> Result<Told> {
    let (due, sample) = (i64::from(arguments.due), i64::from(arguments.sample));
    let mut bench = Bench { project, stack, database: stack.info().connect()? };
    progress::step(&format!("seeding {due} machines"));
    bench.run("machines", &[&due])?;
    let floor_seconds = bench.floor(due)?;

    bench.seed(due, 0)?;
    progress::step("a firing");
    let firing = bench.fire(arguments.due)?;

    bench.seed(sample, 0)?;
    progress::step("a Worker that writes row by row");
    let row_by_row_seconds =
        bench.row_by_row(sample)? * f64::from(arguments.due) / f64::from(arguments.sample);

    for n in 1..=STORED {
        progress::step(&format!("seeding {due} schedules that are not due ({n} of {STORED})"));
        bench.run("schedules", &[&due, &400_i32])?;
    }
    let floor_among_many_seconds = bench.floor(due)?;
    bench.seed(due, 0)?;
    progress::step("a firing among them");
    let among_many = bench.fire(arguments.due)?;
    Ok(Told {
        floor_among_many_seconds,
        due: arguments.due,
        floor_seconds,
        firing,
        row_by_row_seconds,
        among_many,
    })
}

struct Bench<'a> {
    project: &'a Project,
    stack: &'a Stack,
    database: postgres::Client,
}

impl Bench<'_> {
    /// Runs a statement of `tests/bench/pm`. Answers with how many rows it wrote.
    fn run(&mut self, name: &str, parameters: &[&(dyn postgres::types::ToSql + Sync)]) -> Result<u64> {
        let path = self.project.root().join(format!("tests/bench/pm/{name}.sql"));
        let sql = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        self.database.execute(&sql, parameters).with_context(|| format!("running {}", path.display()))
    }

    fn seed(&mut self, schedules: i64, in_days: i32) -> Result<()> {
        progress::step(&format!("seeding {schedules} schedules that are due"));
        self.run("schedules", &[&schedules, &in_days])?;
        // They are in step with their machines. Now, so that no plan changes in the middle.
        self.database.batch_execute("delete from private.pm_stale; update public.events set expanded_at = now() where expanded_at is null")?;
        self.database.batch_execute("vacuum analyze")?;
        Ok(())
    }

    fn floor(&mut self, due: i64) -> Result<f64> {
        self.seed(due, 0)?;
        progress::step("the floor: one statement");
        let (written, seconds) = timed(|| self.run("floor", &[]))?;
        ensure!(i64::try_from(written)? == due, "the floor wrote {written}");
        Ok(seconds)
    }

    fn fire(&mut self, due: u32) -> Result<Firing> {
        let fired = fire(self.stack.info(), FUNCTION, None, None)?;
        let run = fired.run.context("nothing was recorded")?;
        let count = |name: &str| run["counts"][name].as_f64().unwrap_or_default();
        ensure!(run["outcome"] == "done" && count("generated") >= f64::from(due), "{run}");
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a firing")]
        let seconds = fired.duration_ms as f64 / 1000.0;
        // Beside its own: its beginning, its end, and the nudge.
        Ok(Firing { seconds, calls: count("gateway_calls") + 3.0, memory: count("wasm_memory_bytes") })
    }

    fn row_by_row(&self, sample: i64) -> Result<f64> {
        let info = self.stack.info();
        let url = self.stack.stand_ins().first().context("no stand-in")?;
        let body = json!({"token": token(info, &format!("function:{FUNCTION}"))?, "limit": sample});
        let ask = || -> Result<Value> { Ok(ureq::post(url).send_json(&body)?.body_mut().read_json()?) };
        let (answer, seconds) = timed(ask)?;
        ensure!(answer["generated"] == sample, "{answer}");
        Ok(seconds)
    }
}

/// What comes of it, and how many seconds it took.
#[expect(clippy::disallowed_methods, reason = "this is no worker: it runs on the machine itself")]
fn timed<R>(act: impl FnOnce() -> Result<R>) -> Result<(R, f64)> {
    let started = Instant::now();
    Ok((act()?, started.elapsed().as_secs_f64()))
}

impl Told {
    fn rate(&self, seconds: f64) -> f64 {
        f64::from(self.due) / seconds
    }

    /// What is judged: its name, what it is, and what it may be at most.
    fn figures(&self) -> [(&'static str, f64, f64); 6] {
        [
            ("firing ÷ floor", self.firing.seconds / self.floor_seconds, MOST_OF_FLOOR),
            (
                "firing ÷ floor, among ten times as many",
                self.among_many.seconds / self.floor_among_many_seconds,
                MOST_OF_FLOOR,
            ),
            ("seconds of the firing", self.firing.seconds, MOST_SECONDS),
            ("calls of the gateway", self.firing.calls, MOST_CALLS),
            ("Wasm memory, bytes", self.firing.memory, MOST_MEMORY),
            ("Wasm memory among ten times as many, bytes", self.among_many.memory, MOST_MEMORY),
        ]
    }

    pub(super) fn is_good(&self) -> bool {
        self.figures().iter().all(|(_, figure, most)| figure <= most)
    }

    pub(super) fn print(&self) {
        println!(
            "\n{} due occurrences, each with a work order, three checklist items, an event and its decision",
            self.due
        );
        for (name, seconds) in [
            ("one statement (floor)", self.floor_seconds),
            ("pm-scheduler", self.firing.seconds),
            ("floor among 10× stored", self.floor_among_many_seconds),
            ("pm-scheduler among 10× stored", self.among_many.seconds),
            ("TypeScript, row by row (scaled)", self.row_by_row_seconds),
        ] {
            println!("  {name:<34} {seconds:>9.1} s {:>9.0} a second", self.rate(seconds));
        }
        println!();
        for (name, figure, most) in self.figures() {
            let judged = if figure <= most { "" } else { "   too much" };
            println!("  {name:<44} {figure:>14.2}   at most {most}{judged}");
        }
        let ratio = self.row_by_row_seconds / self.firing.seconds;
        println!("  {:<44} {ratio:>14.1}", "row by row ÷ firing");
    }

    pub(super) fn json(&self) -> Value {
        let figures =
            self.figures().map(|(name, figure, most)| json!({"name": name, "figure": figure, "most": most}));
        json!({"due": self.due, "floor_seconds": self.floor_seconds, "firing_seconds": self.firing.seconds,
            "floor_among_many_seconds": self.floor_among_many_seconds, "among_many_seconds": self.among_many.seconds, "row_by_row_seconds": self.row_by_row_seconds, "figures": figures})
    }
}
