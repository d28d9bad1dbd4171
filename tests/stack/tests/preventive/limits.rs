//! A firing that may not go on: it stops between two batches, says so, and the next one goes on.

use chrono::{NaiveDate, TimeDelta};
use millwright_stack_tests::now;
use serde_json::json;

use crate::crowd::{Crowd, PAGE};
use crate::plant::{ARCHIVE, GENERATE, NIGHT, Plant, at};

/// May make eight requests. Two of them are its beginning and its end, and one the nudge of the sender.
const FEW_CALLS: &str = "few-calls";
/// May make one more.
const MORE_CALLS: &str = "more-calls";
/// May go on for a second.
const SHORT: &str = "short";

#[test]
fn a_firing_makes_no_more_calls_than_the_platform_allows_and_the_next_goes_on() {
    let crowd = Crowd::open(2 * PAGE + 100);
    let run = || GENERATE.variant(FEW_CALLS).run(&crowd.plant.api, at(NIGHT));
    // The beginning, in step, two pages and their plans, the end; the nudge is the eighth request.
    assert_eq!(run().ended(), ("out_of_time", 7));
    assert_eq!(crowd.generated(), 2 * PAGE, "whole pages");
    // The beginning, in step, the rest and its plans, a page on which nothing is, the end.
    assert_eq!(run().ended(), ("done", 6));
    crowd.ends_well();
}

#[test]
fn what_cannot_be_planned_is_in_nobodys_way_at_the_next_firing() {
    let crowd = Crowd::open(2 * PAGE);
    // As no client could write it.
    crowd.plant.api.tell(&format!(
        "update public.pm_templates set rrule = 'FREQ=SOMETIMES' where warehouse_id = '{}'",
        crowd.plant.site.warehouse
    ));
    let run = || GENERATE.variant(FEW_CALLS).run(&crowd.plant.api, at(NIGHT));
    // The beginning, in step, two pages that are put off, the end.
    let first = run();
    assert_eq!(first.ended(), ("out_of_time", 7));
    assert_eq!(
        (&first.run["counts"]["problems"], &first.run["counts"]["put_off"]),
        (&json!(2 * PAGE), &json!(2 * PAGE))
    );
    assert_eq!(first.run["problems"].as_array().unwrap().len(), 1, "what they have in common is told once");
    // The beginning, in step, a page on which nothing is, the end.
    assert_eq!(run().ended(), ("done", 4));
    assert_eq!(crowd.generated(), 0);
}

#[test]
fn a_firing_whose_time_is_up_stops_between_two_batches() {
    let crowd = Crowd::open(PAGE + 100);
    let slow = |calls_before| {
        let short = GENERATE.variant(SHORT);
        short.plan(&crowd.plant.api, at(NIGHT), calls_before, "slow");
        let ran = short.run(&crowd.plant.api, at(NIGHT));
        let (outcome, calls) = ran.ended();
        assert_eq!(outcome, "out_of_time");
        (calls, crowd.generated())
    };
    assert_eq!(slow(1), (3, 0), "slow to bring all in step: no page is begun");
    assert_eq!(slow(2), (5, PAGE), "slow to tell a page: it is written, and no other is begun");
    assert_eq!(slow(3), (5, PAGE + 100), "slow to write a page: whether it was the last is not known");
    GENERATE.variant(SHORT).run_until_done(&crowd.plant.api, at(NIGHT), 5);
    crowd.ends_well();
}

/// Decisions that are written together, and no schedule's in two parts.
const DECISIONS: usize = 4_000;

#[test]
fn a_page_with_more_to_decide_than_fits_is_stopped_between_two_parts() {
    const MACHINES: usize = 450;
    let plant = Plant::open(MACHINES);
    plant.template("Round", &json!({"rrule": "FREQ=DAILY", "lead_time_days": 0, "catch_up": "none"}));
    assert_eq!(GENERATE.run(&plant.api, at(NIGHT)).ended().0, "done");
    let first = json!(["2026-03-23", "generated", "new", 0, 0, 0]);
    let untouched = |machines: usize| json!(["Round", machines, "2026-03-24", "2026-03-24", [first], null]);
    assert_eq!(plant.found(), json!([untouched(MACHINES)]));

    let back = at(NIGHT) + TimeDelta::days(30);
    let days = "2026-03-24".parse::<NaiveDate>().unwrap().iter_days().take(29);
    let missed = days.map(|day| json!([day, "missed", null, 0, 0, 0]));
    let last = json!(["2026-04-22", "generated", "new", 0, 0, 0]);
    let dates: Vec<_> = std::iter::once(first.clone()).chain(missed).chain([last]).collect();
    let decided = |machines: usize| json!(["Round", machines, "2026-04-23", "2026-04-23", dates, [29]]);
    // The beginning, in step, the page, three parts, the end.
    assert_eq!(GENERATE.variant(FEW_CALLS).run(&plant.api, back).ended(), ("out_of_time", 7));
    let done = 3 * (DECISIONS / 30);
    assert_eq!(plant.found(), json!([untouched(MACHINES - done), decided(done)]));
    GENERATE.variant(FEW_CALLS).run_until_done(&plant.api, back, 2);
    assert_eq!(plant.found(), json!([decided(MACHINES)]));
}

/// Work orders that are archived together.
const BATCH: usize = 1_000;

#[test]
fn what_is_not_archived_in_a_firing_is_in_the_next() {
    let plant = Plant::open(0);
    let (api, warehouse) = (&plant.api, &plant.site.warehouse);
    // So old that they come before everyone else's.
    api.tell(&format!(
        "insert into public.work_orders (type, status, title, warehouse_id, updated_at)
           select 'preventive', 'cancelled', 'Old', '{warehouse}', timestamptz '2001-01-01' + n * interval '1 second'
           from generate_series(1, {}) n",
        2 * BATCH + 100
    ));
    let archived = || {
        let count = format!(
            "select count(*) from public.work_orders where warehouse_id = '{warehouse}' and archived_at is not null"
        );
        api.ask(&count).parse::<usize>().unwrap()
    };
    let now = now(api);
    let run = |variant| ARCHIVE.variant(variant).run(api, now);
    // The beginning, five kinds of things to forget, a batch, the end.
    assert_eq!(run(MORE_CALLS).ended(), ("out_of_time", 8));
    assert_eq!(archived(), BATCH);
    ARCHIVE.plan(api, now, 1, "slow");
    assert_eq!(run(SHORT).ended(), ("out_of_time", 3), "slow to forget the first kind");
    assert_eq!(archived(), BATCH);
    ARCHIVE.plan(api, now, 6, "slow");
    assert_eq!(run(SHORT).ended(), ("out_of_time", 8), "slow to archive");
    assert_eq!(archived(), 2 * BATCH);
    ARCHIVE.variant(MORE_CALLS).run_until_done(api, now, 5);
    assert_eq!(archived(), 2 * BATCH + 100);
}
