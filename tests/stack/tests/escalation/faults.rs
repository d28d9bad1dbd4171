//! A firing that is cut off at any of its calls: whatever came of it, the next one puts all in order.

use serde_json::json;

use crate::yard::{Found, Yard, after, text};

/// Before the gateway hears of a call, after it has done it, in the middle of its answer, and with a page instead.
const FAULTS: [&str; 4] = ["drop", "cut", "torn", "garble"];

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
            let mut kinds = vec![""; call];
            kinds.push(fault);
            let id = format!("escalation-checker/{}", text(late));
            let planned = json!({"request_id": id, "kinds": kinds});
            Yard::control(&yard.api, "/faults", &planned).expect(200);
            Yard::try_sweep(&yard.api, late);
            let level = yard.found(&order).level;
            let written = call > 3 || (call == 3 && fault != "drop");
            assert_eq!(level == 1, written, "{fault} at call {call}: all of a step or nothing");
            // The platform fires again, for the same moment or a later one.
            Yard::try_sweep(&yard.api, late);
            Yard::try_sweep(&yard.api, late + after(0, 10));
            assert_eq!(yard.found(&order), Found::by(&["notify_supervisor"]), "{fault} at call {call}");
        }
    }
}
