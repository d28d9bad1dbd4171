//! The declaration of a resource: its fields, their values, and the queries that a list takes.

mod amount;
mod cell;
mod entity;
mod fence;
mod field;
mod filter;
mod include;
mod json;
mod kind;
mod lookup;
mod names;
mod notation;
mod query;
mod tense;
#[cfg(test)]
mod tests;
mod trim;
mod write;

use crate::input::FieldError;

pub use amount::Amount;
pub use entity::{Document, Entity};
pub use fence::{Fence, Narrowing};
pub use field::{Field, SortKey, Write};
pub use filter::{Comparison, Filter, MAX_VALUES, RANGES, TWICE};
pub use include::{ALL_NAMES, Include, include};
pub use kind::{Kind, MAX_TEXTS};
pub use lookup::{Indexed, Lookup};
pub use names::{NAMES, Name, Named};
pub use notation::{LOCALES, Notation};
pub use query::{
    Cursor, DEFAULT_LIMIT, ListQuery, MAX_COUNTED, MAX_LIMIT, MAX_SEARCH, NO_CURSOR, Sort, fields,
};
pub use tense::{MINUTES_AHEAD, Tense, latest};
pub use trim::{CsvLines, csv_header, csv_lines, trim_json};
pub use write::Row;

/// A resource under `/api/v1`.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a declaration: each says one thing for itself")]
pub struct Resource {
    /// Its path under `/api/v1`, and its name in documentation. What lies under another one is `OTHER/{id}/NAME`.
    pub path: &'static str,
    /// The name of a single one in messages.
    pub singular: &'static str,
    /// The table or view behind it.
    pub table: &'static str,
    /// The fields that a client sees; the first one is `id`.
    pub fields: &'static [Field],
    /// The children one of it is told with.
    pub children: &'static [Child],
    /// The columns that the database computes for whoever asks: told with one, and in lists where they are asked for.
    pub computed: &'static [&'static str],
    /// The columns that are true or false, and are no field: rows of a list are chosen by them.
    pub flags: &'static [&'static str],
    /// The resource it lies under, if any.
    pub parent: Option<Parent>,
    /// If true, it is found by words (`q`).
    pub searched: bool,
    /// The fields that its lists can be ordered and filtered by.
    pub lookup: Lookup,
    /// The rows that some people see no more of than a part.
    pub fence: Fence,
    /// If true, archived rows leave its lists.
    pub archived: bool,
    /// If true, a `POST` opens one.
    pub opens: bool,
    /// If true, a `DELETE` removes one.
    pub removes: bool,
    /// If true, a write emits events, so the notification sender is nudged after it.
    pub emits_events: bool,
    /// Finds mistakes between the fields of a new one, each of which is right by itself. Of changes, only those that can be seen
    /// without knowing the rest; the database knows that.
    pub judge: fn(&Row) -> Vec<FieldError>,
}

/// The resource that another one lies under.
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
    /// Their name in JSON.
    pub name: &'static str,
    /// The resource that they are read as, whole, where they have a path of their own.
    pub of: &'static Resource,
    /// The foreign key to follow, where there is more than one between the two tables.
    pub key: Option<&'static str>,
    /// The column that orders them.
    pub order: &'static str,
    /// If true, they come without being asked for (`include`).
    pub always: bool,
    /// If they grow without end: so many are told, the newest first, and with one row only.
    pub newest: Option<usize>,
    /// If true, a phone has them, too.
    pub offline: bool,
}

impl Child {
    /// Rows that come when they are asked for, in the order of a column.
    #[must_use]
    pub const fn new(name: &'static str, of: &'static Resource, order: &'static str) -> Self {
        Self { name, of, key: None, order, always: false, newest: None, offline: true }
    }

    /// They come without being asked for.
    #[must_use]
    pub const fn always(self) -> Self {
        Self { always: true, ..self }
    }

    /// They hang on this foreign key: there is another one.
    #[must_use]
    pub const fn by(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Only so many of them are told, the newest first.
    #[must_use]
    pub const fn newest(self, most: usize) -> Self {
        Self { newest: Some(most), ..self }
    }

    /// A phone does not have them.
    #[must_use]
    pub const fn online(self) -> Self {
        Self { offline: false, ..self }
    }
}

impl Resource {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The children of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&'static Child> {
        self.children.iter().find(|child| child.name == name)
    }

    /// True if a client may say this field of a new one. The path's own id is not said in the body again.
    #[must_use]
    pub fn is_said_at_first(&self, field: &Field) -> bool {
        matches!(field.write, Write::Once | Write::Always)
            && self.parent.is_none_or(|parent| parent.field != field.name)
    }

    /// True if a client may change this field.
    #[must_use]
    pub fn is_changed_later(&self, field: &Field) -> bool {
        matches!(field.write, Write::Later | Write::Always)
    }

    /// True if a `PATCH` can change anything of it.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.fields.iter().any(|field| self.is_changed_later(field))
    }
}
