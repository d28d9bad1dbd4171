//! Mistakes between the fields of a template, each of which is right by itself.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::Row;
use crate::input::{FieldError, pointer};
use crate::recurrence::Recurrence;
use crate::recurrence::pasted::Said;

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

/// Puts what a pasted rule says into the fields of a template where they are not said themselves.
///
/// # Errors
/// If they are, and otherwise: both places are named.
pub fn spread(said: &Said, template: &mut Row) -> Result<(), Vec<FieldError>> {
    let mut wrong = Vec::new();
    let mut put = |part: &str, name: &str, value: Value| match template.get(name) {
        None => drop(template.insert(name.to_owned(), value)),
        Some(other) if in_order(other) == value => {}
        Some(other) => {
            wrong.push(FieldError::field(
                "rrule",
                format!("its {part} is {value}, and {name} is {other}: one of them is enough"),
            ));
            wrong.push(FieldError::field(
                name,
                format!("is {other}, and the {part} of rrule is {value}: one of them is enough"),
            ));
        }
    };
    if let Some(day) = said.starts_on {
        put("DTSTART", "starts_on", json!(day));
    }
    if !said.exdates.is_empty() {
        put("EXDATE", "exdates", json!(said.exdates));
    }
    template.insert("rrule".to_owned(), json!(said.rrule));
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The same dates, in their order.
fn in_order(value: &Value) -> Value {
    let Value::Array(dates) = value else { return value.clone() };
    let mut dates = dates.clone();
    dates.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    Value::Array(dates)
}

fn rule(row: &Row) -> Option<Recurrence> {
    row.get("rrule")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        let day = |text: &str| text.parse().unwrap();
        let exdates = vec![day("2026-12-22"), day("2026-12-29")];
        Said { rrule: "FREQ=DAILY".to_owned(), starts_on: Some(day("2026-12-01")), exdates }
    }

    fn spread_over(template: &Value) -> Result<Value, Vec<String>> {
        let mut row = template.as_object().unwrap().clone();
        let told = |error: FieldError| format!("{} {}", error.pointer, error.message);
        spread(&said(), &mut row).map_err(|errors| errors.into_iter().map(told).collect::<Vec<_>>())?;
        Ok(Value::Object(row))
    }

    #[test]
    fn a_pasted_rule_fills_the_fields_that_are_not_said() {
        let expected = json!({"rrule": "FREQ=DAILY", "starts_on": "2026-12-01", "exdates": ["2026-12-22", "2026-12-29"]});
        assert_eq!(spread_over(&json!({"rrule": "…"})), Ok(expected));
        let same = json!({"rrule": "FREQ=DAILY", "starts_on": "2026-12-01", "exdates": ["2026-12-29", "2026-12-22"]});
        assert_eq!(spread_over(&same), Ok(same), "in any order");
    }

    #[test]
    fn what_a_pasted_rule_and_a_field_say_otherwise_names_both() {
        let refused =
            spread_over(&json!({"rrule": "…", "starts_on": "2026-12-02", "exdates": []})).unwrap_err();
        assert_eq!(
            refused,
            [
                "/rrule its DTSTART is \"2026-12-01\", and starts_on is \"2026-12-02\": one of them is enough",
                "/starts_on is \"2026-12-02\", and the DTSTART of rrule is \"2026-12-01\": one of them is enough",
                "/rrule its EXDATE is [\"2026-12-22\",\"2026-12-29\"], and exdates is []: one of them is enough",
                "/exdates is [], and the EXDATE of rrule is [\"2026-12-22\",\"2026-12-29\"]: one of them is enough",
            ]
        );
    }
}
