//! Work that has ended: the moves that are left, what is free again with it, and who may judge it. That nothing else is
//! written on it is in `isolation/matrix/frozen.rs`.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result, anyhow, bail};
use millwright_contract_tests::{Answer, Caller, Person, World, with};
use millwright_domain::resource::Row;
use millwright_domain::work_order::Status;
use millwright_store::work_orders::{Moved, move_to};
use reqwest::Method;
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

struct Shop {
    world: World,
    warehouse: Uuid,
    technician: Person,
    supervisor: Caller,
    hours: i32,
}

impl Shop {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let technician = world.person("technician", warehouse)?;
        let supervisor = world.person("supervisor", warehouse)?;
        let supervisor = world.caller(&supervisor.email)?;
        Ok(Self { world, warehouse, technician, supervisor, hours: 0 })
    }

    /// A work order that the technician has, or had completed.
    fn order(&mut self, status: &str, more: &Value) -> Result<Uuid> {
        let me = self.technician.id;
        let row = json!({"status": status, "assigned_to": me, "completed_by": me, "completed_at": "2026-01-01T00:00:00Z"});
        self.world.work_order(self.warehouse, &with(row, more))
    }

    fn another_supervisor(&mut self) -> Result<Caller> {
        let one = self.world.person("supervisor", self.warehouse)?;
        self.world.caller(&one.email)
    }

    fn now(&mut self, order: Uuid) -> Result<Value> {
        self.world.value("select to_jsonb(w) from public.work_orders w where id = $1", &[&order])
    }

    /// An API token that this administrator makes, as its own caller.
    fn token(&mut self, admin: &Caller, role: &str) -> Result<(Uuid, Caller)> {
        let made = json!({"name": "A robot", "role": role, "warehouse_id": self.warehouse});
        let made = admin.insert("api_tokens", &made)?;
        let id: Uuid = made.body[0]["id"].as_str().with_context(|| format!("{made:?}"))?.parse()?;
        Ok((id, self.world.api_token(id)?))
    }

    /// A completed work order in which this person had such a hand.
    fn done_with(&mut self, hand: &str, who: Uuid) -> Result<Uuid> {
        if hand == "completed_by" || hand == "assigned_to" {
            return self.order("completed", &json!({ hand: who }));
        }
        let order = self.order("completed", &json!({}))?;
        let row = json!({"work_order_id": order, "profile_id": who});
        if hand == "crew" {
            self.world.insert_row("work_order_crew", &row)?;
        } else {
            // Nobody works on two things at once.
            let [from, until] = [0, 1].map(|later| format!("2026-01-01T{:02}:00:00Z", self.hours + later));
            self.world.insert("time_logs", &with(row, &json!({"started_at": from, "stopped_at": until})))?;
            self.hours += 1;
        }
        Ok(order)
    }
}

fn change(caller: &Caller, order: Uuid, changes: &Value) -> Result<Answer> {
    caller.change(&format!("work_orders?id=eq.{order}"), changes)
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["message"].as_str().unwrap_or_default())
}

#[test]
fn a_move_that_ends_work_brings_its_note_and_custom_fields_and_nothing_else() -> Result<()> {
    let mut shop = Shop::open()?;
    let order = shop.order("verified", &json!({}))?;
    let before = shop.now(order)?;
    for changes in [
        json!({"status_note": "later"}),
        json!({"custom_fields": {"a": 1}}),
        json!({"title": "Another"}),
        json!({"status": "closed", "title": "Another"}),
        json!({"status": "closed", "due_at": "2026-02-01T00:00:00Z"}),
        json!({"acknowledged_until": "2026-02-01T00:00:00Z"}),
    ] {
        assert_eq!(told(&change(&shop.supervisor, order, &changes)?), (409, "work_has_ended"), "{changes}");
        assert_eq!(shop.now(order)?, before, "{changes}");
    }
    let closes = json!({"status": "closed", "status_note": "looked", "custom_fields": {"a": 1}});
    assert_eq!(change(&shop.supervisor, order, &closes)?.status, 204);
    let now = shop.now(order)?;
    assert_eq!(
        (&now["status"], &now["status_note"], &now["custom_fields"]),
        (&json!("closed"), &json!("looked"), &json!({"a": 1}))
    );
    let again = change(&shop.supervisor, order, &json!({"status": "in_progress", "status_note": "why"}))?;
    assert_eq!(told(&again), (409, "move_not_open"));
    Ok(())
}

#[test]
fn work_that_is_taken_up_again_is_written_on_again() -> Result<()> {
    let mut shop = Shop::open()?;
    let order = shop.order("verified", &json!({}))?;
    let item = json!({"work_order_id": order, "component": "Belt", "action": "Look"});
    assert_eq!(told(&shop.supervisor.insert("checklist_items", &item)?), (409, "work_has_ended"));
    let reopens =
        json!({"status": "in_progress", "status_note": "it slips again", "title": "Belt slips again"});
    assert_eq!(change(&shop.supervisor, order, &reopens)?.status, 204);
    let now = shop.now(order)?;
    assert_eq!(
        (&now["completed_at"], &now["completed_by"], &now["title"]),
        (&json!(null), &json!(null), &json!("Belt slips again"))
    );
    assert_eq!(shop.supervisor.insert("checklist_items", &item)?.status, 201);
    Ok(())
}

#[test]
fn what_is_said_of_closed_work_changes_nothing_of_it() -> Result<()> {
    let mut shop = Shop::open()?;
    let order = shop.order("closed", &json!({"last_activity_at": "2026-01-01T00:00:00Z"}))?;
    let before = shop.now(order)?;
    let comment = json!({"work_order_id": order, "body": "It has held ever since."});
    assert_eq!(shop.supervisor.insert("comments", &comment)?.status, 201);
    let mut now = shop.now(order)?;
    assert_ne!(now["last_activity_at"], before["last_activity_at"]);
    now["last_activity_at"] = before["last_activity_at"].clone();
    assert_eq!(now, before);
    Ok(())
}

#[test]
fn whoever_did_completed_work_stays_in_its_crew() -> Result<()> {
    let mut shop = Shop::open()?;
    let lead = shop.world.person("supervisor", shop.warehouse)?;
    let caller = shop.world.caller(&lead.email)?;
    let order = shop.done_with("crew", lead.id)?;
    let own = format!("work_order_crew?work_order_id=eq.{order}");
    let leaves = caller.send(Method::DELETE, "public", &own, None, &[])?;
    assert_eq!(told(&leaves), (409, "work_has_ended"));
    assert_eq!(told(&change(&caller, order, &json!({"status": "verified"}))?), (409, "move_not_open"));
    Ok(())
}

#[test]
fn a_stop_that_outlasts_its_work_is_ended() -> Result<()> {
    let mut shop = Shop::open()?;
    let (order, machine) = (shop.order("closed", &json!({}))?, shop.world.machine(shop.warehouse)?);
    let downtime = json!({"equipment_id": machine, "work_order_id": order, "warehouse_id": shop.warehouse, "started_at": "2026-01-01T00:00:00Z"});
    let one = format!("downtime_intervals?id=eq.{}", shop.world.insert("downtime_intervals", &downtime)?);
    let changes = |said: Value| shop.supervisor.change(&one, &said);
    assert_eq!(changes(json!({"ended_at": "2026-01-02T00:00:00Z"}))?.status, 204);
    assert_eq!(
        told(&changes(json!({"ended_at": "2026-01-03T00:00:00Z", "planned": true}))?),
        (409, "work_has_ended")
    );
    assert_eq!(
        told(&changes(json!({"work_order_id": null}))?),
        (409, "work_has_ended"),
        "it is not taken from it"
    );
    Ok(())
}

#[test]
fn what_was_reserved_is_free_again_when_work_ends() -> Result<()> {
    let mut shop = Shop::open()?;
    for (from, to) in [("in_progress", "completed"), ("assigned", "cancelled")] {
        let order = shop.order(from, &json!({"completed_by": null, "completed_at": null}))?;
        let parts = [1, 2].map(|n| json!({"part_number": format!("{from}-{n}"), "name": "Bearing", "on_hand": 5, "warehouse_id": shop.warehouse}));
        let parts = parts.iter().map(|part| shop.world.insert("parts", part)).collect::<Result<Vec<_>>>()?;
        for part in &parts {
            let row = json!({"part_id": part, "work_order_id": order, "quantity": 4});
            assert_eq!(shop.supervisor.insert("part_reservations", &row)?.status, 201);
        }
        assert_eq!(change(&shop.supervisor, order, &json!({"status": to}))?.status, 204, "{to}");
        let left = "select jsonb_build_array((select jsonb_agg(p.reserved) from public.parts p where p.id = any ($1)),
             (select count(*) from public.part_reservations r where r.part_id = any ($1)))";
        assert_eq!(shop.world.value(left, &[&parts])?, json!([[0, 0], 0]), "{to}");
        let again = json!({"part_id": parts[0], "work_order_id": order, "quantity": 1});
        assert_eq!(
            told(&shop.supervisor.insert("part_reservations", &again)?),
            (409, "work_has_ended"),
            "{to}"
        );
    }
    Ok(())
}

/// The database refuses it, and the domain says the same.
fn is_refused(caller: &Caller, order: Uuid, to: Status) -> Result<bool> {
    let changes = Row::from_iter([("status".to_owned(), json!(to)), ("note".to_owned(), json!("looked at"))]);
    let moved = caller.ask(async |session| move_to(&session, order, None, &changes, None).await)?;
    match moved.context("it is not seen")? {
        Moved::Made { .. } => Ok(false),
        Moved::Refused { refused, standing, .. } => {
            anyhow::ensure!(refused == "move_not_open", "{refused}");
            anyhow::ensure!(standing.had_a_hand && standing.refusal(to).is_some(), "{standing:?}");
            Ok(true)
        }
    }
}

#[test]
fn nobody_judges_work_that_they_had_a_hand_in() -> Result<()> {
    let mut shop = Shop::open()?;
    let admin = shop.world.person("admin", shop.warehouse)?;
    let caller = shop.world.caller(&admin.email)?;
    let (robot, robot_calls) = shop.token(&caller, "supervisor")?;
    let (other, other_calls) = shop.token(&caller, "supervisor")?;
    // One that a token made in its turn.
    let (_, chief) = shop.token(&caller, "admin")?;
    let (small, small_calls) = shop.token(&chief, "supervisor")?;
    let same = [(admin.id, &caller), (robot, &robot_calls), (other, &other_calls), (small, &small_calls)];
    for hand in ["completed_by", "assigned_to", "crew", "time"] {
        for (doer, _) in &same {
            let order = shop.done_with(hand, *doer)?;
            for (judge, calls) in &same {
                for to in [Status::Verified, Status::InProgress] {
                    assert!(is_refused(calls, order, to)?, "{hand} of {doer}: {to:?} by {judge}");
                }
            }
            assert_eq!(shop.now(order)?["status"], "completed");
            assert!(!is_refused(&shop.supervisor, order, Status::Verified)?, "{hand}: by someone else");
            assert!(
                is_refused(&caller, order, Status::InProgress)?,
                "{hand} of {doer}: reopened when verified"
            );
            assert!(!is_refused(&robot_calls, order, Status::Closed)?, "{hand}: to close it is no judgement");
        }
    }
    let of_others = shop.order("completed", &json!({}))?;
    if is_refused(&robot_calls, of_others, Status::Verified)? {
        bail!("a token judges what nobody behind it did");
    }
    Ok(())
}

/// Gives an order to someone, and moves it as that person or as someone else.
fn moves(caller: &Caller, order: Uuid, changes: &Value) -> Result<()> {
    let answer = change(caller, order, changes)?;
    anyhow::ensure!(answer.status == 204, "{changes}: {answer:?}");
    Ok(())
}

#[test]
fn whoever_did_the_work_once_does_not_judge_it_after_others_took_it_up_again() -> Result<()> {
    let mut shop = Shop::open()?;
    let (doer, lead) =
        (shop.world.person("supervisor", shop.warehouse)?, shop.world.person("supervisor", shop.warehouse)?);
    let (doer_calls, lead_calls) = (shop.world.caller(&doer.email)?, shop.world.caller(&lead.email)?);
    let technician = shop.world.caller(&shop.technician.email)?;
    let fresh = json!({"completed_at": null, "completed_by": null});

    let completed_it = shop.order("in_progress", &with(fresh.clone(), &json!({"assigned_to": doer.id})))?;
    moves(&doer_calls, completed_it, &json!({"status": "completed"}))?;
    moves(&lead_calls, completed_it, &json!({"status": "in_progress", "status_note": "it still slips"}))?;
    moves(&lead_calls, completed_it, &json!({"assigned_to": shop.technician.id}))?;
    moves(&technician, completed_it, &json!({"status": "completed"}))?;

    let began_it = shop.order("assigned", &with(fresh.clone(), &json!({"assigned_to": doer.id})))?;
    moves(&doer_calls, began_it, &json!({"status": "in_progress"}))?;
    moves(&doer_calls, began_it, &json!({"assigned_to": shop.technician.id}))?;
    moves(&technician, began_it, &json!({"status": "completed"}))?;

    let in_its_crew = shop.order("in_progress", &fresh)?;
    let crew = json!({"work_order_id": in_its_crew, "profile_id": doer.id});
    assert_eq!(lead_calls.insert("work_order_crew", &crew)?.status, 201);
    moves(&technician, in_its_crew, &json!({"status": "completed"}))?;
    moves(&lead_calls, in_its_crew, &json!({"status": "in_progress", "status_note": "again"}))?;
    let leaves = format!("work_order_crew?work_order_id=eq.{in_its_crew}");
    assert_eq!(doer_calls.send(Method::DELETE, "public", &leaves, None, &[])?.status, 204);
    moves(&technician, in_its_crew, &json!({"status": "completed"}))?;

    for order in [completed_it, began_it, in_its_crew] {
        for to in [Status::Verified, Status::InProgress] {
            assert!(is_refused(&doer_calls, order, to)?, "{to:?}");
        }
        assert!(!is_refused(&lead_calls, order, Status::Verified)?);
    }
    // Whoever was only named, or moved it for the one who has it, may judge it.
    let named = shop.order("assigned", &with(fresh, &json!({"assigned_to": doer.id})))?;
    moves(&lead_calls, named, &json!({"assigned_to": shop.technician.id}))?;
    moves(&doer_calls, named, &json!({"status": "in_progress"}))?;
    moves(&technician, named, &json!({"status": "completed"}))?;
    assert!(!is_refused(&doer_calls, named, Status::Verified)?);
    Ok(())
}

#[test]
fn time_that_is_brought_after_completion_was_worked_before_it_by_who_brings_it() -> Result<()> {
    let mut shop = Shop::open()?;
    let judge = shop.world.person("supervisor", shop.warehouse)?;
    let technician = shop.world.caller(&shop.technician.email)?;
    let order = shop.order("completed", &json!({"completed_at": "2026-01-01T12:00:00Z"}))?;
    let time = |who: Uuid, from: &str, until: &str| json!({"work_order_id": order, "profile_id": who, "started_at": format!("2026-01-01T{from}Z"), "stopped_at": format!("2026-01-01T{until}Z")});
    let bars = time(judge.id, "09:00:00", "09:00:01");
    assert_eq!(told(&shop.supervisor.insert("time_logs", &bars)?), (409, "work_has_ended"), "for a judge");
    let me = shop.technician.id;
    let later = time(me, "11:30:00", "12:00:01");
    assert_eq!(told(&technician.insert("time_logs", &later)?), (409, "work_has_ended"), "after completion");
    let brought = technician.insert("time_logs", &time(me, "09:00:00", "11:00:00"))?;
    assert_eq!(brought.status, 201, "{brought:?}");
    let own = format!("time_logs?id=eq.{}", brought.body[0]["id"].as_str().context("an id")?);
    let put_right = |caller: &Caller, until: &str| {
        caller.change(&own, &json!({"stopped_at": format!("2026-01-01T{until}Z")}))
    };
    assert_eq!(put_right(&technician, "12:00:00")?.status, 204);
    assert_eq!(put_right(&shop.supervisor, "10:00:00")?.status, 204, "by who leads");
    assert_eq!(told(&put_right(&technician, "12:00:01")?), (409, "work_has_ended"));
    let judge = shop.world.caller(&judge.email)?;
    assert!(!is_refused(&judge, order, Status::Verified)?);
    Ok(())
}

/// Waits until someone waits for a lock that this session holds.
fn someone_waits(shop: &mut Shop, holder: i32) -> Result<()> {
    for _ in 0..100 {
        let waits = "select exists (select from pg_stat_activity where $1 = any (pg_blocking_pids(pid)))";
        if shop.world.value(waits, &[&holder])? == json!(true) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    bail!("nobody waits")
}

#[test]
fn what_is_added_at_the_moment_at_which_work_ends_does_not_slip_in() -> Result<()> {
    let mut shop = Shop::open()?;
    let part = json!({"part_number": "B-1", "name": "Bearing", "on_hand": 5, "warehouse_id": shop.warehouse});
    let part = shop.world.insert("parts", &part)?;
    let other =
        shop.order("new", &json!({"assigned_to": null, "completed_by": null, "completed_at": null}))?;
    let mate = shop.world.person("technician", shop.warehouse)?.id;
    let me = shop.technician.id;
    let log =
        json!({"profile_id": me, "started_at": "2025-12-31T09:00:00Z", "stopped_at": "2025-12-31T10:00:00Z"});
    for (table, row) in [
        ("time_logs", log),
        ("checklist_items", json!({"component": "Belt", "action": "Look"})),
        ("checklist_items", json!({"component": "Belt", "action": "Look", "position": 9})),
        ("work_order_crew", json!({"profile_id": mate})),
        ("work_order_relations", json!({"kind": "related_to", "other_id": other})),
        ("part_transactions", json!({"part_id": part, "type": "used", "quantity": 1})),
        ("part_reservations", json!({"part_id": part, "quantity": 1})),
    ] {
        let order = shop.order("in_progress", &json!({"completed_at": null, "completed_by": null}))?;
        let row = with(row, &json!({"work_order_id": order}));
        let mut ends = shop.world.stack().connect()?;
        let holder: i32 = ends.query_one("select pg_backend_pid()", &[])?.get(0);
        let mut ending = ends.transaction()?;
        ending.execute("update public.work_orders set status = 'verified', completed_at = now(), completed_by = $2 where id = $1", &[&order, &me])?;
        let calls = if table == "time_logs" {
            shop.world.caller(&shop.technician.email)?
        } else {
            shop.another_supervisor()?
        };
        let answer = thread::scope(|scope| {
            let writer = scope.spawn(|| calls.insert(table, &row));
            let waited = someone_waits(&mut shop, holder);
            ending.commit()?;
            let answer = writer.join().map_err(|_| anyhow!("a thread panicked"))??;
            waited.with_context(|| format!("{table}: {answer:?}"))?;
            anyhow::Ok(answer)
        })?;
        assert_eq!(told(&answer), (409, "work_has_ended"), "{table}: {answer:?}");
        let left = shop
            .world
            .value(&format!("select count(*) from public.{table} where work_order_id = $1"), &[&order])?;
        assert_eq!(left, 0, "{table}");
    }
    Ok(())
}

/// Whoever changes a running clock or a reservation has its row before the work order; if whoever moves the work order had them
/// crosswise, both would wait for each other.
#[test]
fn whoever_moves_work_does_not_hold_it_while_they_wait_for_what_lies_below() -> Result<()> {
    let mut shop = Shop::open()?;
    let part = json!({"part_number": "B-1", "name": "Bearing", "on_hand": 5, "reserved": 1, "warehouse_id": shop.warehouse});
    let part = shop.world.insert("parts", &part)?;
    let me = shop.technician.id;
    for (table, row, to) in [
        ("time_logs", json!({"profile_id": me}), Status::OnHold),
        (
            "part_reservations",
            json!({"part_id": part, "quantity": 1, "warehouse_id": shop.warehouse}),
            Status::Completed,
        ),
    ] {
        let order = shop.order("in_progress", &json!({"completed_at": null, "completed_by": null}))?;
        shop.world.insert_row(table, &with(row, &json!({"work_order_id": order})))?;
        let mut other = shop.world.stack().connect()?;
        let holder: i32 = other.query_one("select pg_backend_pid()", &[])?.get(0);
        let mut writer = other.transaction()?;
        writer.execute(
            &format!("select from public.{table} where work_order_id = $1 for no key update"),
            &[&order],
        )?;
        let changes = Row::from_iter([
            ("status".to_owned(), json!(to)),
            ("hold_reason".to_owned(), json!((to == Status::OnHold).then_some("parts"))),
        ]);
        let lead = shop.another_supervisor()?;
        let moved = thread::scope(|scope| {
            let waiting = scope
                .spawn(|| lead.ask(async |session| move_to(&session, order, None, &changes, None).await));
            let waited = someone_waits(&mut shop, holder);
            let free = writer
                .execute("select from public.work_orders where id = $1 for no key update nowait", &[&order]);
            writer.commit()?;
            let moved = waiting.join().map_err(|_| anyhow!("a thread panicked"))?;
            waited?;
            free.with_context(|| format!("the work order is held by who waits for {table}"))?;
            anyhow::Ok(moved?)
        })?;
        assert!(matches!(moved, Some(Moved::Made { .. })), "{table}");
    }
    Ok(())
}

#[test]
fn whoever_begins_work_as_they_take_it_does_not_judge_it_after_they_gave_it_away() -> Result<()> {
    let mut shop = Shop::open()?;
    let me = shop.world.person("supervisor", shop.warehouse)?;
    let (caller, them) = (shop.world.caller(&me.email)?, shop.technician.id);
    let technician = shop.world.caller(&shop.technician.email.clone())?;
    let order = shop.order("assigned", &json!({"completed_by": null, "completed_at": null}))?;
    assert_eq!(change(&caller, order, &json!({"status": "in_progress", "assigned_to": me.id}))?.status, 204);
    assert_eq!(change(&caller, order, &json!({"assigned_to": them}))?.status, 204);
    moves(&technician, order, &json!({"status": "completed"}))?;
    assert!(is_refused(&caller, order, Status::Verified)?, "they began it themselves");
    moves(&shop.another_supervisor()?, order, &json!({"status": "verified"}))
}

/// It would stand in the way of what they log where they are now, and a refusal would tell when they work there.
#[test]
fn time_of_someone_who_has_moved_is_made_shorter_and_not_longer() -> Result<()> {
    let mut shop = Shop::open()?;
    let order = shop.order("in_progress", &json!({"completed_by": null, "completed_at": null}))?;
    let who = shop.technician.id;
    let row = json!({"work_order_id": order, "profile_id": who, "started_at": "2026-01-05T08:00:00Z",
        "stopped_at": "2026-01-05T10:00:00Z"});
    let log = shop.world.insert("time_logs", &row)?;
    let elsewhere = shop.world.warehouse("UTC")?;
    shop.world.change("update public.profiles set warehouse_id = $2 where id = $1", &[&who, &elsewhere])?;
    let supervisor = &shop.supervisor;
    let write = |changes: Value| supervisor.change(&format!("time_logs?id=eq.{log}"), &changes);
    for longer in [
        json!({"started_at": "2020-01-01T00:00:00Z"}),
        json!({"stopped_at": "2026-01-05T10:00:01Z"}),
        json!({"stopped_at": null}),
        json!({"started_at": "2026-02-05T08:00:00Z", "stopped_at": "2026-02-05T08:01:00Z"}),
    ] {
        let answer = write(longer.clone())?;
        assert_eq!((answer.status, answer.code()), (409, "23503"), "{longer}: {answer:?}");
    }
    let mended = json!({"started_at": "2026-01-05T08:30:00Z", "stopped_at": "2026-01-05T09:30:00Z", "note": "They left early"});
    assert_eq!(write(mended)?.status, 204);
    assert_eq!(write(json!({"annulled_reason": "It was another day"}))?.status, 204);
    Ok(())
}
