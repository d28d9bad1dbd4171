//! Waking the notification sender after a write.
//!
//! A nudge carries nothing and may be lost: the events are in the outbox, and the cron finds them too.

use serde_json::json;
use worker::Env;

use crate::log;

/// The binding of the queue that wakes the sender.
const BINDING: &str = "NUDGES";

/// Wakes it.
pub async fn send(env: &Env, function: &str) {
    let sent = match env.queue(BINDING) {
        Ok(queue) => queue.send(json!({"nudge": true})).await,
        Err(error) => Err(error),
    };
    if let Err(error) = sent {
        log::error(function, "nudge_not_sent", json!({"error": error.to_string()}));
    }
}
