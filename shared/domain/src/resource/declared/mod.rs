//! The declarations: every resource under `/api/v1`, one file per subject.

mod assets;
mod forms;
mod notices;
mod people;
mod preventive;
mod reviews;
mod stock;
mod system;
mod timing;
mod work;
mod work_orders;

use super::model::{
    Amount, Child, Entity, Fence, Field, Indexed, Kind, Lookup, MAX_TEXTS, Parent, Resource, Row, SortKey,
};

pub use assets::{DOWNTIME, EQUIPMENT, EQUIPMENT_METERS, METERS, READINGS};
pub use forms::{
    ACKNOWLEDGEMENT, ASSIGNMENT, FOLLOW_UP, FORMS, INVITATION, LABEL_RENEWAL, MUTATION, PROBLEM_REPORT,
    READING_INBOX, REORDER, REVIEW_DECISION, SYNC, TRANSITION,
};
pub use notices::{NOTIFICATION_SETTINGS, NOTIFICATIONS, PUSH_SUBSCRIPTIONS, WEBHOOK_SECRETS, WEBHOOKS};
pub use people::{API_TOKENS, HOLIDAYS, OWN_PROFILE, PROFILES, WAREHOUSES};
pub use preventive::{
    ESCALATION_RULES, MAX_PREVIEW, PM_OCCURRENCES, PM_SCHEDULES, PM_TEMPLATES, PREVIEW, SCHEDULE_OCCURRENCES,
    TEMPLATE_ITEMS,
};
pub use reviews::REVIEWS;
pub use stock::{
    PART_TRANSACTIONS, PARTS, REORDER_DRAFTS, REORDER_LINES, VENDOR_DOCUMENTS, VENDORS, WORK_ORDER_PARTS,
    WORK_ORDER_RESERVATIONS,
};
pub use system::{AUDIT_LOG, DEAD_LETTERS, JOB_RUNS, SETTINGS};
pub use timing::spread;
pub use work::{CHECKLIST, COMMENTS, CREW, ESCALATIONS, HISTORY, RELATIONS, TIME_LOGS};
pub use work_orders::{ATTACHMENTS, WORK_ORDER_ATTACHMENTS, WORK_ORDERS};

const ID: Field = Field::new("id", Kind::Id).filled().once();
const VERSION: Field = Field::new("version", Kind::Integer(1, i32::MAX as i64)).filled().read_only();
const CREATED_AT: Field = Field::new("created_at", Kind::Time).filled().read_only();
const UPDATED_AT: Field = Field::new("updated_at", Kind::Time).filled().read_only();
/// The caller's own if nothing is said; managers and administrators, who have none, must say it.
const WAREHOUSE: Field = Field::new("warehouse_id", Kind::Id).filled().once();
const CUSTOM_FIELDS: Field = Field::new("custom_fields", Kind::Object).filled();
/// Of a row that is struck through: when, by whom, and why. To say why is to annul it.
const ANNULLED_AT: Field = Field::new("annulled_at", Kind::Time).read_only();
const ANNULLED_BY: Field = Field::new("annulled_by", Kind::Id).read_only();
const ANNULLED_REASON: Field = Field::new("annulled_reason", Kind::Prose(1_000)).later();
const NOTES: Kind = Kind::Prose(10_000);
/// An amount of money, in the currency of the warehouse.
const MONEY: Kind = Kind::Number(Amount::up_to(999_999_999, 6));

/// A resource that is only read.
const PLAIN: Resource = Resource {
    path: "",
    singular: "",
    table: "",
    fields: &[],
    children: &[],
    computed: &[],
    flags: &[],
    parent: None,
    searched: false,
    lookup: Lookup::Every,
    fence: Fence::Open,
    archived: false,
    opens: false,
    removes: false,
    emits_events: false,
    judge: |_| Vec::new(),
};

/// The whole table of resources.
pub const RESOURCES: [&Resource; 43] = [
    &WORK_ORDERS,
    &WORK_ORDER_ATTACHMENTS,
    &ATTACHMENTS,
    &CHECKLIST,
    &CREW,
    &TIME_LOGS,
    &COMMENTS,
    &RELATIONS,
    &HISTORY,
    &ESCALATIONS,
    &WORK_ORDER_PARTS,
    &WORK_ORDER_RESERVATIONS,
    &EQUIPMENT,
    &EQUIPMENT_METERS,
    &DOWNTIME,
    &METERS,
    &READINGS,
    &PARTS,
    &PART_TRANSACTIONS,
    &REORDER_DRAFTS,
    &REORDER_LINES,
    &VENDORS,
    &VENDOR_DOCUMENTS,
    &WAREHOUSES,
    &HOLIDAYS,
    &PROFILES,
    &API_TOKENS,
    &PM_TEMPLATES,
    &TEMPLATE_ITEMS,
    &PM_SCHEDULES,
    &SCHEDULE_OCCURRENCES,
    &PM_OCCURRENCES,
    &ESCALATION_RULES,
    &REVIEWS,
    &NOTIFICATIONS,
    &NOTIFICATION_SETTINGS,
    &PUSH_SUBSCRIPTIONS,
    &WEBHOOKS,
    &WEBHOOK_SECRETS,
    &SETTINGS,
    &AUDIT_LOG,
    &JOB_RUNS,
    &DEAD_LETTERS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_begins_with_its_id_and_names_nothing_twice() {
        for resource in RESOURCES {
            let mut names: Vec<_> = resource.fields.iter().map(|field| field.name).collect();
            assert_eq!(names.first(), Some(&"id"), "{}", resource.path);
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), resource.fields.len(), "{}", resource.path);
        }
        for name in [|resource: &Resource| resource.path, |resource: &Resource| resource.singular] {
            let mut names: Vec<_> = RESOURCES.into_iter().map(name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), RESOURCES.len());
        }
    }

    #[test]
    fn what_lies_under_another_says_by_which_field() {
        for resource in RESOURCES {
            let under = resource.path.split_once("/{id}/");
            assert_eq!(under.map(|(above, _)| above), resource.parent.map(|parent| parent.of.path));
            if let Some(parent) = resource.parent {
                assert!(resource.field(parent.field).is_some(), "{}", resource.path);
            }
        }
    }

    #[test]
    fn children_lie_under_what_they_are_children_of() {
        for resource in RESOURCES {
            for child in resource.children {
                let parent = child.of.parent.expect(child.name);
                assert_eq!(parent.of.path, resource.path, "{}", child.name);
            }
        }
    }
}
