//! What becomes of one mutation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Decision, FieldOutcome, Kept, Op, Outcome};
use super::mutation::{Mutation, Wish};
use super::replica::{Change, Replica, Stamp, Written};
use super::text::together;
use crate::resource::{CHECKLIST, COMMENTS, EQUIPMENT, Kind, Row, TIME_LOGS, WORK_ORDERS};
use crate::work_order::Status;

/// How a field merges.
enum Class {
    /// Who was last.
    Plain,
    /// Everything that was typed.
    Text,
    /// Key by key.
    Object,
    /// Not at all: a person decides.
    Safety,
}

fn class(entity: &str, field: &str) -> Class {
    let of = [&WORK_ORDERS, &CHECKLIST, &TIME_LOGS, &EQUIPMENT].into_iter().find(|of| of.table == entity);
    match (entity, field, of.and_then(|of| of.field(field)).map(|field| field.kind)) {
        ("checklist_items", "state", _) | ("equipment", _, _) => Class::Safety,
        (_, "description" | "notes" | "note", _) => Class::Text,
        (_, _, Some(Kind::Object)) => Class::Object,
        _ => Class::Plain,
    }
}

/// No merged text is longer; what does not fit becomes a comment.
const MAX_TEXT: usize = 10_000;

/// The decision on something new.
#[must_use]
pub fn add(mutation: &Mutation, wish: &Wish) -> Decision {
    let mut row = wish.fields.clone();
    row.insert("id".to_owned(), json!(mutation.entity_id));
    let op = Op::Open { entity: mutation.entity.to_owned(), row };
    Decision {
        answer: Answer::new(Outcome::Applied),
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
            standing.completed_by = match to {
                Status::Completed => Some(standing.me),
                Status::InProgress => None,
                _ => standing.completed_by,
            };
        }
        let given =
            written.changes.get("assigned_to").and_then(|change| Option::deserialize(&change.to).ok());
        if let (Some(given), Some(standing)) = (given, &mut self.standing) {
            standing.assigned_to = given;
        }
        self.written.push(written);
    }
}

/// A decision that is being made.
struct Draft<'a> {
    replica: &'a Replica,
    mutation: &'a Mutation,
    device: Uuid,
    stamp: Stamp,
    answer: Answer,
    set: Row,
    comments: Vec<Op>,
    said: BTreeMap<String, Change>,
}

impl<'a> Draft<'a> {
    fn new(replica: &'a Replica, mutation: &'a Mutation, device: Uuid, stamp: Stamp) -> Self {
        let others = |w: &Written| w.device != Some(device) && Some(w.version) > mutation.base_version;
        let alone = !replica.written.iter().any(others);
        let outcome = if alone { Outcome::Applied } else { Outcome::Merged };
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

    /// A move. False when it is not to be made, and nothing else either.
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
            let judged = matches!(to, Some(Status::Verified | Status::Closed))
                || (to == Some(Status::InProgress)
                    && matches!(before, Some(Status::Completed | Status::Verified)));
            for (column, mine) in command.iter().filter(|(column, _)| *column != "status_note") {
                self.tell(column, mine, Kept::Theirs);
            }
            self.note_text("status_note", command.get("status_note"));
            self.worsen(if judged { Outcome::NeedsReview } else { Outcome::Conflict });
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
        self.set.extend(command.clone());
        true
    }

    /// Whether everything that a move decides is decided so already.
    fn is_so(&self, command: &Row) -> bool {
        command
            .iter()
            .filter(|(column, _)| *column != "status_note")
            .all(|(column, mine)| self.replica.now(column) == *mine)
    }

    fn field(&mut self, field: &str, mine: &Value) {
        if self.replica.is_overtaken(field, self.mutation, self.device) {
            return;
        }
        let before = self.replica.before(field, self.mutation, self.device);
        if before == *mine {
            return;
        }
        let now = self.replica.now(field);
        if now == *mine {
            self.say(field, before, mine);
            return;
        }
        let class = class(&self.replica.entity, field);
        if self.has_ended() {
            self.too_late(field, mine, &class);
            return;
        }
        // What a machine was is not kept: whatever was written on it may have been its status.
        let unsure = self.replica.entity == EQUIPMENT.table
            && self.mutation.base_version != Some(self.replica.version());
        let unknown = self.replica.unknown(field, self.mutation, self.device);
        if unknown.is_empty() && !unsure {
            self.set.insert(field.to_owned(), mine.clone());
            return;
        }
        match class {
            Class::Safety if now == before && !unsure => {
                drop(self.set.insert(field.to_owned(), mine.clone()));
            }
            Class::Safety => self.review(field, mine),
            Class::Text => self.text(field, mine, &unknown),
            Class::Object => self.object(field, before, mine, &unknown),
            Class::Plain => {
                let theirs = unknown.iter().map(|w| w.stamp()).max();
                if theirs > Some(self.stamp) {
                    self.say(field, before, mine);
                    self.tell(field, mine, Kept::Theirs);
                } else {
                    self.tell(field, mine, Kept::Yours);
                    self.set.insert(field.to_owned(), mine.clone());
                }
            }
        }
    }

    /// An item of a work order on which work has ended is not changed any more.
    fn has_ended(&self) -> bool {
        use Status::{Cancelled, Closed, Completed, Verified};
        self.replica.entity == CHECKLIST.table
            && matches!(self.replica.work_order_status, Some(Completed | Verified | Closed | Cancelled))
    }

    fn too_late(&mut self, field: &str, mine: &Value, class: &Class) {
        self.answer.code = Some("work_has_ended".to_owned());
        self.answer.detail = Some("the work order has been completed or cancelled meanwhile".to_owned());
        match class {
            Class::Text => {
                self.worsen(Outcome::NeedsReview);
                self.tell(field, mine, Kept::AsComment);
                self.note_text(field, Some(mine));
            }
            _ => self.review(field, mine),
        }
    }

    fn review(&mut self, field: &str, mine: &Value) {
        self.worsen(Outcome::NeedsReview);
        self.tell(field, mine, Kept::Theirs);
    }

    fn text(&mut self, field: &str, mine: &Value, unknown: &[&Written]) {
        let mut texts: Vec<(Stamp, &str)> = self
            .replica
            .standing_side_by_side(unknown)
            .into_iter()
            .map(|w| (w.stamp(), w.text(field)))
            .collect();
        texts.push((self.stamp, mine.as_str().unwrap_or_default()));
        texts.sort_unstable();
        let both = together(texts.into_iter().map(|(_, text)| text));
        if both.chars().count() > MAX_TEXT {
            self.tell(field, mine, Kept::AsComment);
            self.note_text(field, Some(mine));
        } else {
            self.tell(field, mine, Kept::Both);
            self.set.insert(field.to_owned(), both.into());
        }
    }

    fn object(&mut self, field: &str, before: Value, mine: &Value, unknown: &[&Written]) {
        let keys = |value: &'_ Value| value.as_object().cloned().unwrap_or_default();
        let base = keys(&before);
        self.say(field, before, mine);
        let (mine_keys, now) = (keys(mine), keys(&self.replica.now(field)));
        let mut merged = now.clone();
        for key in base.keys().chain(mine_keys.keys()) {
            let (was, wish) = (base.get(key), mine_keys.get(key));
            let touched =
                |w: &&&Written| w.changes.get(field).is_some_and(|c| c.from.get(key) != c.to.get(key));
            let theirs = unknown.iter().filter(touched).map(|w| w.stamp()).max();
            if was == wish || theirs > Some(self.stamp) {
                continue;
            }
            match wish {
                Some(value) => drop(merged.insert(key.clone(), value.clone())),
                None => drop(merged.remove(key)),
            }
        }
        self.tell(field, mine, Kept::Both);
        if merged != now {
            self.set.insert(field.to_owned(), merged.into());
        }
    }

    /// A text that has no other place becomes a comment.
    fn note_text(&mut self, field: &str, text: Option<&Value>) {
        let text = text.and_then(Value::as_str).unwrap_or_default();
        let Some(work_order) = self.replica.work_order_id.filter(|_| !text.trim().is_empty()) else {
            return;
        };
        let part = |name| self.replica.row.get(name).and_then(Value::as_str);
        let of = match (part("component"), part("action")) {
            (Some(component), Some(action)) => format!("{component}: {action}"),
            _ => field.replace('_', " "),
        };
        let body: String = format!("{of}\n{text}").chars().take(MAX_TEXT).collect();
        let row = Row::from_iter([
            ("work_order_id".to_owned(), json!(work_order)),
            ("body".to_owned(), json!(body)),
        ]);
        self.comments.push(Op::Open { entity: COMMENTS.table.to_owned(), row });
    }

    /// The phone's word counts, though it writes nothing, or not only that.
    fn say(&mut self, field: &str, from: Value, mine: &Value) {
        self.said.insert(field.to_owned(), Change { from, to: mine.clone() });
    }

    fn tell(&mut self, field: &str, mine: &Value, kept: Kept) {
        let theirs = self.replica.now(field);
        self.answer.fields.push(FieldOutcome { field: field.to_owned(), yours: mine.clone(), theirs, kept });
        self.worsen(Outcome::Merged);
    }

    fn worsen(&mut self, outcome: Outcome) {
        self.answer.outcome = self.answer.outcome.max(outcome);
    }

    /// What is written, what is only said, and the decision.
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
            let (entity, id) = (self.replica.entity.clone(), self.replica.id);
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
            made_at: Some(self.mutation.made_at),
            base_version: self.mutation.base_version,
            typed: Some(self.mutation.typed.clone()),
        }
    }
}
