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
    use crate::resource::{PM_TEMPLATES, PREVIEW, Resource};

    fn wrong_in(resource: &Resource, body: &Value) -> Vec<String> {
        let errors = resource.read_new(body).err().unwrap_or_default();
        errors.into_iter().map(|error| error.pointer).collect()
    }

    /// A template that is right but for what is said here; null takes a field away.
    fn wrong(changes: &Value) -> Vec<String> {
        let mut body =
            json!({"title": "Belt", "equipment_model": "C-7", "rrule": "weekly", "starts_on": "2026-03-02"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        wrong_in(&PM_TEMPLATES, &body)
    }

    #[test]
    fn a_template_is_for_a_model_or_for_one_machine() {
        let machine = "01900000-0000-7000-8000-000000000001";
        assert_eq!(wrong(&json!({})), [""; 0]);
        assert_eq!(wrong(&json!({"equipment_model": null, "equipment_id": machine})), [""; 0]);
        assert_eq!(wrong(&json!({"equipment_model": null})), ["/equipment_model"]);
        assert_eq!(wrong(&json!({"equipment_id": machine})), ["/equipment_id"]);
    }

    #[test]
    fn a_template_counts_dates_or_a_meter_that_it_names() {
        for good in [
            json!({"meter_name": "hours", "meter_every": 250}),
            json!({"meter_name": "hours", "meter_at": 0.001}),
            json!({"meter_name": "hours", "meter_every": 250, "rrule": null}),
            json!({"meter_name": "hours", "meter_at": 250, "rrule": null}),
        ] {
            assert_eq!(wrong(&good), [""; 0], "{good}");
        }
        for (bad, pointer) in [
            (json!({"meter_name": "hours", "meter_every": 250, "meter_at": 250}), "/meter_at"),
            (json!({"meter_every": 250}), "/meter_name"),
            (json!({"meter_at": 250}), "/meter_name"),
            (json!({"meter_name": "hours"}), "/meter_every"),
            (json!({"rrule": null}), "/rrule"),
            (json!({"meter_name": "hours", "meter_every": 0}), "/meter_every"),
            (json!({"meter_name": "hours", "meter_at": 0}), "/meter_at"),
        ] {
            assert_eq!(wrong(&bad), [pointer], "{bad}");
        }
    }

    #[test]
    fn what_is_counted_from_completion_has_no_number_of_dates() {
        let three = |basis: &str| wrong(&json!({"rrule": "FREQ=WEEKLY;COUNT=3", "basis": basis}));
        assert_eq!(three("floating"), ["/rrule"]);
        assert_eq!(three("fixed"), [""; 0]);
        assert_eq!(wrong(&json!({"basis": "floating"})), [""; 0]);
    }

    #[test]
    fn a_season_has_two_ends_and_a_rule_has_a_date() {
        assert_eq!(wrong(&json!({"season_from": "05-01", "season_until": "09-30"})), [""; 0]);
        assert_eq!(wrong(&json!({"season_from": "05-01"})), ["/season_until"]);
        assert_eq!(wrong(&json!({"season_until": "09-30"})), ["/season_from"]);
        let until =
            |day: &str| json!({"rrule": format!("FREQ=DAILY;UNTIL={day}"), "starts_on": "2026-03-02"});
        for (day, expected) in [("20260302", &[][..]), ("20260301", &["/rrule".to_owned()])] {
            assert_eq!(wrong(&until(day)), expected, "{day}");
            assert_eq!(wrong_in(&PREVIEW, &until(day)), expected, "{day}");
        }
    }

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
