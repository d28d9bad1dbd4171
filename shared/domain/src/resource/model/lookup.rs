//! The fields that a list can be ordered and filtered by.
//!
//! A short collection is looked through whole, so any field that compares will do. One that grows without end offers what
//! an index serves and refuses the rest, so that a page costs the same however much is stored.

use super::{Field, Kind, Resource};

/// The field that counts the changes of a row.
const VERSION: &str = "version";

/// The fields that a list can be ordered and filtered by.
#[derive(Debug, Clone, Copy)]
pub enum Lookup {
    /// All that compare ([`Field::compares`]), in both directions. The version is no filter, and neither it nor the id of something
    /// else is an order.
    Every,
    /// Those that an index serves.
    Indexed(Indexed),
}

/// The orders and filters that the indexes of a table serve.
#[derive(Debug, Clone, Copy)]
pub struct Indexed {
    /// The orders, as `sort` names them: `due_at`, or `-id` for the greatest first.
    pub sorts: &'static [&'static str],
    /// The fields that rows can be chosen by.
    pub filters: &'static [&'static str],
}

impl Resource {
    /// The orders that a list is offered in, as `sort` names them.
    #[must_use]
    pub fn sorts(&self) -> Vec<String> {
        match self.lookup {
            Lookup::Every => {
                self.comparing().filter(|field| has_an_order(field)).flat_map(both_ways).collect()
            }
            Lookup::Indexed(indexed) => indexed.sorts.iter().map(ToString::to_string).collect(),
        }
    }

    /// True if a list is offered in this order, by this field, as `sort` names it.
    #[must_use]
    pub fn sorts_by(&self, field: &Field, sort: &str) -> bool {
        match self.lookup {
            Lookup::Every => field.compares() && has_an_order(field),
            Lookup::Indexed(indexed) => indexed.sorts.contains(&sort),
        }
    }

    /// The fields that rows of a list can be chosen by.
    pub fn filters(&self) -> impl Iterator<Item = &'static Field> {
        let lookup = self.lookup;
        self.comparing().filter(move |field| match lookup {
            Lookup::Every => field.name != VERSION,
            Lookup::Indexed(indexed) => indexed.filters.contains(&field.name),
        })
    }

    fn comparing(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.compares())
    }
}

/// Nobody reads a list in the order of what its rows refer to by id, or of how often they were changed.
fn has_an_order(field: &Field) -> bool {
    field.name == "id" || !matches!(field.kind, Kind::Id) && field.name != VERSION
}

fn both_ways(field: &Field) -> [String; 2] {
    [field.name.to_owned(), format!("-{}", field.name)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::RESOURCES;

    #[test]
    fn what_an_index_serves_is_a_field_that_compares() {
        for resource in RESOURCES {
            let Lookup::Indexed(indexed) = resource.lookup else { continue };
            let named = indexed.sorts.iter().map(|sort| sort.trim_start_matches('-'));
            for name in named.chain(indexed.filters.iter().copied()) {
                assert!(resource.field(name).is_some_and(Field::compares), "{}: {name}", resource.path);
            }
            assert!(indexed.sorts.contains(&"-id"), "{} is listed newest first", resource.path);
        }
    }
}
