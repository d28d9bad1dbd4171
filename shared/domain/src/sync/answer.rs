//! The writes that follow from a mutation, and the answer to it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::replica::Change;
use crate::input::FieldError;
use crate::resource::{Entity, Row};
use crate::words::words;
use crate::work_order::Status;

words! {
    /// The answer to a mutation in one word, the worst last.
    #[derive(PartialOrd, Ord)]
    pub enum MutationOutcome in Apart("the domain decides it, and the database keeps the whole answer unread") {
        /// It is as the phone has it.
        Applied => "applied",
        /// Someone else wrote meanwhile; both are in what is there now.
        Merged => "merged",
        /// It came before; what became of it then is told again.
        Duplicate => "duplicate",
        /// Someone else decided otherwise meanwhile; nothing of that field was written, both values come back.
        Conflict => "conflict",
        /// The same, where a person has to look: verification, and what safety depends on.
        NeedsReview => "needs_review",
        /// It cannot be done, and nothing was written. It may be sent again.
        Rejected => "rejected",
    }

    /// The one whose value a field has now.
    pub enum Kept in Apart("the domain decides it, and the database keeps the whole answer unread") {
        /// The phone's.
        Yours => "yours",
        /// The value that was there.
        Theirs => "theirs",
        /// One text of both.
        Both => "both",
        /// The value that was there; the phone's text is a comment of the work order.
        AsComment => "as_comment",
    }
}

/// A field that two wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldOutcome {
    /// Its name.
    pub field: String,
    /// The phone's value.
    pub yours: Value,
    /// The value that was there.
    pub theirs: Value,
    /// The side whose value is there now.
    pub kept: Kept,
}

/// The answer to a mutation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// In one word.
    pub outcome: MutationOutcome,
    /// The row's version now, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The reason, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The reason, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The mistakes in its fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The fields that two wrote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldOutcome>,
    /// The moves that are open instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_moves: Option<Vec<Status>>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Op {
    /// Sets columns of a row, if it still has this version.
    Change {
        /// Its table.
        entity: Entity,
        /// Its id.
        id: Uuid,
        /// The version it must have.
        version: i64,
        /// The columns.
        set: Row,
    },
    /// Adds a row.
    Open {
        /// Its table.
        entity: Entity,
        /// Its columns.
        row: Row,
    },
}

/// The writes, all of them or nothing, and the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// The writes.
    pub ops: Vec<Op>,
    /// The moment at which it counts as made.
    pub at: DateTime<Utc>,
    /// Fields that it says without a write of its own: they are so already, or someone else was last. They count as said,
    /// or phones that come in another order would find another end.
    pub said: BTreeMap<String, Change>,
}

impl Answer {
    pub(super) fn new(outcome: MutationOutcome) -> Self {
        Self {
            outcome,
            version: None,
            code: None,
            detail: None,
            errors: vec![],
            fields: vec![],
            open_moves: None,
        }
    }

    /// It cannot be done.
    #[must_use]
    pub fn rejected(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: Some(code.into()), detail: Some(detail.into()), ..Self::new(MutationOutcome::Rejected) }
    }

    /// It cannot be done, because of these fields.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::rejected("invalid", "some of its fields are wrong") }
    }
}
