//! The size that a module may have on the platform.

use crate::artifact::Artifact;
use crate::build::kib;
use anyhow::{Result, bail};
use millwright_harness::{Profile, Project, wrangler};

pub(super) fn check(project: &Project) -> Result<()> {
    let mut over = Vec::new();
    for function in wrangler::functions(project)? {
        let size = Artifact::of(project, &function.name, Profile::Release).size()?;
        let most = budget(&function.name);
        println!("  {:<22} {:>9} of {:>9} gzip", function.name, kib(size.gzip), kib(most));
        if size.gzip > most {
            over.push(function.name);
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    bail!("too large: {}", over.join(", "))
}

/// In bytes, gzip.
fn budget(function: &str) -> usize {
    match function {
        "request-api" => 1_000_000,
        _ => 700_000,
    }
}
