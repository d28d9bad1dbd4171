//! Mutations: the writes of a phone that was offline, as it says them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::id::ProfileId;
use crate::input::{FieldError, pointer};
use crate::resource::{ASSIGNMENT, Entity, Kind, MINUTES_AHEAD, MUTATION, Row, SYNC};
use crate::signature;
use crate::transition;

/// The most mutations of one call.
pub const MAX_MUTATIONS: usize = 500;

/// Nothing was done offline before this year; the database says so, too.
const FIRST_YEAR: i32 = 2000;

/// What a phone sends, as JSON. Of a mutation whose changes nothing here can hold (half of a character, a number without end,
/// too many levels) the rest is read, so that it alone is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    body: Value,
    unreadable: BTreeMap<usize, String>,
}

/// The mutations of one phone.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The phone.
    pub device: Uuid,
    /// In the order in which it did them.
    pub mutations: Vec<Mutation>,
}

/// Something that was done offline.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// The phone's name for it: the same one has its effect once.
    pub id: Uuid,
    /// The table of the row it is done to.
    pub entity: Entity,
    /// The id of what it is done to, or of what it adds.
    pub entity_id: Uuid,
    /// The version that the phone knew; `None` for what it adds.
    pub base_version: Option<i64>,
    /// The moment at which it was done, by our clock.
    pub made_at: DateTime<Utc>,
    /// The same by the phone's own clock, which alone tells what it did first: how long two batches were under way differs.
    pub phone_time: DateTime<Utc>,
    /// The changed fields as they were typed.
    pub typed: Row,
    /// The reason, if they cannot be read: nothing of them is there.
    pub unreadable: Option<String>,
    /// The same, read; or every field that is wrong.
    pub wish: Result<Wish, Vec<FieldError>>,
}

/// The request of a mutation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Fields that merge one by one; of something new, all of it.
    pub fields: Row,
    /// Columns of a work order that only a move writes.
    pub command: Row,
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(text)?;
        let mut unreadable = BTreeMap::new();
        let Ok(parts) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text.get()) else {
            let body = serde_json::from_str(text.get()).map_err(D::Error::custom)?;
            return Ok(Self { body, unreadable });
        };
        let mut body = Row::new();
        for (name, part) in parts {
            let list = (name == "mutations").then(|| serde_json::from_str::<Vec<&RawValue>>(part.get()).ok());
            let part = if let Some(list) = list.flatten() {
                list.into_iter().enumerate().map(|(at, one)| one_of(at, one, &mut unreadable)).collect()
            } else {
                serde_json::from_str(part.get()).map_err(D::Error::custom)?
            };
            body.insert(name, part);
        }
        Ok(Self { body: body.into(), unreadable })
    }
}

/// A mutation; of one that cannot be read or kept, all but its changes.
fn one_of(at: usize, text: &RawValue, unreadable: &mut BTreeMap<usize, String>) -> Value {
    let nothing = || Value::from(Row::new());
    match serde_json::from_str::<Value>(text.get()) {
        Ok(mut one) => {
            let changes = one.get_mut("changes").filter(|changes| changes.is_object());
            if let Some(changes) = changes.filter(|changes| Kind::Fields.read(changes).is_none()) {
                *changes = nothing();
                unreadable.insert(at, "its changes hold the character U+0000".to_owned());
            }
            one
        }
        Err(error) => {
            unreadable.insert(at, format!("its changes cannot be read: {error}"));
            let parts: BTreeMap<String, &RawValue> = serde_json::from_str(text.get()).unwrap_or_default();
            let read = |(name, part): (String, &RawValue)| {
                let none = if name == "changes" { nothing() } else { Value::Null };
                (name, serde_json::from_str(part.get()).unwrap_or(none))
            };
            Value::Object(parts.into_iter().map(read).collect())
        }
    }
}

impl Batch {
    /// Reads what the phone of `me` sends. `now` is when it came in.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(sent: &Sent, me: ProfileId, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut batch = Self::read(&sent.body, me, now)?;
        for (at, reason) in &sent.unreadable {
            if let Some(mutation) = batch.mutations.get_mut(*at) {
                mutation.unreadable = Some(reason.clone());
            }
        }
        Ok(batch)
    }

    /// The same, of what could be read as a whole.
    ///
    /// # Errors
    /// Every field that is wrong, of the whole and of what names a mutation. What a mutation changes is judged for itself.
    pub fn read(body: &Value, me: ProfileId, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let said = SYNC.read_new(body)?;
        let (device, sent_at) = (id(&said, "device_id"), time(&said, "sent_at"));
        let list = said.get("mutations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if list.is_empty() || list.len() > MAX_MUTATIONS {
            return Err(vec![FieldError::field(
                "mutations",
                format!("must be 1 to {MAX_MUTATIONS} mutations"),
            )]);
        }
        let off = now - sent_at.unwrap_or(now);
        let mut mutations = Vec::with_capacity(list.len());
        let mut errors = Vec::new();
        for (at, one) in list.iter().enumerate() {
            match MUTATION.read_new(one) {
                Ok(said) => mutations.extend(Mutation::of(&said, me, off, now)),
                Err(these) => errors.extend(these.into_iter().map(|error| FieldError {
                    pointer: format!("/mutations/{at}{}", error.pointer),
                    ..error
                })),
            }
        }
        match device {
            Some(device) if errors.is_empty() => Ok(Self { device, mutations }),
            _ => Err(errors),
        }
    }
}

impl Mutation {
    fn of(said: &Row, me: ProfileId, off: TimeDelta, now: DateTime<Utc>) -> Option<Self> {
        let entity = Entity::deserialize(said.get("entity")?).ok()?;
        let phone_time = time(said, "made_at")?;
        let base_version = said.get("base_version").and_then(Value::as_i64);
        let typed = said.get("changes")?.as_object()?.clone();
        // A phone that is ahead of itself did nothing in the future.
        let made_at = phone_time.checked_add_signed(off)?.min(now);
        let wish = if made_at.year() < FIRST_YEAR {
            Err(vec![FieldError::field("made_at", format!("must not be before {FIRST_YEAR}"))])
        } else if base_version.is_none() {
            added(entity, &by_our_clock(entity, &typed, off), now)
        } else {
            changed(entity, &by_our_clock(entity, &typed, off), me, now)
        };
        Some(Self {
            id: id(said, "id")?,
            entity,
            entity_id: id(said, "entity_id")?,
            base_version,
            made_at,
            phone_time,
            typed,
            unreadable: None,
            wish,
        })
    }

    /// A text that tells two mutations apart that have one id and are not the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let base = self.base_version.unwrap_or_default();
        format!("{} {} {base} {}", self.entity, self.entity_id, Value::from(self.typed.clone()))
    }
}

/// What was typed, by our clock. A phone that is ahead is so in every moment that it tells of; one that is not may be taken at
/// its word, however long it was under way.
fn by_our_clock(entity: Entity, typed: &Row, off: TimeDelta) -> Row {
    let mut typed = typed.clone();
    if -off > TimeDelta::minutes(MINUTES_AHEAD) {
        entity.resource().set_back(&mut typed, -off);
    }
    typed
}

/// Something new: what it lies under is said like everything else.
fn added(entity: Entity, typed: &Row, now: DateTime<Utc>) -> Result<Wish, Vec<FieldError>> {
    let resource = entity.resource();
    if entity == Entity::Equipment {
        return Err(vec![FieldError::field("base_version", "is required: machines are not added offline")]);
    }
    let mut own = typed.clone();
    let above = resource.parent.map(|parent| (parent.field, own.remove(parent.field)));
    let mut fields = resource.read_new_at(&Value::from(own), now);
    if let Some((name, said)) = above {
        match (said.as_ref().and_then(|said| Kind::Id.read(said)), &mut fields) {
            (Some(id), Ok(fields)) => drop(fields.insert(name.to_owned(), id)),
            (Some(_), Err(_)) => {}
            (None, Ok(_)) => fields = Err(vec![FieldError::field(name, "is required: a UUID")]),
            (None, Err(errors)) => errors.push(FieldError::field(name, "is required: a UUID")),
        }
    }
    Ok(Wish { fields: fields?, command: Row::new() })
}

/// A change; of a work order perhaps with a move.
fn changed(entity: Entity, typed: &Row, me: ProfileId, now: DateTime<Utc>) -> Result<Wish, Vec<FieldError>> {
    let mut fields = typed.clone();
    if entity == Entity::Equipment && fields.keys().any(|name| name != "status") {
        let message = "is not changed offline: of a machine only the status is";
        let others = fields.keys().filter(|name| *name != "status");
        return Err(others.map(|name| FieldError::field(name, message)).collect());
    }
    let mut said = Row::new();
    if entity == Entity::WorkOrders {
        said.extend(
            COMMAND.iter().filter_map(|(column, word)| Some(((*word).to_owned(), fields.remove(*column)?))),
        );
    }
    let nothing_else = fields.is_empty() && !said.is_empty();
    let command = if said.is_empty() { Ok(said) } else { read_command(said, me) };
    let fields =
        if nothing_else { Ok(fields) } else { entity.resource().read_changes_at(&Value::from(fields), now) };
    match (fields, command) {
        (Ok(fields), Ok(command)) => Ok(Wish { fields, command }),
        (Err(mut errors), Err(more)) => {
            errors.extend(more);
            Err(errors)
        }
        (Err(errors), _) | (_, Err(errors)) => Err(errors),
    }
}

/// The columns that only a move writes, and what a move calls them.
const COMMAND: [(&str, &str); 6] = [
    ("status", "to"),
    ("hold_reason", "hold_reason"),
    ("assigned_to", "assigned_to"),
    ("status_note", "note"),
    (signature::NAME, signature::NAME),
    (signature::DRAWN, signature::DRAWN),
];

fn read_command(said: Row, me: ProfileId) -> Result<Row, Vec<FieldError>> {
    // A signature belongs to a move, also where someone has forgotten to say which.
    let moves = ["to", signature::NAME, signature::DRAWN].iter().any(|word| said.contains_key(*word));
    let said = Value::from(said);
    let read = if moves { transition::read(&said, me) } else { ASSIGNMENT.read_new(&said) };
    let column = |word: &str| {
        COMMAND.iter().find(|(_, other)| *other == word).map_or(word, |(column, _)| column).to_owned()
    };
    match read {
        Ok(read) => {
            let mut command: Row = read.into_iter().map(|(word, value)| (column(&word), value)).collect();
            if moves {
                // A move says anew why, or nothing.
                command.entry("status_note").or_insert_with(|| Value::from(""));
            }
            Ok(command)
        }
        Err(errors) => {
            let renamed = |error: FieldError| FieldError {
                pointer: pointer(&column(error.pointer.trim_start_matches('/'))),
                ..error
            };
            Err(errors.into_iter().map(renamed).collect())
        }
    }
}

fn id(said: &Row, name: &str) -> Option<Uuid> {
    said.get(name)?.as_str()?.parse().ok()
}

fn time(said: &Row, name: &str) -> Option<DateTime<Utc>> {
    DateTime::deserialize(said.get(name)?).ok()
}
