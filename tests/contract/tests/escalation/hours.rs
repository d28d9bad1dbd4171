//! Opening hours, as the domain and the database judge and read them.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use millwright_domain::escalation::Scope;
use millwright_domain::opening::are_hours;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::yard::{Yard, raised};

#[test]
fn the_database_and_the_domain_judge_opening_hours_alike() -> Result<()> {
    let times = ["00:00", "00:01", "06:00", "12:30", "22:00", "23:59", "24:00", "7:00", "", "06:60"];
    let spans = times.iter().flat_map(|from| times.iter().map(move |until| (1, *from, *until)));
    let days = [-1, 0, 7, 8].map(|day| (day, "22:00", "06:00"));
    let mut all: Vec<Value> = spans
        .chain(days)
        .map(|(day, from, until)| json!([{"day": day, "from": from, "until": until}]))
        .collect();
    let night = json!({"day": 1, "from": "22:00", "until": "06:00"});
    all.extend([
        json!([]),
        json!([night, night]),
        json!(vec![night.clone(); 50]),
        json!(vec![night.clone(); 51]),
        json!([night, {"day": 2, "from": "06:00", "until": "06:00"}]),
        json!([{"day": 1, "from": "22:00"}]),
        json!([{"day": 1, "from": "22:00", "until": "06:00", "open": true}]),
        json!({}),
    ]);
    let mut yard = Yard::open()?;
    for hours in all {
        let judged = yard.world.value("private.are_hours($1)", &[&hours])?;
        assert_eq!(judged, json!(are_hours(&hours)), "{hours}");
    }
    Ok(())
}

#[test]
fn a_night_shift_counts_over_midnight_and_not_on_a_holiday_on_which_it_begins() -> Result<()> {
    let mut yard = Yard::open()?;
    yard.world
        .change("update public.escalation_rules set hours = 'business' where id = $1", &[&yard.rule])?;
    // Closed for the hour that has begun, open for the 23 after it; the same every day.
    let hour = i64::from(yard.now.hour());
    let clock = |hour: i64| format!("{:02}:00", hour.rem_euclid(24));
    let hours: Vec<_> =
        (1..=7).map(|day| json!({"day": day, "from": clock(hour + 1), "until": clock(hour)})).collect();
    let hours = json!(hours);
    yard.world.change(
        "update public.warehouses set operating_hours = $2 where id = $1",
        &[&yard.warehouse, &hours],
    )?;
    let began = yard.now - TimeDelta::minutes(i64::from(yard.now.minute())) - TimeDelta::hours(1);
    let began = began.with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap_or(began);
    // Half an hour before the shift ends, and it goes on when the next one begins: in half an hour of this hour's end.
    let waits = json!({"last_activity_at": began + TimeDelta::minutes(30)});
    let order = yard.work_order(&waits)?;
    let next_hour = began + TimeDelta::hours(2);
    yard.now = next_hour + TimeDelta::minutes(29);
    assert_eq!(raised(&yard.decisions(Scope::Every)?), Vec::<Uuid>::new());
    yard.now = next_hour + TimeDelta::minutes(30);
    let decisions = yard.decisions(Scope::Every)?;
    assert_eq!(raised(&decisions), [order]);
    let due: Option<DateTime<Utc>> = decisions.iter().find_map(|decision| decision.response_due_at);
    assert_eq!(due, Some(yard.now));
    // A holiday takes away the shift that begins on it.
    let holiday =
        json!({"warehouse_id": yard.warehouse, "on_date": next_hour.date_naive(), "name": "A day off"});
    yard.world.insert("holidays", &holiday)?;
    assert_eq!(raised(&yard.decisions(Scope::Every)?), Vec::<Uuid>::new());
    Ok(())
}
