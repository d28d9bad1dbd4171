//! What a plain resource is: declared once, as data, and read by the API, by the store and by whatever documents them.
//!
//! Most resources differ only in their table, their fields, and what may be said about each. Only what behaves (a work
//! order's moves, stock, sync) has code of its own.

mod declared;
mod field;
mod query;
mod write;

pub use declared::{
    API_TOKENS, DEAD_LETTERS, EQUIPMENT, ESCALATION_RULES, JOB_RUNS, NOTIFICATIONS, PARTS, PM_OCCURRENCES,
    PM_SCHEDULES, PM_TEMPLATES, PROFILES, RESOURCES, WAREHOUSES, WORK_ORDERS,
};
pub use field::{Field, Kind, Write};
pub use query::{Comparison, Cursor, Filter, ListQuery, MAX_LIMIT, MAX_VALUES, Sort};
pub use write::Row;

/// A resource under `/api/v1`.
#[derive(Debug)]
pub struct Resource {
    /// Its path under `/api/v1`, and its name in documentation.
    pub path: &'static str,
    /// What one of it is called in messages.
    pub one: &'static str,
    /// The table or view behind it.
    pub table: &'static str,
    /// What a client sees of it; the first one is `id`.
    pub fields: &'static [Field],
    /// The children one of it is told with.
    pub children: &'static [Child],
    /// Whether it is found by words (`q`).
    pub searched: bool,
    /// Whether what is archived leaves its lists.
    pub archived: bool,
    /// Whether a `POST` opens one.
    pub opens: bool,
}

/// Rows of another table that belong to one of a resource.
#[derive(Debug)]
pub struct Child {
    /// What they are called in JSON.
    pub name: &'static str,
    /// The table they are in.
    pub table: &'static str,
    /// What a client sees of them, separated by commas.
    pub columns: &'static str,
    /// The column that orders them.
    pub order: &'static str,
}

impl Resource {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether a `PATCH` can change anything of it.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.fields.iter().any(|field| field.write == Write::Always)
    }
}
