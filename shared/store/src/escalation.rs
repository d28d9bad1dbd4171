//! Escalation: the rules, the work orders that have waited, and the decisions on them.

use chrono::{DateTime, Utc};
use millwright_domain::escalation::{Decision, Person, Rule, WarehouseHours, WorkOrder};
use millwright_domain::rows::{Rows, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::jobs::{self, Applied, RunProblem};
use crate::transport::Transport;

/// The basis of decisions, for [`millwright_domain::escalation::Rulebook::read`].
#[derive(Debug, Clone, Deserialize)]
pub struct Book {
    /// The active rules.
    pub rules: Rows<Rule>,
    /// The warehouses that are not always open.
    #[serde(rename = "places")]
    pub warehouses: Rows<WarehouseHours>,
}

/// Work orders to decide about.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// In the order in which their moments have come.
    pub work_orders: Rows<WorkOrder>,
    /// The people whom their work could be given to, if a rule says so.
    pub people: Rows<Person>,
}

impl Page {
    /// The row after which the next page begins; none if this one is empty.
    #[must_use]
    pub fn end(&self) -> Option<After> {
        self.work_orders.last()
    }
}

/// The row after which a page begins, in the words of the database: it may be one that cannot be read.
#[derive(Debug, Clone, Deserialize)]
pub struct After {
    check_at: Value,
    id: Value,
}

/// The rules and the warehouses. They are few, so they come all at once.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn book<T: Transport>(session: &GatewaySession<'_, T>) -> Result<Book, StoreError> {
    session.call("escalation_book", &json!({})).await
}

/// The next work orders whose moment has come by `now`, after the one given. With `urgent_only` those that are urgent, and
/// those that have changed.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn page<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    urgent_only: bool,
    after: Option<&After>,
    limit: usize,
) -> Result<Page, StoreError> {
    let parameters = json!({
        "p_now": now,
        "p_urgent_only": urgent_only,
        "p_after_at": after.map(|after| &after.check_at),
        "p_after_id": after.map(|after| &after.id),
        "p_limit": limit,
    });
    session.call("escalation_page", &parameters).await
}

/// Writes a batch of decisions in one transaction. Counts `escalated`, `reassigned`, `deadlines`, and `stale`, which are those
/// that changed nothing, because what they were made on has changed since; one that is refused is put off.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    decisions: &[Decision],
) -> Result<Applied, StoreError> {
    session.call("escalation_apply", &json!({"p_now": now, "p_decisions": decisions})).await
}

/// Puts off for a day the work orders that cannot be read, so that they hold up no others, and keeps the reasons in the list of
/// dead letters. Answers with their number; one that has changed since is not put off.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn put_off<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    unreadable: &[Unreadable],
) -> Result<u64, StoreError> {
    #[derive(Deserialize)]
    struct Named {
        id: Value,
        clock_version: Value,
    }
    let named = |row: &Unreadable| {
        let Named { id, clock_version } = row.part()?;
        let RunProblem { subject, reason } = jobs::unread("work order", row);
        Some(
            json!({"work_order_id": id, "clock_version": clock_version, "subject": subject, "reason": reason}),
        )
    };
    let problems: Vec<_> = unreadable.iter().filter_map(named).collect();
    session.call("escalation_put_off", &json!({"p_now": now, "p_problems": problems})).await
}

/// What a dry run is made from, unread: the caller may see it, and the checker decides.
#[derive(Debug, Serialize, Deserialize)]
pub struct DryRun {
    /// The rules.
    pub rules: Box<RawValue>,
    /// The opening hours of warehouses.
    pub places: Box<RawValue>,
    /// The work orders.
    pub work_orders: Vec<Box<RawValue>>,
    /// The people whom their work could be given to.
    pub people: Box<RawValue>,
}

/// All that decisions for the moment `at` need, as far as the caller may ask. Of those whose moment has come by then, in
/// one warehouse or in all, or of one work order, whether its moment has come or not.
///
/// # Errors
/// If the caller does not lead, or the gateway does not answer.
pub async fn dry_run<T: Transport>(
    session: &GatewaySession<'_, T>,
    at: &str,
    warehouse: Option<&str>,
    work_order: Option<&str>,
    limit: usize,
) -> Result<DryRun, StoreError> {
    let parameters =
        json!({"p_at": at, "p_warehouse": warehouse, "p_work_order": work_order, "p_limit": limit});
    session.call_as_client("escalation_dry_run", &parameters, &[]).await
}
