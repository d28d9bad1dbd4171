//! Opening hours of a night shift, as people set them and as deadlines follow from them.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use millwright_stack_tests::moment;
use serde_json::{Value, json};

use crate::yard::{Yard, after};

#[test]
fn a_warehouse_that_is_open_over_midnight_says_so_and_deadlines_follow() {
    let yard = Yard::open();
    // Twenty hours, so that midnight lies between, whenever the test runs.
    yard.rule(&json!({"timeout_minutes": 1_200, "hours": "business"}), &["notify_manager"]);
    let order = yard.order("corrective", "medium");
    let began = yard.began(&order);
    let local: u32 = yard
        .api
        .ask(&format!(
            "select extract(hour from '{}'::timestamptz at time zone 'Europe/Amsterdam')::int",
            moment(began)
        ))
        .parse()
        .unwrap();
    // Closed in the hour in which it was opened, and open for 23 hours after that.
    let clock = |hour: u32| format!("{:02}:00", hour % 24);
    let hours: Vec<Value> =
        (1..=7).map(|day| json!({"day": day, "from": clock(local + 1), "until": clock(local)})).collect();
    let path = format!("/api/v1/warehouses/{}", yard.site.warehouse);
    let set = |hours: &Value| yard.api.patch(&yard.supervisor, &path, "", &json!({"operating_hours": hours}));
    assert_eq!(set(&json!(hours)).expect(200)["operating_hours"], json!(hours));

    let opens = began.duration_trunc(TimeDelta::hours(1)).unwrap() + TimeDelta::hours(1);
    let deadline = opens + after(20, 0);
    let said = |at: DateTime<Utc>| {
        let path = format!("/api/v1/escalation-rules/dry-run?work_order_id={order}&at={}", moment(at));
        yard.api.get(&yard.supervisor, &path).expect(200)["work_orders"][0].clone()
    };
    let shown = said(deadline)["response_due_at"].as_str().unwrap().parse::<DateTime<Utc>>();
    assert_eq!(shown.unwrap(), deadline);
    assert_eq!(said(deadline - after(0, 1))["escalates"], false);
    assert_eq!(said(deadline)["escalates"], true);

    let nothing = set(&json!([{"day": 1, "from": "22:00", "until": "22:00"}])).problem(422, "invalid");
    let message = nothing["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("one that ends before it begins, like 22:00 to 06:00, goes on into the next day"),
        "{message}"
    );
}
