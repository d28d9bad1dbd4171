//! Time that counts: all of it, or only while a warehouse is open, and never while work is on hold.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::opening::Hours;

/// The farthest that a moment is looked for, in days: about ten years. A later one counts as never.
const MAX_DAYS: u64 = 3_660;

/// A time on hold: from when, and until when; without an end it still is.
pub type Held = (DateTime<Utc>, Option<DateTime<Utc>>);

/// The opening hours of a warehouse and its holidays, on its own local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    hours: Vec<Hours>,
    holidays: BTreeSet<NaiveDate>,
    known: Known,
}

/// A time in which it is open.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The spans of days that were asked for. To find them is dear, and a thousand work orders with a long time each ask for the same
/// ten years. Nothing follows from which are known, so all are equal.
#[derive(Debug, Clone, Default)]
struct Known(RefCell<BTreeMap<NaiveDate, Rc<[Span]>>>);

impl PartialEq for Known {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Known {}

impl Calendar {
    /// `zone` is an IANA name. Without hours it is open around the clock, but on holidays. `None` if there is no such zone.
    #[must_use]
    pub fn new(zone: &str, hours: Vec<Hours>, holidays: impl IntoIterator<Item = NaiveDate>) -> Option<Self> {
        let holidays = holidays.into_iter().collect();
        Some(Self { zone: zone.parse().ok()?, hours, holidays, known: Known::default() })
    }

    /// The spans that begin on a local day, in order. They may overlap each other, and go on into the next day.
    fn spans(&self, date: NaiveDate) -> Rc<[Span]> {
        let known = self.known.0.borrow().get(&date).map(Rc::clone);
        known.unwrap_or_else(|| {
            let found: Rc<[Span]> = self.find_spans(date).into();
            self.known.0.borrow_mut().insert(date, Rc::clone(&found));
            found
        })
    }

    fn find_spans(&self, date: NaiveDate) -> Vec<Span> {
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        let day = u8::try_from(date.weekday().number_from_monday()).unwrap_or_default();
        let all_day = Hours { day, from: NaiveTime::MIN, until: NaiveTime::MIN };
        let hours = if self.hours.is_empty() { std::slice::from_ref(&all_day) } else { &self.hours };
        let mut spans: Vec<_> = hours
            .iter()
            .filter(|hours| hours.day == day)
            .filter_map(|hours| {
                let until = if hours.ends_next_day() { date.succ_opt()? } else { date };
                let from = self.instant(date.and_time(hours.from), Fold::First)?;
                Some((from, self.instant(until.and_time(hours.until), Fold::Last)?))
            })
            .collect();
        spans.sort_unstable();
        spans
    }

    /// A local time as an instant. What a clock that is put forward leaves out is the moment at which it is.
    fn instant(&self, local: NaiveDateTime, fold: Fold) -> Option<DateTime<Utc>> {
        (0..=96).find_map(|quarters| {
            let found = self.zone.from_local_datetime(&(local + TimeDelta::minutes(15 * quarters)));
            let found = if fold == Fold::First { found.earliest() } else { found.latest() };
            found.map(|time| time.to_utc())
        })
    }
}

/// The one of two that is meant, if a clock that is put back shows a time twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    First,
    Last,
}

/// The moment at which `needed` of time that counts has passed since `from`: all time, or that of a calendar, less time on hold
/// (in order). `None` if that does not come within ten years.
#[must_use]
pub fn reached(
    calendar: Option<&Calendar>,
    from: DateTime<Utc>,
    needed: TimeDelta,
    held: &[Held],
) -> Option<DateTime<Utc>> {
    if needed <= TimeDelta::zero() {
        return Some(from);
    }
    let mut left = needed;
    let Some(calendar) = calendar else {
        return run(from, DateTime::<Utc>::MAX_UTC, held, &mut left);
    };
    let today = from.with_timezone(&calendar.zone).date_naive();
    // What opened yesterday may be open still.
    let first = today.pred_opt().unwrap_or(today);
    // Time counts once, however many spans it is in.
    let mut counted = from;
    let mut held = held;
    (0..=MAX_DAYS).find_map(|days| {
        let spans = calendar.spans(first.checked_add_days(Days::new(days))?);
        spans.iter().find_map(|&(opens, closes)| {
            let since = opens.max(counted);
            counted = counted.max(closes);
            while let Some((&(_, Some(until)), later)) = held.split_first()
                && until <= since
            {
                held = later;
            }
            run(since, closes, held, &mut left)
        })
    })
}

/// Lets what is `left` run down from one moment to another. The moment at which nothing is left, if there is one.
fn run(
    mut at: DateTime<Utc>,
    until: DateTime<Utc>,
    held: &[Held],
    left: &mut TimeDelta,
) -> Option<DateTime<Utc>> {
    let pauses = held.iter().map(|(from, until)| (*from, until.unwrap_or(DateTime::<Utc>::MAX_UTC)));
    for (stops, goes_on) in pauses.chain([(until, until)]) {
        let runs = stops.min(until).signed_duration_since(at).max(TimeDelta::zero());
        if *left <= runs {
            return at.checked_add_signed(*left);
        }
        *left -= runs;
        at = at.max(goes_on);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Monday to Friday from eight to five.
    fn week(zone: &str, holidays: &[&str]) -> Calendar {
        let day = |day| json!({"day": day, "from": "08:00", "until": "17:00"});
        let hours = serde_json::from_value((1..=5).map(day).collect()).unwrap();
        Calendar::new(zone, hours, holidays.iter().map(|date| date.parse().unwrap())).unwrap()
    }

    fn after(calendar: &Calendar, from: &str, hours: i64) -> String {
        let reached = reached(Some(calendar), at(from), TimeDelta::hours(hours), &[]);
        reached.unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn a_night_a_weekend_and_a_holiday_do_not_count() {
        let week = week("Europe/Amsterdam", &["2026-05-05"]);
        // A Monday in May: open from 06:00 to 15:00 UTC. Tuesday is Liberation Day.
        assert_eq!(after(&week, "2026-05-04T14:00:00Z", 4), "2026-05-06T09:00:00Z");
        // From Friday evening to Monday.
        assert_eq!(after(&week, "2026-05-08T20:00:00Z", 1), "2026-05-11T07:00:00Z");
        assert_eq!(after(&week, "2026-05-08T06:00:00Z", 9), "2026-05-08T15:00:00Z", "to the last minute");
    }

    #[test]
    fn local_hours_stay_when_the_clocks_change() {
        let week = week("Europe/Amsterdam", &[]);
        // The last Friday of winter time, and the first Monday of summer time.
        assert_eq!(after(&week, "2026-03-27T15:00:00Z", 2), "2026-03-30T07:00:00Z");
        assert_eq!(after(&week, "2026-10-23T14:00:00Z", 2), "2026-10-26T08:00:00Z");
    }

    #[test]
    fn a_night_shift_is_as_long_as_its_night() {
        let nights = json!([{"day": 7, "from": "00:00", "until": "06:00"}]);
        let nights = Calendar::new("Europe/Amsterdam", serde_json::from_value(nights).unwrap(), []).unwrap();
        // In spring it has five hours, in autumn seven.
        assert_eq!(after(&nights, "2026-03-28T12:00:00Z", 6), "2026-04-04T23:00:00Z");
        assert_eq!(after(&nights, "2026-10-24T12:00:00Z", 7), "2026-10-25T05:00:00Z");
    }

    fn open(zone: &str, hours: &[(u8, &str, &str)], holidays: &[&str]) -> Calendar {
        let span = |(day, from, until): &(u8, &str, &str)| json!({"day": day, "from": from, "until": until});
        let hours = serde_json::from_value(hours.iter().map(span).collect()).unwrap();
        Calendar::new(zone, hours, holidays.iter().map(|date| date.parse().unwrap())).unwrap()
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        // Monday to Friday from ten in the evening to six, and the same on Saturday until midnight.
        let mut hours: Vec<_> = (1..=5).map(|day| (day, "22:00", "06:00")).collect();
        hours.push((6, "22:00", "00:00"));
        let nights = open("Europe/Amsterdam", &hours, &["2026-05-05"]);
        // A Monday in May, 22:00 is 20:00 UTC. It goes on through the night into the holiday, whose own night is left out.
        assert_eq!(after(&nights, "2026-05-04T12:00:00Z", 8), "2026-05-05T04:00:00Z");
        assert_eq!(after(&nights, "2026-05-04T12:00:00Z", 9), "2026-05-06T21:00:00Z");
        // In the middle of the night, and of the night from Friday to Saturday.
        assert_eq!(after(&nights, "2026-05-05T02:00:00Z", 1), "2026-05-05T03:00:00Z");
        assert_eq!(after(&nights, "2026-05-09T03:00:00Z", 3), "2026-05-09T22:00:00Z");
    }

    #[test]
    fn nights_that_touch_or_overlap_count_once() {
        // Around the clock in three shifts, and one that lies over two of them.
        let mut hours: Vec<_> = (1..=7)
            .flat_map(|day| [(day, "06:00", "14:00"), (day, "14:00", "22:00"), (day, "22:00", "06:00")])
            .collect();
        hours.push((2, "20:00", "08:00"));
        let always = open("UTC", &hours, &[]);
        assert_eq!(after(&always, "2026-05-04T14:30:00Z", 100), "2026-05-08T18:30:00Z");
        // Twenty-three hours a day: the last one is the day after's.
        let almost = open("UTC", &[(1, "10:00", "09:00"), (2, "08:00", "12:00")], &[]);
        assert_eq!(after(&almost, "2026-05-04T10:00:00Z", 26), "2026-05-05T12:00:00Z");
    }

    #[test]
    fn a_night_over_midnight_is_as_long_as_its_night() {
        let nights = open("Europe/Amsterdam", &[(6, "22:00", "06:00")], &[]);
        // In spring it has seven hours, in autumn nine.
        assert_eq!(after(&nights, "2026-03-28T12:00:00Z", 7), "2026-03-29T04:00:00Z");
        assert_eq!(after(&nights, "2026-03-28T12:00:00Z", 8), "2026-04-04T21:00:00Z");
        assert_eq!(after(&nights, "2026-10-24T12:00:00Z", 9), "2026-10-25T05:00:00Z");
        // It ends in the hour that is there twice: the second time; and in the hour that is missing: when that is over.
        let late = open("Europe/Amsterdam", &[(6, "22:00", "02:30")], &[]);
        assert_eq!(after(&late, "2026-10-24T12:00:00Z", 5), "2026-10-25T01:00:00Z");
        assert_eq!(after(&late, "2026-03-28T12:00:00Z", 4), "2026-03-29T01:00:00Z");
    }

    #[test]
    fn a_warehouse_without_hours_is_closed_on_its_holidays_alone() {
        let always = open("Europe/Amsterdam", &[], &["2026-05-05"]);
        assert_eq!(after(&always, "2026-05-03T12:00:00Z", 30), "2026-05-04T18:00:00Z");
        assert_eq!(after(&always, "2026-05-04T20:00:00Z", 4), "2026-05-06T00:00:00Z");
        assert_eq!(after(&always, "2026-05-04T20:00:00Z", 0), "2026-05-04T20:00:00Z");
    }

    #[test]
    fn hours_that_begin_in_the_gap_begin_when_it_ends() {
        let early = json!([{"day": 7, "from": "02:30", "until": "04:00"}]);
        let early = Calendar::new("America/New_York", serde_json::from_value(early).unwrap(), []).unwrap();
        assert_eq!(after(&early, "2026-03-08T00:00:00Z", 1), "2026-03-08T08:00:00Z");
    }

    #[test]
    fn the_hours_of_a_day_are_found_once_for_all_work_orders() {
        let minutes: Vec<_> = (1..=7).map(|day| (day, "08:00", "08:01")).collect();
        let hardly = open("Europe/Amsterdam", &minutes, &[]);
        let held: Vec<_> = (0..100)
            .map(|day| at("2026-01-01T12:00:00Z") + TimeDelta::days(day))
            .map(|since| (since, Some(since + TimeDelta::hours(1))))
            .collect();
        // A thousand work orders, none of which comes to an end within ten years.
        for order in 0..1_000 {
            let from = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(order);
            assert_eq!(reached(Some(&hardly), from, TimeDelta::minutes(525_600), &held), None);
        }
        let day = NaiveDate::from_ymd_opt(2030, 6, 1).unwrap();
        assert!(Rc::ptr_eq(&hardly.spans(day), &hardly.spans(day)));
        assert_eq!(hardly.known.0.borrow().len(), 3_661);
    }

    #[test]
    fn a_place_that_never_opens_reaches_nothing() {
        let hours: Vec<Hours> =
            serde_json::from_value(json!([{"day": 1, "from": "08:00", "until": "08:01"}])).unwrap();
        let calendar = Calendar::new("UTC", hours, []).unwrap();
        assert_eq!(reached(Some(&calendar), at("2026-01-01T00:00:00Z"), TimeDelta::hours(100), &[]), None);
        assert!(Calendar::new("Nowhere/Else", Vec::new(), []).is_none());
    }

    #[test]
    fn time_on_hold_does_not_count() {
        let from = at("2026-03-02T08:00:00Z");
        let held = [(at("2026-03-02T09:00:00Z"), Some(at("2026-03-05T09:00:00Z")))];
        let reached_at = |hours| reached(None, from, TimeDelta::hours(hours), &held);
        assert_eq!(reached_at(1), Some(at("2026-03-02T09:00:00Z")), "before it began");
        assert_eq!(reached_at(2), Some(at("2026-03-05T10:00:00Z")));
        let still = [(at("2026-03-02T09:00:00Z"), None)];
        assert_eq!(reached(None, from, TimeDelta::hours(2), &still), None);
    }

    /// True if a minute counts, told without any of the code above.
    fn counts(minute: DateTime<Utc>, zone: Tz, holidays: &[NaiveDate], held: &[Held]) -> bool {
        let local = minute.with_timezone(&zone).naive_local();
        let open = local.weekday().number_from_monday() <= 5
            && (NaiveTime::from_hms_opt(8, 0, 0).unwrap()..NaiveTime::from_hms_opt(17, 0, 0).unwrap())
                .contains(&local.time());
        let waits =
            held.iter().any(|(from, until)| *from <= minute && until.is_none_or(|until| minute < until));
        open && !waits && !holidays.contains(&local.date())
    }

    /// True if a minute is in one of the spans `(day, from, until)`, in whole hours, told without any of the code above.
    fn is_open(minute: DateTime<Utc>, zone: Tz, hours: &[(u8, u32, u32)], holidays: &[NaiveDate]) -> bool {
        let local = minute.with_timezone(&zone).naive_local();
        let hour = chrono::Timelike::hour(&local.time());
        let begun_on = |date: NaiveDate, is_in: &dyn Fn(u32, u32) -> bool| {
            let day = u8::try_from(date.weekday().number_from_monday()).unwrap();
            !holidays.contains(&date)
                && hours.iter().any(|(on, from, until)| *on == day && is_in(*from, *until))
        };
        begun_on(local.date(), &|from, until| from <= hour && (hour < until || until <= from))
            || begun_on(local.date() - Days::new(1), &|from, until| until < from && hour < until)
    }

    proptest! {
        // A quarter, because each case walks through weeks.
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

        #[test]
        fn nights_are_reached_when_as_many_minutes_were_open(
            start in 0_i64..525_600, needed in 1_i64..2_000, zone in 0_usize..4, holiday in 0_u64..365,
            // No change of clocks is at one of these hours.
            spans in prop::collection::vec(
                (1_u8..=7, prop::sample::subsequence(vec![0_u32, 5, 6, 8, 12, 14, 17, 20, 22, 23], 2), any::<bool>()), 2..12),
        ) {
            let zone = ["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"][zone];
            let hours: Vec<_> = spans.into_iter()
                .map(|(day, ends, swapped)| if swapped { (day, ends[1], ends[0]) } else { (day, ends[0], ends[1]) })
                .collect();
            let holidays: Vec<NaiveDate> =
                (0..3).map(|n| NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(holiday + n)).collect();
            let texts: Vec<_> = hours.iter().map(|(day, from, until)| (*day, format!("{from:02}:00"), format!("{until:02}:00"))).collect();
            let texts: Vec<_> = texts.iter().map(|(day, from, until)| (*day, from.as_str(), until.as_str())).collect();
            let names: Vec<_> = holidays.iter().map(ToString::to_string).collect();
            let calendar = open(zone, &texts, &names.iter().map(String::as_str).collect::<Vec<_>>());
            let from = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(start);
            let (mut minute, mut left) = (from, needed);
            while left > 0 {
                left -= i64::from(is_open(minute, zone.parse().unwrap(), &hours, &holidays));
                minute += TimeDelta::minutes(1);
            }
            prop_assert_eq!(reached(Some(&calendar), from, TimeDelta::minutes(needed), &[]), Some(minute));
        }

        #[test]
        fn it_is_reached_when_as_many_minutes_have_counted(
            start in 0_i64..525_600, needed in 1_i64..4_000, zone in 0_usize..4,
            holiday in 0_u64..365, pauses in prop::collection::vec((0_i64..5_000, 1_i64..4_320), 0..4),
        ) {
            let zone = ["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"][zone];
            let from = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(start);
            let holidays: Vec<NaiveDate> =
                (0..3).map(|n| NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(holiday + n)).collect();
            let names: Vec<_> = holidays.iter().map(ToString::to_string).collect();
            let calendar = week(zone, &names.iter().map(String::as_str).collect::<Vec<_>>());
            let mut held: Vec<Held> = Vec::new();
            let mut since = from;
            for (after, long) in pauses {
                let begins = since + TimeDelta::minutes(after);
                since = begins + TimeDelta::minutes(long);
                held.push((begins, Some(since)));
            }
            let mut minute = from;
            let mut left = needed;
            loop {
                left -= i64::from(counts(minute, zone.parse().unwrap(), &holidays, &held));
                minute += TimeDelta::minutes(1);
                if left == 0 {
                    break;
                }
            }
            prop_assert_eq!(reached(Some(&calendar), from, TimeDelta::minutes(needed), &held), Some(minute));
        }
    }
}
