//! Postgres: its cluster, its process, and connections to it.

mod cluster;
mod home;
mod stale;

use crate::process::Process;
use crate::secrets::Secrets;
use crate::stack::Durability;
use crate::{Project, wait};
use anyhow::{Context, Result};
use home::Home;
use postgres::{Client, NoTls};
use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const START: Duration = Duration::from_mins(1);
const STOP: Duration = Duration::from_mins(1);

/// A running Postgres.
pub(crate) struct Database {
    // Dropped in this order: first the process ends, then its folder may go.
    process: Process,
    _home: Home,
    url: String,
}

/// The settings of a database.
pub(crate) struct Wanted<'a> {
    pub(crate) project: &'a Project,
    pub(crate) state: &'a Path,
    pub(crate) logs: &'a Path,
    pub(crate) secrets: &'a Secrets,
    pub(crate) port: u16,
    pub(crate) durability: Durability,
}

impl Database {
    /// Makes the cluster when there is none, and starts the server.
    pub(crate) fn start(wanted: &Wanted<'_>) -> Result<Self> {
        let home = Home::prepare(wanted)?;
        cluster::create(&home, wanted)?;
        stale::stop(&home.data())?;

        let mut command = home.command("postgres");
        command.arg("-D").arg(home.data());
        settings(&mut command, wanted);
        let mut process = Process::spawn(
            "Postgres",
            &mut command,
            &wanted.logs.join("postgres.log"),
            // Fast shutdown: open sessions are ended, what is committed is safe.
            Signal::INT,
        )?;
        let url = url("postgres", &wanted.secrets.postgres, wanted.port);
        process.wait_until("that Postgres answers", START, || Client::connect(&url, NoTls).is_ok())?;
        Ok(Self { process, _home: home, url })
    }

    /// The superuser's URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Fails when the server has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.process.check()
    }

    /// Shuts the server down and waits for it.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.process.stop(STOP)
    }
}

/// The URL of the database for a role.
pub(crate) fn url(role: &str, password: &str, port: u16) -> String {
    url_of("postgres", role, password, port)
}

/// The same, for another database of the cluster.
pub(crate) fn url_of(name: &str, role: &str, password: &str, port: u16) -> String {
    format!("postgres://{role}:{password}@127.0.0.1:{port}/{name}?sslmode=disable")
}

/// Opens a session.
pub(crate) fn connect(url: &str) -> Result<Client> {
    // The error of the driver says nothing of the URL, which holds a password.
    Client::connect(url, NoTls).context("connecting to the database")
}

/// Removes what a stack with this state folder keeps outside it.
pub(crate) fn forget(project: &Project, state: &Path) -> Result<()> {
    if let Some(data) = home::data_outside(project, state) {
        stale::stop(&data)?;
    }
    stale::stop(&home::data_inside(state))?;
    home::remove_outside(project, state)
}

fn settings(command: &mut Command, wanted: &Wanted<'_>) {
    command
        .args(["-p", &wanted.port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        // Everyone comes over TCP: a socket file would need a folder that both users may write.
        .args(["-c", "unix_socket_directories="])
        .args(["-c", "timezone=UTC", "-c", "log_timezone=UTC"])
        .args(["-c", "max_connections=100"])
        // As hosted Postgres has it, whose disks have no heads to move.
        .args(["-c", "random_page_cost=1.1"])
        // Compiling each of many small statements costs more than it saves.
        .args(["-c", "jit=off"]);
    if wanted.durability == Durability::None {
        command
            .args(["-c", "fsync=off", "-c", "full_page_writes=off"])
            .args(["-c", "synchronous_commit=off"]);
    }
}

/// Waits until `ready` holds, for a reason that has nothing to do with a process of ours.
fn wait_for(what: &str, deadline: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
    wait::until(what, deadline, || Ok(ready().then_some(())))
}
