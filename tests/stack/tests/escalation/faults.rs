//! A firing that is cut off at any of its calls: whatever came of it, the next one puts all in order.

use millwright_stack_tests::FAULTS;
use serde_json::json;

use crate::crowd::{Crowd, PAGE};
use crate::yard::{FULL, Found, Yard, after};

/// The run's beginning, the rules, a page, its decisions, the run's end.
const CALLS: usize = 5;

#[test]
fn a_firing_that_is_cut_off_anywhere_is_made_good_by_the_next() {
    let yard = Yard::open();
    yard.rule(&json!({}), &["notify_supervisor"]);
    for fault in FAULTS {
        for call in 0..CALLS {
            let order = yard.order("corrective", "medium");
            let late = yard.began(&order) + after(1, 0);
            FULL.plan(&yard.api, late, call, fault);
            FULL.fire(&yard.api, late);
            let level = yard.found(&order).level;
            let written = call > 3 || (call == 3 && fault != "drop");
            assert_eq!(level == 1, written, "{fault} at call {call}: all of a step or nothing");
            // The platform fires again, for the same moment or a later one.
            FULL.fire(&yard.api, late);
            FULL.fire(&yard.api, late + after(0, 10));
            assert_eq!(yard.found(&order), Found::by(&["notify_supervisor"]), "{fault} at call {call}");
        }
    }
}

#[test]
fn cut_off_at_its_second_page_a_firing_has_done_the_first() {
    let crowd = Crowd::open(2 * PAGE + 100);
    // The beginning, the rules, a page and its decisions; then the second page, or its decisions.
    for (call, fault, raised) in [(4, "torn", PAGE), (5, "drop", 2 * PAGE), (3, "cut", 2 * PAGE + 100)] {
        FULL.plan(&crowd.yard.api, crowd.late, call, fault);
        let ran = FULL.run(&crowd.yard.api, crowd.late);
        assert_eq!(ran.ended().0, "failed", "{fault} at call {call}");
        assert_eq!(crowd.raised(), raised, "{fault} at call {call}: whole pages");
    }
    crowd.ends_well();
}
