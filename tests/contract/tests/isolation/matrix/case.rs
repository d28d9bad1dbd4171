//! One request of one person, and whether it did what the rule says.

use crate::matrix::rule::{Place, Rule, Who};
use crate::matrix::scene::{Made, Scene};
use anyhow::{Result, ensure};
use millwright_contract_tests::{Answer, ROLES};
use reqwest::Method;
use serde_json::{Map, Value};
use std::fmt;

/// Role × table × verb × place.
pub(crate) struct Case {
    pub(crate) rule: &'static Rule,
    pub(crate) place: Place,
    pub(crate) role: &'static str,
    pub(crate) verb: Verb,
    /// True if the rule allows it.
    pub(crate) allowed: bool,
}

/// The operation that someone tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
    /// An update of this column to this value.
    Set(&'static str, &'static str),
}

impl Verb {
    /// As policies call it.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update | Self::Set(..) => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let may = if self.allowed { "may" } else { "may not" };
        write!(f, "{} {:?}: {} {may} {:?}", self.rule.rows, self.place, self.role, self.verb)
    }
}

/// All that a rule says.
pub(crate) fn cases(rule: &'static Rule) -> Vec<Case> {
    let mut cells: Vec<(Place, Verb, Who)> = Vec::new();
    for &(place, select, insert, update, delete) in rule.who {
        cells.extend([
            (place, Verb::Select, select),
            (place, Verb::Insert, insert),
            (place, Verb::Update, update),
            (place, Verb::Delete, delete),
        ]);
    }
    for &(column, value, who) in rule.but {
        cells.extend(who.iter().map(|&(place, who)| (place, Verb::Set(column, value), who)));
    }
    let case = |(place, verb, who): (Place, Verb, Who)| {
        let roles = ROLES.into_iter().filter(move |role| place.suits(role));
        roles.map(move |role| Case { rule, place, role, verb, allowed: who.has(role) })
    };
    cells.into_iter().flat_map(case).collect()
}

impl Case {
    /// Makes what the request is about; none when there can be no such request.
    pub(crate) fn prepare(&self, scene: &mut Scene) -> Result<Option<Made>> {
        let wholly = self.verb != Verb::Insert;
        let mut made = scene.make(self.rule, self.place, self.role, wholly)?;
        if made.row.exists && !wholly {
            return Ok(None);
        }
        if let Verb::Set(column, value) = self.verb {
            made.row.change = Value::Object(Map::from_iter([(column.to_owned(), value.into())]));
        }
        Ok(Some(made))
    }

    /// Asks, and says what is not as it should be. `allowed` is not always what the rule says.
    pub(crate) fn judge(&self, scene: &mut Scene, made: &Made, allowed: bool) -> Result<Option<String>> {
        let table = self.rule.table();
        let found = if self.verb == Verb::Insert { &made.row.said } else { &made.key };
        let before = scene.world.rows(table, found)?;
        ensure!(before.is_empty() == (self.verb == Verb::Insert), "{self}: {before:?} is there beforehand");
        let answer = self.ask(scene, made)?;
        let after = scene.world.rows(table, found)?;
        let told = if self.verb == Verb::Insert { answer.status == 201 } else { answer.rows().len() == 1 };
        let done = match self.verb {
            Verb::Select => told,
            Verb::Insert => after.len() == 1,
            Verb::Update | Verb::Set(..) => differ(&before, &after, &made.row.change),
            Verb::Delete => after.is_empty(),
        };
        // Whoever has one warehouse need not say which: for them, everywhere is there.
        let elsewhere = self.verb == Verb::Insert && self.place == Place::Everywhere;
        let silent = self.verb != Verb::Insert && answer.status == 200 && answer.rows().is_empty();
        let wrong = if done != allowed {
            "it is the other way round"
        } else if told != done && !elsewhere {
            "the answer says something else than the database"
        } else if !done && before != after {
            "something was changed all the same"
        } else if !told && !silent && !answer.is_not_theirs() {
            "it is refused for another reason"
        } else {
            return Ok(None);
        };
        Ok(Some(format!("{self}, but {wrong}: {} {}", answer.status, answer.body)))
    }

    /// The same once they have left, with a token that has not run out: nothing is allowed any more.
    pub(crate) fn judge_left(&self, scene: &mut Scene, made: &Made) -> Result<Option<String>> {
        scene.set_active(self.role, false)?;
        let wrong = self.judge(scene, made, false)?;
        scene.set_active(self.role, true)?;
        Ok(wrong.map(|wrong| format!("whoever left: {wrong}")))
    }

    /// The same on work that has ended: they are told so, and nothing is changed.
    pub(crate) fn judge_ended(&self, scene: &mut Scene, made: &Made) -> Result<Option<String>> {
        let found = if self.verb == Verb::Insert { &made.row.said } else { &made.key };
        let before = scene.world.rows(self.rule.table(), found)?;
        let answer = self.ask(scene, made)?;
        let told = answer.status == 409 && answer.body.get("message") == Some(&"work_has_ended".into());
        let stayed = scene.world.rows(self.rule.table(), found)? == before;
        Ok((!told || !stayed)
            .then(|| format!("{self}, but: {} {}, changed: {}", answer.status, answer.body, !stayed)))
    }

    fn ask(&self, scene: &Scene, made: &Made) -> Result<Answer> {
        let (caller, table) = (scene.caller(self.role)?, self.rule.table());
        let key = scene.key(table)?;
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let filters = made.key.as_object().into_iter().flatten();
        let filters: Vec<_> =
            filters.map(|(column, value)| format!("{column}=eq.{}", plain(value))).collect();
        let one = format!("{table}?{}&select={}", filters.join("&"), key.join(","));
        let shown = [("prefer", "return=representation")];
        match self.verb {
            Verb::Select => caller.read(&one),
            // Without asking for it back, which not everyone may who inserts.
            Verb::Insert => caller.send(Method::POST, "public", table, Some(&made.row.said), &[]),
            Verb::Update | Verb::Set(..) => {
                caller.send(Method::PATCH, "public", &one, Some(&made.row.change), &shown)
            }
            Verb::Delete => caller.send(Method::DELETE, "public", &one, None, &shown),
        }
    }
}

/// Every column that was to be changed has another value. Which one, the database may have decided.
fn differ(before: &[Value], after: &[Value], change: &Value) -> bool {
    let mut columns = change.as_object().into_iter().flatten().map(|(column, _)| column);
    match (before, after) {
        ([before], [after]) => columns.all(|column| before.get(column) != after.get(column)),
        _ => false,
    }
}
