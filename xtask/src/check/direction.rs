//! The direction of dependencies: functions → edge → store → domain, and nothing of the runtime below edge.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use crate::cargo;
use anyhow::{Context, Result, bail};
use millwright_harness::{Project, wrangler};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const DOMAIN: &str = "millwright-domain";
const STORE: &str = "millwright-store";
const EDGE: &str = "millwright-edge";

/// Packages that talk to other machines.
const NOT_IN_DOMAIN: &[&str] = &["worker", "worker-sys", "postgrest", "reqwest", "hyper", "http", "tokio"];
/// Packages of the runtime. reqwest's own needs are allowed.
const NOT_IN_STORE: &[&str] = &["worker", "worker-sys"];

pub(super) fn check(project: &Project) -> Result<()> {
    let graph = Graph::read(project)?;
    let mut wrong = Vec::new();
    for (name, forbidden) in [(DOMAIN, NOT_IN_DOMAIN), (STORE, NOT_IN_STORE)] {
        let reached = graph.reached_from(name);
        for found in forbidden.iter().filter(|f| reached.contains(**f)) {
            wrong.push(format!("{name} must not depend on {found}"));
        }
    }

    let mut allowed: BTreeMap<String, &[&str]> = BTreeMap::new();
    allowed.insert(DOMAIN.into(), &[]);
    allowed.insert(STORE.into(), &[DOMAIN]);
    allowed.insert(EDGE.into(), &[STORE, DOMAIN]);
    for function in wrangler::functions(project)? {
        allowed.insert(function.name, &[EDGE, STORE, DOMAIN]);
    }
    for (name, may) in &allowed {
        let ours = graph.direct(name).filter(|d| graph.members.contains(*d));
        for found in ours.filter(|d| !may.contains(d)) {
            wrong.push(format!("{name} must not depend on {found}"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{}", wrong.join("\n"))
}

/// The dependencies of what is deployed, without those of tests and build scripts.
#[derive(Default)]
struct Graph {
    members: BTreeSet<String>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read(project: &Project) -> Result<Self> {
        let target = ["--filter-platform", "wasm32-unknown-unknown"];
        let metadata = cargo::metadata(project, &target)?;
        Self::from(&metadata).context("cargo metadata is not as expected")
    }

    fn from(metadata: &Value) -> Option<Self> {
        let packages = metadata["packages"].as_array()?;
        let names: BTreeMap<_, _> =
            packages.iter().filter_map(|p| Some((p["id"].as_str()?, p["name"].as_str()?))).collect();
        let name = |id: &Value| names.get(id.as_str()?).map(ToString::to_string);
        let members = metadata["workspace_members"].as_array()?;
        let mut graph = Self { members: members.iter().filter_map(name).collect(), edges: BTreeMap::new() };
        for node in metadata["resolve"]["nodes"].as_array()? {
            let dependencies = node["deps"].as_array()?.iter().filter(|d| is_normal(d));
            let dependencies = dependencies.filter_map(|d| name(&d["pkg"]));
            // Two versions of one package are one name here: what one of them brings counts.
            let entry = graph.edges.entry(name(&node["id"])?).or_default();
            entry.extend(dependencies);
        }
        Some(graph)
    }

    fn direct(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self.edges.get(name).into_iter().flatten();
        found.map(String::as_str)
    }

    fn reached_from(&self, name: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<_> = self.direct(name).collect();
        while let Some(name) = next.pop() {
            if reached.insert(name) {
                next.extend(self.direct(name));
            }
        }
        reached
    }
}

fn is_normal(dependency: &Value) -> bool {
    let kinds = dependency["dep_kinds"].as_array();
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dependencies_of_tests_do_not_count() {
        let graph = Graph::from(&json!({
            "packages": [
                { "id": "1", "name": "a" }, { "id": "2", "name": "b" },
                { "id": "3", "name": "c" }, { "id": "4", "name": "d" }
            ],
            "workspace_members": ["1"],
            "resolve": { "nodes": [
                { "id": "1", "deps": [
                    { "pkg": "2", "dep_kinds": [{ "kind": null }] },
                    { "pkg": "4", "dep_kinds": [{ "kind": "dev" }] }
                ] },
                { "id": "2", "deps": [{ "pkg": "3", "dep_kinds": [{ "kind": null }] }] }
            ] }
        }))
        .unwrap();
        assert_eq!(graph.reached_from("a"), BTreeSet::from(["b", "c"]));
        assert!(graph.members.contains("a"));
    }
}
