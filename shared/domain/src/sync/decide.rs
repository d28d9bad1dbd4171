//! The decision on one mutation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Decision, FieldOutcome, Kept, MutationOutcome, Op};
use super::mutation::{Mutation, Wish};
use super::replica::{Change, Replica, Stamp, Written};
use crate::resource::Row;
use crate::signature;
use crate::work_order::Status;

/// The decision on something new.
#[must_use]
pub fn add(mutation: &Mutation, wish: &Wish) -> Decision {
    let mut row = wish.fields.clone();
    row.insert("id".to_owned(), json!(mutation.entity_id));
    let op = Op::Open { entity: mutation.entity, row };
    Decision {
        answer: Answer::new(MutationOutcome::Applied),
        ops: vec![op],
        at: mutation.made_at,
        said: BTreeMap::new(),
    }
}

impl Replica {
    /// Decides on a mutation of a phone, and counts it as written.
    pub fn decide(&mut self, mutation: &Mutation, wish: &Wish, device: Uuid) -> Decision {
        let stamp = self.stamp(mutation, device);
        let mut draft = Draft::new(self, mutation, device, stamp);
        if mutation.base_version > Some(self.version()) {
            let detail = format!("it has never had version {}", mutation.base_version.unwrap_or_default());
            draft.answer = Answer::rejected("unknown_version", detail);
            return draft.finish().2;
        }
        if mutation.base_version < Some(self.since) {
            let detail =
                "it was written too often since for anything to be merged: read it, and change it anew";
            draft.answer = Answer::rejected("too_far_behind", detail);
            return draft.finish().2;
        }
        if !wish.command.is_empty() && !draft.command(&wish.command) {
            return draft.finish().2;
        }
        for (field, mine) in &wish.fields {
            draft.field(field, mine);
        }
        let (written, said, decision) = draft.finish();
        if let Some(written) = written {
            self.count(written);
        }
        self.written.extend(said);
        decision
    }

    /// As the database will have it.
    fn count(&mut self, written: Written) {
        for (field, change) in &written.changes {
            self.row.insert(field.clone(), change.to.clone());
        }
        self.row.insert("version".to_owned(), json!(written.version));
        let to = written.changes.get("status").and_then(|change| Status::deserialize(&change.to).ok());
        if let (Some(to), Some(standing)) = (to, &mut self.standing) {
            standing.status = to;
            standing.had_a_hand |= to == Status::Completed;
        }
        let given =
            written.changes.get("assigned_to").and_then(|change| Option::deserialize(&change.to).ok());
        if let (Some(given), Some(standing)) = (given, &mut self.standing) {
            standing.assigned_to = given;
            standing.had_a_hand |= given == Some(standing.me);
        }
        self.written.push(written);
    }
}

/// A decision that is being made.
pub(super) struct Draft<'a> {
    pub(super) replica: &'a Replica,
    pub(super) mutation: &'a Mutation,
    pub(super) device: Uuid,
    pub(super) stamp: Stamp,
    pub(super) answer: Answer,
    /// The columns that are set.
    pub(super) set: Row,
    pub(super) comments: Vec<Op>,
    said: BTreeMap<String, Change>,
}

impl<'a> Draft<'a> {
    fn new(replica: &'a Replica, mutation: &'a Mutation, device: Uuid, stamp: Stamp) -> Self {
        let others = |w: &Written| w.device != Some(device) && Some(w.version) > mutation.base_version;
        let alone = !replica.written.iter().any(others);
        let outcome = if alone { MutationOutcome::Applied } else { MutationOutcome::Merged };
        Self {
            replica,
            mutation,
            device,
            stamp,
            answer: Answer::new(outcome),
            set: Row::new(),
            comments: vec![],
            said: BTreeMap::new(),
        }
    }

    /// A move. False if it is not to be made, and nothing else either.
    fn command(&mut self, command: &Row) -> bool {
        let decisive = if command.contains_key("status") { "status" } else { "assigned_to" };
        if self.replica.is_overtaken(decisive, self.mutation, self.device) || self.is_so(command) {
            return true;
        }
        let to = command.get("status").and_then(|to| Status::deserialize(to).ok());
        let standing = self.replica.standing.as_ref();
        let unknown = self.replica.unknown(decisive, self.mutation, self.device);
        if let Some(first) = unknown.first() {
            let before =
                first.changes.get("status").and_then(|change| Status::deserialize(&change.from).ok());
            let reopens = to == Some(Status::InProgress) && before.is_some_and(Status::can_be_reopened);
            let judged = reopens || to.is_some_and(Status::is_judgement);
            for (column, mine) in command.iter().filter(|(column, _)| *column != "status_note") {
                self.tell(column, mine, Kept::Theirs);
            }
            self.note_text("status_note", command.get("status_note"));
            self.worsen(if judged { MutationOutcome::NeedsReview } else { MutationOutcome::Conflict });
            self.answer.code = Some("decided_otherwise".to_owned());
            self.answer.detail = Some("someone else has decided on it meanwhile".to_owned());
            self.answer.open_moves = standing.map(crate::lifecycle::Standing::open_moves);
            return true;
        }
        // An item still pending or a clock still running may be settled by what comes along: the database says.
        let refusal = to.zip(standing).and_then(|(to, standing)| {
            standing.refusal(to).filter(|refusal| refusal.code() == "move_not_open")
        });
        if let Some(refusal) = refusal {
            self.answer = Answer::rejected(refusal.code(), refusal.to_string());
            self.answer.open_moves = standing.map(crate::lifecycle::Standing::open_moves);
            self.set.clear();
            return false;
        }
        let missing = match (to, standing) {
            (Some(Status::Completed), Some(standing)) => standing.signature.missing(command),
            _ => vec![],
        };
        if !missing.is_empty() {
            let detail = "work is completed here with a signature";
            self.answer = Answer { errors: missing, ..Answer::rejected(signature::NEEDED, detail) };
            self.answer.open_moves = standing.map(crate::lifecycle::Standing::open_moves);
            self.set.clear();
            return false;
        }
        self.set.extend(command.clone());
        true
    }

    /// True if everything that a move decides is decided so already.
    fn is_so(&self, command: &Row) -> bool {
        command
            .iter()
            .filter(|(column, _)| *column != "status_note")
            .all(|(column, mine)| self.replica.now(column) == *mine)
    }

    /// The phone's word counts, though it writes nothing, or not only that.
    pub(super) fn say(&mut self, field: &str, from: Value, mine: &Value) {
        self.said.insert(field.to_owned(), Change { from, to: mine.clone() });
    }

    pub(super) fn tell(&mut self, field: &str, mine: &Value, kept: Kept) {
        let theirs = self.replica.now(field);
        self.answer.fields.push(FieldOutcome { field: field.to_owned(), yours: mine.clone(), theirs, kept });
        self.worsen(MutationOutcome::Merged);
    }

    pub(super) fn worsen(&mut self, outcome: MutationOutcome) {
        self.answer.outcome = self.answer.outcome.max(outcome);
    }

    /// The changes that are written, those that are only said, and the decision.
    fn finish(mut self) -> (Option<Written>, Option<Written>, Decision) {
        let version = self.replica.version();
        let changes: BTreeMap<_, _> =
            self.set.iter().map(|(field, to)| (field.clone(), self.change(field, to))).collect();
        let now = version + i64::from(!changes.is_empty());
        let some = |changes: BTreeMap<_, _>| (!changes.is_empty()).then(|| self.written(now, changes));
        let (written, said) = (some(changes), some(self.said.clone()));
        self.answer.version = Some(now);
        let mut ops = self.comments;
        if !self.set.is_empty() {
            let (entity, id) = (self.replica.entity, self.replica.id);
            ops.push(Op::Change { entity, id, version, set: self.set });
        }
        (written, said, Decision { answer: self.answer, ops, at: self.stamp.0, said: self.said })
    }

    fn change(&self, field: &str, to: &Value) -> Change {
        Change { from: self.replica.now(field), to: to.clone() }
    }

    fn written(&self, version: i64, changes: BTreeMap<String, Change>) -> Written {
        Written {
            version,
            changes,
            at: self.stamp.0,
            mutation: Some(self.mutation.id),
            device: Some(self.device),
            phone_time: Some(self.mutation.phone_time),
            base_version: self.mutation.base_version,
            typed: Some(self.mutation.typed.clone()),
            typed_over: false,
        }
    }
}
