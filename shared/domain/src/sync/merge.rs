//! Merging one field with the writes of others meanwhile.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Kept, MutationOutcome, Op};
use super::decide::Draft;
use super::replica::{Stamp, Written};
use super::text::together;
use crate::resource::{Entity, Kind, Row};
use crate::work_order::Status;

/// The way in which a field merges.
enum Class {
    /// The last write wins.
    Plain,
    /// Everything that was typed, in so many characters.
    Text(usize),
    /// Key by key.
    Object,
    /// Not at all: a person decides.
    Safety,
}

fn class(entity: Entity, field: &str) -> Class {
    match entity {
        Entity::Equipment => return Class::Safety,
        Entity::ChecklistItems if field == "state" => return Class::Safety,
        Entity::ChecklistItems
        | Entity::WorkOrders
        | Entity::TimeLogs
        | Entity::Comments
        | Entity::PartTransactions
        | Entity::MeterReadings => {}
    }
    match entity.resource().field(field).map(|field| field.kind) {
        Some(Kind::Prose(max)) => Class::Text(max),
        Some(Kind::Object) => Class::Object,
        Some(
            Kind::Text(_)
            | Kind::Fields
            | Kind::Id
            | Kind::Word(_)
            | Kind::Texts(_)
            | Kind::Words(_)
            | Kind::Integer(..)
            | Kind::Number(..)
            | Kind::Boolean
            | Kind::Date
            | Kind::Time
            | Kind::List
            | Kind::Any
            | Kind::Dates(_)
            | Kind::MonthDay
            | Kind::TimeZone
            | Kind::Recurrence
            | Kind::Steps
            | Kind::Hours
            | Kind::PublicAddress,
        )
        | None => Class::Plain,
    }
}

/// The longest comment in characters, as of any text that is typed.
const MAX_COMMENT: usize = 10_000;

/// The most texts that are made one. The database tells of one more.
const MAX_SIDE_BY_SIDE: usize = 50;

impl Draft<'_> {
    /// One field of what is wished.
    pub(super) fn field(&mut self, field: &str, mine: &Value) {
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
        let class = class(self.replica.entity, field);
        if self.has_ended() {
            self.too_late(field, mine, &class);
            return;
        }
        // Former values of a machine are not kept: any write on it may have changed its status.
        let unsure = self.replica.entity == Entity::Equipment
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
            Class::Text(max) => self.text(field, mine, max, &unknown),
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

    /// Once work has ended, nothing of it is changed any more; items of the checklist stay as they were completed.
    fn has_ended(&self) -> bool {
        match self.replica.entity {
            Entity::ChecklistItems => !self.status().is_none_or(Status::is_open),
            Entity::WorkOrders | Entity::TimeLogs => self.status().is_some_and(Status::is_frozen),
            Entity::Comments | Entity::PartTransactions | Entity::MeterReadings | Entity::Equipment => false,
        }
    }

    /// The status of the work order, if it is one or belongs to one: as this mutation leaves it.
    fn status(&self) -> Option<Status> {
        let to = self.set.get("status").and_then(|to| Status::deserialize(to).ok());
        let now = || self.replica.standing.as_ref().map(|standing| standing.status);
        to.or_else(now).or(self.replica.work_order_status)
    }

    fn too_late(&mut self, field: &str, mine: &Value, class: &Class) {
        self.answer.code = Some("work_has_ended".to_owned());
        self.answer.detail = Some("work on it has ended meanwhile".to_owned());
        match class {
            Class::Text(_) => {
                self.worsen(MutationOutcome::NeedsReview);
                self.tell(field, mine, Kept::AsComment);
                self.note_text(field, Some(mine));
            }
            Class::Plain | Class::Object | Class::Safety => self.review(field, mine),
        }
    }

    fn review(&mut self, field: &str, mine: &Value) {
        self.worsen(MutationOutcome::NeedsReview);
        self.tell(field, mine, Kept::Theirs);
    }

    fn text(&mut self, field: &str, mine: &Value, max: usize, unknown: &[&Written]) {
        let mut texts: Vec<(Stamp, &str)> = self
            .replica
            .standing_side_by_side(field, unknown)
            .into_iter()
            .map(|w| (w.stamp(), w.text(field)))
            .collect();
        let too_many = texts.len() > MAX_SIDE_BY_SIDE;
        texts.push((self.stamp, mine.as_str().unwrap_or_default()));
        texts.sort_unstable();
        let both = together(texts.into_iter().map(|(_, text)| text));
        if too_many || both.chars().count() > max {
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
    pub(super) fn note_text(&mut self, field: &str, text: Option<&Value>) {
        let text = text.and_then(Value::as_str).unwrap_or_default();
        let Some(work_order) = self.replica.work_order_id.filter(|_| !text.trim().is_empty()) else {
            return;
        };
        let part = |name| self.replica.row.get(name).and_then(Value::as_str);
        let of = match (part("component"), part("action")) {
            (Some(component), Some(action)) => format!("{component}: {action}"),
            _ => field.replace('_', " "),
        };
        let whole = format!("{of}\n{text}");
        // The text itself comes first, if there is no room for its subject.
        let body = if whole.chars().count() > MAX_COMMENT { text } else { &whole };
        let row = Row::from_iter([
            ("work_order_id".to_owned(), json!(work_order)),
            ("body".to_owned(), json!(body)),
        ]);
        self.comments.push(Op::Open { entity: Entity::Comments, row });
    }
}
