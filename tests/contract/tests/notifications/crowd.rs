//! One person who does very much fills nobody's mailbox: a bounded number of messages, and all of it in the inbox.

use crate::office::{Office, decided};
use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, World, with};
use millwright_store::notifications::apply;
use serde_json::{Value, json};
use uuid::Uuid;

impl Office {
    /// Someone who asks for work here.
    fn requester(&mut self) -> Result<Caller> {
        let one = self.world.person("requester", self.warehouse)?;
        self.world.caller(&one.email)
    }

    /// Tells of all that waits here; then what one supervisor has in the inbox, and how many messages went out.
    fn told_of_all(&mut self) -> Result<[u64; 2]> {
        let events = self.waiting()?;
        self.sender.ask(async |session| apply(&session, &decided(&events)).await)?;
        let who = self.supervisors[0].id;
        let told = self.world.value(
            "select jsonb_build_array(count(distinct n.id), count(d.id)) from public.notifications n
             left join public.deliveries d on d.notification_id = n.id where n.recipient_id = $1",
            &[&who],
        )?;
        Ok(serde_json::from_value(told)?)
    }
}

fn ask_for(requester: &Caller, how_many: usize, more: &Value) -> Result<()> {
    let one = with(json!({"type": "corrective", "title": "Belt slips"}), more);
    let answer = requester.insert("work_orders", &json!(vec![one; how_many]))?;
    anyhow::ensure!(answer.status == 201, "{answer:?}");
    Ok(())
}

/// An hour passes for all counters of messages.
fn let_an_hour_pass(world: &mut World) -> Result<()> {
    world
        .change("update private.rates set ends_at = ends_at - interval '1 hour' where name = 'messages'", &[])
}

#[test]
fn two_hundred_requests_of_one_person_are_ten_messages_and_all_in_the_inbox() -> Result<()> {
    let mut office = Office::in_world(World::aside("crowd_of_requests")?)?;
    assert_eq!(office.told_of_all()?, [1, 1]);
    let requester = office.requester()?;
    ask_for(&requester, 200, &json!({}))?;
    assert_eq!(office.told_of_all()?, [201, 11]);
    let last =
        "select count(*) from public.notifications n join public.deliveries d on d.notification_id = n.id
        where n.recipient_id = $1 and n.body like '%More of these within the hour are in the inbox alone.'";
    let supervisor = office.supervisors[0].id;
    assert_eq!(office.world.value(last, &[&supervisor])?, 1, "the last one says so");
    // One by one is no way around it.
    for _ in 0..2 {
        ask_for(&requester, 1, &json!({}))?;
        office.told_of_all()?;
    }
    assert_eq!(office.told_of_all()?, [203, 11]);
    // What is urgent, and what others ask for, is told at once.
    ask_for(&requester, 1, &json!({"priority": "critical"}))?;
    assert_eq!(office.told_of_all()?, [204, 12], "critical");
    ask_for(&requester, 1, &json!({"type": "emergency"}))?;
    assert_eq!(office.told_of_all()?, [205, 13], "an emergency");
    let other = office.requester()?;
    ask_for(&other, 1, &json!({}))?;
    assert_eq!(office.told_of_all()?, [206, 14], "of someone else");
    ask_for(&requester, 40, &json!({"priority": "critical"}))?;
    assert_eq!(office.told_of_all()?, [246, 42], "thirty of what is urgent");
    let_an_hour_pass(&mut office.world)?;
    ask_for(&requester, 1, &json!({}))?;
    assert_eq!(office.told_of_all()?, [247, 43], "an hour later");
    Ok(())
}

#[test]
fn requests_of_strangers_are_bounded_together_and_escalations_are_not() -> Result<()> {
    let mut office = Office::open()?;
    let strangers: Vec<Uuid> =
        (0..15).map(|_| office.world.work_order(office.warehouse, &json!({}))).collect::<Result<_>>()?;
    let [_, messages] = office.told_of_all()?;
    assert_eq!(messages, 10, "of sixteen requests");
    let first = strangers.first().context("one")?;
    office.world.change(
        "insert into public.events (kind, warehouse_id, work_order_id, details)
         select 'wo_escalation', $1, $2, jsonb_build_object('level', n, 'action', 'notify_supervisor', 'reason', 'late')
         from generate_series(1, 15) n",
        &[&office.warehouse, first],
    )?;
    assert_eq!(office.told_of_all()?[1], messages + 15);
    Ok(())
}
