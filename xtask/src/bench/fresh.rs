//! A stack to measure on: with nothing kept, and with the scripts to measure beside the functions.

use crate::{build, dev, progress, setup};
use anyhow::Result;
use millwright_harness::{Options, Port, Profile, Project, Stack, StandIn, Workers};

/// Builds the functions.
pub(super) fn build(project: &Project) -> Result<()> {
    setup::prepare(project)?;
    build::all(project, Profile::Release)
}

/// Starts a stack with the demo company. Commits do not wait for the disk.
pub(super) fn start(project: &Project, workers: Workers) -> Result<Stack> {
    progress::step("starting a fresh stack");
    Stack::start(project, Options { demo: true, workers: Some(workers), ..dev::temporary(project, "bench") })
}

/// The functions with these scripts beside them, and with nothing between them and the gateway.
pub(super) fn workers(stand_ins: Vec<StandIn>) -> Result<Workers> {
    Ok(Workers {
        profile: Profile::Release,
        api: Port::Free,
        mail: Port::Free,
        control: Port::Free,
        guard: dev::guard()?,
        supabase: false,
        limited: false,
        counted: false,
        stand_ins,
    })
}
