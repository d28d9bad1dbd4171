//! A database of a test's own, with a gateway of its own, beside a running stack's: for what would disturb everyone else.

use crate::client::{StackInfo, port_of};
use crate::process::Process;
use crate::secrets::Secrets;
use crate::stack::address;
use crate::{Port, Project, database, gateway, migrations, ports};
use anyhow::{Context, Result};
use std::time::Duration;

const STOP: Duration = Duration::from_secs(15);
/// One test asks one thing after the other.
const SESSIONS: u8 = 2;

/// Migrated and empty. It is in the stack's own cluster, so it ends with that at the latest, however the test ends.
pub struct IsolatedDatabase {
    gateway: Process,
    name: String,
    superuser_url: String,
    info: StackInfo,
}

impl IsolatedDatabase {
    /// Makes it beside the stack of [`StackInfo::from_env`], and returns when its gateway answers. `name` tells it from
    /// the others that run at the same time. To be called from a thread that lives as long as it.
    ///
    /// # Errors
    /// If no stack runs, or a migration or the gateway fails.
    pub fn start(project: &Project, name: &str) -> Result<Self> {
        Self::with_sessions(project, name, SESSIONS)
    }

    /// The same, with so many sessions of its gateway, for a test that asks much at once.
    ///
    /// # Errors
    /// See [`Self::start`].
    pub fn with_sessions(project: &Project, name: &str, sessions: u8) -> Result<Self> {
        let beside = StackInfo::from_env()?;
        let file = StackInfo::file_from_env();
        let state = file.parent().context("the stack has no folder")?;
        let secrets = Secrets::of(state)?;
        let port = port_of(&beside.database).context("the database has no port")?;

        let name = format!("aside_{name}");
        let mut superuser = beside.connect()?;
        // One of this name is left by a test that was killed.
        superuser.batch_execute(&format!("drop database if exists {name} with (force)"))?;
        superuser.batch_execute(&format!("create database {name} template template0"))?;
        let url = database::url_of(&name, "postgres", &secrets.postgres, port);
        migrations::up(project, &url)?;

        let (held, admin) = (ports::hold(Port::Free)?, ports::hold(Port::Free)?);
        let (number, admin_number) = (held.number()?, admin.number()?);
        drop((held, admin));
        let gateway = gateway::start(&gateway::Wanted {
            project,
            log: &state.join("logs").join(format!("postgrest.{name}.log")),
            jwt_secret: &secrets.jwt,
            port: number,
            admin_port: admin_number,
            database_url: &database::url_of(&name, gateway::ROLE, &secrets.authenticator, port),
            sessions,
        })?;
        let info = StackInfo {
            api: None,
            gateway: address(number),
            database: url,
            mail: None,
            control: None,
            supabase: None,
            pid: beside.pid,
            jwt_secret: beside.jwt_secret,
            health_token: beside.health_token,
            picture_secret: beside.picture_secret,
        };
        Ok(Self { gateway, name, superuser_url: beside.database, info })
    }

    /// Its addresses and secrets.
    #[must_use]
    pub fn info(&self) -> &StackInfo {
        &self.info
    }
}

impl Drop for IsolatedDatabase {
    fn drop(&mut self) {
        let stopped = self.gateway.stop(STOP);
        let dropped = database::connect(&self.superuser_url).and_then(|mut superuser| {
            Ok(superuser.batch_execute(&format!("drop database if exists {} with (force)", self.name))?)
        });
        // Not a failure of the test: the next one of this name clears up.
        if let Err(error) = stopped.and(dropped) {
            eprintln!("{} was not ended: {error:#}", self.name);
        }
    }
}
