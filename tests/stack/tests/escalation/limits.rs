//! A firing that may not go on: it stops between two batches, says so, and the next one goes on.

use millwright_stack_tests::Cron;

use crate::crowd::{Crowd, PAGE};
use crate::yard::FULL;

/// May make eight requests. Two of them are its beginning and its end, and one the nudge of the sender.
const FEW_CALLS: Cron = FULL.variant("few-calls");
/// May go on for a second.
const SHORT: Cron = FULL.variant("short");

#[test]
fn a_sweep_makes_no_more_calls_than_the_platform_allows_and_the_next_goes_on() {
    let crowd = Crowd::open(2 * PAGE + 100);
    // The beginning, the rules, two pages and their decisions, the end; the nudge is the eighth request.
    let ran = FEW_CALLS.run(&crowd.yard.api, crowd.late);
    assert_eq!(ran.ended(), ("out_of_time", 7));
    assert_eq!(crowd.raised(), 2 * PAGE, "whole batches");
    // The beginning, the rules, the last page and its decisions, the end.
    let ran = FEW_CALLS.run(&crowd.yard.api, crowd.late);
    assert_eq!(ran.ended(), ("done", 5));
    crowd.ends_well();
}

#[test]
fn a_sweep_whose_time_is_up_stops_between_two_batches() {
    let crowd = Crowd::open(2 * PAGE + 100);
    let slow = |calls_before| {
        SHORT.plan(&crowd.yard.api, crowd.late, calls_before, "slow");
        let ran = SHORT.run(&crowd.yard.api, crowd.late);
        let (outcome, calls) = ran.ended();
        assert_eq!(outcome, "out_of_time");
        (calls, crowd.raised())
    };
    assert_eq!(slow(1), (3, 0), "slow to tell the rules: no page is begun");
    assert_eq!(slow(2), (5, PAGE), "slow to tell a page: it is written, and no other is begun");
    assert_eq!(slow(3), (5, 2 * PAGE), "slow to write a page");
    SHORT.run_until_done(&crowd.yard.api, crowd.late, 5);
    crowd.ends_well();
}
