//! A phone that lost the answer sends the same request again: one effect, one answer.

use anyhow::{Context, Result, anyhow, bail};
use millwright_contract_tests::{Caller, Person, World, at_once, json as body_of};
use millwright_domain::housekeeping::Forgettable;
use millwright_domain::id::ProfileId;
use millwright_domain::resource::{EQUIPMENT, PARTS, Resource, Row, WORK_ORDERS};
use millwright_store::StoreError;
use millwright_store::housekeeping::forget;
use millwright_store::resources::{Once, Replay, open, replay};
use serde_json::{Value, json};
use uuid::Uuid;

/// A supervisor and an inventory clerk of one warehouse, and the API, which looks answers up.
struct Phone {
    world: World,
    api: Caller,
    supervisor: Person,
    clerk: Person,
    warehouse: Uuid,
}

impl Phone {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let supervisor = world.person("supervisor", warehouse)?;
        let clerk = world.person("inventory_clerk", warehouse)?;
        let api = world.caller("function:request-api")?;
        Ok(Self { world, api, supervisor, clerk, warehouse })
    }

    fn replay(&self, who: &Person, once: &Once) -> Result<Option<Replay>> {
        let caller = ProfileId(who.id);
        Ok(self.api.ask(async |session| replay(&session, caller, &once.key).await)?)
    }

    fn work_orders(&mut self) -> Result<Value> {
        self.world
            .value("select count(*) from public.work_orders where warehouse_id = $1", &[&self.warehouse])
    }
}

fn once() -> Once {
    Once { key: Uuid::now_v7().to_string(), fingerprint: "f".repeat(64) }
}

fn order() -> Value {
    json!({"type": "corrective", "title": "Belt slips"})
}

fn sent(caller: &Caller, resource: &Resource, body: &Value, once: &Once) -> Result<Result<Row, StoreError>> {
    let row = resource.read_new(body).map_err(|errors| anyhow!("{errors:?}"))?;
    match caller.ask(async |session| open(&session, resource, &row, Some(once)).await) {
        Ok(reply) => match caller.ask(async |_| body_of(reply).await)? {
            Value::Object(row) => Ok(Ok(row)),
            other => bail!("no row: {other}"),
        },
        Err(error) => Ok(Err(error)),
    }
}

#[test]
fn the_same_request_again_has_no_effect_and_its_first_answer() -> Result<()> {
    let mut phone = Phone::open()?;
    let (caller, once) = (phone.world.caller(&phone.supervisor.email)?, once());
    let first = sent(&caller, &WORK_ORDERS, &order(), &once)??;
    for _ in 0..2 {
        let again = sent(&caller, &WORK_ORDERS, &order(), &once)?.err().context("it was opened again")?;
        assert!(again.is_repeated(), "{again:?}");
    }
    let known = phone.replay(&phone.supervisor, &once)?.context("not known")?;
    assert_eq!((known.fingerprint, known.answer), (once.fingerprint, first));
    assert_eq!(phone.work_orders()?, 1);
    Ok(())
}

/// A row's other unique columns do not hide that a request is a repetition.
#[test]
fn that_holds_when_the_row_itself_could_not_be_there_twice() -> Result<()> {
    let phone = Phone::open()?;
    let name = phone.world.name.as_str();
    for (who, resource, body) in [
        (
            &phone.supervisor,
            &WORK_ORDERS,
            json!({"id": Uuid::now_v7(), "type": "corrective", "title": "Belt slips"}),
        ),
        (&phone.supervisor, &EQUIPMENT, json!({"asset_tag": name, "name": "Lift", "model": name})),
        (&phone.clerk, &PARTS, json!({"part_number": name, "name": "Belt"})),
    ] {
        let (caller, once) = (phone.world.caller(&who.email)?, once());
        sent(&caller, resource, &body, &once)??;
        let again = sent(&caller, resource, &body, &once)?.err().context("it was opened again")?;
        assert!(again.is_repeated(), "a {}: {again:?}", resource.singular);
    }
    Ok(())
}

#[test]
fn eight_at_once_are_one() -> Result<()> {
    let mut phone = Phone::open()?;
    let (callers, once) = (phone.world.eight(&phone.supervisor.email)?, once());
    let answers = at_once(callers, |caller| sent(&caller, &WORK_ORDERS, &order(), &once))?;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
    assert!(refused.clone().all(StoreError::is_repeated), "{answers:?}");
    assert_eq!(phone.work_orders()?, 1);
    Ok(())
}

#[test]
fn a_key_is_its_callers_own() -> Result<()> {
    let mut phone = Phone::open()?;
    let other = phone.world.person("technician", phone.warehouse)?;
    let once = once();
    sent(&phone.world.caller(&phone.supervisor.email)?, &WORK_ORDERS, &order(), &once)??;
    assert_eq!(phone.replay(&other, &once)?, None);
    sent(&phone.world.caller(&other.email)?, &WORK_ORDERS, &order(), &once)??;
    assert_eq!(phone.work_orders()?, 2);
    Ok(())
}

#[test]
fn what_was_refused_has_used_no_key() -> Result<()> {
    let mut phone = Phone::open()?;
    let (caller, once) = (phone.world.caller(&phone.supervisor.email)?, once());
    let elsewhere = phone.world.warehouse("UTC")?;
    let body = json!({"type": "corrective", "title": "Belt slips", "warehouse_id": elsewhere});
    for _ in 0..2 {
        let refused = sent(&caller, &WORK_ORDERS, &body, &once)?.err().context("opened elsewhere")?;
        assert_eq!((refused.code(), refused.is_repeated()), ("42501", false), "{refused:?}");
    }
    assert_eq!(phone.replay(&phone.supervisor, &once)?, None);
    sent(&caller, &WORK_ORDERS, &order(), &once)??;
    Ok(())
}

#[test]
fn keys_are_forgotten_after_a_week() -> Result<()> {
    let mut phone = Phone::open()?;
    let caller = phone.world.caller(&phone.supervisor.email)?;
    let (old, young) = (once(), once());
    for (once, days) in [(&old, 8), (&young, 6)] {
        sent(&caller, &WORK_ORDERS, &order(), once)??;
        phone.world.change(
            "update private.idempotency_keys set created_at = now() - make_interval(days => $2) where key = $1",
            &[&once.key, &days],
        )?;
    }
    let scheduler = phone.world.caller("function:pm-scheduler")?;
    let now = phone.world.now()?;
    assert_eq!(scheduler.ask(async |session| forget(&session, Forgettable::Keys, now).await)?, 1);
    assert_eq!(phone.replay(&phone.supervisor, &old)?, None);
    assert!(phone.replay(&phone.supervisor, &young)?.is_some());
    Ok(())
}
