//! The steps that all phases of a bench share: seeding rows that become due, firing, and checking that all is written once.

use super::amounts::Amounts;
use super::bad;
use super::engine::Engine;
use super::firing::{Firing, Problem};
use crate::bench::database::Database;
use crate::bench::timed;
use crate::progress;
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Days, TimeDelta, Utc};
use millwright_harness::client::token;
use millwright_harness::{Project, Stack};
use serde_json::{Value, json};

/// Rows that are not due become due so much later than those that are.
const NOT_DUE: Days = Days::new(365);
/// Each group becomes due so much after the one before it: less than what lies between two steps of an escalation, whatever
/// is measured.
const BETWEEN: TimeDelta = TimeDelta::minutes(10);

/// A stack with one job to measure.
pub(super) struct Bench<'a> {
    pub(super) engine: &'a Engine,
    pub(super) amounts: &'a Amounts,
    pub(super) stack: Stack,
    pub(super) database: Database,
    /// The moment at which the next group becomes due.
    pub(super) next: DateTime<Utc>,
    /// The problems that the last firing reported.
    pub(super) reported: Vec<Problem>,
}

impl<'a> Bench<'a> {
    pub(super) fn open(
        project: &Project,
        engine: &'a Engine,
        amounts: &'a Amounts,
        stack: Stack,
    ) -> Result<Self> {
        let mut database = Database::open(project, stack.info(), engine.folder)?;
        database.batch("open")?;
        // Not today, so that no clock of the database's own has come so far.
        let day = database.texts("select (current_date + 2)::text || 'T00:00:00Z'")?;
        let next = day.first().context("no day")?.parse()?;
        Ok(Self { engine, amounts, stack, database, next, reported: Vec::new() })
    }

    /// Stores more that is not due.
    pub(super) fn store(&mut self, mut count: u32) -> Result<()> {
        let at = self.next.checked_add_days(NOT_DUE).context("no such day")?;
        if count > 0 {
            progress::step(&format!("seeding {count} that are not due"));
        }
        // Schedules are as many as there are machines, at most.
        let most = self.amounts.due.max(self.amounts.free);
        let mut round = 0;
        while count > 0 {
            let now = count.min(most);
            self.seed(now, at + BETWEEN * round)?;
            (count, round) = (count - now, round + 1);
        }
        Ok(())
    }

    /// Makes more due. Answers with the moment at which it is.
    pub(super) fn make_due(&mut self, count: u32) -> Result<DateTime<Utc>> {
        progress::step(&format!("seeding {count} that are due"));
        let at = self.next;
        self.next = at + BETWEEN;
        self.seed(count, at)?;
        self.database.settle()?;
        Ok(at)
    }

    fn seed(&mut self, count: u32, at: DateTime<Utc>) -> Result<()> {
        self.database.run_past_triggers("seed", &[&i64::from(count), &at.to_rfc3339()])
    }

    /// A firing among which is what is bad.
    pub(super) fn fire(&mut self, variant: Option<&str>, at: DateTime<Utc>) -> Result<Firing> {
        bad::set(&mut self.database, true)?;
        let firing = Firing::of(self.engine, self.stack.info(), variant, at)?;
        self.reported = bad::check(&mut self.database, &firing)?;
        bad::set(&mut self.database, false)?;
        self.stack.check()?;
        Ok(firing)
    }

    /// The one statement. Answers with the seconds that it took.
    pub(super) fn floor(&mut self, at: DateTime<Utc>) -> Result<f64> {
        let run = || self.database.run("floor", &[&at.to_rfc3339()]);
        Ok(timed(run)?.1)
    }

    /// The Worker that writes row by row. Answers with the seconds that it took.
    pub(super) fn peer(&mut self, at: DateTime<Utc>, count: u32) -> Result<f64> {
        if self.database.knows("before_peer") {
            self.database.run("before_peer", &[&at.to_rfc3339()])?;
        }
        let info = self.stack.info();
        let url = self.stack.stand_ins().first().context("no stand-in")?;
        let token = token(info, &format!("function:{}", self.engine.function))?;
        let body = json!({"token": token, "now": at, "limit": count});
        let ask = || -> Result<Value> { Ok(ureq::post(url).send_json(&body)?.body_mut().read_json()?) };
        let (answer, seconds) = timed(ask).context("the TypeScript Worker")?;
        ensure!(answer.get("written") == Some(&count.into()), "the TypeScript Worker: {answer}");
        Ok(seconds)
    }

    /// Fails unless all that was due at a moment has all its rows, once.
    pub(super) fn check_written(&mut self, at: DateTime<Utc>, count: u32) -> Result<()> {
        let written = self.database.number("written", &[&at.to_rfc3339()])?;
        ensure!(written == i64::from(count), "of {count} due, {written} have all their rows once");
        Ok(())
    }
}
