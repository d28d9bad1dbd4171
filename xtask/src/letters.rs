//! `cargo xtask letters`: the mails with links that wait to be sent.

use anyhow::Result;
use millwright_harness::client::StackInfo;
use millwright_harness::letters;
use std::process::ExitCode;

/// Print the invitations and other mails with links that wait, with their tokens
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The database; without it, that of the running stack
    #[arg(long, value_name = "URL", env = "MILLWRIGHT_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let url = match &arguments.database_url {
        Some(url) => url.clone(),
        None => StackInfo::from_env()?.database,
    };
    for letter in letters::waiting(&url)? {
        println!("{} to {}, until {}", letter.kind, letter.email, letter.until);
        if let Some(token) = letter.token {
            let path = if letter.kind == "email_confirmation" { "email/confirm" } else { "accept" };
            println!("  for POST /api/auth/{path}: {token}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
