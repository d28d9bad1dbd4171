//! What a plain resource is: declared once, as data, and read by the API, by the store and by whatever documents them.
//!
//! Most resources differ only in their table, their fields, and what may be said about each. Only what behaves (a work
//! order's moves, stock, sync) has code of its own.

mod cell;
mod declared;
mod field;
mod kind;
mod query;
mod write;

use crate::input::FieldError;

pub use cell::Decimals;
pub use declared::*;
pub use field::{Field, Write};
pub use kind::{Kind, MAX_TEXTS};
pub use query::{Comparison, Cursor, DEFAULT_LIMIT, Filter, ListQuery, MAX_LIMIT, MAX_VALUES, Sort, include};
pub use write::Row;

/// A resource under `/api/v1`.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a declaration: each says one thing for itself")]
pub struct Resource {
    /// Its path under `/api/v1`, and its name in documentation. What lies under another one is `OTHER/{id}/NAME`.
    pub path: &'static str,
    /// What one of it is called in messages.
    pub singular: &'static str,
    /// The table or view behind it.
    pub table: &'static str,
    /// What a client sees of it; the first one is `id`.
    pub fields: &'static [Field],
    /// The children one of it is told with.
    pub children: &'static [Child],
    /// What it lies under, if anything.
    pub parent: Option<Parent>,
    /// Whether it is found by words (`q`).
    pub searched: bool,
    /// Whether what is archived leaves its lists.
    pub archived: bool,
    /// Whether a `POST` opens one.
    pub opens: bool,
    /// Whether a `DELETE` removes one.
    pub removes: bool,
    /// A write emits events, so the notification sender is nudged after it.
    pub emits_events: bool,
    /// What is wrong between the fields of a new one, each of which is right by itself. Of changes, only what can be seen
    /// without knowing the rest; the database knows that.
    pub judge: fn(&Row) -> Vec<FieldError>,
}

/// What a resource lies under.
#[derive(Debug, Clone, Copy)]
pub struct Parent {
    /// The resource that comes before it in the path.
    pub of: &'static Resource,
    /// The field that holds the id of the path.
    pub field: &'static str,
}

/// Rows of another table that belong to one of a resource.
#[derive(Debug)]
pub struct Child {
    /// What they are called in JSON.
    pub name: &'static str,
    /// The table they are in; behind a `!` the foreign key, where there is more than one.
    pub table: &'static str,
    /// What a client sees of them, separated by commas. The first is not `id`, which begins the rows of a list.
    pub columns: &'static str,
    /// The column that orders them.
    pub order: &'static str,
    /// Whether one is told with them unasked (`include`).
    pub always: bool,
}

impl Resource {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The names of its fields.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.name).collect()
    }

    /// The children of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&'static Child> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children that one is told with unasked.
    #[must_use]
    pub fn usual_children(&self) -> Vec<&'static Child> {
        self.children.iter().filter(|child| child.always).collect()
    }

    /// Whether a client may say this field when one is opened. What the path says, the body does not.
    #[must_use]
    pub fn is_said_at_first(&self, field: &Field) -> bool {
        matches!(field.write, Write::Once | Write::Always)
            && self.parent.is_none_or(|parent| parent.field != field.name)
    }

    /// Whether a client may change this field.
    #[must_use]
    pub fn is_changed_later(&self, field: &Field) -> bool {
        matches!(field.write, Write::Later | Write::Always)
    }

    /// Whether a `PATCH` can change anything of it.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.fields.iter().any(|field| self.is_changed_later(field))
    }
}
