//! `cargo xtask bench jobs escalation`: a full sweep over many open work orders of which some are due.

use crate::{build, dev, progress, setup};
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use millwright_harness::client::fire;
use millwright_harness::{Durability, Options, Port, Project, Stack, Workers};
use postgres::Client;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const FUNCTION: &str = "escalation-checker";
const SEED: &str = "tests/bench/escalation_seed.sql";
const FLOOR: &str = "tests/bench/escalation_floor.sql";

/// Sweeps of escalation
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Open work orders
    #[arg(long, default_value_t = 100_000)]
    stored: i64,
    /// How many of them are due at each firing
    #[arg(long, default_value_t = 10_000)]
    due: i64,
    /// How often both are measured; the medians are told
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=9))]
    rounds: u16,
    /// Then once more, with this many times as many open work orders that are not due; 1 leaves that out
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=50))]
    times: u16,
}

/// One firing, and one statement that does the same.
struct Round {
    firing: Duration,
    floor: Duration,
    calls: u64,
    memory_kib: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    let tools = setup::prepare(&project)?;
    build::all(&project, &tools)?;
    let bench = Bench { project: &project, arguments };
    let mut told = vec![bench.measure(arguments.stored)?];
    if arguments.times > 1 {
        let not_due = arguments.stored - arguments.due;
        told.push(bench.measure(not_due * i64::from(arguments.times) + arguments.due)?);
    }
    let path = project.target().join("bench/escalation.json");
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(&path, serde_json::to_vec_pretty(&told)?)
        .with_context(|| format!("writing {}", path.display()))?;
    println!("\nall of it is in {}", path.display());
    Ok(ExitCode::SUCCESS)
}

struct Bench<'a> {
    project: &'a Project,
    arguments: &'a Arguments,
}

impl Bench<'_> {
    /// Rounds over so many open work orders, on a stack of their own.
    fn measure(&self, stored: i64) -> Result<Value> {
        progress::step(&format!("starting a fresh stack with {stored} open work orders"));
        let mut stack = Stack::start(self.project, self.options()?)?;
        let mut database = stack.info().connect()?;
        let first = self.seed(&mut database, stored)?;
        let rounds = (0..i32::from(self.arguments.rounds))
            .map(|round| self.round(&stack, &mut database, first, round))
            .collect::<Result<Vec<_>>>()?;
        stack.check()?;
        stack.stop()?;
        Ok(self.tell(stored, &rounds))
    }

    fn options(&self) -> Result<Options> {
        Ok(Options {
            state: self.project.target().join("stack-bench"),
            fresh: true,
            demo: true,
            prove_way_back: false,
            durability: Durability::None,
            database: Port::Free,
            gateway: Port::Free,
            workers: Some(Workers {
                api: Port::Free,
                mail: Port::Free,
                control: Port::Free,
                guard: dev::guard()?,
                supabase: false,
                limited: false,
                counted: true,
                stand_ins: Vec::new(),
            }),
            say: |message| println!("  {message}"),
        })
    }

    fn sql(&self, path: &str) -> Result<String> {
        let path = self.project.root().join(path);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// Two groups that become due for each round: one for a firing, one for the statement. Answers with when the first does.
    fn seed(&self, database: &mut Client, stored: i64) -> Result<DateTime<Utc>> {
        // The demo's own work would be due, too.
        database.batch_execute(
            "update public.work_orders set status = 'cancelled', hold_reason = null
               where status in ('new', 'assigned', 'in_progress', 'on_hold');
             set session_replication_role = replica",
        )?;
        let first: String = database
            .query_one("select to_char(date_trunc('day', now()) + interval '2 days', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", &[])?
            .get(0);
        let groups = i64::from(self.arguments.rounds) * 2;
        ensure!(stored >= groups * self.arguments.due, "more is to become due than is stored");
        let first = first.parse::<DateTime<Utc>>()?;
        database.execute(&self.sql(SEED)?, &[&stored, &self.arguments.due, &groups, &first.to_rfc3339()])?;
        database.batch_execute("set session_replication_role = origin")?;
        // Now, so that no plan changes in the middle.
        database.batch_execute("vacuum analyze")?;
        database.batch_execute("checkpoint")?;
        Ok(first)
    }

    fn round(&self, stack: &Stack, database: &mut Client, first: DateTime<Utc>, round: i32) -> Result<Round> {
        let moment = |group: i32| first + Duration::from_mins(10) * u32::try_from(group).unwrap_or_default();
        let at = moment(2 * round);
        let fired = fire(stack.info(), FUNCTION, None, Some(at))?;
        let run = fired.run.context("the firing is not recorded")?;
        let count =
            |name: &str| run.pointer(&format!("/counts/{name}")).and_then(Value::as_u64).unwrap_or_default();
        let due = u64::try_from(self.arguments.due)?;
        ensure!(
            run.get("outcome") == Some(&json!("done")) && count("escalated") == due,
            "it did not do what it should: {run}"
        );

        let floor = self.sql(FLOOR)?;
        let begun = moment_there(database)?;
        let raised: i64 = database.query_one(&floor, &[&moment(2 * round + 1).to_rfc3339()])?.get(0);
        let floor = Duration::try_from_secs_f64(moment_there(database)? - begun)?;
        ensure!(raised == self.arguments.due, "the statement raised {raised}");
        let calls = calls(stack, &fired.scheduled_time)?;
        let firing = Duration::from_millis(fired.duration_ms);
        println!("  firing {firing:.2?}, statement {floor:.2?}, {calls} calls of the gateway");
        Ok(Round { firing, floor, calls, memory_kib: count("wasm_memory_bytes") / 1024 })
    }

    fn tell(&self, stored: i64, rounds: &[Round]) -> Value {
        let seconds = |of: fn(&Round) -> Duration| median(rounds.iter().map(|round| of(round).as_secs_f64()));
        let (firing, floor) = (seconds(|round| round.firing), seconds(|round| round.floor));
        let ratio = median(rounds.iter().map(|round| round.firing.as_secs_f64() / round.floor.as_secs_f64()));
        let calls = rounds.iter().map(|round| round.calls).max();
        let memory = rounds.iter().map(|round| round.memory_kib).max();
        let due = self.arguments.due;
        println!(
            "{stored} open, {due} escalated: {firing:.2} s, one statement {floor:.2} s, ratio {ratio:.2}, \
             {} calls, {} KiB of Wasm memory",
            calls.unwrap_or_default(),
            memory.unwrap_or_default()
        );
        json!({"stored": stored, "due": due, "rounds": rounds.len(), "firing_seconds": firing, "statement_seconds": floor,
            "ratio": ratio, "gateway_calls": calls, "memory_kib": memory})
    }
}

/// How often the gateway was asked by the firing for this moment.
fn calls(stack: &Stack, scheduled_time: &str) -> Result<u64> {
    let url = format!("{}/round-trips?request_id={FUNCTION}/{scheduled_time}", stack.info().control()?);
    let answer: Value = ureq::get(&url).call()?.body_mut().read_json()?;
    answer.get("round_trips").and_then(Value::as_u64).context("nobody counted")
}

/// The database's clock, in seconds.
fn moment_there(database: &mut Client) -> Result<f64> {
    Ok(database.query_one("select extract(epoch from clock_timestamp())::float8", &[])?.get(0))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
