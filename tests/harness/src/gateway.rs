//! PostgREST, set as a hosted Supabase sets it. What it may show and let in is set by the migrations, in the database.

use crate::process::Process;
use crate::{Project, database, keys};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const START: Duration = Duration::from_secs(30);

/// The settings of the gateway.
pub(crate) struct Wanted<'a> {
    pub(crate) project: &'a Project,
    pub(crate) log: &'a Path,
    /// The secret that tokens are signed with.
    pub(crate) jwt_secret: &'a str,
    pub(crate) port: u16,
    pub(crate) admin_port: u16,
    /// The database, as the role that the gateway connects as.
    pub(crate) database_url: &'a str,
    /// The most sessions that it may have there.
    pub(crate) sessions: u8,
}

/// The role that the gateway connects as.
pub(crate) const ROLE: &str = "authenticator";

/// Gives the gateway's role its password.
pub(crate) fn admit(superuser_url: &str, password: &str) -> Result<()> {
    // The password is hexadecimal, so it needs no quoting; `alter role` takes no parameters.
    database::connect(superuser_url)?
        .batch_execute(&format!("alter role {ROLE} login password '{password}'"))
        .with_context(|| format!("giving the role `{ROLE}` its password"))
}

/// Starts the gateway; returns when it has read the schema.
pub(crate) fn start(wanted: &Wanted<'_>) -> Result<Process> {
    let mut command = Command::new(wanted.project.postgrest()?);
    command
        .env("PGRST_DB_URI", wanted.database_url)
        // The migrations set them, too, and what they set counts. But a gateway whose session ends while it reads that goes on
        // with what it was started with, and would know none of our functions.
        .env("PGRST_DB_SCHEMAS", "public,functions")
        .env("PGRST_DB_EXTRA_SEARCH_PATH", "public")
        .env("PGRST_DB_PRE_REQUEST", "private.admit")
        .env("PGRST_DB_MAX_ROWS", "1000")
        .env("PGRST_DB_ANON_ROLE", "anon")
        .env("PGRST_DB_POOL", wanted.sessions.to_string())
        .env("PGRST_JWT_SECRET", keys::published(wanted.jwt_secret)?.to_string())
        .env("PGRST_SERVER_HOST", "127.0.0.1")
        .env("PGRST_SERVER_PORT", wanted.port.to_string())
        .env("PGRST_ADMIN_SERVER_PORT", wanted.admin_port.to_string());
    let mut process = Process::spawn("PostgREST", &mut command, wanted.log, Signal::TERM)?;
    let ready = format!("http://127.0.0.1:{}/ready", wanted.admin_port);
    process.wait_until("that PostgREST is ready", START, || ureq::get(&ready).call().is_ok())?;
    Ok(process)
}
