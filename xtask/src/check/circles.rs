//! Circles of imports among the modules of a crate: a module in one can be understood only with all others of it.
//!
//! A parent and its own children may know each other, as long as the children have no circle among themselves. Tests do not
//! count.

mod graph;
mod source;

use anyhow::{Context, Result, bail};
use graph::Graph;
use millwright_harness::{Project, wrangler};
use source::Source;
use std::fs;
use std::path::{Path, PathBuf};

/// The shared crates that are looked at, beside all functions.
const SHARED: &[&str] = &["shared/domain", "shared/edge", "shared/store"];

pub(super) fn check(project: &Project) -> Result<()> {
    let mut found = Vec::new();
    let mut crates: Vec<_> = SHARED.iter().map(|shared| project.root().join(shared)).collect();
    for function in wrangler::functions(project)? {
        crates.push(project.root().join("functions").join(function.name));
    }
    for folder in crates {
        found.extend(in_crate(project, &folder.join("src"))?);
    }
    if found.is_empty() {
        return Ok(());
    }
    bail!("modules that import each other in a circle:\n{}", found.join("\n"))
}

/// The circles of a crate, each as a line that names its files.
fn in_crate(project: &Project, root: &Path) -> Result<Vec<String>> {
    let mut modules = Vec::new();
    read(&root.join("lib.rs"), root, &[], &mut modules)?;
    let sources: Vec<_> = modules.iter().map(|(_, source)| source).collect();
    let graph = Graph::of(&sources);
    let file = |name: &Vec<String>| {
        let found = modules.iter().find(|(_, source)| source.name == *name);
        let path = found.map_or(Path::new("?"), |(path, _)| path);
        path.strip_prefix(project.root()).unwrap_or(path).display().to_string()
    };
    let line = |circle: Vec<Vec<String>>| circle.iter().map(file).collect::<Vec<_>>().join(", ");
    Ok(graph.circles().into_iter().map(line).collect())
}

/// Reads a module and all below it. `folder` is where the files of its children are.
fn read(file: &Path, folder: &Path, name: &[String], modules: &mut Vec<(PathBuf, Source)>) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let source = Source::read(name, &text);
    let children = source.children.clone();
    modules.push((file.to_owned(), source));
    for child in children {
        let below = folder.join(&child);
        let plain = folder.join(format!("{child}.rs"));
        let file = if plain.exists() { plain } else { below.join("mod.rs") };
        let name = [name, &[child]].concat();
        read(&file, &below, &name, modules)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_project_has_none() {
        check(&Project::here()).unwrap();
    }
}
