//! Notifications, and the ways they go.

use super::{CREATED_AT, Field, ID, Indexed, Kind, Lookup, PLAIN, Parent, Resource, UPDATED_AT, VERSION};
use crate::event::EventKind;
use crate::notification::Channel;

/// The caller's own inbox.
pub static NOTIFICATIONS: Resource = Resource {
    path: "notifications",
    singular: "notification",
    table: "notifications",
    fields: &[
        ID,
        Field::new("type", Kind::Word(EventKind::WORDS)).filled().read_only(),
        Field::new("title", Kind::Text(1_000)).filled().read_only(),
        Field::new("body", Kind::Prose(10_000)).filled().read_only(),
        Field::new("work_order_id", Kind::Id).read_only(),
        Field::new("read_at", Kind::Time).happened(),
        Field::new("recipient_id", Kind::Id).filled().read_only(),
        Field::new("event_id", Kind::Id).filled().read_only(),
        CREATED_AT,
    ],
    lookup: Lookup::Indexed(Indexed { sorts: &["-id", "id"], filters: &["id", "work_order_id", "read_at"] }),
    ..PLAIN
};

/// The caller's choices, by kind and channel. Everything is wanted until it is switched off. One that is said again replaces the one
/// before.
pub static NOTIFICATION_SETTINGS: Resource = Resource {
    path: "notification-settings",
    singular: "notification setting",
    table: "notification_settings",
    fields: &[
        ID,
        Field::new("type", Kind::Word(EventKind::WORDS)).required().once(),
        Field::new("channel", Kind::Word(Channel::WORDS)).required().once(),
        Field::new("enabled", Kind::Boolean).required(),
        Field::new("profile_id", Kind::Id).filled().read_only(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    opens: true,
    removes: true,
    ..PLAIN
};

/// The caller's browsers that take Web Push, as their `PushSubscription` says. One is of whoever said it last.
pub static PUSH_SUBSCRIPTIONS: Resource = Resource {
    path: "push-subscriptions",
    singular: "push subscription",
    table: "push_subscriptions",
    fields: &[
        ID,
        Field::new("endpoint", Kind::PublicAddress).required().once(),
        Field::new("p256dh", Kind::Text(88)).required().once(),
        Field::new("auth", Kind::Text(24)).required().once(),
        Field::new("user_agent", Kind::Text(500)).once(),
        Field::new("profile_id", Kind::Id).filled().read_only(),
        CREATED_AT,
    ],
    opens: true,
    removes: true,
    ..PLAIN
};

/// Other systems of the customer that are told of events.
pub static WEBHOOKS: Resource = Resource {
    path: "webhooks",
    singular: "webhook",
    table: "webhooks",
    fields: &[
        ID,
        Field::new("name", Kind::Text(100)).required(),
        Field::new("url", Kind::PublicAddress).required(),
        Field::new("event_types", Kind::Words(EventKind::WORDS)).filled(),
        Field::new("warehouse_id", Kind::Id).once(),
        Field::new("active", Kind::Boolean).filled(),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    opens: true,
    removes: true,
    ..PLAIN
};

/// The keys that a webhook's messages are signed with; made by us, seen by administrators.
pub static WEBHOOK_SECRETS: Resource = Resource {
    path: "webhooks/{id}/secrets",
    singular: "webhook secret",
    table: "webhook_secrets",
    fields: &[
        ID,
        Field::new("webhook_id", Kind::Id).required().once(),
        Field::new("secret", Kind::Text(100)).filled().read_only(),
        Field::new("expires_at", Kind::Time),
        VERSION,
        CREATED_AT,
        UPDATED_AT,
    ],
    parent: Some(Parent { of: &WEBHOOKS, field: "webhook_id" }),
    opens: true,
    ..PLAIN
};
