//! Telling people of events: to whom, in which words, and the next attempt of a message that did not get through.

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::access::Role;
use crate::escalation::Action;
use crate::event::EventKind;
use crate::id::{EventId, ProfileId};
use crate::text::breaks_a_line;
use crate::words::words;
use crate::work_order::{Priority, WorkOrderType};

/// An event that nobody has been told of, as the gateway tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct WaitingEvent {
    /// Its id.
    pub id: EventId,
    /// The kind of what happened.
    pub kind: EventKind,
    /// The details of that kind alone, such as an escalation's level.
    #[serde(default)]
    pub details: Details,
    /// The person who did it; nobody if a job did.
    pub actor_id: Option<ProfileId>,
    /// The work order it is about, if it is about one.
    #[serde(default, deserialize_with = "subject")]
    pub work_order: Option<Subject>,
    /// Everyone who might be told.
    pub candidates: Vec<Candidate>,
}

/// The details of an event, beside its work order.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Details {
    /// An escalation's level, counted from 1.
    pub level: Option<u16>,
    /// The action of an escalation.
    pub action: Option<Action>,
    /// The reason, in words.
    pub reason: Option<String>,
}

/// The facts that a message tells of a work order.
#[derive(Debug, Clone, Deserialize)]
pub struct Subject {
    /// The number people use.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The reason for the work.
    pub r#type: WorkOrderType,
    /// Its priority.
    pub priority: Priority,
    /// The moment by which it must be done.
    pub due_at: Option<DateTime<Utc>>,
}

/// Of an event that is about no work order, the gateway tells one whose fields are all null. If that could not be read, no
/// event after it would be told.
fn subject<'de, D: Deserializer<'de>>(told: D) -> Result<Option<Subject>, D::Error> {
    let told = Option::<Value>::deserialize(told)?;
    let about = told.filter(|told| told.get("number").is_some_and(|number| !number.is_null()));
    about.map(Subject::deserialize).transpose().map_err(D::Error::custom)
}

/// A person who might be told.
#[derive(Debug, Clone, Deserialize)]
pub struct Candidate {
    /// Their id.
    pub id: ProfileId,
    /// Their role.
    pub role: Role,
    /// The work order is theirs.
    pub assignee: bool,
    /// They asked for it.
    pub requester: bool,
}

words! {
    /// A way to someone outside the inbox.
    pub enum Channel in Enum("channel") {
        /// A mail.
        Email => "email",
        /// A push message of a browser.
        Push => "push",
        /// A message in Slack.
        Slack => "slack",
        /// A call of another system.
        Webhook => "webhook",
        /// A text message.
        Sms => "sms",
    }

    /// The progress of a delivery.
    pub enum DeliveryState in Enum("delivery_state") {
        /// It waits for its time.
        Ready => "ready",
        /// A sender has it, under a lease.
        Running => "running",
        /// The provider has it.
        Delivered => "delivered",
        /// It is not tried again.
        Dead => "dead",
    }
}

/// The channels by which messages go today, unless their recipient has switched one off for a kind of event.
pub const PROVIDED: [Channel; 1] = [Channel::Email];

/// The message of one event to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// Their id.
    pub recipient_id: ProfileId,
    /// One line.
    pub title: String,
    /// A few lines of plain text.
    pub body: String,
    /// The ways it goes, beside the inbox.
    pub channels: Vec<Channel>,
}

/// Everyone who is told of an event, each once. Nobody is told of what they did themselves.
#[must_use]
pub fn notifications(event: &WaitingEvent) -> Vec<Notification> {
    let Some(subject) = &event.work_order else {
        return Vec::new();
    };
    let (title, body) = words(event, subject);
    event
        .candidates
        .iter()
        .filter(|candidate| event.actor_id != Some(candidate.id) && concerns(event, candidate))
        .map(|candidate| Notification {
            recipient_id: candidate.id,
            title: title.clone(),
            body: body.clone(),
            channels: PROVIDED.to_vec(),
        })
        .collect()
}

fn concerns(event: &WaitingEvent, candidate: &Candidate) -> bool {
    match event.kind {
        EventKind::WoAssigned => candidate.assignee,
        EventKind::RequestReceived => candidate.role == Role::Supervisor,
        EventKind::WoEscalation => match event.details.action {
            Some(Action::NotifyManager) => candidate.role == Role::Manager,
            // Told to other systems.
            Some(Action::Webhook) => false,
            Some(Action::NotifySupervisor | Action::AutoReassign) | None => {
                candidate.role == Role::Supervisor
            }
        },
        // These are written to the outbox by capabilities that are still to come.
        EventKind::WoOverdue
        | EventKind::WoCompleted
        | EventKind::WoComment
        | EventKind::MissedPm
        | EventKind::PartLowStock
        | EventKind::PartOutOfStock
        | EventKind::DocumentExpiring
        | EventKind::SystemAlert => false,
    }
}

fn words(event: &WaitingEvent, subject: &Subject) -> (String, String) {
    let Subject { number, .. } = subject;
    let title = one_line(&subject.title);
    let line = match event.kind {
        EventKind::WoAssigned => format!("{number} is yours: {title}"),
        EventKind::WoEscalation => {
            format!("{number} escalated to level {}: {title}", event.details.level.unwrap_or(1))
        }
        EventKind::RequestReceived => format!("{number} was requested: {title}"),
        EventKind::WoOverdue
        | EventKind::WoCompleted
        | EventKind::WoComment
        | EventKind::MissedPm
        | EventKind::PartLowStock
        | EventKind::PartOutOfStock
        | EventKind::DocumentExpiring
        | EventKind::SystemAlert => format!("{number}: {title}"),
    };
    let mut body = format!("{line}\n\nPriority: {}", priority(subject));
    if let Some(due_at) = subject.due_at {
        body.push_str(&due_at.format("\nDue: %Y-%m-%d %H:%M UTC").to_string());
    }
    if let Some(reason) = &event.details.reason {
        body.push_str("\nWhy you hear of it: ");
        body.push_str(reason);
    }
    (line, body)
}

/// The text on one line, for what becomes a header or a title: every control character and line break is a blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.replace(breaks_a_line, " ")
}

/// An emergency comes before every priority.
fn priority(subject: &Subject) -> &'static str {
    match subject.r#type {
        WorkOrderType::Emergency => subject.r#type.word(),
        WorkOrderType::Preventive | WorkOrderType::Corrective => subject.priority.word(),
    }
}

/// Seconds before the first attempt and after each failed one, as Standard Webhooks recommends.
const SCHEDULE: [u32; 8] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/// Seconds until a delivery is tried again after attempt number `attempt` (counted from 1) failed, never sooner than the
/// receiver asked for. `None` if it has been tried often enough.
#[must_use]
pub fn retry_after(attempt: u16, asked_for: Option<u32>) -> Option<u32> {
    let wait = SCHEDULE.get(usize::from(attempt))?;
    Some((*wait).max(asked_for.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, details: &serde_json::Value, actor: u128) -> WaitingEvent {
        let id = |n: u128| uuid::Uuid::from_u128(n);
        serde_json::from_value(json!({
            "id": id(9), "kind": kind, "details": details, "actor_id": id(actor),
            "work_order": {"number": "WO-000007", "title": "Belt slips", "type": "corrective", "priority": "high",
                "due_at": "2026-03-02T08:00:00Z"},
            "candidates": [
                {"id": id(1), "role": "technician", "assignee": true, "requester": false},
                {"id": id(2), "role": "supervisor", "assignee": false, "requester": false},
                {"id": id(3), "role": "manager", "assignee": false, "requester": false},
            ],
        }))
        .unwrap()
    }

    fn told(event: &WaitingEvent) -> Vec<u128> {
        notifications(event).iter().map(|n| n.recipient_id.0.as_u128()).collect()
    }

    #[test]
    fn each_kind_reaches_those_it_concerns() {
        let manager = json!({"level": 2, "action": "notify_manager", "reason": "no work has started"});
        assert_eq!(told(&event("wo_assigned", &json!({}), 0)), [1]);
        assert_eq!(told(&event("request_received", &json!({}), 0)), [2]);
        assert_eq!(told(&event("wo_escalation", &json!({"action": "notify_supervisor"}), 0)), [2]);
        assert_eq!(told(&event("wo_escalation", &manager, 0)), [3]);
    }

    #[test]
    fn an_event_about_no_work_order_is_read_too() {
        let nothing = json!({"number": null, "title": null, "type": null, "priority": null, "due_at": null});
        for work_order in [nothing, Value::Null] {
            let missed = json!({"id": uuid::Uuid::nil(), "kind": "missed_pm", "details": {"missed": 2}, "actor_id": null,
                "work_order": work_order, "candidates": []});
            let missed: WaitingEvent = serde_json::from_value(missed).unwrap();
            assert!(missed.work_order.is_none());
        }
        let mut whole =
            json!({"id": uuid::Uuid::nil(), "kind": "wo_comment", "actor_id": null, "candidates": []});
        whole["work_order"] = json!({"number": "WO-000007"});
        assert!(serde_json::from_value::<WaitingEvent>(whole).is_err(), "half a work order is none");
    }

    #[test]
    fn nobody_is_told_of_what_they_did_themselves() {
        assert!(told(&event("wo_assigned", &json!({}), 1)).is_empty());
    }

    #[test]
    fn a_message_says_what_why_and_until_when() {
        let event =
            event("wo_escalation", &json!({"level": 2, "reason": "no work has started after 4 h"}), 0);
        let message = notifications(&event).remove(0);
        assert_eq!(message.title, "WO-000007 escalated to level 2: Belt slips");
        assert_eq!(
            message.body,
            "WO-000007 escalated to level 2: Belt slips\n\nPriority: high\nDue: 2026-03-02 08:00 UTC\n\
             Why you hear of it: no work has started after 4 h"
        );
    }

    #[test]
    fn a_title_is_one_line_whatever_the_work_order_is_called() {
        let mut event = event("wo_assigned", &json!({}), 0);
        if let Some(subject) = &mut event.work_order {
            subject.title = "Fan\r\nBcc: all@example.test\u{2028}a\u{2029}b\u{85}c\u{c}d\0e".to_owned();
        }
        let message = notifications(&event).remove(0);
        assert_eq!(message.title, "WO-000007 is yours: Fan  Bcc: all@example.test a b c d e");
        assert!(message.body.starts_with(&message.title), "{}", message.body);
    }

    #[test]
    fn a_delivery_is_tried_eight_times_and_waits_as_asked() {
        assert_eq!(retry_after(1, None), Some(5));
        assert_eq!(retry_after(2, Some(900)), Some(900));
        assert_eq!(retry_after(7, Some(1)), Some(36_000));
        assert_eq!(retry_after(8, None), None);
    }

    #[test]
    fn an_emergency_comes_before_every_priority() {
        let mut event = event("request_received", &json!({}), 0);
        if let Some(subject) = &mut event.work_order {
            (subject.r#type, subject.due_at) = (WorkOrderType::Emergency, None);
        }
        let message = notifications(&event).remove(0);
        assert_eq!(message.body, "WO-000007 was requested: Belt slips\n\nPriority: emergency");
        assert_eq!(message.channels, [Channel::Email]);
    }
}
