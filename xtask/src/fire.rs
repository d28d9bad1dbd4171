//! `cargo xtask fire`: fires a cron of a function on the running stack.

use anyhow::{Context, Result};
use millwright_harness::client::{StackInfo, fire};
use std::process::ExitCode;

/// Fire a cron of a function on the running stack, and show what it did
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The function
    function: String,
    /// One of its crons; without it, its first one
    #[arg(long, value_name = "EXPR")]
    cron: Option<String>,
    /// The scheduled time (RFC 3339); without it, now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let at = arguments
        .at
        .as_deref()
        .map(|text| text.parse().with_context(|| format!("`{text}` is no time like 2026-03-01T02:00:00Z")));
    let stack = StackInfo::from_env()?;
    let fired = fire(&stack, &arguments.function, arguments.cron.as_deref(), at.transpose()?)?;
    println!("{}", serde_json::to_string_pretty(&fired)?);
    Ok(match fired.outcome.as_str() {
        "ok" => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
