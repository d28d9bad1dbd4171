//! Everything that has to be on the machine before something can be built or started.

mod node;
mod python;
mod rust;
mod tools;

pub(crate) use python::prepare as python;
pub(crate) use tools::{machete, mutants};

use anyhow::Result;
use millwright_harness::{Project, platform};

/// Checks what the machine must have and installs what the project brings. Does nothing when all is there.
pub(crate) fn prepare(project: &Project) -> Result<()> {
    platform()?;
    rust::prepare(project)?;
    node::prepare(project)
}

/// `1.95.0` of `rustc 1.95.0 (59807616e 2026-04-14)`, as numbers.
fn version(text: &str) -> Option<(u32, u32)> {
    let word = text
        .split_whitespace()
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut numbers = word.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(version("command not found"), None);
    }
}
