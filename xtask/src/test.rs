//! `cargo xtask test`: the ladder of tests, from pure rules to the whole stack.

mod mutants;
mod runner;
mod tally;

use crate::{build, dev, progress, setup};
use anyhow::Result;
use clap::ValueEnum;
use millwright_harness::{Options, Port, Profile, Project, Stack, Workers};
use runner::Runner;
use std::process::ExitCode;
use tally::Tally;

/// Run the tests: all of them, or one rung of the ladder
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// domain: rules and everything else that needs no stack; contract: migrations and store against a real database
    /// and gateway; stack: all functions in workerd; clients: what programs that others wrote make of it (schemathesis,
    /// generators of clients, linters of the description, Supabase's client, two libraries of tokens), and a fuzzer at the gateway
    rung: Option<Rung>,
    /// Take the time to try everything: all plays of the sync simulation, properties with many more cases, many more rounds
    /// of the fuzzer, and whether a test notices when the domain is broken (a shard of its pieces)
    #[arg(long)]
    long: bool,
    /// Run it so many times in a row, each time on fresh stacks and with another seed; a failure ends it
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    times: u32,
}

/// The seed of what programs that others wrote try in the second turn; the first has each test's own.
const SECOND_SEED: u32 = 20_261_127;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rung {
    Domain,
    Contract,
    Stack,
    Clients,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut runner = Runner::new(arguments.long)?;
    let mut tally = Tally::default();
    for turn in 1..=arguments.times {
        if turn > 1 {
            runner.seed = Some(SECOND_SEED + turn);
        }
        tally += ladder(&runner, arguments.rung);
        if runner.interrupted() {
            return Ok(ExitCode::from(130));
        }
        if arguments.times > 1 {
            let seed = runner.seed.map_or_else(String::new, |seed| format!(", MILLWRIGHT_SEED={seed}"));
            println!("turn {turn} of {}{seed}: so far {tally}", arguments.times);
        }
        if !tally.is_good() {
            break;
        }
    }
    println!("{tally}");
    Ok(if tally.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every rung, or the only one that is wanted.
fn ladder(runner: &Runner, only: Option<Rung>) -> Tally {
    let wants = |rung| only.is_none_or(|wanted| wanted == rung);
    let mut tally = Tally::default();
    if wants(Rung::Domain) {
        tally += runner.test(&Rung::Domain.selection(), None);
        if runner.long && tally.is_good() {
            tally += counted(runner, mutants::run);
        }
    }
    if wants(Rung::Contract) || wants(Rung::Stack) {
        tally +=
            counted(runner, |runner| contract_and_stack(runner, wants(Rung::Contract), wants(Rung::Stack)));
    }
    if wants(Rung::Clients) {
        tally += counted(runner, clients);
    }
    tally
}

impl Rung {
    const ALL: [Self; 4] = [Self::Domain, Self::Contract, Self::Stack, Self::Clients];

    /// The crate with the rung's tests. The first rung is everything that needs no stack; the pure parts of the functions
    /// run natively, too.
    fn package(self) -> Option<&'static str> {
        match self {
            Self::Domain => None,
            Self::Contract => Some("millwright-contract-tests"),
            Self::Stack => Some("millwright-stack-tests"),
            Self::Clients => Some("millwright-clients-tests"),
        }
    }

    /// Arguments of `cargo test`. They name the workspace and what of it to leave out, because naming one crate gives
    /// packages other features, and everything would be compiled again for each rung.
    fn selection(self) -> Vec<&'static str> {
        let others = Self::ALL.into_iter().filter(|other| *other != self).filter_map(Self::package);
        let excluded = others.flat_map(|package| ["--exclude", package]);
        // Only the crates of rungs have tests in files of their own.
        let of_package: &[_] = if self == Self::Domain { &[] } else { &["--test", "*"] };
        ["--workspace"].into_iter().chain(excluded).chain(of_package.iter().copied()).collect()
    }
}

/// Runs rungs unless Ctrl-C was pressed. What could not even be started counts as one failure.
fn counted(runner: &Runner, rungs: impl FnOnce(&Runner) -> Result<Tally>) -> Tally {
    if runner.interrupted() {
        return Tally::default();
    }
    rungs(runner).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Tally { passed: 0, failed: 1 }
    })
}

/// One fresh stack for both rungs. It is stopped when this returns, after an error too.
fn contract_and_stack(runner: &Runner, contract: bool, stack: bool) -> Result<Tally> {
    let project = Project::here();
    let mut tally = Tally::default();
    // Read before `cargo test` may replace this program's file.
    let workers = Workers { limited: true, counted: true, ..workers()? };
    setup::prepare(&project)?;
    if stack {
        build::all(&project, Profile::Development)?;
    }
    progress::step(if contract {
        "starting a fresh database and gateway: migrations up, down and up again"
    } else {
        "starting a fresh database and gateway"
    });
    let mut running = Stack::start(&project, options(&project, contract))?;
    let info = running.info_file();
    if contract {
        // The migrations' way back counts as one test: had it failed, the start would have failed.
        tally.passed += 1;
        tally += runner.test(&Rung::Contract.selection(), Some(&info));
    }
    if stack && !runner.interrupted() {
        progress::step("starting the functions");
        running.add_workers(&workers)?;
        tally += runner.test(&Rung::Stack.selection(), Some(&info));
        running.check()?;
    }
    running.stop()?;
    Ok(tally)
}

/// A fresh stack of their own: what they write by the thousand would be in the way of everyone else.
fn clients(runner: &Runner) -> Result<Tally> {
    let project = Project::here();
    let workers = workers()?;
    setup::prepare(&project)?;
    setup::python(&project)?;
    build::all(&project, Profile::Development)?;
    progress::step("starting a fresh stack for the programs that others wrote and the fuzzer");
    let mut running = Stack::start(&project, Options { workers: Some(workers), ..options(&project, false) })?;
    let tally = runner.test_with_seed(&Rung::Clients.selection(), Some(&running.info_file()));
    running.check()?;
    running.stop()?;
    Ok(tally)
}

/// All functions, on ports that are free.
fn workers() -> Result<Workers> {
    Ok(Workers {
        profile: Profile::Development,
        api: Port::Free,
        mail: Port::Free,
        control: Port::Free,
        guard: dev::guard()?,
        supabase: true,
        limited: false,
        counted: false,
        stand_ins: Vec::new(),
    })
}

fn options(project: &Project, prove_way_back: bool) -> Options {
    Options { demo: true, prove_way_back, ..dev::temporary(project, "test") }
}
