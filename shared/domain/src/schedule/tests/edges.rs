//! Cases that no random life comes across often enough: what is unusual, and what people read of it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::OccurrenceDecision::{Generated, Missed, Skipped, Superseded};
use super::{DueSchedule, Holiday, Meter, OpenWork, World, all, date, decisions, plan_page};
use crate::schedule::ahead;

fn holidays(days: &[&str]) -> Vec<Holiday> {
    days.iter().map(|day| Holiday { on_date: date(day), name: "Spring".to_owned() }).collect()
}

fn open() -> OpenWork {
    OpenWork { number: "WO-1".to_owned(), untouched: true }
}

fn metered(every: f64, total: f64) -> World {
    let mut world = World::of("daily", "2026-03-02").with(json!({"rrule": null, "meter_every": every}));
    world.schedule.meter = Some(Meter { total, base: 0.0, due_at: Some(every), fired_on: None });
    world
}

#[test]
fn a_step_is_reached_at_its_very_count() {
    assert_eq!(decisions(&metered(250.0, 249.9).plan("2026-03-02")), []);
    assert_eq!(decisions(&metered(250.0, 250.0).plan("2026-03-02")), all(&[("2026-03-02", Generated)]));
    // Three tenths, counted one by one, are a little more than 0.3.
    let tenths = metered(0.1, 0.3).plan("2026-03-02");
    assert_eq!(tenths.occurrences.iter().filter(|one| one.decision == Superseded).count(), 2);
    assert_eq!(tenths.occurrences.last().unwrap().decision, Generated);
    assert_eq!(tenths.occurrences.len(), 3);
}

#[test]
fn a_step_that_was_passed_before_it_was_waited_for_is_generated_at_once() {
    let mut world = metered(250.0, 260.0);
    world.schedule.meter.as_mut().unwrap().due_at = None;
    let plan = world.plan("2026-03-02");
    assert_eq!(decisions(&plan), all(&[("2026-03-02", Generated)]));
    assert_eq!((plan.occurrences[0].meter_step, plan.meter_due_at), (Some(250.0), Some(500.0)));
}

#[test]
fn a_reading_of_years_at_once_is_told_by_its_last_steps() {
    let plan = metered(10.0, 10_005.0).plan("2026-03-02");
    let steps: Vec<_> = plan.occurrences.iter().filter_map(|one| one.meter_step).collect();
    assert_eq!((steps.len(), steps.first(), steps.last()), (101, Some(&9_000.0), Some(&10_000.0)));
    assert_eq!(plan.meter_due_at, Some(10_010.0));
    let told = |at: usize| plan.occurrences[at].reason.as_str();
    assert_eq!(told(0), "the meter passed 9000 and reached the next step at once");
    assert_eq!(told(100), "the meter has reached 10000, and counts 10005 now");
}

#[test]
fn a_step_stands_for_the_next_date_unless_it_came_no_later_than_the_last_one() {
    let decided = |fired_on: &str| {
        let mut world = World::of("weekly", "2026-03-09").with(json!({"meter_every": 250.0}));
        world.schedule.last_due_on = Some(date("2026-03-02"));
        world.schedule.meter =
            Some(Meter { total: 260.0, base: 250.0, due_at: Some(500.0), fired_on: Some(date(fired_on)) });
        let plan = world.plan("2026-03-09");
        (plan.occurrences[0].decision, plan.occurrences[0].reason.clone())
    };
    assert_eq!(decided("2026-03-05"), (Skipped, "the meter came first, on 2026-03-05".to_owned()));
    for before in ["2026-03-02", "2026-03-01"] {
        assert_eq!(decided(before), (Generated, "generated on its day".to_owned()), "{before}");
    }
}

#[test]
fn a_floating_schedule_decides_nothing_while_its_work_is_open() {
    let mut world = World::of("weekly", "2026-03-02").with(json!({"basis": "floating"}));
    world.schedule.anchor_on = Some(date("2026-03-02"));
    world.schedule.open = Some(open());
    let plan = world.plan("2026-06-01");
    assert_eq!((decisions(&plan), plan.next_due_on, plan.generate_on), (vec![], None, None));
}

#[test]
fn a_schedule_that_became_a_fixed_one_follows_its_rule() {
    let mut world = World::of("weekly", "2026-03-02");
    world.schedule.anchor_on = Some(date("2026-03-04"));
    let plan = world.plan("2026-03-02");
    assert_eq!(decisions(&plan), all(&[("2026-03-02", Generated)]));
    assert_eq!(plan.next_due_on, Some(date("2026-03-09")));
}

#[test]
fn a_rule_that_was_shortened_ends_without_a_problem() {
    let mut world = World::of("FREQ=DAILY;UNTIL=20260310", "2026-03-02");
    world.schedule.next_due_on = Some(date("2026-03-12"));
    let plan = world.plan("2026-03-12");
    assert_eq!((decisions(&plan), plan.next_due_on), (vec![], None));
}

#[test]
fn a_schedule_that_cannot_be_read_is_named() {
    let world = World::of("daily", "2026-03-02");
    let id = Uuid::from_u128(7);
    let rows = serde_json::from_value(json!([{"id": id, "version": 3, "since": "infinity"}])).unwrap();
    let templates = vec![serde_json::from_value(world.template.clone()).unwrap()];
    let planned = plan_page(rows, templates.into(), vec![world.warehouse].into());
    assert_eq!((planned.plans.len(), planned.problems.len()), (0, 1));
    let problem = &planned.problems[0];
    assert_eq!((problem.schedule_id.0, problem.version), (id, 3));
    assert_eq!(problem.subject, format!("schedule {id}"));
    assert!(problem.reason.starts_with("it cannot be read: "), "{}", problem.reason);
}

#[test]
fn a_template_or_a_warehouse_that_cannot_be_read_is_what_stands_in_the_way() {
    let world = World::of("daily", "2026-03-02");
    let mut bad = world.template.clone();
    bad["starts_on"] = json!("infinity");
    let nowhere = json!({"id": Uuid::nil(), "time_zone": "UTC", "today": "infinity", "holidays": []});
    let subjects = |template: &Value, warehouse: &Value| {
        let templates = serde_json::from_value(json!([template])).unwrap();
        let warehouses = serde_json::from_value(json!([warehouse])).unwrap();
        let planned = plan_page(vec![world.schedule.clone()].into(), templates, warehouses);
        let told = planned.problems.into_iter().map(|one| (one.subject, one.reason));
        told.collect::<Vec<_>>()
    };
    let here = json!({"id": Uuid::nil(), "time_zone": "UTC", "today": "2026-03-02", "holidays": []});
    assert_eq!(subjects(&world.template, &here), []);
    for (told, subject) in [
        (subjects(&bad, &here), format!("template {}", Uuid::nil())),
        (subjects(&world.template, &nowhere), format!("warehouse {}", Uuid::nil())),
    ] {
        assert_eq!((told.len(), &told[0].0), (1, &subject));
        assert!(told[0].1.starts_with("it cannot be read: "), "{told:?}");
    }
}

/// The first two dates that the calendar shows ahead.
fn ahead_of(world: &World) -> [String; 2] {
    let rules = world.rules();
    let mut dates = ahead::of_schedule(&world.schedule, &rules, &world.warehouse);
    [(); 2].map(|()| dates.next().map(|one| one.due_on.to_string()).unwrap_or_default())
}

#[test]
fn the_calendar_shows_a_floating_schedule_from_its_last_work_and_a_fixed_one_by_its_rule() {
    let changed = |basis: &str, change: &dyn Fn(&mut DueSchedule)| {
        let mut world = World::of("weekly", "2026-03-02").with(json!({"basis": basis}));
        world.warehouse.today = Some(date("2026-03-06"));
        change(&mut world.schedule);
        ahead_of(&world)
    };
    let begun = |schedule: &mut DueSchedule| {
        schedule.anchor_on = Some(date("2026-03-04"));
        schedule.open = Some(open());
    };
    assert_eq!(changed("fixed", &begun), ["2026-03-02", "2026-03-09"]);
    let not_begun = |schedule: &mut DueSchedule| schedule.since = date("2026-03-05");
    assert_eq!(changed("floating", &not_begun), ["2026-03-09", "2026-03-16"], "it begins like a fixed one");
    let done = |schedule: &mut DueSchedule| {
        (schedule.anchor_on, schedule.next_due_on) = (Some(date("2026-03-04")), None);
    };
    assert_eq!(changed("floating", &done), ["2026-03-11", "2026-03-18"]);
    let first_is_open =
        |schedule: &mut DueSchedule| (schedule.open, schedule.next_due_on) = (Some(open()), None);
    assert_eq!(changed("floating", &first_is_open), ["2026-03-13", "2026-03-20"], "as if it were done today");
}

#[test]
fn a_date_that_falls_on_the_day_of_another_says_so() {
    let world = World::of("daily", "2026-12-05").with(json!({"weekends": "after"}));
    let rules = world.rules();
    let told: Vec<_> = ahead::of_schedule(&world.schedule, &rules, &world.warehouse).take(2).collect();
    assert_eq!(told[0].left_out, None);
    assert_eq!(told[1].left_out.as_deref(), Some("on 2026-12-07 there is the one before it already"));
}

#[test]
fn a_date_that_overtakes_others_is_generated_in_time() {
    // Friday and Sunday are holidays. Friday itself is taken out of the rule, Saturday's work is done on Monday, and
    // Sunday's on Thursday.
    let mut world = World::of("daily", "2026-03-06")
        .with(json!({"exdates": ["2026-03-06"], "weekends": "after",
        "holidays": "before", "overlap": "generate"}));
    world.warehouse.holidays = holidays(&["2026-03-06", "2026-03-08"]).into_iter().collect();
    let expected = all(&[("2026-03-06", Skipped), ("2026-03-09", Generated), ("2026-03-05", Generated)]);
    assert_eq!(decisions(&world.plan("2026-03-05")), expected);
}

#[test]
fn a_date_counted_from_completion_is_not_generated_early_for_the_next_one() {
    // Saturday's work is done on Monday. Sunday is a holiday, whose work would be done on Friday.
    let mut world = World::of("daily", "2026-03-02")
        .with(json!({"basis": "floating", "weekends": "after", "holidays": "before"}));
    world.warehouse.holidays = holidays(&["2026-03-08"]).into_iter().collect();
    (world.schedule.anchor_on, world.schedule.next_due_on) = (Some(date("2026-03-06")), None);
    let plan = world.plan("2026-03-06");
    assert_eq!((decisions(&plan), plan.generate_on), (vec![], Some(date("2026-03-09"))));
}

#[test]
fn a_floating_schedule_makes_up_for_a_date_unless_it_is_told_not_to() {
    let planned = |catch_up: &str| {
        let mut world = World::of("FREQ=WEEKLY;INTERVAL=2", "2026-03-02")
            .with(json!({"basis": "floating", "catch_up": catch_up}));
        (world.schedule.anchor_on, world.schedule.next_due_on) = (Some(date("2026-03-03")), None);
        world.plan("2026-03-19")
    };
    assert_eq!(decisions(&planned("latest")), all(&[("2026-03-17", Generated)]));
    let none = planned("none");
    assert_eq!(decisions(&none), all(&[("2026-03-17", Missed)]));
    assert_eq!(none.occurrences[0].reason, "its date passed while nothing was generated (catch-up: none)");
    assert_eq!(none.next_due_on, Some(date("2026-03-31")));
}

#[test]
fn whoever_asks_is_told_how_early_or_late_it_was_generated() {
    let told = |today: &str| {
        let world = World::of("weekly", "2026-03-07").with(json!({"weekends": "after", "lead_time_days": 7}));
        world.plan(today).occurrences[0].reason.clone()
    };
    let moved = "; moved from 2026-03-07 to a working day";
    assert_eq!(told("2026-03-09"), format!("generated on its day{moved}"));
    assert_eq!(told("2026-03-08"), format!("generated 1 day ahead of its date{moved}"));
    assert_eq!(told("2026-03-07"), format!("generated 2 days ahead of its date{moved}"));
    assert_eq!(told("2026-03-10"), format!("generated 1 day late, after its date had passed{moved}"));
    let on_time = World::of("weekly", "2026-03-02").plan("2026-03-02");
    assert_eq!(on_time.occurrences[0].reason, "generated on its day");
}
