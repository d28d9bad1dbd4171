//! Running a background job: recorded, bounded, and ending well whatever happens.
//!
//! The platform shows nothing of a scheduled run but that it ran, and drops its errors. So each firing is a row that an
//! operator can read (`job_runs`) and a line in the log.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use millwright_store::jobs::{self, Applied, RunEnd, RunProblem};
use millwright_store::{GatewaySession, StoreError};
use serde_json::{Map, Value, json};
use worker::ScheduledEvent;

use crate::config::Background;
use crate::transport::FetchTransport;
use crate::{clock, log};

/// The most problems that are kept of one firing; the count tells how many there were.
const MAX_PROBLEMS: usize = 100;

/// Requests that a firing makes after its work: one records its end, one nudges the sender.
const LAST_CALLS: u32 = 2;

/// The start of a job, by a cron or a queue.
#[derive(Debug, Clone)]
pub struct Firing {
    /// The function.
    pub function: &'static str,
    /// The cron expression, or the queue.
    pub trigger: String,
    /// The moment it was meant for, which is "now" for every decision.
    pub scheduled_for: DateTime<Utc>,
}

impl Firing {
    /// A cron trigger of the platform.
    #[must_use]
    pub fn of(function: &'static str, event: &ScheduledEvent) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds since 1970"
        )]
        let scheduled_for = clock::from_millis(event.schedule() as u64);
        Self { function, trigger: event.cron(), scheduled_for }
    }
}

/// A firing that is under way.
pub struct Run<'a> {
    /// The gateway, as this function.
    pub session: GatewaySession<'a, FetchTransport>,
    /// "Now" for every decision.
    pub now: DateTime<Utc>,
    ends: DateTime<Utc>,
    most_calls: u32,
    counts: Map<String, Value>,
    problems: Vec<RunProblem>,
}

impl Run<'_> {
    /// True when the wall budget is used up. Ask between two batches.
    #[must_use]
    pub fn out_of_time(&self) -> bool {
        clock::now() >= self.ends
    }

    /// True if so many more calls of the gateway fit into the wall budget and the platform's limit. If false, stop; the next
    /// firing resumes. Ask between two batches, for reading and writing one together: then a firing that may do little still
    /// gets something done.
    #[must_use]
    pub fn may_call(&self, calls: u32) -> bool {
        self.session.calls().saturating_add(calls) <= self.most_calls && !self.out_of_time()
    }

    /// Adds to one of the numbers that the run is recorded with.
    pub fn add(&mut self, name: &str, count: u64) {
        let sum = self.counts.get(name).and_then(Value::as_u64).unwrap_or(0) + count;
        self.counts.insert(name.to_owned(), sum.into());
    }

    /// Adds all the numbers that a call answered with.
    pub fn add_all(&mut self, counts: &Map<String, Value>) {
        for (name, count) in counts {
            self.add(name, count.as_u64().unwrap_or(0));
        }
    }

    /// Adds what became of a batch: its numbers, and the rows that were refused.
    pub fn record(&mut self, applied: Applied) {
        self.add_all(&applied.counts);
        self.add_problems(applied.problems);
    }

    /// Adds rows that could not be dealt with.
    pub fn add_problems(&mut self, problems: impl IntoIterator<Item = RunProblem>) {
        for RunProblem { subject, reason } in problems {
            self.problem(subject, reason);
        }
    }

    /// The problems so far.
    #[must_use]
    pub fn problems(&self) -> &[RunProblem] {
        &self.problems
    }

    /// Records that one row could not be dealt with, while the others go on. A problem that many rows share is recorded once.
    pub fn problem(&mut self, subject: String, reason: impl std::fmt::Display) {
        self.add("problems", 1);
        let is_new = self.problems.iter().all(|known| known.subject != subject);
        if is_new && self.problems.len() < MAX_PROBLEMS {
            self.problems.push(RunProblem { subject, reason: reason.to_string() });
        }
    }
}

/// Runs `work` and records how it went. The wall budget is counted from now, whatever the firing was meant for.
///
/// Answers with the counts, or with nothing when the database cannot be reached to record even the beginning.
pub async fn run(
    background: &Background,
    firing: &Firing,
    work: impl AsyncFnOnce(&mut Run<'_>) -> Result<RunEnd, StoreError>,
) -> Option<Map<String, Value>> {
    let Firing { function, trigger, scheduled_for } = firing;
    let started = clock::now();
    // The gateway logs it, so that its log can be read beside ours.
    let request = format!("{function}/{}", scheduled_for.to_rfc3339_opts(SecondsFormat::Millis, true));
    let session = background.backend.own().within_request(&request);
    let id = match jobs::start(&session, trigger, *scheduled_for).await {
        Ok(id) => id,
        Err(error) => {
            log::error(function, "job_not_started", json!({"error": error.to_string()}));
            return None;
        }
    };
    let mut run = Run {
        session,
        now: *scheduled_for,
        ends: started + TimeDelta::seconds(background.wall_budget_seconds.into()),
        most_calls: background.subrequest_limit.saturating_sub(LAST_CALLS),
        counts: Map::new(),
        problems: Vec::new(),
    };
    let outcome = work(&mut run).await.unwrap_or_else(|error| {
        run.problem((*function).to_owned(), error);
        RunEnd::Failed
    });
    // The call that records the end counts, too.
    run.add("gateway_calls", u64::from(run.session.calls()) + 1);
    if let Err(error) = jobs::finish(&run.session, id, outcome, &run.counts, &run.problems).await {
        log::error(function, "job_not_recorded", json!({"run": id, "error": error.to_string()}));
    }
    let line = json!({
        "run": id, "trigger": trigger, "scheduled_for": scheduled_for, "outcome": outcome, "counts": run.counts,
        "problems": run.problems, "ms": (clock::now() - started).num_milliseconds(),
    });
    if outcome == RunEnd::Failed {
        log::error(function, "job", line);
    } else {
        log::info(function, "job", line);
    }
    Some(run.counts)
}
