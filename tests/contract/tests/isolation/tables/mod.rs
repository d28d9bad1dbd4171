//! Every role's rights to the rows of every table. This is the one place that says so to the tests; it follows the
//! product's table of roles: managers and administrators see every warehouse, everyone else only their own.
//!
//! To add a table, add its rule to one of these files, and how one row of it is made. A rule reads
//!
//! ```text
//! (place, who selects, who inserts, who updates, who deletes)
//! ```
//!
//! and `but` names single columns that others may set than those who may update the row.

#![allow(clippy::unnecessary_wraps, reason = "what makes a row is of one type, whether it can fail or not")]

mod assets;
mod people;
mod preventive;
mod running;
mod stock;
mod telling;
mod work;

use crate::matrix::rule::Rule;

/// Every rule there is.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        people::RULES,
        assets::RULES,
        stock::RULES,
        work::RULES,
        preventive::RULES,
        telling::RULES,
        running::RULES,
    ]
    .into_iter()
    .flatten()
}
