//! A cron that finds what nobody has moved in time.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod chains;
mod crowd;
mod dry_run;
mod faults;
mod hours;
mod limits;
mod yard;

use millwright_harness::client::fire;
use millwright_stack_tests::{eventually, mail};
use yard::{FULL, URGENT, Yard, after};

#[test]
fn a_deadline_that_passed_raises_the_level_once_and_tells_the_supervisor_once() {
    let yard = Yard::open();
    let id = yard.order("corrective", "high");
    let opened = yard.began(&id);
    let address = yard.site.email("supervisor");
    eventually("the request's mail", || (mail::to(&yard.api, &address).len() == 1).then_some(()));
    let level = || yard.read(&id)["escalation_level"].as_u64().unwrap();

    yard.sweep(FULL, opened + after(11, 0));
    assert_eq!(level(), 0, "twelve hours are allowed");
    let late = opened + after(13, 0);
    for _ in 0..3 {
        yard.sweep(FULL, late);
        assert_eq!(level(), 1);
    }
    let escalations = || {
        let mails = mail::to(&yard.api, &address);
        mails.iter().filter(|mail| mail["subject"].as_str().unwrap().contains("escalated to level 1")).count()
    };
    eventually("the escalation's mail", || (escalations() == 1).then_some(()));
    fire(&yard.api.stack, "notification-sender", None, None).unwrap();
    assert_eq!(escalations(), 1);

    yard.sweep(FULL, late + after(12, 0));
    assert_eq!(level(), 2, "and again after twelve more");
}

#[test]
fn the_urgent_sweep_raises_what_is_urgent_only_and_shows_every_deadline() {
    let yard = Yard::open();
    let (emergency, critical, low) = (
        yard.order("emergency", "low"),
        yard.order("corrective", "critical"),
        yard.order("corrective", "low"),
    );
    let version = yard.read(&low)["version"].clone();
    yard.sweep(URGENT, yard.began(&low) + after(100, 0));
    let raised = [&emergency, &critical, &low].map(|id| yard.read(id)["escalation_level"].clone());
    assert_eq!(raised, [1, 1, 0]);
    let seen = yard.read(&low);
    assert_eq!(yard.allowed(&low), after(72, 0));
    assert_eq!(seen["version"], version, "whoever edits it need not read it again");
    yard.sweep(FULL, yard.began(&low) + after(100, 1));
    assert_eq!(yard.read(&low)["escalation_level"], 1);
}
