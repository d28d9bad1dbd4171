//! `cargo xtask bench jobs preventive`: a firing of the scheduler, beside one SQL statement that writes the same rows.

mod firing;

use crate::{build, dev, progress, setup};
use anyhow::{Context, Result};
use millwright_harness::{Durability, Options, Port, Project, Stack, StandIn, Workers};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Firings of the scheduler
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many are due in one firing
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    due: u32,
    /// How many of them the row-at-a-time Worker is measured with
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    sample: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    let tools = setup::prepare(&project)?;
    build::all(&project, &tools)?;
    let peer = super::bundle(&project, "tests/bench/typescript/pm.ts", "bench/pm.mjs")?;
    progress::step("starting a fresh stack");
    let mut stack = Stack::start(&project, options(&project, peer)?)?;
    let told = firing::measure(&project, &stack, arguments)?;
    told.print();
    keep(&project, "pm", &told.json())?;
    stack.check()?;
    stack.stop()?;
    Ok(if told.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Keeps the figures of one job, beside those of the others.
fn keep(project: &Project, job: &str, figures: &Value) -> Result<()> {
    let path = project.target().join(format!("bench/{job}.json"));
    fs::write(&path, serde_json::to_string_pretty(figures)?)
        .with_context(|| format!("writing {}", path.display()))?;
    println!("\nall of it is in {}", path.display());
    Ok(())
}

fn options(project: &Project, peer: PathBuf) -> Result<Options> {
    Ok(Options {
        state: project.target().join("stack-bench"),
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
            counted: false,
            stand_ins: vec![StandIn { name: "bench-pm".to_owned(), script: peer }],
        }),
        say: |message| println!("  {message}"),
    })
}
