//! Mistakes between the fields of a template, each of which is right by itself.

use chrono::NaiveDate;
use serde_json::Value;

use super::Row;
use crate::input::{FieldError, pointer};
use crate::recurrence::Recurrence;

/// Mistakes in a new template's machines, meter and basis.
#[must_use]
pub(super) fn of_template(template: &Row) -> Vec<FieldError> {
    let says = |name: &str| template.get(name).is_some_and(|value| !value.is_null());
    let mut wrong = Vec::new();
    let mut object = |at: bool, name: &str, message: &str| {
        if at {
            wrong.push(FieldError { pointer: pointer(name), message: message.to_owned() });
        }
    };
    let (model, machine) = (says("equipment_model"), says("equipment_id"));
    object(!model && !machine, "equipment_model", "is required, or equipment_id");
    object(model && machine, "equipment_id", "does not go with equipment_model");
    let (every, once) = (says("meter_every"), says("meter_at"));
    object(every && once, "meter_at", "does not go with meter_every");
    object((every || once) && !says("meter_name"), "meter_name", "is required: which meter of the machine");
    object(says("meter_name") && !every && !once, "meter_every", "is required with meter_name, or meter_at");
    object(!says("rrule") && !every && !once, "rrule", "is required where no meter counts");
    for name in ["meter_every", "meter_at"] {
        let number = template.get(name).and_then(Value::as_f64);
        object(number.is_some_and(|number| number < 0.001), name, "must be at least 0.001");
    }
    let floats = template.get("basis").is_some_and(|basis| basis == "floating");
    let is_counted = rule(template).is_some_and(|rule| rule.is_counted());
    object(
        floats && is_counted,
        "rrule",
        "counts (COUNT) from its first date, and a floating basis from completion",
    );
    wrong
}

/// Mistakes in a rule's season and dates.
#[must_use]
pub(super) fn of_rule(row: &Row) -> Vec<FieldError> {
    let says = |name: &str| row.get(name).is_some_and(|value| !value.is_null());
    let mut wrong = Vec::new();
    for (name, other) in [("season_from", "season_until"), ("season_until", "season_from")] {
        if !says(name) && says(other) {
            let message = format!("is required with {other}");
            wrong.push(FieldError { pointer: pointer(name), message });
        }
    }
    let first = row.get("starts_on").and_then(Value::as_str).and_then(|date| date.parse::<NaiveDate>().ok());
    if let (Some(rule), Some(first)) = (rule(row), first)
        && rule.dates(first, first).next().is_none()
    {
        let message = "has no date from starts_on on".to_owned();
        wrong.push(FieldError { pointer: pointer("rrule"), message });
    }
    wrong
}

fn rule(row: &Row) -> Option<Recurrence> {
    row.get("rrule")?.as_str()?.parse().ok()
}
