//! The stack as a whole: what starts in which order, and how it stops.

use crate::client::{StackInfo, SupabaseInfo};
use crate::database::{self, Database};
use crate::edge::SupabasePorts;
use crate::ports::{self, Held, Port};
use crate::process::Process;
use crate::secrets::Secrets;
use crate::state::State;
use crate::{Profile, Project, demo, edge, gateway, migrations, wait};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::time::Duration;

const STOP: Duration = Duration::from_secs(15);
const LEAVE: Duration = Duration::from_secs(5);

/// The durability of a commit at a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It survives, as in production.
    Full,
    /// It may be lost, and commits are much faster: for tests.
    None,
}

/// The functions, when the stack has them.
#[derive(Debug, Clone)]
pub struct Workers {
    /// Which of the built modules run.
    pub profile: Profile,
    /// The API's port.
    pub api: Port,
    /// The port of the catcher of mails.
    pub mail: Port,
    /// The port that fires crons.
    pub control: Port,
    /// True: a second API runs that signs people in at a stand-in for Supabase Auth.
    pub supabase: bool,
    /// True: the functions of the two engines run once more for each of several limits: `free-plan`, `few-calls` and
    /// `more-calls` may ask the platform for 50, 8 and 9 things in a firing, and `short` goes on for a second.
    pub limited: bool,
    /// True: the functions reach the gateway through a proxy that counts their calls. It costs time.
    pub counted: bool,
    /// A program and its first arguments that run the rest of their arguments so that these die with the caller.
    pub guard: Vec<String>,
    /// Scripts to measure beside the functions. With any of them, no queue is consumed: nothing but what is asked for
    /// runs.
    pub stand_ins: Vec<StandIn>,
}

/// A script in the API's place: it is bound to all that the API is, and answers on a port of its own.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// Its name, which no other worker has.
    pub name: String,
    /// The module to run.
    pub script: PathBuf,
}

/// The settings of a stack.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder for what it keeps.
    pub state: PathBuf,
    /// Start with nothing kept.
    pub fresh: bool,
    /// Fill an empty database with demo data.
    pub demo: bool,
    /// Check first that the migrations go up, all the way down and up again to the same schema.
    pub prove_way_back: bool,
    /// The durability of commits.
    pub durability: Durability,
    /// The database's port.
    pub database: Port,
    /// The gateway's port.
    pub gateway: Port,
    /// None: database and gateway only.
    pub workers: Option<Workers>,
    /// Shows a one-line message to the person.
    pub say: fn(&str),
}

/// A running stack. Dropping it stops everything, the functions first and the database last.
pub struct Stack {
    // The order of these fields is the order in which they are dropped.
    edge: Option<Process>,
    gateway: Process,
    database: Database,
    info: StackInfo,
    stand_ins: Vec<String>,
    secrets: Secrets,
    project: Project,
    options: Options,
    state: State,
}

impl Stack {
    /// Starts everything and returns when all of it answers. Call it from a thread that lives as long as the
    /// stack: when that thread ends, the kernel ends the children.
    ///
    /// # Errors
    /// With the name of what did not start and the end of its log. What had started is stopped again.
    pub fn start(project: &Project, options: Options) -> Result<Self> {
        let state = State::take(&options.state)?;
        after_a_kill(&state);
        if options.fresh {
            database::forget(project, state.folder())?;
            state.clear()?;
        }
        let logs = state.folder().join("logs");
        std::fs::create_dir_all(&logs).with_context(|| format!("making {}", logs.display()))?;
        let secrets = Secrets::of(state.folder())?;

        let database_port = take("the database", options.database, options.say)?;
        let gateway_port = take("the gateway", options.gateway, options.say)?;
        let admin_port = ports::hold(Port::Free)?;
        let database_number = database_port.number()?;
        let gateway_number = gateway_port.number()?;
        let admin_number = admin_port.number()?;

        drop(database_port);
        let database = Database::start(&database::Wanted {
            project,
            state: state.folder(),
            logs: &logs,
            secrets: &secrets,
            port: database_number,
            durability: options.durability,
        })?;
        if migrations::exist(project) {
            migrations::up(project, database.url())?;
            if options.prove_way_back {
                migrations::prove_way_back(project, database.url())?;
            }
        }

        gateway::admit(database.url(), &secrets.authenticator)?;
        drop((gateway_port, admin_port));
        let gateway = gateway::start(&gateway::Wanted {
            project,
            log: &logs.join("postgrest.log"),
            jwt_secret: &secrets.jwt,
            port: gateway_number,
            admin_port: admin_number,
            database_url: &database::url(gateway::ROLE, &secrets.authenticator, database_number),
            sessions: 20,
        })?;
        if options.demo {
            demo::seed(project, database.url(), options.say)?;
        }

        let info = StackInfo {
            api: None,
            gateway: address(gateway_number),
            database: database.url().to_owned(),
            mail: None,
            control: None,
            supabase: None,
            pid: std::process::id(),
            jwt_secret: secrets.jwt.clone(),
            health_token: secrets.health_token.clone(),
            picture_secret: secrets.picture.clone(),
        };
        let mut stack = Self {
            edge: None,
            gateway,
            database,
            info,
            stand_ins: Vec::new(),
            secrets,
            project: project.clone(),
            options,
            state,
        };
        if let Some(workers) = stack.options.workers.clone() {
            stack.start_workers(&workers)?;
        }
        stack.info.write(stack.state.folder())?;
        Ok(stack)
    }

    /// Starts the functions on a stack that has none, and tells where in `stack.json`.
    ///
    /// # Errors
    /// If they are not built or do not start.
    pub fn add_workers(&mut self, workers: &Workers) -> Result<()> {
        self.start_workers(workers)?;
        self.info.write(self.state.folder())?;
        Ok(())
    }

    /// Its addresses and secrets.
    #[must_use]
    pub fn info(&self) -> &StackInfo {
        &self.info
    }

    /// The addresses of the stand-ins, in their order.
    #[must_use]
    pub fn stand_ins(&self) -> &[String] {
        &self.stand_ins
    }

    /// The process that runs the functions as its child; none without functions.
    #[must_use]
    pub fn edge_process(&self) -> Option<u32> {
        self.edge.as_ref().map(Process::id)
    }

    /// The gateway's process.
    #[must_use]
    pub fn gateway_process(&self) -> u32 {
        self.gateway.id()
    }

    /// The file that tells others where it answers.
    #[must_use]
    pub fn info_file(&self) -> PathBuf {
        self.state.folder().join("stack.json")
    }

    /// The folder with the logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.state.folder().join("logs")
    }

    /// Fails, with the end of its log, when a part has ended by itself.
    ///
    /// # Errors
    /// See above.
    pub fn check(&mut self) -> Result<()> {
        if let Some(edge) = &mut self.edge {
            edge.check()?;
        }
        self.gateway.check()?;
        self.database.check()
    }

    /// Stops everything in order.
    ///
    /// # Errors
    /// If a part had to be killed.
    pub fn stop(mut self) -> Result<()> {
        let edge = self.edge.as_mut().map_or(Ok(()), |edge| edge.stop(STOP));
        let gateway = self.gateway.stop(STOP);
        let database = self.database.stop();
        edge.and(gateway).and(database)
    }

    /// Between the moment a port is let go and the moment the runtime listens on it, a connection of somebody else's may get
    /// it: then it is tried again, with others.
    fn start_workers(&mut self, workers: &Workers) -> Result<()> {
        for _ in 1..TRIES {
            match self.try_workers(workers) {
                Ok(()) => return Ok(()),
                Err(error) => (self.options.say)(&format!("trying again: {error:#}")),
            }
        }
        self.try_workers(workers)
    }

    fn try_workers(&mut self, workers: &Workers) -> Result<()> {
        let say = self.options.say;
        let api = take("the API", workers.api, say)?;
        let mail = take("the mail catcher", workers.mail, say)?;
        let control = take("the control port", workers.control, say)?;
        let (api_number, mail_number, control_number) = (api.number()?, mail.number()?, control.number()?);
        let held = workers.stand_ins.iter().map(|_| ports::hold(Port::Free)).collect::<Result<Vec<_>>>()?;
        let ports = held.iter().map(Held::number).collect::<Result<Vec<_>>>()?;
        let second = (ports::hold(Port::Free)?, ports::hold(Port::Free)?);
        let supabase = SupabasePorts { api: second.0.number()?, auth: second.1.number()? };
        let supabase = workers.supabase.then_some(supabase);
        let proxy = ports::hold(Port::Free)?;
        let gateway_proxy = workers.counted.then(|| proxy.number()).transpose()?;
        drop((api, mail, control, held, second, proxy));
        let stand_ins: Vec<_> = workers.stand_ins.iter().cloned().zip(ports).collect();
        let edge = edge::start(&edge::Wanted {
            project: &self.project,
            state: self.state.folder(),
            logs: &self.logs(),
            scratch: &self.state.empty_folder("scratch")?,
            secrets: &self.secrets,
            profile: workers.profile,
            gateway: &self.info.gateway,
            gateway_proxy,
            port: api_number,
            mail_port: mail_number,
            control_port: control_number,
            supabase,
            limited: workers.limited,
            stand_ins: &stand_ins,
            guard: &workers.guard,
        })?;
        self.edge = Some(edge);
        self.stand_ins = stand_ins.iter().map(|(_, port)| address(*port)).collect();
        self.info.api = Some(address(api_number));
        self.info.mail = Some(address(mail_number));
        self.info.control = Some(address(control_number));
        self.info.supabase = supabase.map(|ports| SupabaseInfo {
            api: address(ports.api),
            auth: address(ports.auth),
            apikey: self.secrets.health_token.clone(),
        });
        Ok(())
    }
}

/// Starts of the runtime before it is given up.
const TRIES: u32 = 3;

impl Drop for Stack {
    fn drop(&mut self) {
        StackInfo::remove(self.state.folder());
    }
}

/// The address of a server on this machine.
pub(crate) fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn take(what: &str, wanted: Port, say: fn(&str)) -> Result<Held> {
    let held = ports::hold(wanted)?;
    if let Some(usual) = held.instead_of() {
        say(&format!("port {usual} is taken, so {what} is on {}", held.number()?));
    }
    Ok(held)
}

/// The children of a process that was killed need a moment to end; without it their ports would look taken.
fn after_a_kill(state: &State) {
    let Some(old) = StackInfo::left_by_a_kill(state.folder()) else {
        return;
    };
    StackInfo::remove(state.folder());
    let free = || old.ports().all(ports::is_free);
    // A port that is still taken belongs to somebody else, so another one is chosen.
    wait::until("that the old ports are free", LEAVE, || Ok(free().then_some(()))).ok();
}
