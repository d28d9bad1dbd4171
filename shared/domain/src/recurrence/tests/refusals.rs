//! The parts of a rule up to their bounds, those that go together, and the words for those that do not.

use super::{Recurrence, refusal};

#[test]
fn every_part_is_taken_up_to_its_bounds_and_no_further() {
    for (good, bad) in [
        ("FREQ=DAILY;INTERVAL=1000", "FREQ=DAILY;INTERVAL=1001"),
        ("FREQ=DAILY;COUNT=10000", "FREQ=DAILY;COUNT=10001"),
        ("FREQ=YEARLY;BYMONTH=1,12", "FREQ=YEARLY;BYMONTH=13"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,31,-1,-31", "FREQ=MONTHLY;BYMONTHDAY=1,-32"),
        ("FREQ=YEARLY;BYYEARDAY=1,366,-1,-366", "FREQ=YEARLY;BYYEARDAY=367"),
        ("FREQ=YEARLY;BYWEEKNO=1,53,-1,-53", "FREQ=YEARLY;BYWEEKNO=54"),
        ("FREQ=YEARLY;BYDAY=1MO,53TU,-1WE,-53TH,FR,SA,SU", "FREQ=YEARLY;BYDAY=-54MO"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,366,-366", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367"),
        ("FREQ=DAILY;UNTIL=20271231", "FREQ=DAILY;UNTIL=2027123"),
        ("FREQ=DAILY;UNTIL=20280229", "FREQ=DAILY;UNTIL=2027-1-2"),
        ("FREQ=WEEKLY;WKST=SU", "FREQ=WEEKLY;WKST=1"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=0MO"),
    ] {
        assert!(good.parse::<Recurrence>().is_ok(), "{good}");
        assert!(bad.parse::<Recurrence>().is_err(), "{bad}");
    }
}

#[test]
fn parts_that_go_together_are_taken() {
    for rule in [
        "FREQ=DAILY;BYMONTHDAY=1,15",
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO,TU",
        "FREQ=MONTHLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=2;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS=1",
        "FREQ=YEARLY;BYYEARDAY=1;BYSETPOS=1",
        "FREQ=YEARLY;BYWEEKNO=1;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
    ] {
        assert!(rule.parse::<Recurrence>().is_ok(), "{rule}");
    }
}

#[test]
fn parts_that_do_not_go_together_are_refused_with_the_reason() {
    let counts = "BYDAY counts (as in 1MO or -1FR) with FREQ=MONTHLY or YEARLY only";
    let picks = "BYSETPOS picks from the dates of another BY part, and there is none";
    for (rule, reason) in [
        ("FREQ=YEARLY;BYMONTH=1,-1", "BYMONTH counts from 1, January, to 12"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY does not go with FREQ=WEEKLY"),
        ("FREQ=DAILY;BYWEEKNO=20", "BYWEEKNO goes with FREQ=YEARLY only"),
        ("FREQ=MONTHLY;BYWEEKNO=20", "BYWEEKNO goes with FREQ=YEARLY only"),
        ("FREQ=DAILY;BYYEARDAY=20", "BYYEARDAY goes with FREQ=YEARLY only"),
        ("FREQ=MONTHLY;BYYEARDAY=20", "BYYEARDAY goes with FREQ=YEARLY only"),
        ("FREQ=DAILY;BYDAY=1MO", counts),
        ("FREQ=WEEKLY;BYDAY=MO,-1FR", counts),
        (
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
            "BYDAY does not count (as in 1MO or -1FR) together with BYWEEKNO",
        ),
        ("FREQ=DAILY;BYSETPOS=1", picks),
        ("FREQ=YEARLY;BYSETPOS=1", picks),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "COUNT and UNTIL do not go together"),
        ("FREQ=MINUTELY", "FREQ=MINUTELY has no meaning here: maintenance is planned by day"),
        ("FREQ=DAILY;BYSECOND=1", "BYSECOND has no meaning here: maintenance is planned by day"),
        ("FREQ=SOMETIMES", "the rule 'FREQ=SOMETIMES' has no FREQ of DAILY, WEEKLY, MONTHLY or YEARLY"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,x",
            "BYMONTHDAY must be numbers from 1 to 31, or from -1 to -31, with commas between them, not 'X'",
        ),
        ("FREQ=WEEKLY;WKST=1", "WKST must be a day of the week such as MO, not '1'"),
    ] {
        assert_eq!(refusal(rule), reason, "{rule}");
    }
}
