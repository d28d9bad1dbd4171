//! Decisions on the mutations of phones: they come from the request API alone, for someone active, about rows that they see,
//! and none of them can say what would stop the others.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result, anyhow, ensure};
use chrono::TimeDelta;
use millwright_contract_tests::{Answer, Caller, Person, World, with};
use millwright_domain::sync::MAX_MUTATIONS;
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;
use uuid::Uuid;

/// A technician with a work order of theirs, one of another warehouse, and the request API.
struct Yard {
    world: World,
    api: Caller,
    person: Person,
    own: Uuid,
    foreign: Uuid,
}

impl Yard {
    fn open() -> Result<Self> {
        Self::open_in(World::open()?)
    }

    fn open_in(mut world: World) -> Result<Self> {
        let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
        let person = world.person("technician", here)?;
        let own = world.work_order(here, &json!({"assigned_to": person.id, "status": "assigned"}))?;
        let foreign = world.work_order(there, &json!({}))?;
        Ok(Self { api: world.caller("function:request-api")?, world, person, own, foreign })
    }

    /// A decision that says something about a work order and writes nothing.
    fn says(&mut self, order: Uuid, more: &Value) -> Result<Value> {
        let now = self.world.now()?;
        let item = json!({
            "mutation": Uuid::now_v7(), "entity": "work_orders", "entity_id": order, "base_version": 1,
            "fingerprint": "a mutation", "phone_time": now, "at": now, "typed": {"area": "Yard"},
            "said": {"area": {"from": null, "to": "Yard"}}, "answer": {"outcome": "applied", "version": 1}, "ops": [],
        });
        Ok(with(item, more))
    }

    /// A decision that writes the area.
    fn writes(&mut self, order: Uuid) -> Result<Value> {
        let op = json!({"do": "change", "entity": "work_orders", "id": order, "version": 1, "set": {"area": "Yard"}});
        self.says(order, &json!({"ops": [op]}))
    }

    fn apply(&self, items: &[Value]) -> Result<Answer> {
        let items = json!({"p_person": self.person.id, "p_device": Uuid::now_v7(), "p_items": items});
        self.api.call("functions", "sync_apply", &items)
    }

    /// The answer to a single decision.
    fn one(&self, item: Value) -> Result<Value> {
        let answer = self.apply(&[item])?;
        ensure!(answer.status == 200, "{answer:?}");
        answer.rows().first().cloned().context("there is no answer")
    }

    /// The mutations that are kept about a row.
    fn kept(&mut self, order: Uuid) -> Result<Value> {
        self.world.value("select count(*) from private.sync_mutations where entity_id = $1", &[&order])
    }
}

/// Refused because of who asks, or like a row that is not there any more.
fn is_refused(told: &Value) -> bool {
    ["42501", "23503"].iter().any(|code| told["refused"]["code"] == *code) || told["stale"] == true
}

#[test]
fn what_is_decided_is_written_by_the_person_and_nobody_else() -> Result<()> {
    let mut yard = Yard::open()?;
    let (own, foreign) = (yard.own, yard.foreign);
    let (writes, says) = (yard.writes(own)?, yard.says(own, &json!({}))?);
    assert_eq!(yard.one(writes)?, json!({"done": true}));
    assert_eq!(yard.one(says)?, json!({"done": true}));
    let entry = "select to_jsonb(h) from public.work_order_history h where work_order_id = $1";
    let entry = yard.world.value(entry, &[&own])?;
    assert_eq!((&entry["actor_id"], &entry["actor_function"]), (&json!(yard.person.id), &Value::Null));
    for item in [yard.writes(foreign)?, yard.says(foreign, &json!({}))?] {
        let told = yard.one(item)?;
        assert!(is_refused(&told), "{told}");
    }
    assert_eq!(yard.kept(foreign)?, json!(0));
    assert_eq!(yard.kept(own)?, json!(2));
    Ok(())
}

#[test]
fn what_could_not_be_read_or_would_win_for_ever_is_refused() -> Result<()> {
    let mut yard = Yard::open()?;
    let (own, now) = (yard.own, yard.world.now()?);
    let wrong = [
        json!({"said": "poison"}),
        json!({"said": ["poison"]}),
        json!({"said": null}),
        json!({"said": {"area": "poison"}}),
        json!({"said": {"area": {"to": "poison"}}}),
        json!({"said": {"poison": {"from": 1, "to": 2}}}),
        json!({"said": {"area": {"from": null, "to": "x".repeat(300_000)}}}),
        json!({"typed": "poison"}),
        json!({"typed": null}),
        json!({"typed": {"area": "x".repeat(200_000)}}),
        json!({"answer": "poison"}),
        json!({"at": "2999-01-01T00:00:00Z"}),
        json!({"at": "infinity"}),
        json!({"at": now + TimeDelta::minutes(10)}),
        json!({"at": "1999-12-31T00:00:00Z"}),
        json!({"at": "-infinity"}),
        json!({"at": null}),
        json!({"phone_time": "infinity"}),
        json!({"phone_time": "4713-01-01 BC"}),
        json!({"entity": "profiles"}),
        json!({"entity": null}),
        json!({"entity_id": null}),
    ];
    for more in wrong {
        let item = yard.says(own, &more)?;
        let told = yard.one(item)?;
        assert!(told["refused"]["code"].is_string(), "{:.200} was taken: {told}", more.to_string());
    }
    assert_eq!(yard.kept(own)?, json!(0));
    Ok(())
}

#[test]
fn a_phone_with_a_wrong_clock_is_heard() -> Result<()> {
    let mut yard = Yard::open()?;
    let (own, now) = (yard.own, yard.world.now()?);
    for phone_time in [now + TimeDelta::days(3), now - TimeDelta::days(20_000)] {
        let item = yard.says(own, &json!({"phone_time": phone_time}))?;
        assert_eq!(yard.one(item)?, json!({"done": true}));
    }
    Ok(())
}

#[test]
fn nothing_is_decided_for_someone_who_left() -> Result<()> {
    let mut yard = Yard::open()?;
    let (own, id) = (yard.own, yard.person.id);
    let item = yard.writes(own)?;
    yard.world.change("update public.profiles set active = false where id = $1", &[&id])?;
    for person in [json!(id), json!(Uuid::now_v7()), Value::Null] {
        let items = json!({"p_person": person, "p_device": Uuid::now_v7(), "p_items": [item]});
        let answer = yard.api.call("functions", "sync_apply", &items)?;
        assert_eq!((answer.status, answer.code()), (403, "42501"), "{answer:?}");
    }
    assert_eq!(yard.kept(own)?, json!(0));
    Ok(())
}

#[test]
fn as_many_are_taken_at_once_as_the_api_sends() -> Result<()> {
    let mut yard = Yard::open()?;
    let own = yard.own;
    let items = (0..=MAX_MUTATIONS).map(|_| yard.says(own, &json!({}))).collect::<Result<Vec<_>>>()?;
    let answer = yard.apply(&items)?;
    assert_eq!((answer.status, answer.code()), (400, "22023"), "{answer:?}");
    assert_eq!(yard.kept(own)?, json!(0));
    let answer = yard.apply(items.get(..MAX_MUTATIONS).context("enough")?)?;
    assert_eq!((answer.status, answer.rows().len()), (200, MAX_MUTATIONS));
    Ok(())
}

/// The row is locked by someone else: whoever waited for it would be ended by the `statement_timeout` of their role.
#[test]
fn nobody_waits_for_a_row_that_they_do_not_see() -> Result<()> {
    let mut yard = Yard::open()?;
    let (own, foreign) = (yard.own, yard.foreign);
    let item = yard.says(own, &json!({}))?;
    let op = json!({"do": "change", "entity": "work_orders", "id": foreign, "version": 1, "set": {"area": "Yard"}});
    let comment = json!({"do": "open", "entity": "comments", "row": {"work_order_id": foreign, "body": "x"}});
    let mut other = World::open()?;
    let mut holds = other.sql.transaction()?;
    holds.execute("select from public.work_orders where id = $1 for update", &[&foreign])?;
    for op in [op, comment] {
        let told = yard.one(with(item.clone(), &json!({"mutation": Uuid::now_v7(), "ops": [op]})))?;
        assert!(is_refused(&told), "{told}");
    }
    Ok(())
}

/// The code of a refusal. None if there was none.
fn sqlstate<T>(result: Result<T, postgres::Error>) -> Option<String> {
    Some(result.err()?.code()?.code().to_owned())
}

/// Whoever changes an item of a checklist alone has its row before the work order; if a phone had them crosswise, both would
/// wait for each other.
#[test]
fn a_phone_that_waits_for_what_lies_below_a_work_order_does_not_hold_the_work_order() -> Result<()> {
    let mut yard = Yard::open()?;
    let own = yard.own;
    yard.world.change("update public.work_orders set status = 'in_progress' where id = $1", &[&own])?;
    let below = json!({"work_order_id": own});
    let item = yard.world.insert(
        "checklist_items",
        &with(below.clone(), &json!({"component": "Belt", "action": "Look", "position": 1})),
    )?;
    let log = yard.world.insert("time_logs", &with(below, &json!({"profile_id": yard.person.id})))?;
    for (table, id, set) in
        [("checklist_items", item, json!({"state": "done"})), ("time_logs", log, json!({"note": "x"}))]
    {
        let op = json!({"do": "change", "entity": table, "id": id, "version": 1, "set": set});
        let brought = yard.says(own, &json!({"ops": [op]}))?;
        let brought = json!({"p_person": yard.person.id, "p_device": Uuid::now_v7(), "p_items": [brought]});
        let api = &yard.api;
        let mut other = yard.world.stack().connect()?;
        let mut writer = other.transaction()?;
        writer.execute(&format!("select from public.{table} where id = $1 for no key update"), &[&id])?;
        let answer = thread::scope(|scope| {
            let phone = scope.spawn(|| api.call("functions", "sync_apply", &brought));
            thread::sleep(Duration::from_millis(500));
            let free = writer
                .execute("select from public.work_orders where id = $1 for no key update nowait", &[&own]);
            writer.commit()?;
            free.with_context(|| format!("the work order is held by who waits for {table}"))?;
            phone.join().map_err(|_| anyhow!("a thread panicked"))?
        })?;
        assert_eq!(answer.rows().first(), Some(&json!({"done": true})), "{answer:?}");
    }
    Ok(())
}

/// Past the gateway, which shows none of these functions: should one that clients call ever pass their words on.
#[test]
fn a_person_alone_decides_nothing() -> Result<()> {
    let mut yard = Yard::open()?;
    let (own, id) = (yard.own, yard.person.id);
    let item = yard.says(own, &json!({}))?;
    let claims = json!({"sub": id, "role": "authenticated"});
    let metadata = json!({"user_metadata": {"role": "millwright_request_api"}, "via": "request-api"});
    let reach = json!({"reach": {"role": "millwright_request_api", "warehouse_id": null}});
    for claims in [claims.clone(), with(claims.clone(), &metadata), with(claims, &reach)] {
        let lock =
            "private.lock_rows('{}', array[$2]::uuid[], array[$1::jsonb ->> 'none']::uuid[], '{}', '{}')";
        for call in ["private.take_mutation($2, $1)", lock] {
            let mut person = yard.world.sql.transaction()?;
            person.execute("select set_config('request.jwt.claims', $1, true)", &[&claims.to_string()])?;
            person.batch_execute("set local role authenticated")?;
            let refused = person.query(&format!("select {call}::text"), &[&item, &own]);
            assert_eq!(sqlstate(refused).as_deref(), Some("42501"), "{call}");
        }
        let mut person = yard.world.sql.transaction()?;
        person.batch_execute("set local role authenticated")?;
        let refused = person.query("select private.speak_for($1)::text", &[&id]);
        assert_eq!(sqlstate(refused).as_deref(), Some("42501"), "speaking for someone");
    }
    Ok(())
}

/// A phone that was away for long brings much. What there is no time for is decided again, and what was written stays.
#[test]
fn what_there_is_no_time_for_is_left_and_the_rest_is_kept() -> Result<()> {
    let mut yard = Yard::open_in(World::aside("decisions_slow")?)?;
    yard.world.sql.batch_execute(
        "create function private.takes_long() returns trigger language plpgsql as $$
         begin perform pg_sleep(2.2); return new; end $$;
         create trigger takes_long before insert on private.sync_mutations for each row execute function private.takes_long()",
    )?;
    let own = yard.own;
    let items = (0..4).map(|_| yard.says(own, &json!({}))).collect::<Result<Vec<_>>>()?;
    let answer = yard.apply(&items)?;
    let (done, stale) = (json!({"done": true}), json!({"stale": true}));
    assert_eq!(answer.rows(), [done.clone(), done, stale.clone(), stale], "{answer:?}");
    assert_eq!(yard.kept(own)?, json!(2));
    Ok(())
}
