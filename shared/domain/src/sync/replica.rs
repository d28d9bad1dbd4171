//! A row as the database has it, and what was written on it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::mutation::Mutation;
use crate::lifecycle::Standing;
use crate::resource::{Entity, Row};
use crate::work_order::Status;

/// A row that mutations are decided on, one after the other: each decision is made on what the ones before it leave.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Replica {
    /// The table it is in.
    pub entity: Entity,
    /// Its id.
    pub id: Uuid,
    /// Its columns, `version` among them.
    pub row: Row,
    /// The work order that it is, or belongs to.
    pub work_order_id: Option<Uuid>,
    /// The status of that one.
    pub work_order_status: Option<Status>,
    /// Of a work order, what decides on its moves.
    pub standing: Option<Standing>,
    /// The version up to which it is not known what was written on it: that is too much, or too long ago.
    #[serde(default)]
    pub since: i64,
    /// What was written on it, or said of it by phones, oldest first: all that mutations of these fields depend on.
    #[serde(default)]
    pub written: Vec<Written>,
}

/// A change that was written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Written {
    /// The row's version afterwards.
    pub version: i64,
    /// The fields that changed.
    pub changes: BTreeMap<String, Change>,
    /// Its moment, to tell who was last: never before the value that it was typed over.
    pub at: DateTime<Utc>,
    /// The mutation of a phone that it was.
    pub mutation: Option<Uuid>,
    /// The phone.
    pub device: Option<Uuid>,
    /// The moment at which it was done, by the phone's own clock.
    pub phone_time: Option<DateTime<Utc>>,
    /// The version that the phone knew.
    pub base_version: Option<i64>,
    /// The fields as they were typed on the phone.
    pub typed: Option<Row>,
    /// True if a write that is stored, though it may not be told here, was typed over it.
    #[serde(default)]
    pub typed_over: bool,
}

/// The change of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Before.
    #[serde(default)]
    pub from: Value,
    /// After.
    #[serde(default)]
    pub to: Value,
}

/// The order of writes: the time, and among equals the larger id.
pub(super) type Stamp = (DateTime<Utc>, Uuid);

impl Replica {
    /// Its version now.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.row.get("version").and_then(Value::as_i64).unwrap_or_default()
    }

    /// The value of a field now.
    pub(super) fn now(&self, field: &str) -> Value {
        self.row.get(field).cloned().unwrap_or_default()
    }

    /// The value that the phone showed in a field when the mutation was made: typed there before, or known from the server.
    pub(super) fn before(&self, field: &str, mutation: &Mutation, device: Uuid) -> Value {
        let base = mutation.base_version.unwrap_or_default();
        let own = |w: &&Written| {
            w.version > base && w.device == Some(device) && w.phone_time <= Some(mutation.phone_time)
        };
        let typed = self.written.iter().rev().filter(own).find_map(|w| w.typed.as_ref()?.get(field));
        let unknown = self.unknown(field, mutation, device);
        let known = || Some(&unknown.first()?.changes.get(field)?.from);
        typed.or_else(known).cloned().unwrap_or_else(|| self.now(field))
    }

    /// Writes on a field that the phone did not know of when it made the mutation.
    pub(super) fn unknown(&self, field: &str, mutation: &Mutation, device: Uuid) -> Vec<&Written> {
        let base = mutation.base_version.unwrap_or_default();
        let unknown = |w: &&Written| w.version > base && w.device != Some(device);
        self.written.iter().filter(unknown).filter(|w| w.changes.contains_key(field)).collect()
    }

    /// True if the same phone has already brought a later write on the field.
    pub(super) fn is_overtaken(&self, field: &str, mutation: &Mutation, device: Uuid) -> bool {
        let later = |w: &Written| w.device == Some(device) && w.phone_time > Some(mutation.phone_time);
        self.written.iter().any(|w| later(w) && w.changes.contains_key(field))
    }

    /// The moment at which a mutation counts as made: after everything that it was typed over, whatever the clocks said.
    pub(super) fn stamp(&self, mutation: &Mutation, device: Uuid) -> Stamp {
        let base = mutation.base_version.unwrap_or_default();
        let known = |w: &&Written| {
            let touches = mutation.typed.keys().any(|field| w.changes.contains_key(field));
            touches
                && (w.version <= base
                    || (w.device == Some(device) && w.phone_time <= Some(mutation.phone_time)))
        };
        let after = self.written.iter().filter(known).map(|w| w.at + TimeDelta::microseconds(1)).max();
        (after.map_or(mutation.made_at, |after| after.max(mutation.made_at)), mutation.id)
    }

    /// Those of some writes on a field that no later one was typed over.
    pub(super) fn standing_side_by_side<'w>(&self, field: &str, writes: &[&'w Written]) -> Vec<&'w Written> {
        let on_it = || self.written.iter().filter(|other| other.changes.contains_key(field));
        let over = |w: &Written| w.typed_over || on_it().any(|other| other.was_typed_over(w));
        writes.iter().copied().filter(|w| !over(w)).collect()
    }
}

impl Written {
    /// Its place in the order of writes.
    pub(super) fn stamp(&self) -> Stamp {
        (self.at, self.mutation.unwrap_or_default())
    }

    /// The text typed into a field; without a phone, its new value.
    pub(super) fn text(&self, field: &str) -> &str {
        let typed = self.typed.as_ref().and_then(|typed| typed.get(field));
        typed.or_else(|| Some(&self.changes.get(field)?.to)).and_then(Value::as_str).unwrap_or_default()
    }

    /// True if the one who wrote this had the other write before them.
    fn was_typed_over(&self, other: &Self) -> bool {
        let base = self.base_version.unwrap_or(self.version - 1);
        let own = self.device.is_some() && self.device == other.device && self.phone_time > other.phone_time;
        self.version > other.version && (base >= other.version || own)
    }
}
