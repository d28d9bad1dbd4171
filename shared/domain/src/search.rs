//! One search across all that people look for.

use crate::parameters::Parameter;
use crate::resource::{Kind, MAX_SEARCH};
use crate::words::words;

words! {
    /// The kinds of things that a search finds.
    pub enum FoundType in Function("search") {
        /// A work order.
        WorkOrder => "work_order",
        /// A machine.
        Machine => "machine",
        /// A spare part.
        Part => "part",
        /// A vendor.
        Vendor => "vendor",
        /// A person.
        Person => "person",
    }
}

/// Lines of each type when nothing is said.
pub const USUAL_LINES: u8 = 5;

/// The parameters of `GET /api/v1/search`.
pub const SEARCH: [Parameter; 3] = [
    Parameter {
        name: "q",
        kind: Kind::Text(MAX_SEARCH),
        required: true,
        about: "Words by their beginning and codes by any part of them, in any case and without accents; \
                `or` between alternatives, `-` before what is not wanted",
    },
    Parameter {
        name: "type",
        kind: Kind::Word(FoundType::WORDS),
        required: false,
        about: "Only what is of this type",
    },
    Parameter {
        name: "limit",
        kind: Kind::Integer(1, 20),
        required: false,
        about: "The most lines of each type; 5 when nothing is said",
    },
];
