//! All questions to a company of one size.

use super::Arguments;
use super::ask::{Asker, Came, SLOW_MS};
use super::collection::Collection;
use super::explained::Explained;
use super::list_questions::{Asked, FAR_DOWN};
use super::person::Person;
use super::question::{Allowance, Question};
use super::subjects::Subjects;
use super::{other_questions, stand, sweeps};
use crate::progress;
use anyhow::{Context, Result};
use millwright_harness::Project;
use serde_json::Value;
use std::collections::BTreeMap;

/// The name of the background functions in the figures.
pub(super) const BACKGROUND: &str = "background";

/// Measurements, by who asks and the name of the question.
pub(super) type Side = BTreeMap<(String, String), Measured>;

/// One question, answered.
pub(super) struct Measured {
    pub(super) allowance: Allowance,
    /// Milliseconds through the API; none for what does not come through it.
    pub(super) api_ms: Option<f64>,
    /// Nothing where the database did not answer.
    pub(super) explained: Vec<Explained>,
    /// Why there is no answer.
    pub(super) failed: Option<String>,
}

/// Asks everything.
pub(super) fn measure(project: &Project, arguments: &Arguments, work_orders: u32) -> Result<Side> {
    let mut stack = stand::start(project, work_orders)?;
    let info = stack.info().clone();
    let document = ureq::get(&format!("{}/api/openapi.json", info.api()?)).call()?.body_mut().read_json()?;
    let people = Person::all(&info, &mut info.connect()?, arguments)?;
    let mut questioner = Questioner {
        arguments,
        asker: Asker::of(&info),
        lists: Collection::documented(&document)?,
        subjects: Subjects::of(project, info.connect()?)?,
        newest: newest_change(&mut info.connect()?)?,
        document,
        side: Side::new(),
    };
    for person in &people {
        progress::step(&format!("among {work_orders} work orders, {} asks", person.name));
        questioner.hear(person)?;
        stack.check()?;
    }
    if arguments.is_asked_by(BACKGROUND) {
        for (name, explained) in sweeps::measure(&mut info.connect()?)? {
            questioner.keep(BACKGROUND, name, Measured::of_background(explained));
        }
    }
    stack.stop()?;
    Ok(questioner.side)
}

/// A transaction that had all but a hundredth of the changes before it.
fn newest_change(client: &mut postgres::Client) -> Result<String> {
    let last = "select (max(changed_in::text::bigint) * 99 / 100)::text from public.changes";
    Ok(client.query_one(last, &[]).context("looking at the changes")?.get(0))
}

struct Questioner<'a> {
    arguments: &'a Arguments,
    asker: Asker,
    lists: Vec<Collection>,
    subjects: Subjects,
    newest: String,
    document: Value,
    side: Side,
}

impl Questioner<'_> {
    /// Asks everything that one person asks.
    fn hear(&mut self, person: &Person) -> Result<()> {
        let lists = std::mem::take(&mut self.lists);
        for list in &lists {
            if self.arguments.is_list_asked(&list.path) {
                self.ask_list(person, list)?;
            }
        }
        self.lists = lists;
        let work_order = self.one_of(person, "work-orders")?;
        let machine = self.one_of(person, "equipment")?;
        let mut others =
            other_questions::of_one(work_order.as_deref(), machine.as_deref(), &mut self.subjects)?;
        others.extend(other_questions::reports(&self.document));
        others.extend(other_questions::sync(&mut self.asker, person, &self.newest)?);
        for question in others {
            if self.arguments.is_asked(&question.name) {
                self.ask(person, &question)?;
            }
        }
        Ok(())
    }

    fn ask_list(&mut self, person: &Person, list: &Collection) -> Result<()> {
        let address = match list.parent() {
            None => list.path.clone(),
            Some(parent) => match self.one_of(person, parent)? {
                Some(id) => list.path.replacen("{id}", &id, 1),
                None => return Ok(()),
            },
        };
        let plain = Question::new(&list.path, &address, Allowance::Page);
        let Some(table) = self.ask(person, &plain)? else {
            return Ok(());
        };
        let all_filters = self.arguments.all_filters;
        let asked = Asked { list, address: &address, table: &table, person, all_filters };
        for question in asked.questions(&mut self.subjects)? {
            if self.arguments.is_asked(&question.name) && !self.is_slow_already(person, &question.name) {
                self.ask(person, &question)?;
            }
        }
        Ok(())
    }

    /// True for a question from far down that is slow from the beginning already.
    fn is_slow_already(&self, person: &Person, question: &str) -> bool {
        let Some(beginning) = question.strip_suffix(FAR_DOWN) else {
            return false;
        };
        let key = (person.name.to_owned(), beginning.to_owned());
        self.side.get(&key).is_some_and(|measured| measured.failed.is_some() || measured.ms() >= SLOW_MS)
    }

    /// Answers with what the gateway was asked for. None where it is refused or there is no answer.
    fn ask(&mut self, person: &Person, question: &Question) -> Result<Option<String>> {
        let came = self.asker.measure(&person.token, &question.address, question.is_variation());
        let allowance = question.allowance;
        let (measured, table) = match came.with_context(|| question.address.clone())? {
            Came::Refused => return Ok(None),
            Came::Failed(why) => {
                (Measured { allowance, api_ms: None, explained: Vec::new(), failed: Some(why) }, None)
            }
            Came::Answer { api_ms, explained, table } => {
                (Measured { allowance, api_ms: Some(api_ms), explained, failed: None }, Some(table))
            }
        };
        self.keep(person.name, &question.name, measured);
        Ok(table)
    }

    fn keep(&mut self, who: &str, name: &str, measured: Measured) {
        self.side.insert((who.to_owned(), name.to_owned()), measured);
    }

    /// One of a list that the person sees: one with much that belongs to it, or else the newest.
    fn one_of(&mut self, person: &Person, list: &str) -> Result<Option<String>> {
        if let Some(id) = self.subjects.one_of(list)
            && self.asker.read(&person.token, &format!("{list}/{id}"))?.is_some()
        {
            return Ok(Some(id.to_owned()));
        }
        let page = self.asker.read(&person.token, &format!("{list}?limit=1"))?;
        let id = page.as_ref().and_then(|page| page.pointer("/0/id")).and_then(Value::as_str);
        Ok(id.map(str::to_owned))
    }
}

impl Measured {
    fn of_background(explained: Explained) -> Self {
        Self { allowance: Allowance::AsAmongFew, api_ms: None, explained: vec![explained], failed: None }
    }

    /// Milliseconds in the database, over all that the gateway was asked.
    pub(super) fn ms(&self) -> f64 {
        self.sum(|explained| explained.ms)
    }

    /// Milliseconds of planning.
    pub(super) fn planning_ms(&self) -> f64 {
        self.sum(|explained| explained.planning_ms)
    }

    /// Pages of 8 kB that were looked at.
    pub(super) fn pages(&self) -> f64 {
        self.sum(|explained| explained.pages)
    }

    /// From zero: the sum of no floats at all is −0.
    fn sum(&self, of: fn(&Explained) -> f64) -> f64 {
        self.explained.iter().map(of).fold(0.0, |sum, figure| sum + figure)
    }
}
