//! Firings that come at once, early, late, or not at all for a month: each date is decided once.

use chrono::{NaiveDate, TimeDelta};
use millwright_stack_tests::{at_once, eventually, moment};
use serde_json::{Value, json};

use crate::plant::{GENERATE, NIGHT, Plant, at};

const MACHINES: usize = 3;

#[test]
fn a_hundred_firings_at_once_are_one() {
    let plant = Plant::open(MACHINES);
    plant.round_and_grease();
    // A moment that no other test's firing has.
    let now = at(NIGHT) + TimeDelta::seconds(1);
    at_once(100, |_, api| GENERATE.fire(api, now));
    assert_eq!(plant.found(), Plant::after_a_night(MACHINES));
    let runs = "select string_agg(distinct outcome::text, ' ') || ' ' || count(*) from public.job_runs where function = 'pm-scheduler'";
    let runs = plant.api.ask(&format!("{runs} and scheduled_for = '{}'", moment(now)));
    assert!(runs.starts_with("done "), "{runs}");
}

/// So many days on which something was generated that nobody was told of, and that has nothing to look at.
fn daily(from: &str, days: usize) -> Value {
    let from: NaiveDate = from.parse().unwrap();
    from.iter_days().take(days).map(|day| json!([day, "generated", "new", 0, 0, 0])).collect()
}

/// Firings are meant for midnight in Amsterdam, until an hour is missing there: so ten minutes are a day more or less.
#[test]
fn early_or_late_by_ten_minutes_each_date_comes_once() {
    let midnight = at("2026-03-22T23:00:00Z");
    for minutes in [[0, 0, 0], [10, -10, 0], [-10, 10, 10]] {
        let plant = Plant::open(MACHINES);
        let every_day =
            |lead| json!({"rrule": "FREQ=DAILY", "starts_on": "2026-03-23", "lead_time_days": lead});
        plant.template("Ahead", &every_day(3));
        plant.template("On the day", &every_day(0));
        for (day, minutes) in (0..14).zip(minutes.into_iter().cycle()) {
            let now = midnight + TimeDelta::days(day) + TimeDelta::minutes(minutes);
            assert_eq!(GENERATE.run(&plant.api, now).ended().0, "done");
        }
        let expected = json!([
            ["Ahead", MACHINES, "2026-04-09", "2026-04-06", daily("2026-03-23", 17), null],
            ["On the day", MACHINES, "2026-04-06", "2026-04-06", daily("2026-03-23", 14), null],
        ]);
        assert_eq!(plant.found(), expected, "{minutes:?}");
    }
}

#[test]
fn after_thirty_days_without_a_firing_each_policy_makes_up_for_what_it_says() {
    let plant = Plant::open(MACHINES);
    for policy in ["all", "latest", "none"] {
        plant.template(policy, &json!({"catch_up": policy}));
    }
    let back = at(NIGHT) + TimeDelta::days(30);
    // Back again, and once more, and late by days after that.
    for now in [at(NIGHT), back, back, back - TimeDelta::days(9)] {
        assert_eq!(GENERATE.run(&plant.api, now).ended().0, "done");
    }
    let dates = ["2026-03-25", "2026-04-01", "2026-04-08", "2026-04-15", "2026-04-22"];
    let line = |policy: &str, missed: &[usize], told: Value| {
        let decided: Vec<_> = (0..)
            .zip(dates)
            .map(|(n, date)| {
                let (decision, status) =
                    if missed.contains(&n) { ("missed", None) } else { ("generated", Some("new")) };
                json!([date, decision, status, 0, 0, 0])
            })
            .collect();
        json!([policy, MACHINES, "2026-04-29", "2026-04-26", decided, told])
    };
    // The 1st, 8th and 15th of April have passed, the 22nd is here.
    let expected = [
        line("all", &[], Value::Null),
        line("latest", &[1, 2], json!([2])),
        line("none", &[1, 2, 3], json!([3])),
    ];
    assert_eq!(plant.found(), json!(expected));
    // Missed dates are an event about no work order: it leaves the outbox like any other, and holds none up.
    let waits = format!(
        "select count(*) from public.events where warehouse_id = '{}' and expanded_at is null",
        plant.site.warehouse
    );
    eventually("an outbox that is empty", || (plant.api.ask(&waits) == "0").then_some(()));
}
