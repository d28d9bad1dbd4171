//! One way that a message takes: attempts, leases and ends.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use crate::office::{ALL, Office, decided};
use anyhow::{Context, Result, bail};
use millwright_contract_tests::at_once;
use millwright_domain::rows::Rows;
use millwright_store::notifications::{ClaimedDelivery, Delivery, Finished, apply, claim, finish, put_aside};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Seconds; no test takes as long.
const LEASE: u32 = 600;

/// Deliveries are claimed whosever they are, so one test does all the claiming.
#[test]
fn a_delivery_is_claimed_leased_fenced_and_ended() -> Result<()> {
    let mut post = PostOffice::open()?;
    post.one_claim_holds_what_it_has()?;
    post.a_lease_that_ran_out_is_another_attempt()?;
    post.what_is_tried_again_waits_its_time()?;
    post.what_is_dead_or_delivered_stays_so()?;
    post.eight_at_once_share_without_overlap()?;
    post.what_cannot_be_read_ends_alone()?;
    post.whoever_has_left_is_told_nothing_more()
}

/// An office with its three messages written.
struct PostOffice {
    office: Office,
    mine: BTreeSet<Uuid>,
}

impl PostOffice {
    fn open() -> Result<Self> {
        let mut office = Office::open()?;
        let events = office.waiting()?;
        let wanted = decided(&events);
        office.sender.ask(async |session| apply(&session, &wanted).await)?;
        let mine = office.world.value(
            "select jsonb_agg(d.id) from public.deliveries d join public.notifications n on n.id = d.notification_id
             where n.event_id = any ($1)",
            &[&events.iter().map(|event| event.id.0).collect::<Vec<_>>()],
        )?;
        // First in the queue, so that a claim of one is a claim of one of these.
        office.world.change(
            "update public.deliveries set run_at = '2001-01-01' where id in (select jsonb_array_elements_text($1)::uuid)",
            &[&mine],
        )?;
        Ok(Self { office, mine: serde_json::from_value(mine)? })
    }

    /// Claims in the name of `id`, and tells of what is this office's.
    fn claim(&mut self, id: Uuid, limit: usize) -> Result<Vec<ClaimedDelivery>> {
        let all = self.office.sender.ask(async |session| claim(&session, id, limit, LEASE).await)?;
        Ok(all.read.into_iter().filter(|claimed| self.mine.contains(&claimed.id.0)).collect())
    }

    fn finish(&self, of: &ClaimedDelivery, result: Delivery) -> Result<u64> {
        let finished = [Finished { id: of.id, attempt: of.attempt, result }];
        Ok(self.office.sender.ask(async |session| finish(&session, &finished).await)?)
    }

    fn is(&mut self, of: &ClaimedDelivery) -> Result<Value> {
        self.office.world.value("select to_jsonb(d) from public.deliveries d where id = $1", &[&of.id.0])
    }

    fn change(&mut self, set: &str) -> Result<()> {
        let mine: Vec<Uuid> = self.mine.iter().copied().collect();
        self.office.world.change(&format!("update public.deliveries set {set} where id = any ($1)"), &[&mine])
    }

    fn one_claim_holds_what_it_has(&mut self) -> Result<()> {
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let held = self.claim(one, 1)?;
        let again = self.claim(one, 1)?;
        let [first] = held.as_slice() else { bail!("{held:?}") };
        let [same] = again.as_slice() else { bail!("{again:?}") };
        assert_eq!((first.id, first.attempt), (same.id, same.attempt), "the answer that was lost, once more");
        assert_eq!(first.attempt, 1);
        assert!(first.email.ends_with("@contract.test"), "{first:?}");
        assert!(first.body.starts_with(&first.title), "{first:?}");
        let others = self.claim(other, ALL)?;
        assert_eq!(others.len(), 2);
        assert!(others.iter().all(|claimed| claimed.id != first.id));
        Ok(())
    }

    fn a_lease_that_ran_out_is_another_attempt(&mut self) -> Result<()> {
        assert!(self.claim(Uuid::now_v7(), ALL)?.is_empty(), "all are held");
        self.change("lease_until = now() - interval '1 second'")?;
        let late = self.claim(Uuid::now_v7(), ALL)?;
        assert_eq!(late.len(), 3);
        assert!(late.iter().all(|claimed| claimed.attempt == 2), "{late:?}");
        let first = ClaimedDelivery { attempt: 1, ..late.first().context("none")?.clone() };
        assert_eq!(self.finish(&first, Delivery::Dead { error: "late".to_owned() })?, 0, "fenced");
        assert_eq!(self.is(&first)?["state"], "running");
        Ok(())
    }

    fn what_is_tried_again_waits_its_time(&mut self) -> Result<()> {
        self.change("lease_until = now() - interval '1 second'")?;
        for claimed in self.claim(Uuid::now_v7(), ALL)? {
            let again = Delivery::Ready { retry_seconds: 300, error: "the provider answered 503".to_owned() };
            assert_eq!(self.finish(&claimed, again.clone())?, 1);
            assert_eq!(self.finish(&claimed, again)?, 0, "it was finished");
            let row = self.is(&claimed)?;
            assert_eq!(
                (&row["state"], &row["last_error"]),
                (&json!("ready"), &json!("the provider answered 503"))
            );
        }
        assert!(self.claim(Uuid::now_v7(), ALL)?.is_empty(), "not before its time");
        self.change("run_at = run_at - interval '300 seconds'")?;
        let now = self.claim(Uuid::now_v7(), ALL)?;
        assert!(now.len() == 3 && now.iter().all(|claimed| claimed.attempt == 4), "{now:?}");
        Ok(())
    }

    fn what_is_dead_or_delivered_stays_so(&mut self) -> Result<()> {
        self.change("lease_until = now() - interval '1 second'")?;
        let claimed = self.claim(Uuid::now_v7(), ALL)?;
        let [dead, delivered, _] = claimed.as_slice() else { bail!("{claimed:?}") };
        assert_eq!(self.finish(dead, Delivery::Dead { error: "no such address".to_owned() })?, 1);
        assert_eq!(self.finish(delivered, Delivery::Delivered { provider_id: "p-1".to_owned() })?, 1);
        let (dead_row, delivered_row) = (self.is(dead)?, self.is(delivered)?);
        assert_eq!(
            (&dead_row["state"], &dead_row["last_error"]),
            (&json!("dead"), &json!("no such address"))
        );
        assert_eq!(
            (&delivered_row["state"], &delivered_row["provider_id"]),
            (&json!("delivered"), &json!("p-1"))
        );
        assert!(self.claim(Uuid::now_v7(), ALL)?.is_empty());
        assert_eq!(self.finish(dead, Delivery::Delivered { provider_id: "p-2".to_owned() })?, 0);
        Ok(())
    }

    fn eight_at_once_share_without_overlap(&mut self) -> Result<()> {
        self.change("state = 'ready', run_at = '2001-01-01', claim_id = null, lease_until = null")?;
        let senders = self.office.world.eight("function:notification-sender")?;
        let claims = at_once(senders, |sender| {
            Ok(sender.ask(async |session| claim(&session, Uuid::now_v7(), 1, LEASE).await)?)
        })?;
        let mut got: Vec<_> = claims
            .iter()
            .flat_map(|claimed| &claimed.read)
            .map(|c| c.id.0)
            .filter(|id| self.mine.contains(id))
            .collect();
        got.sort_unstable();
        assert_eq!(got, self.mine.iter().copied().collect::<Vec<_>>(), "each by one");
        Ok(())
    }

    fn what_cannot_be_read_ends_alone(&mut self) -> Result<()> {
        self.change("state = 'ready', run_at = '2001-01-01', claim_id = null, lease_until = null")?;
        let mine = Uuid::now_v7();
        let claimed = self.claim(mine, ALL)?;
        let [bad, good, _] = claimed.as_slice() else { bail!("{claimed:?}") };
        let rows: Rows<ClaimedDelivery> = serde_json::from_value(json!([{"id": bad.id}]))?;
        let ended = |claim| {
            self.office.sender.ask(async |session| put_aside(&session, claim, &rows.unreadable).await)
        };
        assert_eq!(ended(Uuid::now_v7())?, 0, "it is not that claim's");
        assert_eq!(ended(mine)?, 1);
        let (bad_row, good_row) = (self.is(bad)?, self.is(good)?);
        assert_eq!((&bad_row["state"], &good_row["state"]), (&json!("dead"), &json!("running")));
        let reported = "select count(*) from public.dead_letters where reference = $1";
        assert_eq!(self.office.world.value(reported, &[&format!("delivery {}", bad.id)])?, json!(1));
        Ok(())
    }

    fn whoever_has_left_is_told_nothing_more(&mut self) -> Result<()> {
        self.change(
            "state = 'ready', attempt = 0, run_at = '2001-01-01', claim_id = null, lease_until = null",
        )?;
        let id = self.office.technician.id;
        self.office.world.change("update public.profiles set active = false where id = $1", &[&id])?;
        let claimed = self.claim(Uuid::now_v7(), ALL)?;
        assert_eq!(claimed.len(), 2, "those of the supervisors: {claimed:?}");
        let ended = "select jsonb_agg(jsonb_build_array(d.state, d.last_error)) from public.deliveries d
            join public.notifications n on n.id = d.notification_id where n.recipient_id = $1";
        assert_eq!(
            self.office.world.value(ended, &[&id])?,
            json!([["dead", "its recipient is no longer active"]])
        );
        Ok(())
    }
}
