//! Which module imports which, and the circles in that.

use super::source::Source;
use std::collections::{BTreeMap, BTreeSet};

/// A module, by its path from the root of its crate.
type Name = Vec<String>;

/// The modules of a crate and their imports.
pub(super) struct Graph {
    edges: BTreeMap<Name, BTreeSet<Name>>,
}

impl Graph {
    /// The graph of these modules.
    pub(super) fn of(sources: &[&Source]) -> Self {
        let names: BTreeSet<_> = sources.iter().map(|source| source.name.clone()).collect();
        let module_of = |path: &[String]| {
            let prefixes = (0..=path.len()).rev().filter_map(|length| path.get(..length));
            prefixes.map(<[String]>::to_vec).find(|prefix| names.contains(prefix))
        };
        let edges = sources.iter().map(|source| {
            let used = source.uses.iter().filter_map(|path| module_of(path));
            (source.name.clone(), used.filter(|used| *used != source.name).collect())
        });
        Self { edges: edges.collect() }
    }

    /// The circles that may not be: each as the modules in it.
    pub(super) fn circles(&self) -> Vec<Vec<Name>> {
        let all = self.edges.keys().cloned().collect();
        let mut found = Vec::new();
        for circle in self.knots(&all) {
            match parent_in(&circle) {
                // A parent and its children: what is left without the parent must have no circle.
                Some(parent) => {
                    let children = circle.iter().filter(|name| **name != parent).cloned().collect();
                    found.extend(self.knots(&children));
                }
                None => found.push(circle),
            }
        }
        found.into_iter().map(|circle| circle.into_iter().collect()).collect()
    }

    /// The sets of at least two of these modules of which each reaches each, by imports among these modules.
    fn knots(&self, among: &BTreeSet<Name>) -> Vec<BTreeSet<Name>> {
        let ways: BTreeMap<_, _> = among.iter().map(|name| (name, self.reached(name, among))).collect();
        let reaches = |from: &Name, to: &Name| ways.get(from).is_some_and(|reached| reached.contains(to));
        let mut left = among.clone();
        let mut knots = Vec::new();
        while let Some(first) = left.pop_first() {
            let mut knot: BTreeSet<_> = left
                .iter()
                .filter(|other| reaches(&first, other) && reaches(other, &first))
                .cloned()
                .collect();
            left.retain(|other| !knot.contains(other));
            if !knot.is_empty() {
                knot.insert(first);
                knots.push(knot);
            }
        }
        knots
    }

    fn reached(&self, from: &Name, among: &BTreeSet<Name>) -> BTreeSet<Name> {
        let direct =
            |name: &Name| self.edges.get(name).into_iter().flatten().filter(|next| among.contains(*next));
        let mut reached = BTreeSet::new();
        let mut next: Vec<_> = direct(from).collect();
        while let Some(name) = next.pop() {
            if reached.insert(name.clone()) {
                next.extend(direct(name));
            }
        }
        reached
    }
}

/// The module of which all others in a circle are children.
fn parent_in(circle: &BTreeSet<Name>) -> Option<Name> {
    let parent = circle.iter().min_by_key(|name| name.len())?;
    let is_child = |name: &Name| name.split_last().is_some_and(|(_, above)| above == parent.as_slice());
    circle.iter().all(|name| name == parent || is_child(name)).then(|| parent.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Modules by their paths, each with the paths that it uses.
    fn circles(modules: &[(&str, &[&str])]) -> Vec<Vec<String>> {
        let name =
            |path: &str| -> Name { path.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect() };
        let source = |(module, uses): &(&str, &[&str])| Source {
            name: name(module),
            children: Vec::new(),
            uses: uses.iter().map(|path| name(path)).collect(),
        };
        let sources: Vec<_> = modules.iter().map(source).collect();
        let found = Graph::of(&sources.iter().collect::<Vec<_>>()).circles();
        found.into_iter().map(|circle| circle.iter().map(|name| name.join("/")).collect()).collect()
    }

    #[test]
    fn a_circle_is_found_however_long() {
        let modules: [(&str, &[&str]); 4] =
            [("", &["a"]), ("a", &["b/Thing"]), ("b", &["c/f"]), ("c", &["a/Kind", "b"])];
        assert_eq!(circles(&modules), [["a", "b", "c"]]);
        assert!(circles(&[("", &["a", "b"]), ("a", &["b/x"]), ("b", &[])]).is_empty());
    }

    #[test]
    fn a_parent_and_its_children_may_know_each_other() {
        let family: [(&str, &[&str]); 3] =
            [("p", &["p/a/f", "p/b/g"]), ("p/a", &["p/Kind"]), ("p/b", &["p/a/f", "p"])];
        assert!(circles(&family).is_empty());
        let siblings: [(&str, &[&str]); 3] =
            [("p", &["p/a/f"]), ("p/a", &["p/Kind", "p/b/g"]), ("p/b", &["p/a/f"])];
        assert_eq!(circles(&siblings), [["p/a", "p/b"]]);
    }

    #[test]
    fn a_stranger_among_them_is_a_circle() {
        let modules: [(&str, &[&str]); 3] =
            [("p", &["p/a/f"]), ("p/a", &["other/g"]), ("other", &["p/Kind"])];
        assert_eq!(circles(&modules), [["other", "p", "p/a"]]);
    }
}
