//! Those who ask, as `tests/bench/scale/seed/2_people.sql` has made them.

use super::Arguments;
use anyhow::{Context, Result};
use millwright_harness::client::{StackInfo, signed_in_token};
use postgres::Client;

/// By name and address.
pub(super) const PEOPLE: [(&str, &str); 10] = [
    ("technician", "technician@scale.test"),
    ("supervisor", "supervisor@scale.test"),
    ("manager", "manager@scale.test"),
    ("inventory_clerk", "inventory_clerk@scale.test"),
    ("contractor", "contractor@scale.test"),
    ("requester", "requester@scale.test"),
    ("admin", "admin@scale.test"),
    // Of the smallest warehouse: what they see is rare among what is stored.
    ("technician.small", "technician.20.1@scale.test"),
    // Few rows are theirs, and old ones.
    ("contractor.few", "contractor.few@scale.test"),
    ("requester.few", "requester.few@scale.test"),
];

/// Someone who asks.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) id: String,
    /// Their bearer token.
    pub(super) token: String,
}

impl Person {
    /// Those who are wanted.
    pub(super) fn all(info: &StackInfo, client: &mut Client, arguments: &Arguments) -> Result<Vec<Self>> {
        let of = |(name, email): (&'static str, &str)| {
            let found = client.query_one("select id::text from public.profiles where email = $1", &[&email]);
            let id = found.with_context(|| format!("looking for {email}"))?.get(0);
            Ok(Self { name, id, token: signed_in_token(info, email)? })
        };
        PEOPLE.into_iter().filter(|(name, _)| arguments.is_asked_by(name)).map(of).collect()
    }
}
