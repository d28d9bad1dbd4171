//! What someone may do with a work order, as it is told, is what the database lets them do: every role, in every relation to it,
//! in every status, tries everything.

use crate::scene::{Scene, become_someone, told, tried, words};
use anyhow::{Context, Result};
use millwright_contract_tests::Person;
use millwright_domain::lifecycle::Standing;
use millwright_domain::permission::Right;
use millwright_domain::work_order::Status;
use postgres::Transaction;
use serde_json::json;
use uuid::Uuid;

/// What someone has to do with a work order.
const RELATIONS: [&str; 5] = ["nothing", "asked", "assigned", "crew", "logged time"];

/// What is tried on, all of one warehouse.
struct Stage<'a> {
    warehouse: Uuid,
    me: &'a Person,
    other: Uuid,
    part: Uuid,
    second: Uuid,
}

impl Stage<'_> {
    /// A work order of this status, to which the person has this relation.
    fn order(&self, transaction: &mut Transaction<'_>, status: Status, relation: &str) -> Result<Uuid> {
        let (me, other, id) = (self.me.id, self.other, Uuid::now_v7());
        let requested_by = if relation == "asked" { me } else { other };
        let assigned_to = if relation == "assigned" { me } else { other };
        // Past every trigger: it simply is so.
        transaction.batch_execute(&format!(
            "set local session_replication_role = replica;
             insert into public.work_orders (id, type, title, warehouse_id, status, requested_by, assigned_to, hold_reason,
                 started_at, completed_at, completed_by)
               select '{id}', 'corrective', 'Belt slips', '{0}', '{status}', '{requested_by}',
                 case when '{status}' not in ('new', 'cancelled') then '{assigned_to}'::uuid end,
                 case when '{status}' = 'on_hold' then 'parts'::public.hold_reason end, now() - interval '1 day',
                 case when private.is_done('{status}') then now() end,
                 case when private.is_done('{status}') then '{assigned_to}'::uuid end;
             insert into public.checklist_items (work_order_id, component, action, position, state)
               values ('{id}', 'Belt', 'Look', 1, 'done');
             insert into public.work_order_crew (work_order_id, profile_id) select '{id}', '{me}' where '{relation}' = 'crew';
             insert into public.time_logs (work_order_id, profile_id, started_at, stopped_at)
               select '{id}', '{me}', now() - interval '9 hours', now() - interval '8 hours' where '{relation}' = 'logged time';
             set local session_replication_role = origin",
            self.warehouse
        ))?;
        Ok(id)
    }

    /// The moves that the transition function makes for them.
    fn moves(&self, transaction: &mut Transaction<'_>, id: Uuid) -> Result<Vec<String>> {
        let mut made = Vec::new();
        for to in Status::MOVES {
            let taker = if self.me.role == "technician" { self.me.id } else { self.other };
            let assigned_to = (*to == "assigned").then_some(taker);
            let hold_reason = (*to == "on_hold").then_some("parts");
            let changes = json!({"status": to, "note": "tried", "assigned_to": assigned_to, "hold_reason": hold_reason});
            let mut attempt = transaction.savepoint("attempt")?;
            let answer = told(&mut attempt, &format!("public.work_order_move('{id}', null, '{changes}')"));
            attempt.rollback()?;
            // Someone whom they do not see is nobody to them: refused, too.
            made.extend(answer.ok().filter(|told| told.get("moved").is_some()).map(|_| (*to).to_owned()));
        }
        made.sort_unstable();
        Ok(made)
    }

    /// True if the database lets them do that.
    fn lets(&self, transaction: &mut Transaction<'_>, right: Right, id: Uuid) -> Result<bool> {
        let (me, part, second) = (self.me.id, self.part, self.second);
        let moved = |changes: &str| {
            format!("select from public.work_order_move('{id}', null, '{changes}') m where m ? 'moved'")
        };
        let statement = match right {
            Right::Edit => format!("update public.work_orders set title = 'Tried' where id = '{id}'"),
            Right::Describe => format!("update public.work_orders set description = 'Tried' where id = '{id}'"),
            Right::Assign => moved(&json!({"assigned_to": second}).to_string()),
            Right::Take => moved(&json!({"status": "assigned", "assigned_to": me}).to_string()),
            Right::Acknowledge => moved(&json!({"acknowledge": 5}).to_string()),
            Right::Plan => format!(
                "insert into public.checklist_items (work_order_id, component, action) values ('{id}', 'Belt', 'Tried')"
            ),
            Right::Check => format!("update public.checklist_items set notes = 'Tried' where work_order_id = '{id}'"),
            Right::LogTime => format!(
                "insert into public.time_logs (work_order_id, started_at, stopped_at)
                 values ('{id}', now() - interval '3 hours', now() - interval '2 hours')"
            ),
            Right::StartClock => format!("insert into public.time_logs (work_order_id) values ('{id}')"),
            Right::UseParts => format!(
                "insert into public.part_transactions (part_id, type, quantity, work_order_id) values ('{part}', 'used', 1, '{id}')"
            ),
            Right::Reserve => format!(
                "insert into public.part_reservations (part_id, quantity, work_order_id) values ('{part}', 1, '{id}')"
            ),
            Right::Relate => format!(
                "insert into public.work_order_relations (work_order_id, kind, other_id)
                 select '{id}', 'related_to', w.id from public.work_orders w where w.title = 'Another' and w.warehouse_id = '{}'",
                self.warehouse
            ),
            Right::Comment => format!("insert into public.comments (work_order_id, body) values ('{id}', 'Tried')"),
            Right::Attach => format!(
                "insert into public.attachments (work_order_id, file_name, content_type, size_bytes)
                 values ('{id}', 'a.txt', 'text/plain', 1)"
            ),
        };
        Ok(tried(transaction, &statement)? > 0)
    }
}

#[test]
fn what_is_told_to_be_open_is_what_the_database_lets_each_of_them_do() -> Result<()> {
    let mut scene = Scene::open()?;
    let elsewhere = scene.world.warehouse("UTC")?;
    let here = scene.warehouse;
    let (other, second) =
        (scene.world.person("technician", here)?.id, scene.world.person("technician", here)?.id);
    let far = scene.world.person("technician", elsewhere)?.id;
    let part = json!({"part_number": "P-1", "name": "Belt", "warehouse_id": here, "on_hand": 9});
    let part = scene.world.insert("parts", &part)?;
    scene.world.work_order(here, &json!({"title": "Another"}))?;
    let (mut wrong, mut told_at_all) = (Vec::new(), 0);
    for me in scene.people.clone() {
        for (warehouse, other) in [(here, other), (elsewhere, far)] {
            let stage = Stage { warehouse, me: &me, other, part, second };
            for relation in RELATIONS {
                for status in Status::ALL {
                    let mut transaction = scene.world.sql.transaction()?;
                    let id = stage.order(&mut transaction, status, relation)?;
                    become_someone(&mut transaction, me.id)?;
                    let standing = format!(
                        "select jsonb_build_array(s.open_moves, s.may) from public.work_orders w, public.standing(w) s where w.id = '{id}'"
                    );
                    let seen = transaction.query_opt(&standing, &[])?;
                    let seen = seen.map(|row| row.get::<_, serde_json::Value>(0)).unwrap_or_default();
                    let (moves, may) = (words(&seen[0]), words(&seen[1]));
                    let made = stage.moves(&mut transaction, id)?;
                    let rights = if warehouse == here {
                        Right::ALL.as_slice()
                    } else {
                        &[Right::Comment, Right::Edit]
                    };
                    let mut done = Vec::new();
                    for right in rights {
                        if stage.lets(&mut transaction, *right, id)? {
                            done.push(right.word().to_owned());
                        }
                    }
                    done.sort_unstable();
                    let may: Vec<_> = may
                        .into_iter()
                        .filter(|word| rights.iter().any(|right| right.word() == word))
                        .collect();
                    let explained = told(&mut transaction, &format!("private.standing('{id}')"))?;
                    let explained: Option<Standing> =
                        serde_json::from_value(explained).context("a standing")?;
                    let explained = explained.map(|known| known.open_moves()).unwrap_or_default();
                    let mut explained: Vec<_> = explained.iter().map(|to| to.word().to_owned()).collect();
                    explained.sort_unstable();
                    told_at_all += moves.len() + may.len();
                    if (&moves, &may) != (&made, &done) || moves != explained {
                        wrong.push(format!(
                            "{} ({relation}{}) {status}: told {moves:?} {may:?}, does {made:?} {done:?}, explained {explained:?}",
                            me.role,
                            if warehouse == here { "" } else { ", elsewhere" }
                        ));
                    }
                    transaction.rollback()?;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told_at_all > 1_000, "only {told_at_all} words were told");
    Ok(())
}

#[test]
fn work_with_something_undecided_or_a_running_clock_is_not_told_to_be_completable() -> Result<()> {
    let mut scene = Scene::open()?;
    let technician = scene.person("technician")?;
    let order = json!({"assigned_to": technician.id, "status": "in_progress"});
    let order = scene.world.work_order(scene.warehouse, &order)?;
    let item = json!({"work_order_id": order, "position": 1, "component": "Belt", "action": "Look"});
    let item = scene.world.insert("checklist_items", &item)?;
    let caller = scene.world.caller(&technician.email)?;
    let moves = || -> Result<_> {
        Ok(caller.read(&format!("work_orders?id=eq.{order}&select=...standing(open_moves)"))?.body[0]["open_moves"].clone())
    };
    assert_eq!(moves()?, json!(["on_hold"]));
    caller.change(&format!("checklist_items?id=eq.{item}"), &json!({"state": "done"}))?;
    assert_eq!(moves()?, json!(["on_hold", "completed"]));
    caller.insert("time_logs", &json!({"work_order_id": order}))?;
    assert_eq!(moves()?, json!(["on_hold"]));
    Ok(())
}
