//! The rules beside what others make of them: RFC 5545's own examples, and ten thousand of python-dateutil's.

mod refusals;

use std::io::Read;

use chrono::{Datelike, Days, NaiveDate};
use flate2::read::GzDecoder;
use proptest::prelude::*;

use super::{Recurrence, SHORTHANDS, normal};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn compact(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y%m%d").unwrap()
}

fn first_dates(rule: &str, first: &str, from: &str, count: usize) -> Vec<String> {
    let rule: Recurrence = rule.parse().unwrap();
    rule.dates(date(first), date(from)).take(count).map(|date| date.to_string()).collect()
}

fn refusal(rule: &str) -> String {
    rule.parse::<Recurrence>().unwrap_err().to_string()
}

/// Dates after the first may leave out their year.
fn dates_of_the_rfc(text: &str) -> Vec<NaiveDate> {
    let mut year = 0;
    let read = |text: &str| {
        let date = if text.len() == 5 { date(&format!("{year}-{text}")) } else { date(text) };
        year = date.year();
        date
    };
    text.split(' ').filter(|word| *word != "...").map(read).collect()
}

fn unpacked(packed: &[u8]) -> String {
    let mut lines = String::new();
    GzDecoder::new(packed).read_to_string(&mut lines).unwrap();
    lines
}

#[test]
fn the_examples_of_rfc_5545_come_out() {
    let mut examples = 0;
    let lines = include_str!("../../fixtures/recurrence/rfc5545.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let [rule, first, dates] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expected = dates_of_the_rfc(dates);
        let recurrence: Recurrence = rule.parse().unwrap();
        let found = recurrence.dates(date(first), date(first));
        let found: Vec<_> =
            if dates.ends_with("...") { found.take(expected.len()).collect() } else { found.collect() };
        assert_eq!(found, expected, "{rule}");
        examples += 1;
    }
    assert_eq!(examples, 34);
}

#[test]
fn ten_thousand_rules_come_out_as_python_dateutil_has_them() {
    let lines = unpacked(include_bytes!("../../fixtures/recurrence/random.txt.gz"));
    let mut rules = 0;
    for line in lines.lines() {
        let [rule, first, from, steps] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let ends = steps.ends_with('.');
        let steps = steps.trim_end_matches('.').split(',').filter(|step| !step.is_empty());
        let mut at = compact(from);
        let expected: Vec<_> = steps
            .map(|step| {
                at = at + Days::new(step.parse().unwrap());
                at
            })
            .collect();
        let recurrence: Recurrence = rule.parse().unwrap();
        let more = usize::from(ends);
        let found: Vec<_> =
            recurrence.dates(compact(first), compact(from)).take(expected.len() + more).collect();
        assert_eq!(found, expected, "{line}");
        rules += 1;
    }
    assert_eq!(rules, 10_000);
}

#[test]
fn a_month_end_stays_at_the_months_end() {
    assert_eq!(
        first_dates("monthly", "2027-01-31", "2027-01-01", 4),
        ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    );
    assert_eq!(first_dates("monthly", "2027-01-30", "2027-02-01", 2), ["2027-02-28", "2027-03-30"]);
    assert_eq!(
        first_dates("annually", "2024-02-29", "2025-01-01", 4),
        ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    );
    assert_eq!(
        first_dates("FREQ=YEARLY;BYMONTH=2,8", "2023-08-31", "2023-08-31", 3),
        ["2023-08-31", "2024-02-29", "2024-08-31"]
    );
    // A rule that says the 31st means the 31st.
    assert_eq!(
        first_dates("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31", "2027-02-01", 2),
        ["2027-03-31", "2027-05-31"]
    );
}

#[test]
fn shorthands_and_rules_agree() {
    for (short, long) in SHORTHANDS {
        let long = format!("rrule:{}", long.to_lowercase());
        let dates = |rule| first_dates(rule, "2026-01-15", "2026-02-01", 5);
        assert_eq!(dates(short), dates(&long));
    }
    assert_eq!(first_dates("quarterly", "2026-01-15", "2026-02-01", 2), ["2026-04-15", "2026-07-15"]);
}

#[test]
fn a_week_belongs_to_its_own_year_and_not_to_the_calendars() {
    assert_eq!(
        first_dates("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO", "2024-01-01", "2024-01-01", 4),
        ["2024-01-01", "2025-12-29", "2028-01-03", "2029-12-31"]
    );
    // The same from the middle of the way on.
    assert_eq!(
        first_dates("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO", "2024-01-01", "2025-12-30", 1),
        ["2028-01-03"]
    );
    let workdays = "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1";
    assert_eq!(first_dates(workdays, "2024-03-01", "2024-03-01", 2), ["2024-12-30", "2025-12-29"]);
    let after =
        |rule: &str, done: &str| rule.parse::<Recurrence>().unwrap().after(date(done)).unwrap().to_string();
    assert_eq!(after("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2024-03-01"), "2024-12-30");
    assert_eq!(after("FREQ=YEARLY;BYWEEKNO=1;BYDAY=WE", "2024-12-30"), "2025-12-31", "not two days later");
    // The last week may end in January.
    assert_eq!(
        first_dates("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=-1;BYDAY=SU", "2024-01-01", "2024-01-01", 2),
        ["2024-12-29", "2027-01-03"]
    );
    // A first date in week 53 of the year before is one of that year's.
    assert_eq!(
        first_dates("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=53;BYDAY=FR", "2027-01-01", "2027-01-01", 2),
        ["2027-01-01", "2032-12-31"]
    );
}

#[test]
fn rules_with_week_numbers_come_out_as_rrule_temporal_has_them() {
    let mut rules = 0;
    for line in unpacked(include_bytes!("../../fixtures/recurrence/weeks.txt.gz")).lines() {
        let [rule, first, dates] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expected: Vec<_> = dates.split(' ').map(compact).collect();
        let first = compact(first);
        let recurrence: Recurrence = rule.parse().unwrap();
        let found: Vec<_> = recurrence.dates(first, first).take(expected.len()).collect();
        assert_eq!(found, expected, "{line}");
        // The next date after each of them is the same from wherever it is asked for.
        for pair in expected.windows(2) {
            let next = recurrence.dates(first, pair[0] + Days::new(1)).next();
            assert_eq!(next, Some(pair[1]), "{line}");
        }
        rules += 1;
    }
    assert_eq!(rules, 1_000);
}

#[test]
fn a_semicolon_at_the_end_of_a_rule_is_no_part() {
    assert_eq!(normal(" rrule:freq=daily;interval=2; ").unwrap(), "FREQ=DAILY;INTERVAL=2");
    assert_eq!(normal("monthly").unwrap(), "monthly");
    assert_eq!("RRULE:FREQ=DAILY;INTERVAL=2;".parse::<Recurrence>(), "FREQ=DAILY;INTERVAL=2".parse());
}

#[test]
fn what_is_not_understood_is_refused_in_words() {
    assert_eq!(refusal("hourly"), "the part 'HOURLY' is not supported");
    assert_eq!(refusal("FREQ=HOURLY"), "FREQ=HOURLY has no meaning here: maintenance is planned by day");
    assert_eq!(refusal("FREQ=DAILY;BYHOUR=6"), "BYHOUR has no meaning here: maintenance is planned by day");
    assert_eq!(refusal("FREQ=DAILY;FREQ=DAILY"), "FREQ is said twice");
    assert_eq!(refusal("FREQ=DAILY;COUNT=0"), "COUNT must be a number from 1 to 10000, not '0'");
    assert_eq!(
        refusal("INTERVAL=2"),
        "the rule 'INTERVAL=2' has no FREQ of DAILY, WEEKLY, MONTHLY or YEARLY"
    );
    assert!(
        refusal("FREQ=DAILY;UNTIL=20271231T000000Z").starts_with("UNTIL must be a date such as 20271231")
    );
    assert_eq!(refusal("FREQ=WEEKLY;BYDAY=1MO").split(' ').next(), Some("BYDAY"));
    for rule in [
        "",
        "FREQ=DAILY;;",
        ";",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;WKST=XX",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTH=-1",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYDAY=M",
        "FREQ=MONTHLY;BYDAY=äMO",
        "FREQ=MONTHLY;BYDAY=",
        "FREQ=MONTHLY;BYWEEKNO=20",
        "FREQ=MONTHLY;BYYEARDAY=20",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
        "FREQ=YEARLY;BYSETPOS=1",
        "FREQ=YEARLY;BYEASTER=1",
        "FREQ=YEARLY;RSCALE=GREGORIAN",
    ] {
        assert!(rule.parse::<Recurrence>().is_err(), "{rule}");
    }
}

#[test]
fn a_hostile_rule_has_no_date_and_says_so_at_once() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=4;INTERVAL=7;COUNT=10000",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=366",
    ] {
        let recurrence: Recurrence = rule.parse().unwrap();
        // A Monday.
        let first = date("2026-01-05");
        assert_eq!(recurrence.dates(first, date("2026-01-06")).next(), None, "{rule}");
    }
}

#[test]
fn a_rule_may_have_no_date_for_decades() {
    let rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU";
    assert_eq!(first_dates(rule, "2026-01-01", "2026-01-01", 3), ["2032-02-29", "2060-02-29", "2088-02-29"]);
}

#[test]
fn the_end_of_the_calendar_is_an_end() {
    for rule in ["daily", "weekly", "monthly", "annually", "FREQ=YEARLY;BYWEEKNO=1,53", "FREQ=DAILY;COUNT=9"]
    {
        let rule: Recurrence = rule.parse().unwrap();
        for first in [NaiveDate::MIN, date("0001-01-01"), date("9999-12-30"), NaiveDate::MAX] {
            assert!(rule.dates(first, first).take(20).count() <= 20);
            assert!(rule.after(first).is_none_or(|after| after > first));
        }
        let last = rule.dates(date("9999-12-01"), date("9999-12-01")).last();
        assert!(last.is_none_or(|last| last <= date("9999-12-31")), "{last:?}");
    }
}

#[test]
fn what_is_counted_from_completion_comes_in_a_later_period() {
    let after = |rule: &str, done: &str| {
        rule.parse::<Recurrence>().unwrap().after(date(done)).map(|date| date.to_string())
    };
    let on = |text: &str| Some(text.to_owned());
    assert_eq!(after("FREQ=DAILY;INTERVAL=10", "2026-03-03"), on("2026-03-13"));
    assert_eq!(after("FREQ=WEEKLY;INTERVAL=2", "2026-03-03"), on("2026-03-17"));
    assert_eq!(after("monthly", "2026-01-31"), on("2026-02-28"));
    assert_eq!(after("FREQ=MONTHLY;BYDAY=1MO", "2026-03-01"), on("2026-04-06"));
    assert_eq!(after("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "2026-03-28"), on("2026-06-01"));
    assert_eq!(after("FREQ=MONTHLY;UNTIL=20260401", "2026-03-28"), None);
}

proptest! {
    /// Jumping close to a date finds the same dates as counting from the beginning does.
    #[test]
    fn jumping_ahead_skips_nothing(
        unit in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        more in prop::sample::select(vec!["", ";BYMONTH=2,6", ";BYDAY=MO,SA", ";BYDAY=WE;WKST=SU", ";BYDAY=FR;BYSETPOS=-1"]),
        every in 1_u32..20,
        first in 0_u64..20_000,
        ahead in 0_u64..5_000,
    ) {
        let rule: Recurrence = format!("FREQ={unit};INTERVAL={every}{more}").parse().unwrap();
        let first = date("1990-01-01") + Days::new(first);
        let from = first + Days::new(ahead);
        let counted: Vec<_> = rule.dates(first, first).skip_while(|date| *date < from).take(5).collect();
        let jumped: Vec<_> = rule.dates(first, from).take(5).collect();
        prop_assert_eq!(counted, jumped);
    }

    /// Whatever is written is read or refused, and what is read makes dates in their order or none.
    #[test]
    fn nothing_that_is_written_does_harm(rule in "(FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY))(;(INTERVAL|COUNT|BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYSETPOS|BYDAY|UNTIL)=[-0-9,MOTU]{1,6}){0,4}") {
        if let Ok(rule) = rule.parse::<Recurrence>() {
            let dates: Vec<_> = rule.dates(date("2024-02-29"), date("2026-07-01")).take(9).collect();
            prop_assert!(dates.is_sorted_by(|a, b| a < b));
            prop_assert!(dates.iter().all(|found| *found >= date("2026-07-01")));
        }
    }

    /// Weeks are numbered as ISO 8601 does, from either end, around every New Year.
    #[test]
    fn weeks_are_those_of_iso_8601(year in 1900_i32..2200, number in 1_u32..=53, from_end: bool) {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let number = if from_end { -i64::from(number) } else { i64::from(number) };
        let rule: Recurrence = "FREQ=DAILY;BYMONTH=1,12".parse().unwrap();
        let weekly: Recurrence = format!("FREQ=YEARLY;BYWEEKNO={number}").parse().unwrap();
        let found: Vec<_> = weekly.dates(first, first).take_while(|date| date.year() == year).collect();
        for day in rule.dates(first, first).take_while(|date| date.year() == year) {
            let week = day.iso_week();
            let weeks = NaiveDate::from_ymd_opt(week.year(), 12, 28).unwrap().iso_week().week();
            let is_in = [i64::from(week.week()), i64::from(week.week()) - i64::from(weeks) - 1].contains(&number);
            prop_assert_eq!(found.contains(&day), is_in, "{} of {}", day, number);
        }
    }

    /// A month-end rule has one date in each month, which is its last day.
    #[test]
    fn every_month_has_one_end(year in 1900_i32..2200, month in prop::sample::select(vec![1_u32, 3, 5, 7, 8, 10, 12])) {
        let rule: Recurrence = "monthly".parse().unwrap();
        let first = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
        for (n, found) in rule.dates(first, first).take(60).enumerate() {
            prop_assert_eq!(found.day(), u32::from(found.num_days_in_month()));
            prop_assert_eq!(found.month0(), (first.month0() + u32::try_from(n).unwrap()) % 12);
        }
    }
}
