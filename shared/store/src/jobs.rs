//! The record of the background functions' firings.

use chrono::{DateTime, Utc};
use millwright_domain::id::JobRunId;
use millwright_domain::job::RunOutcome;
use millwright_domain::rows::Unreadable;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::Transport;

/// The end of a firing: an outcome that is not `running`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "RunOutcome")]
pub enum RunEnd {
    /// Nothing is left to do.
    Done,
    /// The wall budget was used up; the next firing goes on.
    OutOfTime,
    /// It could not go on; the problems say why.
    Failed,
}

impl From<RunEnd> for RunOutcome {
    fn from(end: RunEnd) -> Self {
        match end {
            RunEnd::Done => Self::Done,
            RunEnd::OutOfTime => Self::OutOfTime,
            RunEnd::Failed => Self::Failed,
        }
    }
}

/// Something that went wrong with one row while the others went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunProblem {
    /// The row, such as `schedule 0189…`.
    pub subject: String,
    /// The reason, in words.
    pub reason: String,
}

/// What became of a batch that was written. What the database refuses is put aside alone, and the others are written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Applied {
    /// The numbers of what changed.
    pub counts: Map<String, Value>,
    /// What was refused; already in the list of dead letters.
    pub problems: Vec<RunProblem>,
}

impl Applied {
    /// True if nothing was changed and nothing refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.counts.values().all(|count| *count == 0)
    }
}

/// Records that a firing began. `trigger` is its cron expression, or the queue that woke it.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn start<T: Transport>(
    session: &GatewaySession<'_, T>,
    trigger: &str,
    scheduled_for: DateTime<Utc>,
) -> Result<JobRunId, StoreError> {
    session.call("job_start", &json!({"p_trigger": trigger, "p_scheduled_for": scheduled_for})).await
}

/// Records the end of a firing. `false` if it had been recorded before.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn finish<T: Transport>(
    session: &GatewaySession<'_, T>,
    run: JobRunId,
    end: RunEnd,
    counts: &Map<String, Value>,
    problems: &[RunProblem],
) -> Result<bool, StoreError> {
    let parameters = json!({"p_run": run, "p_outcome": end, "p_counts": counts, "p_problems": problems});
    session.call("job_finish", &parameters).await
}

/// A row that cannot be read, as a problem. `what` is what it is.
#[must_use]
pub fn unread(what: &str, row: &Unreadable) -> RunProblem {
    RunProblem { subject: format!("{what} {}", row.word("id")), reason: row.told() }
}

/// Keeps rows that a job cannot use until someone changes them, such as a rule, in a list that administrators see: dead
/// letters. One leaves the list after two days without another report; a template, a rule and a warehouse with its holidays once
/// they are changed. Answers with how many are kept.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn report<T: Transport>(
    session: &GatewaySession<'_, T>,
    problems: &[RunProblem],
) -> Result<u64, StoreError> {
    session.call("report_problems", &json!({"p_problems": problems})).await
}

/// Keeps a message that was given up among the dead letters. `false` if it was kept before.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn dead_letter<T: Transport>(
    session: &GatewaySession<'_, T>,
    source: &str,
    reference: &str,
    reason: &str,
    body: &Value,
) -> Result<bool, StoreError> {
    let parameters =
        json!({"p_source": source, "p_reference": reference, "p_reason": reason, "p_body": body});
    session.call("dead_letter", &parameters).await
}
