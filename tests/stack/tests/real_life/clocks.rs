//! Clocks of clients: nothing has happened in the future.

use crate::{machine, open, pointers};
use chrono::{DateTime, TimeDelta, Utc};
use millwright_stack_tests::{Api, Site, now};
use serde_json::{Value, json};
use uuid::Uuid;

struct Yard {
    api: Api,
    site: Site,
    technician: String,
    machine: String,
    meter: String,
    order: String,
}

impl Yard {
    fn open() -> Self {
        let api = Api::open();
        let site = Site::build(&api);
        let [lead, technician] = ["supervisor", "technician"].map(|role| site.token(&api, role));
        let machine = machine(&api, &lead, &site.mark);
        let meter = json!({"name": "Hours", "unit": "hours"});
        let meter = open(&api, &lead, &format!("equipment/{machine}/meters"), &meter);
        let order = json!({"type": "corrective", "title": "It leaks", "equipment_id": machine});
        let order = open(&api, &technician, "work-orders", &order);
        for to in ["assigned", "in_progress"] {
            let path = format!("/api/v1/work-orders/{order}/transitions");
            api.post(&technician, &path, &json!({"to": to})).expect(200);
        }
        Self { api, site, technician, machine, meter, order }
    }

    /// What a phone brings whose clock says that it is `sent_at`.
    fn bring(&self, sent_at: DateTime<Utc>, entity: &str, changes: &Value) -> Value {
        let id = Uuid::now_v7();
        let mutation = json!({"id": Uuid::now_v7(), "entity": entity, "entity_id": id, "made_at": sent_at, "changes": changes});
        let body = json!({"device_id": Uuid::now_v7(), "sent_at": sent_at, "mutations": [mutation]});
        let mut told =
            self.api.post(&self.technician, "/api/v1/sync", &body).expect(200)["results"][0].clone();
        told["entity_id"] = json!(id);
        told
    }
}

#[test]
fn a_reading_of_next_year_closes_the_meter_for_nobody() {
    let yard = Yard::open();
    let path = format!("/api/v1/meters/{}/readings", yard.meter);
    let ahead = now(&yard.api) + TimeDelta::days(365);
    for read_at in [json!(ahead), json!("2199-12-31T00:00:00Z")] {
        let reading = json!({"value": 3_999_999_999_u32, "read_at": read_at});
        let refused = yard.api.post(&yard.technician, &path, &reading).problem(422, "invalid");
        assert_eq!(pointers(&refused), json!(["/read_at"]));
    }
    yard.api.post(&yard.technician, &path, &json!({"value": 100})).expect(201);
    let a_little = now(&yard.api) + TimeDelta::minutes(3);
    yard.api.post(&yard.technician, &path, &json!({"value": 101, "read_at": a_little})).expect(201);
}

#[test]
fn nothing_that_has_happened_is_taken_from_the_future() {
    let yard = Yard::open();
    let ahead = now(&yard.api) + TimeDelta::hours(1);
    let logs = format!("/api/v1/work-orders/{}/time-logs", yard.order);
    let stops = format!("/api/v1/equipment/{}/downtime", yard.machine);
    for (path, body, named) in [
        (&logs, json!({"started_at": ahead}), json!(["/started_at"])),
        (&logs, json!({"started_at": "2026-01-05T08:00:00Z", "stopped_at": ahead}), json!(["/stopped_at"])),
        (
            &stops,
            json!({"started_at": ahead, "ended_at": ahead + TimeDelta::hours(1)}),
            json!(["/started_at", "/ended_at"]),
        ),
        (&stops, json!({"ended_at": ahead, "reason": 7}), json!(["/ended_at", "/reason"])),
    ] {
        let refused = yard.api.post(&yard.technician, path, &body).problem(422, "invalid");
        let mut found: Vec<_> = pointers(&refused).as_array().unwrap().iter().map(Value::to_string).collect();
        let mut named: Vec<_> = named.as_array().unwrap().iter().map(Value::to_string).collect();
        found.sort();
        named.sort();
        assert_eq!(found, named, "{path} {body}");
    }
    let stop = yard.api.post(&yard.technician, &stops, &json!({})).expect(201);
    let stop = format!("{stops}/{}", stop["id"].as_str().unwrap());
    // The API does not know whether it was planned: the database does.
    let refused =
        yard.api.patch(&yard.technician, &stop, "", &json!({"ended_at": ahead})).problem(422, "invalid");
    assert_eq!(pointers(&refused), json!(["/ended_at"]));
    let planned = json!({"planned": true, "started_at": ahead, "ended_at": ahead + TimeDelta::hours(1)});
    yard.api.post(&yard.technician, &stops, &planned).expect(201);
    let lead = yard.site.token(&yard.api, "supervisor");
    let order = format!("/api/v1/work-orders/{}", yard.order);
    yard.api.patch(&lead, &order, "", &json!({"due_at": ahead + TimeDelta::days(365)})).expect(200);
    let clerk = yard.site.token(&yard.api, "inventory_clerk");
    let part = open(&yard.api, &clerk, "parts", &json!({"part_number": "SEAL", "name": "Seal"}));
    let gone = yard.api.patch(&clerk, &format!("/api/v1/parts/{part}"), "", &json!({"archived_at": ahead}));
    assert_eq!(pointers(&gone.problem(422, "invalid")), json!(["/archived_at"]));
}

#[test]
fn a_phone_that_is_ahead_is_put_right_in_every_moment_and_a_typo_is_refused() {
    let yard = Yard::open();
    let now = now(&yard.api);
    let reading = |value: i32, read_at: DateTime<Utc>| json!({"meter_id": yard.meter, "value": value, "read_at": read_at});
    let typo = yard.bring(now, "meter_readings", &reading(100, now + TimeDelta::days(365)));
    assert_eq!((&typo["outcome"], &typo["code"]), (&json!("rejected"), &json!("invalid")));
    assert_eq!(pointers(&typo), json!(["/read_at"]));
    // Two hours ahead: it was read half an hour ago, and worked on from three hours ago to one hour ago.
    let phone = now + TimeDelta::hours(2);
    let told = yard.bring(phone, "meter_readings", &reading(100, phone - TimeDelta::minutes(30)));
    assert_eq!(told["outcome"], "applied", "{told}");
    let log = json!({"work_order_id": yard.order, "started_at": phone - TimeDelta::hours(3), "stopped_at": phone - TimeDelta::hours(1)});
    let told = yard.bring(phone, "time_logs", &log);
    assert_eq!(told["outcome"], "applied", "{told}");
    let off = |question: &str| {
        let seconds: f64 = yard.api.ask(question).parse().unwrap();
        seconds.abs()
    };
    let read_at = format!(
        "extract(epoch from read_at - '{now}'::timestamptz + interval '30 minutes') from public.meter_readings where meter_id = '{}'",
        yard.meter
    );
    assert!(off(&format!("select {read_at}")) < 60.0);
    for (column, hours) in [("started_at", 3), ("stopped_at", 1)] {
        let question = format!(
            "select extract(epoch from {column} - '{now}'::timestamptz + interval '{hours} hours') from public.time_logs where id = '{}'",
            told["entity_id"].as_str().unwrap()
        );
        assert!(off(&question) < 60.0, "{column}");
    }
}
