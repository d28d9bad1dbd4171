//! A field: its values, and the moments at which a client may write it.

use super::Kind;

/// A field of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, in JSON and in the table.
    pub name: &'static str,
    /// The values that it may hold.
    pub kind: Kind,
    /// The moments at which a client may write it.
    pub write: Write,
    /// If true, a new row must say it.
    pub required: bool,
    /// If true, it may be null.
    pub nullable: bool,
}

/// The moments at which a client may write a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Never: the database or a function sets it.
    Never,
    /// In a new row only.
    Once,
    /// In a new row, and later.
    Always,
    /// Only later: a new row has the database's value.
    Later,
}

/// The longest text that is compared with a value, in characters. More would not fit into an address.
const LONGEST_COMPARED: usize = 254;

impl Field {
    /// A field that a client may leave out, write at any time, and set to null.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, write: Write::Always, required: false, nullable: true }
    }

    /// A new row must say it, and it is never null.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, nullable: false, ..self }
    }

    /// It is never null: the database has a value if the client says none.
    #[must_use]
    pub const fn filled(self) -> Self {
        Self { nullable: false, ..self }
    }

    /// A new row may say it, and it stays.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { write: Write::Once, ..self }
    }

    /// A new row does not say it; it is only changed.
    #[must_use]
    pub const fn later(self) -> Self {
        Self { write: Write::Later, ..self }
    }

    /// It may be null after all.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// It is not the client's to write.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self { write: Write::Never, ..self }
    }

    /// True if a list can be filtered and ordered by it. Long texts are searched, not compared.
    #[must_use]
    pub fn filters(&self) -> bool {
        match self.kind {
            Kind::Text(max) => max <= LONGEST_COMPARED,
            Kind::Id
            | Kind::Word(_)
            | Kind::Integer(..)
            | Kind::Number(..)
            | Kind::Boolean
            | Kind::Date
            | Kind::Time => true,
            Kind::Texts(_)
            | Kind::Words(_)
            | Kind::Object
            | Kind::List
            | Kind::Any
            | Kind::Dates(_)
            | Kind::MonthDay
            | Kind::Recurrence
            | Kind::Steps
            | Kind::Hours => false,
        }
    }
}
