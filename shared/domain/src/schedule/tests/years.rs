//! Years of firings, whatever the gaps between them.

use chrono::Days;
use proptest::prelude::*;
use serde_json::json;

use super::OccurrenceDecision::{Generated, Missed};
use super::{Holidays, World, date};

proptest! {
    /// Whatever the gaps between two firings, each date is decided exactly once and in order.
    #[test]
    fn no_date_is_decided_twice_or_never(
        gaps in prop::collection::vec(1_u64..900, 1..8),
        every in 1_u32..40,
        overlap in prop::sample::select(vec!["skip", "generate", "replace"]),
        catch_up in prop::sample::select(vec!["latest", "all", "none"]),
        done in prop::collection::vec(any::<bool>(), 8),
    ) {
        let rrule = format!("FREQ=DAILY;INTERVAL={every}");
        let mut world = World::of(&rrule, "2026-01-05")
            .with(json!({"overlap": overlap, "catch_up": catch_up, "lead_time_days": 7}));
        world.schedule.generate_on = date("2025-12-29");
        let mut today = date("2026-01-05");
        let mut decided = Vec::new();
        for (gap, done) in gaps.into_iter().zip(done) {
            today = today + Days::new(gap);
            for (day, decision) in world.fire(today) {
                prop_assert!(catch_up != "all" || decision != Missed, "made up for, unless the last one is in the way");
                prop_assert!(catch_up != "all" || overlap != "generate" || decision == Generated);
                decided.push(day);
            }
            if done {
                world.complete(today);
            }
        }
        let rules = world.rules();
        let expected: Vec<_> = rules.dates(&Holidays::default(), date("2026-01-05")).map(|(day, _)| day)
            .take_while(|day| *day <= today + Days::new(7)).map(|day| day.to_string()).collect();
        // Those ahead may wait for the last one.
        prop_assert!(expected.starts_with(&decided));
        prop_assert!(expected.iter().skip(decided.len()).all(|day| date(day) > today));
        if overlap == "generate" {
            prop_assert_eq!(decided, expected);
        }
    }

    /// Fired every day for two years, a schedule generates on its dates and on no other, whatever leap days and month
    /// ends lie between.
    #[test]
    fn two_years_of_daily_firing_make_the_dates_of_the_rule(
        rule in prop::sample::select(vec!["daily", "FREQ=DAILY;INTERVAL=3", "weekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "monthly", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYDAY=2TU", "quarterly", "annually"]),
        start in 0_u64..1500,
        lead in 0_u64..40,
    ) {
        let first = date("2023-01-01") + Days::new(start);
        let mut world = World::of(rule, &first.to_string()).with(json!({"lead_time_days": lead, "overlap": "generate"}));
        world.schedule.generate_on = first - Days::new(lead);
        let mut generated = Vec::new();
        for day in first.iter_days().take(731) {
            for (due_on, decision) in world.fire(day) {
                prop_assert_eq!(decision, Generated);
                generated.push(due_on);
            }
        }
        let until = first + Days::new(730 + lead);
        let expected: Vec<_> = world.rules().dates(&Holidays::default(), first).map(|(day, _)| day)
            .take_while(|day| *day <= until).map(|day| day.to_string()).collect();
        prop_assert_eq!(generated, expected);
    }

    /// Each date comes as long after the last work as the rule says, however early or late that was done, and once.
    #[test]
    fn floating_dates_move_with_completion(
        every in 21_u64..90,
        lead in 0_u64..20,
        delays in prop::collection::vec(0_u64..120, 1..12),
    ) {
        let mut due = date("2026-01-30");
        let mut world = World::of(&format!("FREQ=DAILY;INTERVAL={every}"), "2026-01-30")
            .with(json!({"basis": "floating", "lead_time_days": lead}));
        world.schedule.generate_on = due - Days::new(lead);
        let mut today = world.schedule.generate_on;
        for delay in delays {
            while today < due - Days::new(lead) {
                prop_assert_eq!(world.fire(today), []);
                today = today + Days::new(1);
            }
            prop_assert_eq!(world.fire(today), [(due.to_string(), Generated)]);
            for _ in 0..delay {
                today = today + Days::new(1);
                prop_assert_eq!(world.fire(today), [], "it waits for completion");
            }
            world.complete(today);
            due = today + Days::new(every);
        }
    }

    /// Done in time every time, `skip` leaves out nothing: an interval as long as the lead time is no overlap.
    #[test]
    fn nothing_is_skipped_where_work_is_done_on_its_day(every in 1_u32..30, lead in 0_u64..30) {
        let first = date("2026-01-05");
        let mut world = World::of(&format!("FREQ=DAILY;INTERVAL={every}"), "2026-01-05")
            .with(json!({"lead_time_days": lead}));
        world.schedule.generate_on = first - Days::new(lead);
        let mut generated: Vec<String> = Vec::new();
        for day in first.iter_days().take(120) {
            for (due_on, decision) in world.fire(day) {
                prop_assert_eq!(decision, Generated);
                generated.push(due_on);
            }
            if generated.last().is_some_and(|due| date(due) <= day) {
                world.complete(day);
            }
        }
        prop_assert!(generated.len() >= 120 / usize::try_from(every).unwrap());
    }
}
