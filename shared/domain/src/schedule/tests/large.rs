//! What people may store very much of is planned in parts, so that each can be written in good time.

use chrono::NaiveDate;
use serde_json::json;

use super::super::MAX_ROWS;
use super::OccurrenceDecision::{Generated, Superseded};
use super::{Meter, World};

/// A year ahead, daily.
fn year() -> World {
    World::of("daily", "2026-03-01")
        .with(json!({"lead_time_days": 365, "overlap": "generate", "catch_up": "all"}))
}

#[test]
fn long_checklists_are_planned_a_few_at_a_time_and_none_is_left_out() {
    for items in [0, 40, 1_000, 30_000] {
        let mut world = year().with(json!({"items": items}));
        let plan = world.plan("2026-03-01");
        let rows: usize = plan.occurrences.iter().map(|_| 1 + items).sum();
        assert_eq!(plan.rows, rows);
        assert!(rows <= MAX_ROWS || plan.occurrences.len() == 1, "{items}: {rows}");
        assert!(
            plan.occurrences.len() == 366 || rows + items + 1 > MAX_ROWS,
            "{items}: as many as there is room for"
        );
        assert_eq!(
            world.fire("2026-03-01".parse().unwrap()).len(),
            366,
            "{items}: all of them, in several plans"
        );
    }
}

#[test]
fn steps_of_a_meter_with_long_checklists_are_told_together() {
    let steps = |items: usize| {
        let mut world = year().with(json!({"items": items, "rrule": null, "meter_every": 1.0}));
        world.schedule.next_due_on = None;
        world.schedule.meter = Some(Meter { total: 1_000.0, base: 0.0, due_at: Some(1.0), fired_on: None });
        world.plan("2026-03-01")
    };
    let plan = steps(1_000);
    assert!(plan.rows <= MAX_ROWS + 1_001 && plan.occurrences.iter().all(|one| one.decision == Generated));
    assert_eq!(plan.meter_due_at, Some(1_001.0), "nothing of them is left");
    assert!(steps(1).occurrences.len() >= 100);
    assert!(!steps(1).occurrences.iter().any(|one| one.decision == Superseded));
}

#[test]
fn thousands_of_holidays_are_looked_up_and_not_looked_through() {
    let mut world = year().with(json!({"holidays": "before", "weekends": "before"}));
    let first: NaiveDate = "2024-01-01".parse().unwrap();
    let holiday = |on_date: NaiveDate| super::Holiday { on_date, name: "Off".to_owned() };
    world.warehouse.holidays = first.iter_days().take(1_500).map(holiday).collect();
    let plan = world.plan("2026-03-01");
    assert_eq!(plan.occurrences.len(), 366);
    assert!(plan.occurrences.iter().all(|one| one.decision == super::Skipped));
}
