//! PostgREST, set as a hosted Supabase sets it.

use crate::process::Process;
use crate::secrets::Secrets;
use crate::{Project, database, keys};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const START: Duration = Duration::from_secs(30);

/// What the gateway needs to know to start.
pub(crate) struct Wanted<'a> {
    pub(crate) project: &'a Project,
    pub(crate) logs: &'a Path,
    pub(crate) secrets: &'a Secrets,
    pub(crate) port: u16,
    pub(crate) admin_port: u16,
    pub(crate) database_port: u16,
    pub(crate) database_url: &'a str,
}

/// Gives the gateway's role its password and starts the gateway; returns when it has read the schema.
pub(crate) fn start(wanted: &Wanted<'_>) -> Result<Process> {
    let password = &wanted.secrets.authenticator;
    // The password is hexadecimal, so it needs no quoting; `alter role` takes no parameters.
    database::connect(wanted.database_url)?
        .batch_execute(&format!("alter role authenticator login password '{password}'"))
        .context("giving the role `authenticator` its password")?;

    let uri = database::url("authenticator", password, wanted.database_port);
    let mut command = Command::new(wanted.project.postgrest()?);
    command
        .env("PGRST_DB_URI", uri)
        .env("PGRST_DB_SCHEMAS", "public,functions")
        .env("PGRST_DB_EXTRA_SEARCH_PATH", "public")
        .env("PGRST_DB_ANON_ROLE", "anon")
        .env("PGRST_DB_POOL", "20")
        .env("PGRST_JWT_SECRET", keys::published(&wanted.secrets.jwt)?.to_string())
        .env("PGRST_SERVER_HOST", "127.0.0.1")
        .env("PGRST_SERVER_PORT", wanted.port.to_string())
        .env("PGRST_ADMIN_SERVER_PORT", wanted.admin_port.to_string());
    let mut process =
        Process::spawn("PostgREST", &mut command, &wanted.logs.join("postgrest.log"), Signal::TERM)?;
    let ready = format!("http://127.0.0.1:{}/ready", wanted.admin_port);
    process.wait_until("that PostgREST is ready", START, || ureq::get(&ready).call().is_ok())?;
    Ok(process)
}
