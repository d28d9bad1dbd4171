//! From an event to a message that someone gets once.

mod crowd;
mod deliveries;
mod office;

use anyhow::Result;
use millwright_contract_tests::{World, at_once};
use millwright_store::jobs::{report, unread};
use millwright_store::notifications::{apply, waiting};
use office::{ALL, Office, decided};
use serde_json::{Value, json};

#[test]
fn everyone_concerned_is_told_once() -> Result<()> {
    let mut office = Office::open()?;
    let events = office.waiting()?;
    assert_eq!(events.len(), 2);
    let wanted = decided(&events);
    let written = office.sender.ask(async |session| apply(&session, &wanted).await)?;
    assert_eq!(Value::Object(written.counts), json!({"events": 2, "notifications": 3, "deliveries": 3}));

    // By id: two that were made in the same millisecond are in no order.
    let mut supervisors = office.supervisors.each_ref().map(|supervisor| supervisor.id);
    supervisors.sort_unstable();
    let [first, second] = supervisors;
    let expected = json!([
        [office.technician.id, "wo_assigned", "email"],
        [first, "request_received", "email"],
        [second, "request_received", "email"],
    ]);
    assert_eq!(office.told()?, expected);
    assert!(office.waiting()?.is_empty(), "they are done with");

    let again = office.sender.ask(async |session| apply(&session, &wanted).await)?;
    assert_eq!(Value::Object(again.counts), json!({"events": 0, "notifications": 0, "deliveries": 0}));
    assert_eq!(office.told()?, expected);
    Ok(())
}

#[test]
fn eight_at_once_tell_everyone_once() -> Result<()> {
    let mut office = Office::open()?;
    let wanted = decided(&office.waiting()?);
    let senders = office.world.eight("function:notification-sender")?;
    let written = at_once(senders, |sender| Ok(sender.ask(async |session| apply(&session, &wanted).await)?))?;
    let told: u64 = written.iter().filter_map(|written| written.counts.get("notifications")?.as_u64()).sum();
    assert_eq!(told, 3, "{written:?}");
    assert_eq!(office.told()?.as_array().map(Vec::len), Some(3));
    Ok(())
}

#[test]
fn people_who_left_are_told_of_nothing() -> Result<()> {
    let mut office = Office::open()?;
    let (gone, technician) = (office.supervisors[0].id, office.technician.id);
    office
        .world
        .change("update public.profiles set active = false where id in ($1, $2)", &[&gone, &technician])?;
    let wanted = decided(&office.waiting()?);
    office.sender.ask(async |session| apply(&session, &wanted).await)?;
    assert_eq!(office.told()?, json!([[office.supervisors[1].id, "request_received", "email"]]));
    assert!(office.waiting()?.is_empty(), "an event that concerns nobody is done with, too");
    Ok(())
}

#[test]
fn an_event_that_is_refused_is_put_aside_alone() -> Result<()> {
    let mut office = Office::open()?;
    let mut events = office.waiting()?;
    let stranger = uuid::Uuid::now_v7();
    for candidate in &mut events[1].candidates {
        candidate.id.0 = stranger;
    }
    let (told, refused) = (events[0].id, events[1].id);
    let written = office.sender.ask(async |session| apply(&session, &decided(&events)).await)?;
    assert_eq!(written.counts.get("events"), Some(&json!(1)), "{told} alone");
    let subjects: Vec<_> = written.problems.iter().map(|problem| problem.subject.clone()).collect();
    assert_eq!(subjects, [format!("event {refused}")]);
    assert!(office.waiting()?.is_empty(), "it is not met again at once");
    Ok(())
}

#[test]
fn an_event_that_cannot_be_read_is_put_aside_alone() -> Result<()> {
    // In a database of its own, whose guard is gone: as if a value had got past it.
    let mut world = World::aside("event_unreadable")?;
    world.sql.batch_execute("alter table public.work_orders drop constraint work_orders_due_at_check")?;
    let mut office = Office::in_world(world)?;
    let endless = "update public.work_orders w set due_at = 'infinity' from public.events e
        where e.work_order_id = w.id and e.id = $1";
    let [bad, good] = [office.waiting()?[0].id, office.waiting()?[1].id];
    office.world.change(endless, &[&bad.0])?;
    assert_eq!(office.waiting()?.iter().map(|event| event.id).collect::<Vec<_>>(), [good]);
    let page = office.sender.ask(async |session| waiting(&session, ALL).await)?;
    let rows: Vec<_> = page.unreadable.iter().filter(|row| row.word("id") == bad.to_string()).collect();
    assert_eq!(rows.len(), 1);
    let problems = [unread("event", rows[0])];
    office.sender.ask(async |session| report(&session, &problems).await)?;
    let page = office.sender.ask(async |session| waiting(&session, ALL).await)?;
    assert!(page.unreadable.iter().all(|row| row.word("id") != bad.to_string()), "put aside");
    Ok(())
}
