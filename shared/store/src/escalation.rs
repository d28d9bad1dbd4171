//! Escalation: the rules, who has waited, and raising them.

use chrono::{DateTime, Utc};
use millwright_domain::escalation::{Candidate, Rule, Step};
use serde_json::{Map, Value, json};

use crate::error::StoreError;
use crate::gateway::Session;
use crate::transport::Transport;

/// The active rules. They are few, so they come all at once.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn rules<T: Transport>(session: &Session<'_, T>) -> Result<Vec<Rule>, StoreError> {
    session.call("escalation_rules", &json!({})).await
}

/// The next work orders that nobody has touched since `untouched_since`, after the one given.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn candidates<T: Transport>(
    session: &Session<'_, T>,
    untouched_since: DateTime<Utc>,
    urgent_only: bool,
    after: Option<&Candidate>,
    limit: usize,
) -> Result<Vec<Candidate>, StoreError> {
    let parameters = json!({
        "p_untouched_since": untouched_since,
        "p_urgent_only": urgent_only,
        "p_after_activity": after.map(|candidate| candidate.last_activity_at),
        "p_after_id": after.map(|candidate| candidate.id),
        "p_limit": limit,
    });
    session.call("escalation_candidates", &parameters).await
}

/// Raises a batch by one level each, in one transaction. Answers with counts: a step whose work order has changed since
/// counts nothing.
///
/// # Errors
/// When the gateway refuses or does not answer.
pub async fn apply<T: Transport>(
    session: &Session<'_, T>,
    now: DateTime<Utc>,
    steps: &[Step],
) -> Result<Map<String, Value>, StoreError> {
    session.call("escalation_apply", &json!({"p_now": now, "p_steps": steps})).await
}
