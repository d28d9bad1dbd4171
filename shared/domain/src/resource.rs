//! Plain resources: declared once, as data, and read by the API, by its documentation and by the store.
//!
//! Most resources differ only in their table, their fields, and the values of each. Only resources that behave (a work
//! order's moves, stock, sync) have code of their own.

mod declared;
mod model;
mod offline;

pub use declared::*;
pub use model::*;
