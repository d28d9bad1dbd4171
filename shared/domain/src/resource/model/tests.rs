//! What a declaration means to whoever reads lists, filters and refusals.

use serde_json::json;

use super::*;
use crate::resource::{AUDIT_LOG, EQUIPMENT, ESCALATION_RULES, PM_SCHEDULES, WORK_ORDERS};

fn parsed(resource: &'static Resource, parameters: &[(&str, &str)]) -> Result<ListQuery, Vec<FieldError>> {
    ListQuery::parse(resource, parameters.iter().copied(), |_| None)
}

fn members(include: &Include) -> Vec<&'static str> {
    include.members().collect()
}

#[test]
fn what_belongs_to_a_row_comes_with_it_where_it_is_asked_for() {
    let query = parsed(&WORK_ORDERS, &[("include", "comments,crew,comments")]).unwrap();
    assert_eq!(members(&query.include), ["comments", "crew"], "each once");
    assert_eq!(members(&WORK_ORDERS.usual()), ["checklist", "attachments", "open_moves", "may"]);
    let wrong = parsed(&WORK_ORDERS, &[("include", "comments,rumours")]).unwrap_err();
    assert_eq!(wrong[0].pointer, "?include");
    assert!(wrong[0].message.starts_with("'rumours' is nothing that is told with it"), "{wrong:?}");
    let none = parsed(&AUDIT_LOG, &[("include", "comments")]).unwrap_err();
    assert!(none[0].message.starts_with("'comments' is nothing that is told with it"), "{none:?}");
}

#[test]
fn words_are_looked_for_only_where_there_are_any() {
    assert!(WORK_ORDERS.searched && !AUDIT_LOG.searched);
    assert_eq!(parsed(&WORK_ORDERS, &[("q", "belt")]).unwrap().search.as_deref(), Some("belt"));
    let wrong = parsed(&AUDIT_LOG, &[("q", "belt")]).unwrap_err();
    assert!(wrong[0].message.starts_with("is not a parameter of this list"), "{wrong:?}");
}

#[test]
fn what_nobody_writes_is_not_changed() {
    assert!(WORK_ORDERS.changes() && EQUIPMENT.changes());
    assert!(PM_SCHEDULES.changes(), "it can be paused");
    assert!(!AUDIT_LOG.changes());
}

#[test]
fn a_number_in_an_address_is_within_its_bounds() {
    let number = Kind::Number(Amount::some(9, 3));
    for (text, good) in
        [("0.001", true), ("9", true), ("7.5", true), ("0", false), ("9.001", false), ("x", false)]
    {
        assert_eq!(number.read_text(text).is_some(), good, "{text}");
    }
}

#[test]
fn a_page_ends_at_a_value_that_the_next_one_begins_after() {
    let field = |name| WORK_ORDERS.field(name).unwrap();
    let (due, priority, title) = (field("due_at"), field("priority"), field("title"));
    assert_eq!((due.sort_column(), due.sorts_nulls()), ("due_or_never", false));
    assert_eq!(due.sort_value(None).as_deref(), Some("infinity"));
    assert_eq!(due.sort_value(Some("2026-03-02T08:00:00Z")).as_deref(), Some("2026-03-02T08:00:00Z"));
    assert_eq!((priority.sort_column(), priority.sorts_nulls()), ("urgency", false));
    assert_eq!(priority.sort_value(Some("low")).as_deref(), Some("0"));
    assert_eq!(priority.sort_value(Some("critical")).as_deref(), Some("3"));
    assert_eq!(priority.sort_value(Some("whatever")), None);
    assert_eq!((title.sort_column(), title.sorts_nulls()), ("title", false));
    assert_eq!((title.sort_value(Some("Belt")).as_deref(), title.sort_value(None)), (Some("Belt"), None));
    let area = EQUIPMENT.field("area").unwrap();
    assert_eq!((area.sort_column(), area.sorts_nulls()), ("area", true));
}

#[test]
fn long_texts_are_searched_and_not_compared() {
    for (kind, compares) in [
        (Kind::Text(254), true),
        (Kind::Text(255), false),
        (Kind::Prose(9), false),
        (Kind::Texts(9), false),
        (Kind::Object, false),
        (Kind::Id, true),
        (Kind::Date, true),
    ] {
        assert_eq!(Field::new("x", kind).compares(), compares, "{kind:?}");
    }
}

#[test]
fn a_refusal_says_what_it_must_be_and_of_a_rule_what_is_wrong_in_it() {
    assert_eq!(Kind::Boolean.objection(&json!(7)), "must be true or false");
    let rule = |value| Kind::Recurrence.objection(&value);
    let usual = format!("must be {}", Kind::Recurrence.in_words());
    assert_eq!(rule(json!(7)), usual);
    assert_eq!(
        rule(json!("FREQ=WEEKLY;BYDAY=XX")),
        "BYDAY must be days of the week such as MO, 2TU or -1FR, not 'XX'"
    );
    assert_eq!(
        rule(json!("RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY")),
        "several RRULEs do not go together: a template has one rule"
    );
    assert_eq!(rule(json!("x".repeat(501))), usual);
    assert_eq!(
        Kind::Text(9).objection(&json!("FREQ=WEEKLY;BYDAY=XX")),
        format!("must be {}", Kind::Text(9).in_words())
    );
}

#[test]
fn a_wrong_order_is_told_the_right_ones() {
    let told = |resource| parsed(resource, &[("sort", "colour")]).unwrap_err().remove(0).message;
    assert_eq!(told(&PM_SCHEDULES), "must be one of: -id, id");
    let all = told(&ESCALATION_RULES);
    assert!(all.starts_with("must be one of: id, -id, name, -name, "), "{all}");
    assert!(!all.contains("steps"), "what does not compare: {all}");
}

#[test]
fn a_declaration_says_who_writes_a_field_and_when_it_may_be_empty() {
    const PLAIN: Field = Field::new("x", Kind::Time);
    for (field, told) in [
        (PLAIN, (Write::Always, false, true)),
        (PLAIN.required(), (Write::Always, true, false)),
        (PLAIN.filled(), (Write::Always, false, false)),
        (PLAIN.filled().or_null(), (Write::Always, false, true)),
        (PLAIN.once(), (Write::Once, false, true)),
        (PLAIN.later(), (Write::Later, false, true)),
        (PLAIN.read_only(), (Write::Never, false, true)),
    ] {
        assert_eq!((field.write, field.required, field.nullable), told);
    }
    assert_eq!(PLAIN.happened().tense, Tense::Happened);
    assert_eq!(PLAIN.happened_unless("planned").tense, Tense::HappenedUnless("planned"));
    assert_eq!(PLAIN.sorted_by(SortKey::Rank("rank")).sort_key, Some(SortKey::Rank("rank")));
    assert_eq!(PLAIN.looked_up_by("code").alike, Some("code"));
}

#[test]
fn the_bounds_of_a_number_are_those_that_are_told() {
    let told = |amount: Amount| (amount.least(), amount.most(), amount.places());
    assert_eq!(told(Amount::up_to(2_000, 3)), (0.0, 2_000, 3));
    assert_eq!(told(Amount::some(2_000, 3)), (0.001, 2_000, 3));
    assert_eq!(told(Amount::change(2_000, 2)), (-2_000.0, 2_000, 2));
}

#[test]
fn a_filter_names_at_most_twenty_values() {
    let named = |count: usize| parsed(&WORK_ORDERS, &[("status", &vec!["new"; count].join(","))]);
    assert_eq!(named(MAX_VALUES).unwrap().filters[0].values.len(), 20);
    assert_eq!(named(MAX_VALUES + 1).unwrap_err()[0].message, "may name at most 20 values");
}
