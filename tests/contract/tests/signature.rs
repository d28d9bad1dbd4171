//! Work that is signed for when it is completed: who may, with what, where it is asked for, and that it stays.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Answer, Caller, Person, ROLES, World, with};
use millwright_domain::resource::Row;
use millwright_domain::signature::SignatureRule;
use millwright_store::StoreError;
use millwright_store::resources::Once;
use millwright_store::work_orders::{Moved, move_to};
use serde_json::{Value, json};
use uuid::Uuid;

/// A warehouse with a technician and a supervisor.
struct Hall {
    world: World,
    warehouse: Uuid,
    technician: Person,
    worker: Caller,
    lead: Caller,
}

impl Hall {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let technician = world.person("technician", warehouse)?;
        let supervisor = world.person("supervisor", warehouse)?;
        let (worker, lead) = (world.caller(&technician.email)?, world.caller(&supervisor.email)?);
        Ok(Self { world, warehouse, technician, worker, lead })
    }

    /// Work that someone has begun.
    fn begun_by(&mut self, who: Uuid) -> Result<Uuid> {
        self.world.work_order(self.warehouse, &json!({"status": "in_progress", "assigned_to": who}))
    }

    fn begun(&mut self) -> Result<Uuid> {
        self.begun_by(self.technician.id)
    }

    fn asks_for(&mut self, rule: SignatureRule) -> Result<()> {
        let set = "update public.warehouses set completion_signature = $2::text::public.signature_rule where id = $1";
        self.world.change(set, &[&self.warehouse, &rule.word()])
    }

    fn now(&mut self, order: Uuid) -> Result<Value> {
        self.world.value("select to_jsonb(w) from public.work_orders w where id = $1", &[&order])
    }

    /// What the history says of a column, oldest first.
    fn told_of(&mut self, order: Uuid, column: &str) -> Result<Value> {
        let changes = "select coalesce(jsonb_agg(h.changes -> $2 order by h.position), '[]')
            from public.work_order_history h where h.work_order_id = $1 and h.changes ? $2";
        self.world.value(changes, &[&order, &column])
    }
}

/// A picture that someone has announced; its bytes are still on their way.
fn draws(caller: &Caller, order: Uuid) -> Result<Uuid> {
    let file =
        json!({"work_order_id": order, "file_name": "s.png", "content_type": "image/png", "size_bytes": 9});
    let made = caller.insert("attachments", &file)?;
    Ok(made.body[0]["id"].as_str().with_context(|| format!("{made:?}"))?.parse()?)
}

/// A write to the row itself, past the function of moves.
fn change(caller: &Caller, order: Uuid, changes: &Value) -> Result<Answer> {
    caller.change(&format!("work_orders?id=eq.{order}"), changes)
}

fn completes(caller: &Caller, order: Uuid, signature: &Value) -> Result<Answer> {
    change(caller, order, &with(json!({"status": "completed"}), signature))
}

/// The same by the function of moves.
fn moves(caller: &Caller, order: Uuid, signature: &Value) -> Result<Answer> {
    let changes = with(json!({"status": "completed"}), signature);
    caller.call("public", "work_order_move", &json!({"p_id": order, "p_version": null, "p_changes": changes}))
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["message"].as_str().unwrap_or_default())
}

#[test]
fn whoever_completes_work_brings_a_signature_and_nobody_else() -> Result<()> {
    let mut hall = Hall::open()?;
    let admin = hall.world.person("admin", hall.warehouse)?;
    let office = hall.world.caller(&admin.email)?;
    for role in ROLES {
        let person = hall.world.person(role, hall.warehouse)?;
        let caller = hall.world.caller(&person.email)?;
        let may = !matches!(role, "inventory_clerk" | "requester");
        for by_move in [false, true] {
            // Nobody else is given work.
            let order = hall.begun_by(if may { person.id } else { hall.technician.id })?;
            let drawn = draws(&office, order)?;
            let signature = json!({"signature_name": "Ada Op", "signature_id": drawn});
            let send = if by_move { moves } else { completes };
            let answer = send(&caller, order, &signature)?;
            let now = hall.now(order)?;
            if may {
                assert_eq!((&now["signature_name"], &now["signature_id"]), (&json!("Ada Op"), &json!(drawn)));
                assert_eq!((&now["status"], &now["completed_by"]), (&json!("completed"), &json!(person.id)));
                let to = json!([{"from": null, "to": "Ada Op"}]);
                assert_eq!(hall.told_of(order, "signature_name")?, to, "{role}: {answer:?}");
            } else {
                assert_eq!((&now["status"], &now["signature_name"]), (&json!("in_progress"), &json!(null)));
            }
            let marked = "select is_signature from public.attachments where id = $1";
            assert_eq!(hall.world.value(marked, &[&drawn])?, json!(may), "{role}: {answer:?}");
        }
    }
    Ok(())
}

#[test]
fn a_warehouse_that_asks_for_a_signature_has_no_work_completed_without() -> Result<()> {
    let mut hall = Hall::open()?;
    let manager = hall.world.person("manager", hall.warehouse)?;
    let manager = hall.world.caller(&manager.email)?;
    for (rule, name_alone_is_enough) in [(SignatureRule::Name, true), (SignatureRule::Drawn, false)] {
        hall.asks_for(rule)?;
        let order = hall.begun()?;
        let named = json!({"signature_name": "Ada Op"});
        let wrong = if name_alone_is_enough { vec![json!({})] } else { vec![json!({}), named.clone()] };
        for caller in [&hall.worker, &hall.lead, &manager] {
            for signature in &wrong {
                let refused = completes(caller, order, signature)?;
                assert_eq!(told(&refused), (409, "signature_needed"), "{rule} {signature}");
                let refused = moves(caller, order, signature)?;
                assert_eq!(refused.body["refused"], "signature_needed", "{refused:?}");
                assert_eq!(refused.body["standing"]["signature"], rule.word());
            }
        }
        assert_eq!(hall.now(order)?["status"], "in_progress");
        let drawn = (!name_alone_is_enough).then(|| draws(&hall.worker, order)).transpose()?;
        let drawn = drawn.map_or(json!({}), |drawn| json!({"signature_id": drawn}));
        assert_eq!(completes(&hall.worker, order, &with(named, &drawn))?.status, 204);
    }
    Ok(())
}

#[test]
fn what_is_no_picture_of_the_work_order_is_refused_like_what_does_not_exist() -> Result<()> {
    let mut hall = Hall::open()?;
    let elsewhere = hall.world.warehouse("UTC")?;
    let stranger = hall.world.person("supervisor", elsewhere)?;
    let stranger = hall.world.caller(&stranger.email)?;
    let (order, other) = (hall.begun()?, hall.begun()?);
    let foreign = hall.world.work_order(elsewhere, &json!({}))?;
    let of_another = draws(&hall.worker, other)?;
    let [foreign, spoilt] = [draws(&stranger, foreign)?, draws(&stranger, foreign)?];
    // What became of a file elsewhere is told to nobody here.
    let set = "update public.attachments set state = 'quarantined', reason = 'a script' where id = $1";
    hall.world.change(set, &[&spoilt])?;
    let manager = hall.world.person("manager", hall.warehouse)?;
    let manager = hall.world.caller(&manager.email)?;
    for caller in [&hall.worker, &hall.lead, &manager] {
        for send in [completes, moves] {
            let mut answers = Vec::new();
            for id in [Uuid::now_v7(), of_another, foreign, spoilt] {
                let refused = send(caller, order, &json!({"signature_name": "Ada", "signature_id": id}))?;
                assert_eq!(refused.code(), "23503", "{refused:?}");
                answers.push((refused.status, refused.body));
            }
            assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:?}");
        }
    }
    Ok(())
}

#[test]
fn a_file_that_cannot_be_read_or_was_signed_with_before_is_no_signature() -> Result<()> {
    let mut hall = Hall::open()?;
    let order = hall.begun()?;
    for (spoilt, why) in [
        ("state = 'quarantined', reason = 'a script'", "quarantined"),
        ("state = 'failed', reason = 'it crashes'", "failed"),
        ("content_type = 'application/pdf'", "no picture"),
        ("is_signature = true", "before"),
    ] {
        let drawn = draws(&hall.worker, order)?;
        hall.world.change(&format!("update public.attachments set {spoilt} where id = $1"), &[&drawn])?;
        let signature = json!({"signature_name": "Ada", "signature_id": drawn});
        let refused = completes(&hall.worker, order, &signature)?;
        assert_eq!(told(&refused), (409, "signature_unusable"), "{spoilt}");
        assert!(refused.body["details"].as_str().is_some_and(|details| details.contains(why)), "{refused:?}");
        assert_eq!(moves(&hall.worker, order, &signature)?.body["refused"], "signature_unusable");
    }
    for state in ["processing", "ready"] {
        let (order, hash) = (hall.begun()?, "ab".repeat(32));
        let drawn = draws(&hall.worker, order)?;
        let set = "update public.attachments set state = $2::text::public.attachment_state, sha256 = $3 where id = $1";
        hall.world.change(set, &[&drawn, &state, &hash])?;
        let signature = json!({"signature_name": "Ada", "signature_id": drawn});
        assert_eq!(completes(&hall.worker, order, &signature)?.status, 204, "{state}");
    }
    Ok(())
}

#[test]
fn it_is_signed_when_it_is_completed_and_neither_before_nor_after() -> Result<()> {
    let mut hall = Hall::open()?;
    let order = hall.begun()?;
    let [before, after] = [draws(&hall.worker, order)?, draws(&hall.worker, order)?];
    let other = json!({"signature_name": "Eve", "signature_id": after});
    let parts = [json!({"signature_name": "Eve"}), json!({"signature_id": after}), other.clone()];
    for part in &parts {
        assert_eq!(told(&change(&hall.lead, order, part)?), (409, "signed_at_completion"), "{part}");
    }
    let hold = with(json!({"status": "on_hold", "hold_reason": "parts"}), &other);
    assert_eq!(told(&change(&hall.lead, order, &hold)?), (409, "signed_at_completion"));
    let nameless = completes(&hall.worker, order, &json!({"signature_id": before}))?;
    assert_eq!(nameless.code(), "23514", "a drawing has a name: {nameless:?}");
    assert_eq!(completes(&hall.worker, order, &json!({"signature_name": "A\nB"}))?.code(), "23514");

    let signed = json!({"signature_name": "Ada", "signature_id": before});
    assert_eq!(completes(&hall.worker, order, &signed)?.status, 204);
    let gone = json!({"signature_name": null, "signature_id": null});
    for part in parts.iter().chain([&gone]) {
        assert_eq!(told(&change(&hall.lead, order, part)?), (409, "signed_at_completion"), "{part}");
        let verifies = with(json!({"status": "verified"}), part);
        assert_eq!(told(&change(&hall.lead, order, &verifies)?), (409, "signed_at_completion"), "{part}");
    }
    assert_eq!(change(&hall.lead, order, &json!({"status": "verified"}))?.status, 204);
    for part in parts.iter().chain([&gone]) {
        assert_eq!(told(&change(&hall.lead, order, part)?), (409, "work_has_ended"), "{part}");
    }
    let now = hall.now(order)?;
    assert_eq!((&now["signature_name"], &now["signature_id"]), (&json!("Ada"), &json!(before)));
    Ok(())
}

#[test]
fn a_drawn_signature_is_not_taken_back_neither_by_whoever_sent_it() -> Result<()> {
    let mut hall = Hall::open()?;
    let order = hall.begun()?;
    let [kept, other] = [draws(&hall.worker, order)?, draws(&hall.worker, order)?];
    assert_eq!(
        completes(&hall.worker, order, &json!({"signature_name": "Ada", "signature_id": kept}))?.status,
        204
    );
    let is_there = "select exists (select from public.attachments where id = $1)";
    let takes_back = |hall: &mut Hall, file: Uuid| {
        let one = format!("attachments?id=eq.{file}");
        hall.worker.send(reqwest::Method::DELETE, "public", &one, None, &[])?;
        hall.world.value(is_there, &[&file])
    };
    assert_eq!(takes_back(&mut hall, kept)?, json!(true));
    assert_eq!(takes_back(&mut hall, other)?, json!(false), "one that is none, and whose bytes never came");
    let replaced =
        hall.worker.change(&format!("attachments?id=eq.{kept}"), &json!({"file_name": "b.png"}))?;
    assert_eq!(replaced.code(), "42501", "{replaced:?}");
    let past_all = hall.world.sql.execute("delete from public.attachments where id = $1", &[&kept]);
    assert!(past_all.is_err(), "not even past every policy");

    let reopens = json!({"status": "in_progress", "status_note": "it slips again"});
    assert_eq!(change(&hall.lead, order, &reopens)?.status, 204);
    assert_eq!(takes_back(&mut hall, kept)?, json!(true), "the history speaks of it");
    Ok(())
}

#[test]
fn work_that_is_taken_up_again_is_signed_for_anew_and_its_history_keeps_the_first() -> Result<()> {
    let mut hall = Hall::open()?;
    hall.asks_for(SignatureRule::Drawn)?;
    let order = hall.begun()?;
    let first = draws(&hall.worker, order)?;
    let signed = json!({"signature_name": "Ada", "signature_id": first});
    assert_eq!(completes(&hall.worker, order, &signed)?.status, 204);
    let reopens = json!({"status": "in_progress", "status_note": "it slips again"});
    assert_eq!(change(&hall.lead, order, &reopens)?.status, 204);
    let now = hall.now(order)?;
    assert_eq!((&now["signature_name"], &now["signature_id"]), (&json!(null), &json!(null)));
    assert_eq!(told(&completes(&hall.worker, order, &json!({}))?), (409, "signature_needed"));
    assert_eq!(
        told(&completes(&hall.worker, order, &signed)?),
        (409, "signature_unusable"),
        "not the same again"
    );
    let second = draws(&hall.worker, order)?;
    let signed = json!({"signature_name": "Bob", "signature_id": second});
    assert_eq!(moves(&hall.worker, order, &signed)?.body["moved"]["signature_name"], "Bob");
    let drawn = hall.told_of(order, "signature_id")?;
    assert_eq!(
        drawn,
        json!([{"from": null, "to": first}, {"from": first, "to": null}, {"from": null, "to": second}])
    );
    assert_eq!(hall.told_of(order, "signature_name")?.as_array().map(Vec::len), Some(3));
    Ok(())
}

#[test]
fn the_same_completion_again_signs_once() -> Result<()> {
    let mut hall = Hall::open()?;
    let order = hall.begun()?;
    let drawn = draws(&hall.worker, order)?;
    let changes = json!({"status": "completed", "signature_name": "Ada", "signature_id": drawn});
    let changes: Row = serde_json::from_value(changes)?;
    let once = Once { key: Uuid::now_v7().to_string(), fingerprint: "f".repeat(64) };
    let send = || -> Result<Option<Moved>, StoreError> {
        hall.worker.ask(async |session| move_to(&session, order, None, &changes, Some(&once)).await)
    };
    let first = send()?.context("there is none")?;
    assert!(matches!(&first, Moved::Made { moved } if moved["signature_id"] == json!(drawn)), "{first:?}");
    for _ in 0..2 {
        assert!(send().is_err_and(|error| error.is_repeated()));
    }
    assert_eq!(hall.told_of(order, "signature_id")?, json!([{"from": null, "to": drawn}]));
    Ok(())
}

/// Decisions on a phone's mutations are judged again as the person's own writes.
#[test]
fn what_a_phone_brings_without_the_signature_is_refused_in_the_database_too() -> Result<()> {
    let mut hall = Hall::open()?;
    hall.asks_for(SignatureRule::Name)?;
    let (order, now) = (hall.begun()?, hall.world.now()?);
    let api = hall.world.caller("function:request-api")?;
    let person = hall.technician.id;
    let bring = |signature: &Value| -> Result<Value> {
        let set = with(json!({"status": "completed"}), signature);
        let op = json!({"do": "change", "entity": "work_orders", "id": order, "version": 1, "set": set});
        let item = json!({"mutation": Uuid::now_v7(), "entity": "work_orders", "entity_id": order, "base_version": 1,
            "fingerprint": "a mutation", "phone_time": now, "at": now, "typed": set, "said": {},
            "answer": {"outcome": "applied", "version": 2}, "ops": [op]});
        let told = api.call(
            "functions",
            "sync_apply",
            &json!({"p_person": person, "p_device": Uuid::now_v7(), "p_items": [item]}),
        )?;
        Ok(told.body[0].clone())
    };
    assert_eq!(bring(&json!({}))?["refused"]["message"], "signature_needed");
    let unknown = json!({"signature_name": "Ada", "signature_id": Uuid::now_v7()});
    assert_eq!(bring(&unknown)?["refused"]["code"], "23503");
    assert_eq!(bring(&json!({"signature_name": "Ada"}))?, json!({"done": true}));
    assert_eq!(hall.now(order)?["signature_name"], "Ada");
    Ok(())
}
