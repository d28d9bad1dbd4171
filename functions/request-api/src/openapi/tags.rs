//! The headings of the document, each with a sentence.

use serde_json::{Value, json};

/// Each heading that operations stand under: a path, as a word that can name a folder.
pub(crate) const TAGS: [(&str, &str); 29] = [
    ("auth", "Signing in and out."),
    ("system", "What a client has to know before it asks anything else."),
    ("home", "A person's first screen, in one question."),
    ("search", "Whatever people look for, in one question."),
    ("work-orders", "Work orders, their moves, and all that belongs to one of them."),
    ("attachments", "Files of work orders."),
    ("equipment", "Machines: their labels, meters, downtime, history and figures."),
    ("meters", "Meters of machines, and what was read from them."),
    ("parts", "Spare parts, and every movement of their stock."),
    ("reorder-drafts", "What is ordered of parts that run out."),
    ("vendors", "Vendors, and their documents."),
    ("warehouses", "Sites, and the days on which they rest."),
    ("profiles", "People."),
    ("pm-templates", "What has to be done again and again, and when."),
    ("pm-schedules", "The same for one machine: its dates, its calendar, and how well it was kept."),
    ("pm-occurrences", "Every date that was decided, and why."),
    ("escalation-rules", "What happens when nobody begins or ends work in time."),
    ("notifications", "The inbox of whoever asks."),
    ("notification-settings", "What whoever asks wants to be told, and how."),
    ("push-subscriptions", "The browsers of whoever asks that take Web Push."),
    ("webhooks", "Other systems that are told of events."),
    ("reports", "Figures over a period."),
    ("settings", "Settings, of everyone or of a warehouse."),
    ("api-tokens", "Tokens for machines."),
    (
        "audit-log",
        "Who changed people, rules, settings and tokens; and whether histories are as they were written.",
    ),
    ("jobs-runs", "The firings of the background functions."),
    ("jobs-dead-letters", "What was given up, and why."),
    ("reviews", "What phones brought too late, and a person decides."),
    ("sync", "Working offline: what changed, and what was done meanwhile."),
];

/// The headings, as the document has them.
pub(super) fn tags() -> Value {
    TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect()
}
