//! What rows are told with beside their own fields (`include`): children, the names of what they refer to, and what the
//! database computes for whoever asks.

use super::{Child, Name, Resource};

/// The word for all names: those of the rows and of their children that are told.
pub const ALL_NAMES: &str = "names";

/// What rows are told with.
#[derive(Debug, Clone, Default)]
pub struct Include {
    /// Rows that belong to them.
    pub children: Vec<&'static Child>,
    /// What they refer to.
    pub names: Vec<&'static Name>,
    /// If true, their children are told with all names of theirs.
    pub names_of_children: bool,
    /// Columns that depend on who asks ([`Resource::computed`]).
    pub computed: Vec<&'static str>,
}

impl Include {
    /// The members that it adds to a row.
    pub fn members(&self) -> impl Iterator<Item = &'static str> {
        let children = self.children.iter().map(|child| child.name);
        children.chain(self.names.iter().map(|name| name.name)).chain(self.computed.iter().copied())
    }
}

impl Resource {
    /// What one is told with when nothing is said.
    #[must_use]
    pub fn usual(&self) -> Include {
        let children = self.children.iter().filter(|child| child.always).collect();
        Include { children, computed: self.computed.to_vec(), ..Include::default() }
    }

    /// The words that `include` takes, of one or of a list.
    #[must_use]
    pub fn includable(&self, of_one: bool) -> Vec<&'static str> {
        let children = self.children.iter().filter(|child| of_one || child.newest.is_none());
        let names: Vec<_> = self.names().map(|name| name.name).collect();
        let all = (!names.is_empty() || self.children.iter().any(|child| child.of.names().next().is_some()))
            .then_some(ALL_NAMES);
        children
            .map(|child| child.name)
            .chain(all)
            .chain(names)
            .chain(self.computed.iter().copied())
            .collect()
    }
}

/// Reads what is asked for, of one or of a list. What the database computes comes with one in any case.
///
/// # Errors
/// The mistake, in words.
pub fn include(resource: &'static Resource, value: &str, of_one: bool) -> Result<Include, String> {
    let mut told = Include::default();
    if of_one {
        told.computed = resource.computed.to_vec();
    }
    let known = resource.includable(of_one);
    for word in value.split(',') {
        if !known.contains(&word) {
            return Err(format!("'{word}' is nothing that is told with it; there is: {}", known.join(", ")));
        }
        if told.members().any(|member| member == word) {
            continue;
        }
        if word == ALL_NAMES {
            told.names = resource.names().collect();
            told.names_of_children = true;
        } else if let Some(child) = resource.child(word) {
            told.children.push(child);
        } else if let Some(name) = resource.names().find(|name| name.name == word) {
            told.names.push(name);
        } else {
            told.computed.extend(resource.computed.iter().find(|computed| **computed == word));
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{PARTS, PUSH_SUBSCRIPTIONS, WORK_ORDERS};

    fn members(value: &str, of_one: bool) -> Result<Vec<&'static str>, String> {
        include(&WORK_ORDERS, value, of_one).map(|told| told.members().collect())
    }

    #[test]
    fn children_names_and_moves_are_told_with_a_row_each_once() {
        assert_eq!(
            members("comments,assignee,comments,open_moves,assignee", false),
            Ok(vec!["comments", "assignee", "open_moves"])
        );
        assert_eq!(members("assignee", true), Ok(vec!["assignee", "open_moves", "may"]));
        assert!(members("assignees", false).unwrap_err().contains("'assignees' is nothing"));
        assert!(include(&PUSH_SUBSCRIPTIONS, "names", true).is_err(), "it has none");
    }

    #[test]
    fn all_names_are_those_of_the_children_too() {
        let told = include(&WORK_ORDERS, "assignee,names,comments", false).unwrap();
        assert_eq!(told.names.len(), WORK_ORDERS.names().count());
        assert!(told.names_of_children && told.children.len() == 1);
        assert_eq!(include(&PARTS, "vendor", false).unwrap().names.len(), 1);
    }

    #[test]
    fn what_grows_without_end_is_told_with_one_and_not_in_a_list() {
        assert!(members("history,escalations,reservations", true).is_ok());
        assert!(members("history", false).is_err());
        assert!(members("escalations,reservations", false).is_ok());
    }
}
