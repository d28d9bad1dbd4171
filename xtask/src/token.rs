//! `cargo xtask token`: an access token for trying things by hand.

use anyhow::Result;
use millwright_harness::client::{StackInfo, function_token, token};
use std::process::ExitCode;

/// Print an access token for the running stack
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A role (technician, supervisor, …), an e-mail address, or function:NAME
    #[arg(long = "as", value_name = "ROLE|EMAIL")]
    who: String,
    /// Signs a function's token for a deployment instead of the running stack
    #[arg(long, value_name = "SECRET", env = "MILLWRIGHT_JWT_SECRET", hide_env_values = true)]
    jwt_secret: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { who, jwt_secret } = arguments;
    let token = match (who.strip_prefix("function:"), jwt_secret) {
        (Some(function), Some(secret)) => function_token(secret, function)?,
        _ => token(&StackInfo::from_env()?, who)?,
    };
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}
