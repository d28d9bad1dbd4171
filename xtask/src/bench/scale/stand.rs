//! A stack with a seeded company. It is kept, and used again while nothing has changed that it was made from.

use crate::bench::fresh;
use crate::{dev, progress};
use anyhow::{Context, Result, bail};
use millwright_harness::{Options, Project, Stack, migrations, wait};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Starts it, and seeds it unless it is there already.
pub(super) fn start(project: &Project, work_orders: u32) -> Result<Stack> {
    let anew = dev::temporary(project, &format!("scale-{work_orders}"));
    let seed = sql_files(&project.root().join("tests/bench/scale/seed"))?;
    let made_from = digest(project, &seed)?;
    let stamp = anew.state.join("seeded");
    let is_seeded = fs::read_to_string(&stamp).is_ok_and(|found| found == made_from);
    progress::step(&format!("starting a stack for {work_orders} work orders"));
    let mut stack = Stack::start(project, Options { fresh: !is_seeded, ..anew })?;
    if !is_seeded {
        fill(&stack, &seed, work_orders)?;
        fs::write(&stamp, made_from).with_context(|| format!("writing {}", stamp.display()))?;
    }
    let mut workers = fresh::workers(Vec::new())?;
    workers.counted = true;
    stack.add_workers(&workers)?;
    let_explain(&stack)?;
    Ok(stack)
}

fn fill(stack: &Stack, seed: &[PathBuf], work_orders: u32) -> Result<()> {
    let mut client = stack.info().connect()?;
    client.batch_execute(&format!("set scale.work_orders = {work_orders}"))?;
    for file in seed {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        progress::step(&format!("seeding {work_orders} work orders: {name}"));
        client.batch_execute(&read(file)?).with_context(|| format!("running {}", file.display()))?;
    }
    client.batch_execute("vacuum analyze")?;
    Ok(client.batch_execute("checkpoint")?)
}

/// The gateway explains its statements only where its role says so, and the database only where nothing judges the plan.
fn let_explain(stack: &Stack) -> Result<()> {
    stack.info().connect()?.batch_execute(
        "alter role authenticator set pgrst.db_plan_enabled = 'true';
         create or replace function private.is_bounded() returns boolean language sql immutable as 'select true';
         notify pgrst, 'reload config'; notify pgrst, 'reload schema'",
    )?;
    let url = format!("{}/warehouses", stack.info().gateway);
    wait::until("that the gateway explains", Duration::from_secs(30), || {
        let answer = ureq::get(&url).header("accept", "application/vnd.pgrst.plan+json").call();
        // Nobody who is not signed in may read it: a gateway that explains says so, any other one does not know the type.
        Ok(match answer {
            Err(ureq::Error::StatusCode(401)) => Some(()),
            _ => None,
        })
    })
}

fn sql_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    if files.is_empty() {
        bail!("{} has no statements", folder.display());
    }
    Ok(files)
}

fn digest(project: &Project, seed: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for (_, way_up) in migrations::ways_up(project)? {
        way_up.hash(&mut hasher);
    }
    for file in seed {
        read(file)?.hash(&mut hasher);
    }
    Ok(format!("{:x}", hasher.finish()))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}
