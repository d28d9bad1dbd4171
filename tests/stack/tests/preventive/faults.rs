//! A firing that is cut off at any of its calls: whatever came of it, the next one puts all in order.

use chrono::TimeDelta;
use millwright_stack_tests::FAULTS;

use crate::crowd::{Crowd, PAGE};
use crate::plant::{GENERATE, NIGHT, Plant, at};

/// The run's beginning, schedules in step with machines, a page, its plans, the page on which nothing is, the run's end.
const CALLS: usize = 6;
const IN_STEP: usize = 1;
const PLANS: usize = 3;

const MACHINES: usize = 2;
/// Of two templates.
const ALL: usize = 2 * MACHINES;

#[test]
fn a_firing_that_is_cut_off_anywhere_is_made_good_by_the_next() {
    for fault in FAULTS {
        for call in 0..CALLS {
            let plant = Plant::open(MACHINES);
            plant.round_and_grease();
            GENERATE.plan(&plant.api, at(NIGHT), call, fault);
            GENERATE.fire(&plant.api, at(NIGHT));
            let has_done = |which| call > which || (call == which && fault != "drop");
            let expected = [IN_STEP, PLANS].map(|which| if has_done(which) { ALL } else { 0 });
            assert_eq!(plant.counts(), expected.into(), "{fault} at call {call}: all of a batch or nothing");
            if has_done(PLANS) {
                assert_eq!(plant.found(), Plant::after_a_night(MACHINES), "{fault} at call {call}");
            }
            // The platform fires again, for the same moment or a later one.
            for minutes in [0, 10] {
                GENERATE.fire(&plant.api, at(NIGHT) + TimeDelta::minutes(minutes));
                assert_eq!(plant.found(), Plant::after_a_night(MACHINES), "{fault} at call {call}");
            }
        }
    }
}

#[test]
fn cut_off_at_its_second_page_a_firing_has_done_the_first() {
    let crowd = Crowd::open(PAGE + 100);
    // The beginning, in step, a page and its plans, the second page: its answer is torn.
    GENERATE.plan(&crowd.plant.api, at(NIGHT), 4, "torn");
    assert_eq!(GENERATE.run(&crowd.plant.api, at(NIGHT)).ended(), ("failed", 6));
    assert_eq!(crowd.generated(), PAGE, "the whole page");
    crowd.ends_well();
}
