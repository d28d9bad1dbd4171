//! The words that the rule of a table is written in.

use crate::matrix::scene::At;
use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

/// Roles, in any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who(u8);

pub(crate) const NOBODY: Who = Who(0);
pub(crate) const TECHNICIAN: Who = Who(1);
pub(crate) const SUPERVISOR: Who = Who(1 << 1);
pub(crate) const CLERK: Who = Who(1 << 2);
pub(crate) const CONTRACTOR: Who = Who(1 << 3);
pub(crate) const REQUESTER: Who = Who(1 << 4);
pub(crate) const MANAGER: Who = Who(1 << 5);
pub(crate) const ADMIN: Who = Who(1 << 6);

/// The roles that see every warehouse.
pub(crate) const OFFICE: Who = MANAGER.and(ADMIN);
/// The roles that answer for a warehouse.
pub(crate) const LEADERS: Who = SUPERVISOR.and(OFFICE);
/// The roles that do the work, or answer for it.
pub(crate) const CREW: Who = TECHNICIAN.and(LEADERS);
/// The roles that can be given work.
pub(crate) const WORKERS: Who = CREW.and(CONTRACTOR);
/// The roles that keep the stock, or answer for it.
pub(crate) const KEEPERS: Who = CLERK.and(OFFICE);
/// All roles but contractors and requesters.
pub(crate) const STAFF: Who = CREW.and(CLERK);
pub(crate) const EVERYONE: Who = STAFF.and(CONTRACTOR).and(REQUESTER);

impl Who {
    pub(crate) const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// True if it names this role, which is spelled as in the database.
    pub(crate) fn has(self, role: &str) -> bool {
        let one = match role {
            "technician" => TECHNICIAN,
            "supervisor" => SUPERVISOR,
            "inventory_clerk" => CLERK,
            "contractor" => CONTRACTOR,
            "requester" => REQUESTER,
            "manager" => MANAGER,
            "admin" => ADMIN,
            _ => NOBODY,
        };
        self.0 & one.0 != 0
    }
}

/// The relation of a row to the person who asks. An inserted row is one that would be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In their warehouse; what belongs to a person or a work order is a colleague's.
    Here,
    /// The same in another warehouse.
    There,
    /// In no warehouse: it is for all of them.
    Everywhere,
    /// It hangs on a work order of here that is assigned to them.
    Assigned,
    /// It hangs on a colleague's work order of here that they work along on.
    Crew,
    /// It hangs on a work order of here that they asked for, and that is nobody's yet.
    Requested,
    /// Their own doing, on a work order of theirs, or simply about them.
    Mine,
    /// Their own doing, on a work order that they asked for, in another warehouse: they have moved since.
    Moved,
}

impl Place {
    /// Work is given only to those who do it or lead it.
    pub(crate) fn suits(self, role: &str) -> bool {
        !matches!(self, Self::Assigned | Self::Crew) || WORKERS.has(role)
    }
}

/// A place, and the roles that may select, insert, update and delete its rows.
pub(crate) type Line = (Place, Who, Who, Who, Who);

/// A column that others may set than those who may update the row: its name, a value, and who.
pub(crate) type But = (&'static str, &'static str, &'static [(Place, Who)]);

/// The rights of every role to the rows of one table.
pub(crate) struct Rule {
    /// The table; with words after a colon where there is more than one kind of row in it.
    pub(crate) rows: &'static str,
    /// The function that makes a row of it.
    pub(crate) row: fn(&mut At<'_>) -> Result<Row>,
    pub(crate) who: &'static [Line],
    pub(crate) but: &'static [But],
}

impl Rule {
    pub(crate) fn table(&self) -> &'static str {
        self.rows.split_once(':').map_or(self.rows, |(table, _)| table)
    }
}

/// A row that is to be made.
pub(crate) struct Row {
    /// The values that a client sends to open it. One is in no other row, so that it is found again.
    pub(crate) said: Value,
    /// The values that it gets besides, and no client sends.
    pub(crate) filled: Value,
    /// The values that a client sends to change it; not those that it has already.
    pub(crate) change: Value,
    /// The person who makes it, where the database asks.
    pub(crate) by: Option<Uuid>,
    /// It is there already, and there is no other one at this place.
    pub(crate) exists: bool,
}

impl Row {
    /// Of what a client says.
    pub(crate) fn said(said: Value) -> Self {
        Self { said, filled: json!({}), change: Value::Null, by: None, exists: false }
    }

    /// With more that is not for clients to say.
    pub(crate) fn filled(self, filled: Value) -> Self {
        Self { filled, ..self }
    }

    /// Made by this person.
    pub(crate) fn by(self, person: Uuid) -> Self {
        Self { by: Some(person), ..self }
    }

    /// With a change that a client may ask for.
    pub(crate) fn change(self, change: Value) -> Self {
        Self { change, ..self }
    }

    /// The one that has these values, which is there already.
    pub(crate) fn existing(values: Value) -> Self {
        Self { exists: true, ..Self::said(values) }
    }
}
