//! Escalation: the rules, the work orders that have waited, and the decisions on them.

use chrono::{DateTime, Utc};
use millwright_domain::escalation::{Decision, Person};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::StoreError;
use crate::gateway::GatewaySession;
use crate::transport::Transport;

/// The basis of decisions, each row unread, so that a bad one does not hold up the others: for
/// [`millwright_domain::escalation::Rulebook::read`].
#[derive(Debug, Clone, Deserialize)]
pub struct Book {
    /// The active rules.
    pub rules: Vec<Value>,
    /// The warehouses that are not always open.
    #[serde(rename = "places")]
    pub warehouses: Vec<Value>,
}

/// Work orders to decide about.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// Each a [`millwright_domain::escalation::WorkOrder`], unread, with its `number`, `title`, and `check_at`: when it was to
    /// be looked at.
    pub work_orders: Vec<Value>,
    /// The people whom their work could be given to, if a rule says so.
    pub people: Vec<Person>,
}

impl Page {
    /// The row after which the next page begins.
    #[must_use]
    pub fn end(&self) -> Option<After> {
        let last = self.work_orders.last()?;
        Some(After { check_at: last.get("check_at")?.clone(), id: last.get("id")?.clone() })
    }
}

/// The row after which a page begins.
#[derive(Debug, Clone)]
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

/// Writes a batch of decisions in one transaction. Answers with counts: `escalated`, `reassigned`, `deadlines`, and `stale`,
/// which are those that changed nothing, because what they were made on has changed since.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &GatewaySession<'_, T>,
    now: DateTime<Utc>,
    decisions: &[Decision],
) -> Result<Map<String, Value>, StoreError> {
    session.call("escalation_apply", &json!({"p_now": now, "p_decisions": decisions})).await
}

/// All that decisions for the moment `at` need, unread: `rules`, `places`, `work_orders` and `people`, as far as the caller may
/// ask. Of those whose moment has come by then, in one warehouse or in all, or of one work order, whether its moment has come
/// or not.
///
/// # Errors
/// If the caller does not lead, or the gateway does not answer.
pub async fn dry_run<T: Transport>(
    session: &GatewaySession<'_, T>,
    at: &str,
    warehouse: Option<&str>,
    work_order: Option<&str>,
    limit: usize,
) -> Result<Map<String, Value>, StoreError> {
    let parameters =
        json!({"p_at": at, "p_warehouse": warehouse, "p_work_order": work_order, "p_limit": limit});
    session.call_as_client("escalation_dry_run", &parameters, &[]).await
}
