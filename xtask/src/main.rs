//! The tasks a person runs: `cargo xtask dev`, `test`, `check` and so on.
//!
//! In scope: setting up what is missing, building the functions, starting the stack, the checks. Not in scope: what
//! the stack is made of (that is the crate `millwright-harness`), and every product rule.

mod artifact;
mod audit;
mod bench;
mod build;
mod cargo;
mod check;
mod dev;
mod docs;
mod fire;
mod guard;
mod letters;
mod migrate;
mod module;
mod progress;
mod setup;
mod test;
mod token;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Millwright's tasks
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Dev(dev::Arguments),
    Build(build::Arguments),
    Test(test::Arguments),
    Fire(fire::Arguments),
    Token(token::Arguments),
    Letters(letters::Arguments),
    Migrate(migrate::Arguments),
    Audit(audit::Arguments),
    Bench(bench::Arguments),
    Check(check::Arguments),
    #[command(hide = true)]
    Guard(guard::Arguments),
}

fn main() -> ExitCode {
    let done = match Command::parse().task {
        Task::Dev(arguments) => dev::run(&arguments),
        Task::Build(arguments) => build::run(&arguments),
        Task::Test(arguments) => test::run(&arguments),
        Task::Fire(arguments) => fire::run(&arguments),
        Task::Token(arguments) => token::run(&arguments),
        Task::Letters(arguments) => letters::run(&arguments),
        Task::Migrate(arguments) => migrate::run(&arguments),
        Task::Audit(arguments) => audit::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Check(arguments) => check::run(&arguments),
        Task::Guard(arguments) => guard::run(&arguments),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
