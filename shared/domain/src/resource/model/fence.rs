//! Which part of a list someone can see at all, said beforehand, so that an index finds it.
//!
//! Row level security alone decides who sees what. But its condition holds for every role at once, and the planner finds no
//! index for that. The API knows from the token who is asking, and asks for no more than they can see: rows are only
//! ever left out by it, never added.

use super::{Comparison, Filter, Resource};
use crate::access::{Reach, Role};

/// The part of a resource that some people see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// The condition of row level security is all there is.
    Open,
    /// Only those who see every warehouse see any of it.
    Headquarters,
    /// Those who work in one warehouse see nothing of the others (`warehouse_id` says where a row is), and only these roles
    /// among them see anything.
    Warehouse(&'static [Role]),
    /// The same for every role, but contractors and requesters see only what is theirs: the rows of this function in the
    /// database.
    Own(&'static str),
}

/// The part of a list that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// The rows of this function instead of the whole table.
    pub source: Option<&'static str>,
    /// Only these of them.
    pub filter: Option<Filter>,
}

impl Resource {
    /// The part of a list that someone can see, as far as their token says. All of it where it says nothing.
    #[must_use]
    pub fn narrowed(&self, reach: Option<&Reach>) -> Narrowing {
        let Some((reach, warehouse)) = reach.and_then(|reach| Some((reach, reach.only_warehouse()?))) else {
            return Narrowing::default();
        };
        let filter = |field, values: Vec<String>| {
            let or_missing = values.is_empty();
            let filter = Filter { field, comparison: Comparison::AnyOf, values, or_missing };
            Narrowing { source: None, filter: Some(filter) }
        };
        match self.fence {
            Fence::Open => Narrowing::default(),
            Fence::Own(source) if reach.role.sees_only_their_own() => {
                Narrowing { source: Some(source), filter: None }
            }
            // Every row has an id, so the database looks at none.
            Fence::Headquarters => filter("id", Vec::new()),
            Fence::Warehouse(seen_by) if !seen_by.contains(&reach.role) => filter("id", Vec::new()),
            Fence::Warehouse(_) | Fence::Own(_) => filter("warehouse_id", vec![warehouse.to_string()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{AUDIT_LOG, EQUIPMENT, PM_SCHEDULES, RESOURCES, VENDORS, WORK_ORDERS};

    fn reach(role: Role) -> Reach {
        Reach { role, warehouse_id: Some("01900000-0000-7000-8000-000000000001".parse().unwrap()) }
    }

    #[test]
    fn everyone_is_asked_for_no_more_than_they_see() {
        let narrowed = |resource: &Resource, role| resource.narrowed(Some(&reach(role)));
        let technician = narrowed(&WORK_ORDERS, Role::Technician);
        assert_eq!(technician.filter.unwrap().field, "warehouse_id");
        assert_eq!(narrowed(&WORK_ORDERS, Role::Contractor).source, Some("own_work_orders"));
        assert_eq!(narrowed(&EQUIPMENT, Role::Contractor).filter.unwrap().field, "warehouse_id");
        assert_eq!(narrowed(&PM_SCHEDULES, Role::Requester).filter.unwrap().field, "id");
        assert_eq!(narrowed(&AUDIT_LOG, Role::Supervisor).filter.unwrap().field, "id");
        assert_eq!(narrowed(&AUDIT_LOG, Role::Manager), Narrowing::default());
        assert_eq!(narrowed(&WORK_ORDERS, Role::Manager), Narrowing::default());
        assert_eq!(narrowed(&VENDORS, Role::Technician), Narrowing::default());
        assert_eq!(WORK_ORDERS.narrowed(None), Narrowing::default());
    }

    #[test]
    fn what_is_fenced_says_where_it_is() {
        let somewhere = |resource: &&&Resource| matches!(resource.fence, Fence::Warehouse(_) | Fence::Own(_));
        for resource in RESOURCES.iter().filter(somewhere) {
            let warehouse = resource.field("warehouse_id");
            assert!(warehouse.is_some_and(|field| !field.nullable), "{}", resource.path);
        }
    }
}
