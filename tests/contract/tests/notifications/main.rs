//! From an event to a message that someone gets once.

mod deliveries;
mod office;

use anyhow::Result;
use millwright_contract_tests::at_once;
use millwright_store::notifications::apply;
use office::{Office, decided};
use serde_json::{Value, json};

#[test]
fn everyone_concerned_is_told_once() -> Result<()> {
    let mut office = Office::open()?;
    let events = office.waiting()?;
    assert_eq!(events.len(), 2);
    let (ids, wanted) = decided(&events);
    let written = office.sender.ask(async |session| apply(&session, &ids, &wanted).await)?;
    assert_eq!(Value::Object(written), json!({"events": 2, "notifications": 3, "deliveries": 3}));

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

    let again = office.sender.ask(async |session| apply(&session, &ids, &wanted).await)?;
    assert_eq!(Value::Object(again), json!({"events": 0, "notifications": 0, "deliveries": 0}));
    assert_eq!(office.told()?, expected);
    Ok(())
}

#[test]
fn eight_at_once_tell_everyone_once() -> Result<()> {
    let mut office = Office::open()?;
    let (ids, wanted) = decided(&office.waiting()?);
    let senders = office.world.eight("function:notification-sender")?;
    let written =
        at_once(senders, |sender| Ok(sender.ask(async |session| apply(&session, &ids, &wanted).await)?))?;
    let told: u64 = written.iter().filter_map(|counts| counts.get("notifications")?.as_u64()).sum();
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
    let (ids, wanted) = decided(&office.waiting()?);
    office.sender.ask(async |session| apply(&session, &ids, &wanted).await)?;
    assert_eq!(office.told()?, json!([[office.supervisors[1].id, "request_received", "email"]]));
    assert!(office.waiting()?.is_empty(), "an event that concerns nobody is done with, too");
    Ok(())
}
