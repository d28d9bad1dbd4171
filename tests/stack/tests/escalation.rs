//! A cron that finds what nobody has moved in time.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use chrono::{DateTime, TimeDelta, Utc};
use millwright_harness::client::fire;
use millwright_stack_tests::{Api, Site, eventually, mail};
use serde_json::json;

fn open(api: &Api, site: &Site, kind: &str, priority: &str) -> String {
    let order = json!({"type": kind, "title": "Waits", "priority": priority});
    let token = site.token(api, "requester");
    api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].as_str().unwrap().to_owned()
}

fn level(api: &Api, site: &Site, id: &str) -> u64 {
    let order = api.get(&site.token(api, "supervisor"), &format!("/api/v1/work-orders/{id}")).expect(200);
    assert_eq!(order["escalated"], order["escalation_level"] != 0);
    order["escalation_level"].as_u64().unwrap()
}

fn opened_at(api: &Api, id: &str) -> DateTime<Utc> {
    let question = format!(
        "select to_char(last_activity_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
         from public.work_orders where id = '{id}'"
    );
    api.ask(&question).parse().unwrap()
}

fn sweep(api: &Api, cron: &str, at: DateTime<Utc>) {
    let fired = fire(&api.stack, "escalation-checker", Some(cron), Some(at)).unwrap();
    assert_eq!(fired.run.expect("a recorded run")["outcome"], "done");
}

const FULL: &str = "0 */6 * * *";
const URGENT: &str = "*/10 * * * *";

#[test]
fn a_deadline_that_passed_raises_the_level_once_and_tells_the_supervisor_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = open(&api, &site, "corrective", "high");
    let opened = opened_at(&api, &id);
    let address = site.email("supervisor");
    eventually("the request's mail", || (mail::to(&api, &address).len() == 1).then_some(()));

    sweep(&api, FULL, opened + TimeDelta::hours(11));
    assert_eq!(level(&api, &site, &id), 0, "twelve hours are allowed");
    let late = opened + TimeDelta::hours(13);
    for _ in 0..3 {
        sweep(&api, FULL, late);
        assert_eq!(level(&api, &site, &id), 1);
    }
    let escalations = || {
        let mails = mail::to(&api, &address);
        mails.iter().filter(|mail| mail["subject"].as_str().unwrap().contains("escalated to level 1")).count()
    };
    eventually("the escalation's mail", || (escalations() == 1).then_some(()));
    fire(&api.stack, "notification-sender", None, None).unwrap();
    assert_eq!(escalations(), 1);

    sweep(&api, FULL, late + TimeDelta::hours(12));
    assert_eq!(level(&api, &site, &id), 2, "and again after twelve more");
}

#[test]
fn the_urgent_sweep_looks_at_what_is_urgent_only() {
    let api = Api::open();
    let site = Site::build(&api);
    let (emergency, critical, low) = (
        open(&api, &site, "emergency", "low"),
        open(&api, &site, "corrective", "critical"),
        open(&api, &site, "corrective", "low"),
    );
    sweep(&api, URGENT, opened_at(&api, &low) + TimeDelta::hours(100));
    // Raised, and not how far: another test's full sweep may have come first.
    let raised = [&emergency, &critical, &low].map(|id| level(&api, &site, id) > 0);
    assert_eq!(raised, [true, true, false]);
}
