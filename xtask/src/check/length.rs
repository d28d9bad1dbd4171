//! The length of files: a person should read one in one go.

use anyhow::{Context, Result, bail};
use millwright_harness::Project;
use std::fs;
use std::path::Path;

const MOST_LINES: usize = 500;
const KINDS: &[&str] = &["rs", "mjs", "sql"];
/// Folders and files that programs make.
const MADE: &[&str] = &["target", "node_modules", "build", "schema.sql"];

pub(super) fn check(project: &Project) -> Result<()> {
    let mut long = Vec::new();
    walk(project.root(), &mut long)?;
    if long.is_empty() {
        return Ok(());
    }
    long.sort();
    bail!("more than {MOST_LINES} lines:\n{}", long.join("\n"))
}

fn walk(folder: &Path, long: &mut Vec<String>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if MADE.contains(&name.as_ref()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') {
                walk(&path, long)?;
            }
        } else if path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known)) {
            let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            let lines = String::from_utf8_lossy(&text).lines().count();
            if lines > MOST_LINES {
                long.push(format!("{} has {lines}", path.display()));
            }
        }
    }
    Ok(())
}
