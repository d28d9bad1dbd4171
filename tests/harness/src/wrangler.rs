//! The declarations of `wrangler.toml` that tasks use: the functions, their crons and their vars.

use crate::Project;
use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

#[derive(Deserialize)]
struct Page {
    env: BTreeMap<String, Section>,
}

#[derive(Deserialize, Default)]
struct Section {
    #[serde(default)]
    triggers: Triggers,
    #[serde(default)]
    vars: BTreeMap<String, toml::Value>,
    #[serde(default)]
    queues: Queues,
}

#[derive(Deserialize, Default)]
struct Triggers {
    #[serde(default)]
    crons: Vec<String>,
}

#[derive(Deserialize, Default)]
struct Queues {
    #[serde(default)]
    consumers: Vec<Consumer>,
}

#[derive(Deserialize)]
struct Consumer {
    queue: String,
}

/// One function of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name, which is its section, its folder and its crate.
    pub name: String,
    /// Its cron triggers, in the order of the file.
    pub crons: Vec<String>,
    /// The queues that start it.
    pub consumes: Vec<String>,
    /// Its vars that are strings.
    pub vars: BTreeMap<String, String>,
}

/// All functions in the order of their names.
///
/// # Errors
/// If `wrangler.toml` cannot be read.
pub fn functions(project: &Project) -> Result<Vec<Function>> {
    let path = project.wrangler_toml();
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    parse(&text).with_context(|| format!("reading {}", path.display()))
}

/// The function called `name`.
///
/// # Errors
/// With the names there are, when it is none of them.
pub fn function(project: &Project, name: &str) -> Result<Function> {
    let all = functions(project)?;
    let names: Vec<_> = all.iter().map(|f| f.name.clone()).collect();
    let found = all.into_iter().find(|f| f.name == name);
    found.ok_or_else(|| anyhow!("there is no function `{name}`; there are: {}", names.join(", ")))
}

fn parse(text: &str) -> Result<Vec<Function>> {
    let page: Page = toml::from_str(text)?;
    let functions = page.env.into_iter().map(|(name, section)| Function {
        name,
        crons: section.triggers.crons,
        consumes: section.queues.consumers.into_iter().map(|c| c.queue).collect(),
        vars: section
            .vars
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
            .collect(),
    });
    Ok(functions.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_becomes_a_function() {
        let found = parse(
            r#"
            name = "x"
            [env.b]
            [env.a.triggers]
            crons = ["0 2 * * *", "30 2 * * *"]
            [env.a.vars]
            ARCHIVE_CRON = "30 2 * * *"
            [[env.a.queues.consumers]]
            queue = "q"
            "#,
        )
        .unwrap();
        let names: Vec<_> = found.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(found[0].crons, ["0 2 * * *", "30 2 * * *"]);
        assert_eq!(found[0].vars["ARCHIVE_CRON"], "30 2 * * *");
        assert_eq!(found[0].consumes, ["q"]);
        assert!(found[1].crons.is_empty());
    }

    #[test]
    fn the_release_modules_are_deployed() {
        let project = Project::here();
        let page = fs::read_to_string(project.wrangler_toml()).unwrap();
        let page: toml::Table = toml::from_str(&page).unwrap();
        for function in functions(&project).unwrap() {
            let main = page["env"][&function.name]["main"].as_str().unwrap();
            let release = project.module(&function.name, crate::Profile::Release);
            assert_eq!(project.root().join(main), release.join("index.js"));
        }
    }
}
