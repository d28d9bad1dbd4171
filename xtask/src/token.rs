//! `cargo xtask token`: an access token for trying things by hand.

use anyhow::Result;
use millwright_harness::client::{StackInfo, token};
use std::process::ExitCode;

/// Print an access token for the running stack
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A role (technician, supervisor, …), an e-mail address, or function:NAME
    #[arg(long = "as", value_name = "ROLE|EMAIL")]
    who: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    println!("{}", token(&StackInfo::from_env()?, &arguments.who)?);
    Ok(ExitCode::SUCCESS)
}
