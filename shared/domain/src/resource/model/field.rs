//! A field: its values, and the moments at which a client may write it.

use super::{Kind, Tense};

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
    /// The column that lists are ordered by instead of it.
    pub sort_key: Option<SortKey>,
    /// The column that it is looked up by instead, if people write the same value in several ways.
    pub alike: Option<&'static str>,
    /// Of a moment: whether it may lie ahead.
    pub tense: Tense,
}

/// A computed column that a list is ordered by instead of a field, so that an index can go on after any row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// The column of this name: the field, and the second value where it is null.
    NullAs(&'static str, &'static str),
    /// The column of this name: how many of the field's words come before its own.
    Rank(&'static str),
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
        Self {
            name,
            kind,
            write: Write::Always,
            required: false,
            nullable: true,
            sort_key: None,
            alike: None,
            tense: Tense::Planned,
        }
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

    /// It tells of something that has happened, and does not lie ahead.
    #[must_use]
    pub const fn happened(self) -> Self {
        Self { tense: Tense::Happened, ..self }
    }

    /// The same, unless this other field of the row is true.
    #[must_use]
    pub const fn happened_unless(self, planned: &'static str) -> Self {
        Self { tense: Tense::HappenedUnless(planned), ..self }
    }

    /// Lists are ordered by another column.
    #[must_use]
    pub const fn sorted_by(self, key: SortKey) -> Self {
        Self { sort_key: Some(key), ..self }
    }

    /// It is looked up by this column, in which values are equal that people take for the same: in any case, and in any form of
    /// Unicode.
    #[must_use]
    pub const fn looked_up_by(self, column: &'static str) -> Self {
        Self { alike: Some(column), ..self }
    }

    /// The column that lists are ordered by.
    #[must_use]
    pub const fn sort_column(&self) -> &'static str {
        match self.sort_key {
            Some(SortKey::NullAs(column, _) | SortKey::Rank(column)) => column,
            None => self.name,
        }
    }

    /// The value of that column where the field has this one. `None` where rows are ordered by a column that may be null.
    #[must_use]
    pub fn sort_value(&self, value: Option<&str>) -> Option<String> {
        match (self.sort_key, self.kind) {
            (Some(SortKey::NullAs(_, missing)), _) => Some(value.unwrap_or(missing).to_owned()),
            (Some(SortKey::Rank(_)), Kind::Word(words)) => {
                words.iter().position(|word| Some(*word) == value).map(|rank| rank.to_string())
            }
            _ => value.map(str::to_owned),
        }
    }

    /// True if rows without a value are ordered, too: the last ones, in either direction.
    #[must_use]
    pub const fn sorts_nulls(&self) -> bool {
        self.nullable && self.sort_key.is_none()
    }

    /// True if its values can be compared with one in an address. Long texts are searched instead.
    #[must_use]
    pub fn compares(&self) -> bool {
        match self.kind {
            Kind::Text(max) => max <= LONGEST_COMPARED,
            Kind::Id
            | Kind::Word(_)
            | Kind::Integer(..)
            | Kind::Number(..)
            | Kind::Boolean
            | Kind::Date
            | Kind::Time
            | Kind::TimeZone => true,
            Kind::Texts(_)
            | Kind::Words(_)
            | Kind::Prose(_)
            | Kind::Object
            | Kind::Fields
            | Kind::List
            | Kind::Any
            | Kind::Dates(_)
            | Kind::MonthDay
            | Kind::Recurrence
            | Kind::Steps
            | Kind::Hours
            | Kind::PublicAddress => false,
        }
    }
}
