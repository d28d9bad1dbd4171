//! The bodies of actions that are no plain write: read like a resource, stored as none.

use super::{Entity, Field, ID, Kind, NOTES, PLAIN, Resource};
use crate::review::ReviewDecision;
use crate::signature;
use crate::work_order::{HoldReason, Priority, Status};

const NOTE: Field = Field::new("note", Kind::Prose(1_000)).filled();

/// A move of a work order.
pub static TRANSITION: Resource = Resource {
    singular: "transition",
    fields: &[
        Field::new("to", Kind::Word(Status::MOVES)).required(),
        Field::new("hold_reason", Kind::Word(HoldReason::WORDS)).filled(),
        Field::new("assigned_to", Kind::Id).filled(),
        // Who signs that the work is done, and the attachment that they drew.
        Field::new(signature::NAME, Kind::Text(100)).filled(),
        Field::new(signature::DRAWN, Kind::Id).filled(),
        NOTE,
    ],
    ..PLAIN
};

/// An assignment of a work order.
pub static ASSIGNMENT: Resource = Resource {
    singular: "assignment",
    fields: &[Field::new("assigned_to", Kind::Id).required(), NOTE],
    ..PLAIN
};

/// An acknowledgement, which holds for some minutes.
pub static ACKNOWLEDGEMENT: Resource = Resource {
    singular: "acknowledgement",
    fields: &[Field::new("minutes", Kind::Integer(1, 1_440)).filled(), NOTE],
    ..PLAIN
};

/// The work order that an issue opens; fields that are left out follow from the item and its work order.
pub static FOLLOW_UP: Resource = Resource {
    singular: "follow-up",
    fields: &[
        ID,
        Field::new("title", Kind::Text(200)).filled(),
        Field::new("description", NOTES).filled(),
        Field::new("priority", Kind::Word(Priority::WORDS)).filled(),
    ],
    ..PLAIN
};

/// The mutations of a phone that comes back.
pub static SYNC: Resource = Resource {
    singular: "sync",
    fields: &[
        Field::new("device_id", Kind::Id).required(),
        // By the phone's clock: how far it is off is taken off every `made_at`.
        Field::new("sent_at", Kind::Time).required(),
        Field::new("mutations", Kind::List).required(),
    ],
    ..PLAIN
};

/// Something that was done offline.
pub static MUTATION: Resource = Resource {
    singular: "mutation",
    fields: &[
        Field::new("id", Kind::Id).required(),
        Field::new("entity", Kind::Word(Entity::WORDS)).required(),
        Field::new("entity_id", Kind::Id).required(),
        // Null or missing for what the phone adds.
        Field::new("base_version", Kind::Integer(1, i32::MAX as i64)),
        Field::new("made_at", Kind::Time).required(),
        Field::new("changes", Kind::Fields).required(),
    ],
    ..PLAIN
};

/// A problem that someone reports who has scanned a label.
pub static PROBLEM_REPORT: Resource = Resource {
    singular: "problem report",
    fields: &[
        Field::new("description", Kind::Prose(2_000)).required(),
        Field::new("priority", Kind::Word(Priority::WORDS)).filled(),
        Field::new("reporter_name", Kind::Text(100)).filled(),
        Field::new("reporter_contact", Kind::Text(200)).filled(),
    ],
    ..PLAIN
};

/// Nothing has to be said to renew a label.
pub static LABEL_RENEWAL: Resource = Resource { singular: "label renewal", ..PLAIN };

/// Nothing has to be said to invite someone.
pub static INVITATION: Resource = Resource { singular: "invitation", ..PLAIN };

/// The warehouse that drafts are made for; the caller's own if nothing is said.
pub static REORDER: Resource =
    Resource { singular: "reorder", fields: &[Field::new("warehouse_id", Kind::Id).filled()], ..PLAIN };

/// The last notification that was shown; all of them if nothing is said.
pub static READING_INBOX: Resource =
    Resource { singular: "reading of the inbox", fields: &[Field::new("up_to", Kind::Id).filled()], ..PLAIN };

/// The decision on what a phone brought too late.
pub static REVIEW_DECISION: Resource = Resource {
    singular: "decision on a review",
    fields: &[Field::new("decision", Kind::Word(ReviewDecision::WORDS)).required(), NOTE],
    ..PLAIN
};

/// All of them, for whoever documents them.
pub const FORMS: [&Resource; 12] = [
    &TRANSITION,
    &ASSIGNMENT,
    &ACKNOWLEDGEMENT,
    &FOLLOW_UP,
    &SYNC,
    &MUTATION,
    &PROBLEM_REPORT,
    &LABEL_RENEWAL,
    &INVITATION,
    &REORDER,
    &READING_INBOX,
    &REVIEW_DECISION,
];
