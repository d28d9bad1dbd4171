//! A schedule through years of firings: every date is decided once, and the reason is told.

mod edges;
mod large;
mod meters;
mod moved;
mod years;

use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    DueSchedule, Holiday, Holidays, Meter, OccurrenceDecision, OpenWork, Plan, Rest, Rules, ScheduleError,
    Template, Warehouse, plan, plan_page,
};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A schedule of its own with everything that it depends on, as the database would keep it.
#[derive(Clone)]
struct World {
    template: Value,
    schedule: DueSchedule,
    warehouse: Warehouse,
}

impl World {
    fn of(rrule: &str, starts_on: &str) -> Self {
        let id = Uuid::nil();
        let template = json!({"id": id, "rrule": rrule, "starts_on": starts_on, "lead_time_days": 0});
        let schedule = json!({"id": id, "version": 1, "template_id": id, "warehouse_id": id, "since": starts_on,
            "next_due_on": starts_on, "generate_on": starts_on});
        let warehouse = json!({"id": id, "time_zone": "UTC", "today": starts_on, "holidays": []});
        Self {
            template,
            schedule: serde_json::from_value(schedule).unwrap(),
            warehouse: serde_json::from_value(warehouse).unwrap(),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is made where it is given")]
    fn with(mut self, more: Value) -> Self {
        self.template.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self
    }

    fn rules(&self) -> Rules {
        let template: Template = serde_json::from_value(self.template.clone()).unwrap();
        Rules::of(template.timing).unwrap().with_items(template.items)
    }

    fn plan(&self, today: &str) -> Plan {
        let warehouse = Warehouse { today: Some(date(today)), ..self.warehouse.clone() };
        plan(&self.schedule, &self.rules(), &warehouse).unwrap()
    }

    /// Fires on that day, and keeps what the database would keep. Work orders are open until [`Self::complete`].
    fn fire(&mut self, today: NaiveDate) -> Vec<(String, OccurrenceDecision)> {
        let mut decided = Vec::new();
        while self.schedule.generate_on <= today {
            let plan = self.plan(&today.to_string());
            self.schedule.next_due_on = plan.next_due_on;
            self.schedule.generate_on = plan.generate_on.unwrap_or(NaiveDate::MAX);
            self.schedule.last_due_on = plan.last_due_on;
            if let Some(meter) = &mut self.schedule.meter {
                meter.base = plan.meter_base.unwrap();
                meter.due_at = plan.meter_due_at;
                meter.fired_on = if plan.meter_fired { Some(today) } else { meter.fired_on };
            }
            for one in plan.occurrences {
                self.schedule.decided.extend(one.occurs_on);
                if one.decision == OccurrenceDecision::Generated {
                    self.schedule.taken.insert(one.due_on);
                    self.schedule.open = Some(OpenWork { number: "WO-1".to_owned(), untouched: true });
                }
                decided.push((one.due_on.to_string(), one.decision));
            }
        }
        decided
    }

    fn complete(&mut self, on: NaiveDate) {
        self.schedule.open = None;
        if self.template["basis"] == "floating" {
            self.schedule.anchor_on = Some(on);
            self.schedule.next_due_on = None;
            self.schedule.generate_on = on;
            if let Some(meter) = &mut self.schedule.meter {
                meter.base = meter.total;
                meter.due_at = None;
            }
        } else if let Some(next) = self.schedule.next_due_on {
            let lead = self.template["lead_time_days"].as_u64().unwrap();
            self.schedule.generate_on = self.schedule.generate_on.min(next - Days::new(lead));
        }
    }
}

fn decisions(plan: &Plan) -> Vec<(String, OccurrenceDecision)> {
    plan.occurrences.iter().map(|one| (one.due_on.to_string(), one.decision)).collect()
}

fn all(expected: &[(&str, OccurrenceDecision)]) -> Vec<(String, OccurrenceDecision)> {
    expected.iter().map(|(day, decision)| ((*day).to_owned(), *decision)).collect()
}

use OccurrenceDecision::{Generated, Missed, Skipped, Superseded};

#[test]
fn an_occurrence_is_generated_once_the_lead_time_has_begun() {
    let world = World::of("monthly", "2026-03-05").with(json!({"lead_time_days": 7}));
    let early = world.plan("2026-02-25");
    assert!(early.occurrences.is_empty());
    assert_eq!((early.next_due_on, early.generate_on), (Some(date("2026-03-05")), Some(date("2026-02-26"))));
    let plan = world.plan("2026-02-26");
    assert_eq!(decisions(&plan), all(&[("2026-03-05", Generated)]));
    assert_eq!((plan.next_due_on, plan.generate_on), (Some(date("2026-04-05")), Some(date("2026-03-29"))));
    assert_eq!(plan.occurrences[0].reason, "generated 7 days ahead of its date");
}

#[test]
fn after_an_outage_the_policy_says_what_is_made_up_for() {
    let world = World::of("weekly", "2026-03-02").with(json!({"lead_time_days": 7, "overlap": "generate"}));
    let with =
        |catch_up: &str| decisions(&world.clone().with(json!({"catch_up": catch_up})).plan("2026-03-20"));
    let of = |first, third| {
        all(&[("2026-03-02", first), ("2026-03-09", first), ("2026-03-16", third), ("2026-03-23", Generated)])
    };
    assert_eq!(with("latest"), of(Missed, Generated));
    assert_eq!(with("all"), of(Generated, Generated));
    assert_eq!(with("none"), of(Missed, Missed));
    let latest = world.plan("2026-03-20");
    assert!(latest.occurrences[0].reason.ends_with("(catch-up: latest, which is 2026-03-16)"));
    assert_eq!(latest.occurrences[2].reason, "generated 4 days late, after its date had passed");
}

#[test]
fn what_was_due_before_the_machine_was_here_is_not_counted() {
    let mut world = World::of("monthly", "2026-01-05").with(json!({"lead_time_days": 7}));
    world.schedule.since = date("2026-06-01");
    assert_eq!(decisions(&world.plan("2026-06-01")), all(&[("2026-06-05", Generated)]));
}

#[test]
fn while_the_last_one_is_open_the_next_waits_until_its_day() {
    let mut world = World::of("weekly", "2026-03-02").with(json!({"lead_time_days": 7}));
    assert_eq!(world.fire(date("2026-03-02")), all(&[("2026-03-02", Generated)]));
    assert_eq!(world.schedule.generate_on, date("2026-03-09"), "not looked at again before");
    let mut done = world.clone();
    done.complete(date("2026-03-04"));
    assert_eq!(done.fire(date("2026-03-05")), all(&[("2026-03-09", Generated)]));

    assert_eq!(world.fire(date("2026-03-09")), all(&[("2026-03-09", Skipped)]));
    world.schedule.next_due_on = Some(date("2026-03-09"));
    let plan = world.plan("2026-03-10");
    assert!(plan.occurrences.is_empty() || plan.occurrences[0].decision != Generated);
}

#[test]
fn an_open_one_is_replaced_unless_someone_has_begun() {
    let mut world = World::of("weekly", "2026-03-02").with(json!({"overlap": "replace"}));
    world.fire(date("2026-03-02"));
    let plan = world.plan("2026-03-09");
    assert_eq!(decisions(&plan), all(&[("2026-03-09", Generated)]));
    assert_eq!(plan.replaced.as_deref(), Some("that of 2026-03-09 took its place (overlap: replace)"));
    world.schedule.open.as_mut().unwrap().untouched = false;
    let plan = world.plan("2026-03-09");
    assert_eq!((decisions(&plan), plan.replaced), (all(&[("2026-03-09", Skipped)]), None));
    // Of several made up for at once, the last one stays.
    let late = World::of("weekly", "2026-03-02").with(json!({"overlap": "replace", "catch_up": "all"}));
    let expected = all(&[("2026-03-02", Superseded), ("2026-03-09", Superseded), ("2026-03-16", Generated)]);
    assert_eq!(decisions(&late.plan("2026-03-17")), expected);
}

#[test]
fn a_date_that_is_left_out_says_why() {
    let world = World::of("weekly", "2026-04-06").with(json!({
        "exdates": ["2026-04-13"], "season_from": "04-01", "season_until": "04-25", "holidays": "skip",
        "overlap": "generate", "catch_up": "all",
    }));
    let mut world = world;
    world.warehouse.holidays =
        Holidays::from_iter([Holiday { on_date: date("2026-04-06"), name: "Easter Monday".to_owned() }]);
    let plan = world.plan("2026-04-27");
    let told: Vec<_> = plan.occurrences.iter().map(|one| (one.decision, one.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (Skipped, "2026-04-06 is a holiday (Easter Monday)"),
            (Skipped, "2026-04-13 is taken out of the rule"),
            (Generated, "generated 7 days late, after its date had passed"),
            (Skipped, "2026-04-27 is outside of the season, 04-01 to 04-25"),
        ]
    );
}

#[test]
fn weekends_and_holidays_move_a_date_to_a_working_day() {
    let moved = |weekends: &str, holidays: &str| {
        // Saturday; Friday is a holiday.
        let mut world = World::of("annually", "2026-05-02")
            .with(json!({"weekends": weekends, "holidays": holidays, "lead_time_days": 9}));
        world.warehouse.holidays =
            Holidays::from_iter([Holiday { on_date: date("2026-05-01"), name: "Labour Day".to_owned() }]);
        decisions(&world.plan("2026-04-27"))
    };
    assert_eq!(moved("keep", "skip"), all(&[("2026-05-02", Generated)]));
    assert_eq!(moved("after", "keep"), all(&[("2026-05-04", Generated)]));
    assert_eq!(moved("before", "keep"), all(&[("2026-05-01", Generated)]));
    assert_eq!(moved("before", "skip"), all(&[("2026-04-30", Generated)]));
    assert_eq!(moved("skip", "after"), all(&[("2026-05-02", Skipped)]));
    // A daily round does not come three times on a Monday.
    let daily = World::of("daily", "2026-05-01")
        .with(json!({"weekends": "after", "overlap": "generate", "lead_time_days": 3}));
    let expected = all(&[
        ("2026-05-01", Generated),
        ("2026-05-04", Generated),
        ("2026-05-04", Skipped),
        ("2026-05-04", Skipped),
    ]);
    assert_eq!(decisions(&daily.plan("2026-05-01")), expected);
}

#[test]
fn a_season_may_go_over_new_year() {
    let world = World::of("monthly", "2026-09-15").with(json!({
        "season_from": "11-01", "season_until": "02-28", "overlap": "generate", "lead_time_days": 365}));
    let generated: Vec<_> = world
        .plan("2026-09-15")
        .occurrences
        .into_iter()
        .filter(|one| one.decision == Generated)
        .map(|one| one.due_on.month())
        .collect();
    assert_eq!(generated, [11, 12, 1, 2]);
}

#[test]
fn what_fell_into_a_rest_is_left_out_and_not_made_up_for() {
    let mut world = World::of("weekly", "2026-03-02");
    world.schedule.rest = Some(Rest {
        from: date("2026-03-05"),
        until: date("2026-03-20"),
        reason: "it was paused".to_owned(),
    });
    let plan = world.plan("2026-03-20");
    assert_eq!(
        decisions(&plan),
        all(&[("2026-03-02", Generated), ("2026-03-09", Skipped), ("2026-03-16", Skipped)])
    );
    assert_eq!(plan.occurrences[1].reason, "it was paused from 2026-03-05 until 2026-03-20");
}

#[test]
fn a_floating_schedule_counts_from_completion() {
    let mut world = World::of("FREQ=WEEKLY;INTERVAL=2", "2026-03-02").with(json!({"basis": "floating"}));
    assert_eq!(
        world.fire(date("2026-03-02")),
        all(&[("2026-03-02", Generated)]),
        "without a first completion"
    );
    assert_eq!(world.fire(date("2026-06-01")), [], "it waits");
    world.complete(date("2026-06-03"));
    assert_eq!(world.fire(date("2026-06-04")), []);
    assert_eq!(world.schedule.next_due_on, Some(date("2026-06-17")));
    assert_eq!(world.fire(date("2026-06-17")), all(&[("2026-06-17", Generated)]));
    // Done before its date: counted from then all the same.
    world.template["lead_time_days"] = json!(10);
    world.complete(date("2026-06-17"));
    assert_eq!(world.fire(date("2026-06-21")), all(&[("2026-07-01", Generated)]));
    world.complete(date("2026-06-22"));
    assert_eq!(world.fire(date("2026-06-26")), all(&[("2026-07-06", Generated)]));
}

#[test]
fn a_floating_schedule_never_decides_a_date_twice() {
    let mut world = World::of("weekly", "2026-03-09").with(json!({"basis": "floating", "lead_time_days": 7}));
    assert_eq!(world.fire(date("2026-03-02")), []);
    world.schedule.generate_on = date("2026-03-02");
    assert_eq!(world.fire(date("2026-03-02")), all(&[("2026-03-09", Generated)]));
    // Done on the very day on which it was generated.
    world.complete(date("2026-03-02"));
    assert_eq!(world.fire(date("2026-03-03")), all(&[("2026-03-10", Generated)]));
}

#[test]
fn one_bad_schedule_does_not_stop_the_others() {
    let good = World::of("daily", "2026-03-02");
    let bad = |rrule: &str| good.clone().with(json!({"rrule": rrule, "id": Uuid::max()}));
    for (rrule, reason) in [
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY must be days of the week such as MO, 2TU or -1FR, not 'XX'"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "the rule 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' has no date"),
    ] {
        let templates = [&good.template, &bad(rrule).template]
            .map(|template| serde_json::from_value(template.clone()).unwrap());
        let here = vec![good.warehouse.clone()].into();
        let mut other = good.schedule.clone();
        other.template_id = serde_json::from_value(json!(Uuid::max())).unwrap();
        let planned = plan_page(vec![other, good.schedule.clone()].into(), Vec::from(templates).into(), here);
        assert_eq!((planned.plans.len(), planned.problems.len()), (1, 1));
        assert_eq!(planned.problems[0].reason, reason);
    }
    let nowhere = Warehouse { today: None, time_zone: "Mars/Base".to_owned(), ..good.warehouse.clone() };
    let error = plan(&good.schedule, &good.rules(), &nowhere).unwrap_err();
    assert_eq!(error, ScheduleError::TimeZone("Mars/Base".to_owned()));
}

#[test]
fn a_rule_that_ends_ends_without_a_problem() {
    let mut world = World::of("FREQ=DAILY;COUNT=2", "2026-03-02").with(json!({"overlap": "generate"}));
    assert_eq!(world.fire(date("2026-03-09")).len(), 2);
    assert_eq!((world.schedule.next_due_on, world.schedule.generate_on), (None, NaiveDate::MAX));
}
