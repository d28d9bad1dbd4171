//! The rules that the database holds rows to, in words: the fields that a constraint is about, and what is asked of them.
//!
//! A refusal of the database names a constraint and no more. A test walks all constraints of the catalog that a client's write
//! can break, so that none is without its fields and its sentence.

use crate::resource::{Kind, RESOURCES};

/// A constraint that a write broke, as its writer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken<'a> {
    /// The fields that it is about.
    pub fields: Vec<&'a str>,
    /// What is asked of them, in words.
    pub message: String,
}

const TAKEN: &str = "is taken already";
const NOWHERE: &str = "names nothing that exists here";

/// Constraints that say more than that one column has a value of its kind or leads somewhere.
const NAMED: &[(&str, &[&str], &str)] = &[
    ("api_tokens_check", &["expires_at"], "must be in the future, from 1900 to 2200"),
    ("checklist_items_work_order_id_position_key", &["position"], TAKEN),
    ("downtime_intervals_are_annulled_with_a_reason", &["annulled_reason"], "must say why"),
    ("downtime_intervals_end_after_they_start", &["started_at", "ended_at"], "must end after it starts"),
    ("equipment_warehouse_id_asset_tag_key", &["asset_tag"], TAKEN),
    (
        "escalation_rules_warehouse_id_wo_type_priority_clock_key",
        &["wo_type", "priority", "clock"],
        "are those of another rule of the warehouse",
    ),
    ("holidays_warehouse_id_on_date_key", &["on_date"], TAKEN),
    ("meter_readings_are_annulled_with_a_reason", &["annulled_reason"], "must say why"),
    ("meter_readings_meter_id_read_at_annulled_at_key", &["read_at"], TAKEN),
    ("meters_equipment_id_name_key", &["name"], TAKEN),
    ("notification_settings_profile_id_type_channel_key", &["type", "channel"], "are said already"),
    ("part_reservations_work_order_id_part_id_key", &["part_id"], "is reserved already"),
    ("part_transactions_are_counted", &["quantity"], "must be more than 0, but in an adjustment"),
    ("part_transactions_by_reorder_line", &["reorder_line_id"], TAKEN),
    (
        "part_transactions_quantity_check",
        &["quantity"],
        "must be a number of at most 1000000 with at most 3 decimals, and not 0",
    ),
    ("parts_warehouse_id_part_number_key", &["part_number"], TAKEN),
    ("pm_schedules_rest_while_paused", &["active", "paused"], "must not both be true"),
    ("pm_template_items_template_id_position_key", &["position"], TAKEN),
    (
        "pm_templates_for_a_model_or_a_machine",
        &["equipment_model", "equipment_id"],
        "exactly one of both must be said",
    ),
    ("pm_templates_have_a_rule", &["rrule", "meter_every", "meter_at"], "one of them at least must be said"),
    ("pm_templates_meter_at_check", &["meter_at"], "must be more than 0, and at most 1000000000"),
    ("pm_templates_meter_counts_one_way", &["meter_every", "meter_at"], "only one of both may be said"),
    ("pm_templates_meter_every_check", &["meter_every"], "must be more than 0, and at most 1000000000"),
    (
        "pm_templates_meter_has_a_name",
        &["meter_name", "meter_every", "meter_at"],
        "a meter has both a name and a count",
    ),
    ("pm_templates_season_has_two_ends", &["season_from", "season_until"], "both must be said, or none"),
    ("profiles_belong_somewhere", &["warehouse_id"], "is required, but for managers and administrators"),
    ("profiles_email_check", &["email"], "must be an e-mail address, in small letters"),
    ("profiles_email_key", &["email"], TAKEN),
    ("profiles_locale_check", &["locale"], "must be a language, such as nl or pt-BR"),
    ("push_subscriptions_auth_check", &["auth"], "must be 22 characters of base64url"),
    ("push_subscriptions_endpoint_key", &["endpoint"], TAKEN),
    ("push_subscriptions_p256dh_check", &["p256dh"], "must be 87 characters of base64url"),
    ("reorder_drafts_open", &["vendor_id"], "has an open draft already"),
    ("reorder_lines_draft_id_part_id_key", &["part_id"], "is in the draft already"),
    ("settings_hold_what_they_should", &["value"], "is not a value of this setting"),
    ("settings_warehouse_id_key_key", &["key"], "is set already"),
    ("time_logs_are_annulled_with_a_reason", &["annulled_reason"], "must say why"),
    (
        "time_logs_do_not_overlap",
        &["started_at", "stopped_at"],
        "overlaps with another time log of the person",
    ),
    ("time_logs_stop_after_they_start", &["started_at", "stopped_at"], "must stop after it starts"),
    (
        "vendor_documents_expire_after_issue",
        &["issued_on", "expires_on"],
        "must not expire before it is issued",
    ),
    ("vendors_warehouse_id_name_key", &["name"], TAKEN),
    ("warehouses_code_check", &["code"], "must be 2 to 12 of the characters A to Z, 0 to 9 and -"),
    ("warehouses_code_key", &["code"], TAKEN),
    ("work_order_crew_work_order_id_profile_id_key", &["profile_id"], "is in the crew already"),
    ("work_order_relations_once", &["other_id"], "is related so already"),
    ("work_order_relations_to_another", &["other_id"], "must be another work order"),
    ("work_orders_assigned_to_someone", &["assigned_to"], "is required once it is assigned"),
    ("work_orders_completed_by_someone", &["status"], "work is completed by a move"),
    ("work_orders_held_for_a_reason", &["hold_reason"], "is required while it is on hold, and only then"),
    ("work_orders_signatures_have_a_name", &["signature_name"], "is required with a drawn signature"),
    ("work_orders_signed_when_done", &["signature_name"], "is said only to complete it"),
];

/// The fields and the sentence of a constraint, as the database names it, of that table. `None` for one that is not known.
#[must_use]
pub fn broken<'a>(table: Option<&str>, constraint: &'a str) -> Option<Broken<'a>> {
    let told = |fields: Vec<&'a str>, message: &str| Some(Broken { fields, message: message.to_owned() });
    if let Some((_, fields, message)) = NAMED.iter().find(|(name, ..)| *name == constraint) {
        return told(fields.to_vec(), message);
    }
    if constraint.ends_with("_pkey") {
        return told(vec!["id"], TAKEN);
    }
    // Postgres names what is about one column `TABLE_COLUMN_fkey` and `TABLE_COLUMN_check`.
    let rest = constraint.strip_prefix(table?)?.strip_prefix('_')?;
    if let Some(column) = rest.strip_suffix("_fkey") {
        return told(vec![column], NOWHERE);
    }
    let column = rest.strip_suffix("_check")?;
    let kind = kind(table?, column)?;
    Some(Broken { fields: vec![column], message: format!("must be {}", kind.in_words()) })
}

/// The constraints that are told in words of their own.
pub fn named() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, ..)| *name)
}

/// The kind of values that a column holds.
fn kind(table: &str, column: &str) -> Option<Kind> {
    let fields = RESOURCES
        .iter()
        .filter(|resource| resource.table == table)
        .find_map(|resource| resource.field(column));
    fields.map(|field| field.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_is_told_by_its_fields_and_a_sentence() {
        let told = |table, constraint| {
            broken(Some(table), constraint).map(|broken| (broken.fields.join(" "), broken.message))
        };
        let (fields, message) = told("time_logs", "time_logs_stop_after_they_start").unwrap();
        assert_eq!(
            (fields.as_str(), message.as_str()),
            ("started_at stopped_at", "must stop after it starts")
        );
        let (fields, message) = told("work_orders", "work_orders_equipment_id_fkey").unwrap();
        assert_eq!((fields.as_str(), message.as_str()), ("equipment_id", NOWHERE));
        let (fields, message) = told("warehouses", "warehouses_time_zone_check").unwrap();
        assert_eq!(fields, "time_zone");
        assert!(message.contains("Europe/Berlin"), "{message}");
        assert_eq!(told("credentials", "credentials_hash_check"), None);
        assert_eq!(broken(None, "parts_pkey").unwrap().fields, ["id"]);
    }

    #[test]
    fn each_is_named_once_and_in_order() {
        assert!(NAMED.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!((named().count(), named().next()), (NAMED.len(), Some("api_tokens_check")));
    }
}
