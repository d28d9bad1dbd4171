//! Dates that exdates, seasons, weekends, holidays and rests leave out or move, against a plain reference.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;
use serde_json::json;

use super::super::ahead;
use super::OccurrenceDecision::{Generated, Skipped};
use super::{Holiday, Holidays, Rest, World, all, date, decisions};

#[test]
fn a_date_that_is_left_out_does_not_stand_for_one_that_is_moved_to_its_day() {
    // The 5th is a Saturday, and moved to the 4th.
    let world = World::of("FREQ=MONTHLY;BYMONTHDAY=4,5", "2026-11-27")
        .with(json!({"weekends": "before", "lead_time_days": 20, "overlap": "generate"}));
    let expected = all(&[("2026-12-04", Skipped), ("2026-12-04", Generated)]);
    let without = |more| decisions(&world.clone().with(more).plan("2026-11-27"));
    assert_eq!(without(json!({"exdates": ["2026-12-04"]})), expected);
    assert_eq!(without(json!({"season_from": "12-05", "season_until": "10-31"})), expected);

    let mut resting = world.clone();
    let rest =
        Rest { from: date("2026-12-01"), until: date("2026-12-05"), reason: "it was paused".to_owned() };
    resting.schedule.rest = Some(rest);
    assert_eq!(decisions(&resting.plan("2026-11-27")), expected);

    // And a holiday that is left out: the Friday, to which the Sunday before it cannot be moved.
    let mut holiday = World::of("FREQ=WEEKLY;BYDAY=FR,SU", "2026-12-03")
        .with(json!({"weekends": "before", "holidays": "skip", "lead_time_days": 3, "overlap": "generate"}));
    holiday.warehouse.holidays =
        Holidays::from_iter([Holiday { on_date: date("2026-12-04"), name: "A day off".to_owned() }]);
    let expected = all(&[("2026-12-04", Skipped), ("2026-12-03", Generated)]);
    assert_eq!(decisions(&holiday.plan("2026-12-03")), expected);
}

#[test]
fn a_date_that_overtakes_one_that_is_left_out_is_generated_in_time() {
    // The Friday is a holiday, and the Saturday is moved to the Thursday before it.
    for (basis, rule) in [("fixed", "FREQ=WEEKLY;BYDAY=FR,SA"), ("floating", "daily")] {
        let mut world = World::of(rule, "2026-12-04")
            .with(json!({"basis": basis, "weekends": "before", "holidays": "skip", "overlap": "generate"}));
        world.warehouse.holidays =
            Holidays::from_iter([Holiday { on_date: date("2026-12-04"), name: "A day off".to_owned() }]);
        world.schedule.generate_on = date("2026-12-03");
        if basis == "floating" {
            world.schedule.anchor_on = Some(date("2026-12-02"));
            world.schedule.next_due_on = Some(date("2026-12-04"));
        }
        assert_eq!(
            world.fire(date("2026-12-03")),
            all(&[("2026-12-04", Skipped), ("2026-12-03", Generated)]),
            "{basis}"
        );
    }
}

#[test]
fn of_several_dates_on_one_day_the_preview_plans_one_like_the_scheduler() {
    let world = World::of("daily", "2026-12-04").with(json!({"weekends": "after"}));
    let told = |taken: &[&str]| -> Vec<_> {
        let mut schedule = world.schedule.clone();
        schedule.taken = taken.iter().map(|day| date(day)).collect();
        let rules = world.rules();
        let ahead = ahead::of_schedule(&schedule, &rules, &world.warehouse).take(4);
        ahead.map(|ahead| (ahead.due_on.to_string(), ahead.left_out.is_none())).collect()
    };
    let expected = |friday, monday| {
        [("2026-12-04", friday), ("2026-12-07", monday), ("2026-12-07", false), ("2026-12-07", false)]
            .map(|(day, planned)| (day.to_owned(), planned))
    };
    assert_eq!(told(&[]), expected(true, true));
    assert_eq!(told(&["2026-12-04", "2026-12-07"]), expected(false, false));
}

#[test]
fn a_floating_round_that_was_done_is_not_moved_back_to_that_day() {
    let mut world = World::of("daily", "2026-12-04")
        .with(json!({"basis": "floating", "weekends": "before", "overlap": "generate"}));
    assert_eq!(world.fire(date("2026-12-04")), all(&[("2026-12-04", Generated)]));
    world.complete(date("2026-12-04"));
    let expected = all(&[("2026-12-04", Skipped), ("2026-12-04", Skipped), ("2026-12-07", Generated)]);
    assert_eq!(world.fire(date("2026-12-07")), expected);
}

#[test]
fn a_floating_date_that_is_left_out_stays_so_when_it_comes_up_again() {
    let mut world = World::of("weekly", "2026-12-01")
        .with(json!({"basis": "floating", "exdates": ["2026-12-08"], "lead_time_days": 14}));
    assert_eq!(world.fire(date("2026-12-01")), all(&[("2026-12-01", Generated)]));
    world.complete(date("2026-12-01"));
    assert_eq!(world.fire(date("2026-12-01")), all(&[("2026-12-08", Skipped), ("2026-12-15", Generated)]));
    // Done on the same day: counted from it, the same date comes up, and the day after it is none of the rule's.
    world.complete(date("2026-12-01"));
    assert_eq!(world.fire(date("2026-12-02")), all(&[("2026-12-16", Generated)]));
}

/// A rule, and whether a day that is so many days after the first one is one of its dates.
type Stated = (&'static str, fn(NaiveDate, u64) -> bool);

const RULES: [Stated; 6] = [
    ("daily", |_, _| true),
    ("FREQ=DAILY;INTERVAL=3", |_, days| days % 3 == 0),
    ("FREQ=MONTHLY;BYMONTHDAY=4,5", |day, _| matches!(day.day(), 4 | 5)),
    ("FREQ=MONTHLY;BYMONTHDAY=-1,1,2", |day, _| matches!((day + Days::new(1)).day(), 1..=3)),
    ("FREQ=WEEKLY;BYDAY=FR,SA,MO", |day, _| {
        matches!(day.weekday(), Weekday::Fri | Weekday::Sat | Weekday::Mon)
    }),
    ("FREQ=WEEKLY;BYDAY=SU", |day, _| day.weekday() == Weekday::Sun),
];

/// What may leave out or move a date.
#[derive(Debug, Clone)]
struct Told {
    exdates: BTreeSet<NaiveDate>,
    season: Option<((u32, u32), (u32, u32))>,
    weekends: &'static str,
    holidays: &'static str,
    days_off: BTreeSet<NaiveDate>,
    rest: Option<(NaiveDate, NaiveDate)>,
}

impl Told {
    /// The day on which a date of the rule is due, told without any of the code under test.
    fn due(&self, day: NaiveDate) -> Option<NaiveDate> {
        let is_free = |day: &NaiveDate| {
            (self.weekends != "keep" && day.weekday().num_days_from_monday() >= 5)
                || (self.holidays != "keep" && self.days_off.contains(day))
        };
        let on_weekend = day.weekday().num_days_from_monday() >= 5;
        let on_holiday = self.days_off.contains(&day);
        if self.exdates.contains(&day)
            || self.rest.is_some_and(|(from, until)| (from..until).contains(&day))
            || (on_weekend && self.weekends == "skip")
            || (on_holiday && self.holidays == "skip")
        {
            return None;
        }
        if let Some((from, until)) = self.season {
            let now = (day.month(), day.day());
            let is_in = if from <= until { from <= now && now <= until } else { now >= from || now <= until };
            if !is_in {
                return None;
            }
        }
        if !is_free(&day) {
            return Some(day);
        }
        let policy = if on_holiday && self.holidays != "keep" { self.holidays } else { self.weekends };
        let mut days =
            (1..=31).map(|n| if policy == "before" { day - Days::new(n) } else { day + Days::new(n) });
        days.find(|day| !is_free(day))
    }
}

fn told(first: NaiveDate) -> impl Strategy<Value = Told> {
    let days = move |most: usize| {
        prop::collection::btree_set((0_u64..160).prop_map(move |days| first + Days::new(days)), 0..most)
    };
    let policy = || prop::sample::select(vec!["keep", "skip", "before", "after"]);
    let of_year = || (1_u32..=12, 1_u32..=28);
    let rest = (0_u64..120, 1_u64..20).prop_map(move |(from, long)| {
        let from = first + Days::new(from);
        (from, from + Days::new(long))
    });
    (
        days(30),
        prop::option::weighted(0.3, (of_year(), of_year())),
        policy(),
        policy(),
        days(40),
        prop::option::weighted(0.3, rest),
    )
        .prop_map(|(exdates, season, weekends, holidays, days_off, rest)| Told {
            exdates,
            season,
            weekends,
            holidays,
            days_off,
            rest,
        })
}

proptest! {
    /// Fired every day, a schedule has one work order on each day that a date falls on, in time, and no other.
    #[test]
    fn what_is_planned_is_what_the_reference_says(
        (first, told) in (0_u64..1_000).prop_flat_map(|days| {
            let first = date("2026-01-01") + Days::new(days);
            (Just(first), told(first))
        }),
        rule in prop::sample::select(RULES.to_vec()),
        lead in 0_u64..25,
    ) {
        let (rrule, is_date) = rule;
        let mut world = World::of(rrule, &first.to_string()).with(json!({
            "exdates": told.exdates, "weekends": told.weekends, "holidays": told.holidays, "lead_time_days": lead,
            "overlap": "generate", "catch_up": "all",
        }));
        if let Some(((m, d), (month, day))) = told.season {
            world = world.with(json!({"season_from": format!("{m:02}-{d:02}"), "season_until": format!("{month:02}-{day:02}")}));
        }
        world.warehouse.holidays = told.days_off.iter().map(|day| Holiday { on_date: *day, name: "Off".to_owned() }).collect();
        world.schedule.rest = told.rest.map(|(from, until)| Rest { from, until, reason: "it was paused".to_owned() });
        let begins = first - Days::new(lead);
        world.schedule.generate_on = begins;

        let expected: BTreeSet<NaiveDate> = (0..250)
            .filter(|days| is_date(first + Days::new(*days), *days))
            .filter_map(|days| told.due(first + Days::new(days)))
            .collect();
        let mut generated = BTreeSet::new();
        let last = begins + Days::new(170);
        for today in begins.iter_days().take_while(|day| *day <= last) {
            for (due_on, decision) in world.fire(today) {
                if decision == Generated {
                    let due_on = date(&due_on);
                    prop_assert!(generated.insert(due_on), "{due_on} twice");
                    prop_assert!(today <= begins.max(due_on - Days::new(lead)), "{due_on} is late on {today}");
                }
            }
        }
        let until = last + Days::new(lead);
        let is_told = |due_on: &NaiveDate| *due_on <= until;
        generated.retain(is_told);
        prop_assert_eq!(generated, expected.into_iter().filter(is_told).collect::<BTreeSet<_>>());
    }

    /// What the preview of a rule plans is what the reference says.
    #[test]
    fn what_is_previewed_is_what_the_reference_says(
        (first, mut told) in (0_u64..1_000).prop_flat_map(|days| {
            let first = date("2026-01-01") + Days::new(days);
            (Just(first), told(first))
        }),
        rule in prop::sample::select(RULES.to_vec()),
    ) {
        told.rest = None;
        told.season = None;
        let (rrule, is_date) = rule;
        let world = World::of(rrule, &first.to_string())
            .with(json!({"exdates": told.exdates, "weekends": told.weekends, "holidays": told.holidays}));
        let holidays: Holidays = told.days_off.iter().map(|day| Holiday { on_date: *day, name: "Off".to_owned() }).collect();
        let last = first + Days::new(150);
        let rules = world.rules();
        let planned: Vec<NaiveDate> = ahead::of_rule(&rules, &holidays, first)
            .take_while(|ahead| ahead.occurs_on <= last)
            .filter(|ahead| ahead.left_out.is_none())
            .map(|ahead| ahead.due_on)
            .collect();
        let expected: BTreeSet<_> = (0..=150)
            .filter(|days| is_date(first + Days::new(*days), *days))
            .filter_map(|days| told.due(first + Days::new(days)))
            .collect();
        prop_assert_eq!(planned.len(), expected.len(), "each once");
        prop_assert_eq!(planned.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}
