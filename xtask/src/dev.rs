//! `cargo xtask dev`: everything on this machine, until Ctrl-C.

use crate::{build, progress, setup};
use anyhow::Result;
use millwright_harness::{Durability, Options, Port, Profile, Project, Stack, Workers};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::Write;
use std::process::ExitCode;

const API: u16 = 8787;
const GATEWAY: u16 = 8788;
const MAIL: u16 = 8789;
const CONTROL: u16 = 8790;
const DATABASE: u16 = 54329;

/// Run all functions with a database, a gateway and demo data on this machine
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The API's port; 8787, or a free one when that is taken
    #[arg(long)]
    port: Option<u16>,
    /// Forget everything that was kept from earlier runs
    #[arg(long)]
    fresh: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::here();
    setup::prepare(&project)?;
    build::all(&project, Profile::Development)?;
    progress::step("starting the stack");
    let mut stack = Stack::start(&project, options(&project, arguments)?)?;
    // Until here Ctrl-C simply ends this process, and the kernel ends what it had started.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGCHLD])?;
    announce(&stack)?;
    loop {
        // Before waiting, because a part may have ended before its signal was listened to.
        stack.check()?;
        if let Some(signal) = signals.wait().find(|signal| *signal != SIGCHLD) {
            println!("\nstopping");
            stack.stop()?;
            let asked_by_keys = signal == SIGINT;
            return Ok(ExitCode::from(if asked_by_keys { 130 } else { 0 }));
        }
    }
}

/// The command with which a stack's functions run under the guard of this very program.
pub(crate) fn guard() -> Result<Vec<String>> {
    let this = std::env::current_exe()?;
    Ok(vec![this.display().to_string(), "guard".into(), "--".into()])
}

/// The settings of a stack that is made anew on free ports: an empty database and the gateway, in a folder of this name.
/// Commits do not wait for the disk.
pub(crate) fn temporary(project: &Project, name: &str) -> Options {
    Options {
        state: project.target().join(format!("stack-{name}")),
        fresh: true,
        demo: false,
        prove_way_back: false,
        durability: Durability::None,
        database: Port::Free,
        gateway: Port::Free,
        workers: None,
        say: |message| println!("  {message}"),
    }
}

fn options(project: &Project, arguments: &Arguments) -> Result<Options> {
    Ok(Options {
        state: project.target().join("stack"),
        fresh: arguments.fresh,
        demo: true,
        prove_way_back: false,
        durability: Durability::Full,
        database: Port::Usual(DATABASE),
        gateway: Port::Usual(GATEWAY),
        workers: Some(Workers {
            profile: Profile::Development,
            api: arguments.port.map_or(Port::Usual(API), Port::Exactly),
            mail: Port::Usual(MAIL),
            control: Port::Usual(CONTROL),
            guard: guard()?,
            supabase: false,
            limited: false,
            counted: false,
            stand_ins: Vec::new(),
        }),
        say: |message| println!("  {message}"),
    })
}

fn announce(stack: &Stack) -> Result<()> {
    let info = stack.info();
    let api = info.api()?;
    println!();
    println!("  API        {api}");
    println!("  gateway    {}", info.gateway);
    println!("  mails      {}", info.mail()?);
    println!("  database   its address and password are in {}", stack.info_file().display());
    println!("  logs       {}", stack.logs().display());
    println!();
    println!("  Sign in as technician@demo.test, supervisor@…, manager@…, inventory_clerk@…, contractor@…,");
    println!("  requester@… or admin@…, each with the password millwright-demo.");
    println!("  Mails with links (invitations, forgotten passwords) are not sent yet: cargo xtask letters");
    println!("  Crons do not fire by themselves here: cargo xtask fire pm-scheduler");
    println!();
    println!("ready: {api}");
    std::io::stdout().flush()?;
    Ok(())
}
