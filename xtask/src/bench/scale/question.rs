//! A question to the API, and what its answer may cost.

use std::fmt::Write;

/// A question of one person.
pub(super) struct Question {
    /// The same for a company of any size: names, where the address has ids.
    pub(super) name: String,
    /// The path below `/api/v1/`, with its query.
    pub(super) address: String,
    pub(super) allowance: Allowance,
}

/// The cost that an answer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// That of a page, or of one with its children.
    Page,
    /// That of a page of what some words are in.
    Search,
    /// That of figures over a year.
    Report,
    /// As much as among few work orders, whatever that is.
    AsAmongFew,
}

impl Allowance {
    /// Milliseconds that the database may take.
    pub(super) fn most_ms(self) -> Option<f64> {
        match self {
            Self::Page => Some(5.0),
            Self::Search => Some(15.0),
            Self::Report => Some(2_000.0),
            Self::AsAmongFew => None,
        }
    }

    /// A report is about all of a year, so it may grow.
    pub(super) fn may_grow(self) -> bool {
        self == Self::Report
    }
}

impl Question {
    pub(super) fn new(name: impl Into<String>, address: impl Into<String>, allowance: Allowance) -> Self {
        Self { name: name.into(), address: address.into(), allowance }
    }

    /// A page in another order, or of other rows of the same list.
    pub(super) fn is_variation(&self) -> bool {
        self.allowance == Allowance::Page && self.name.contains('=') && !self.name.contains("include=")
    }
}

/// A value as it stands in a query.
pub(super) fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(byte.into()),
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_encoded() {
        assert_eq!(encoded("2026-11-01 00:00:00+00"), "2026-11-01%2000%3A00%3A00%2B00");
        assert_eq!(encoded("a_b~c.d"), "a_b~c.d");
    }
}
