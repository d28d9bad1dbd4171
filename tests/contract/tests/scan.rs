//! Labels, and whoever scans one: what they see, what becomes of what they say, and how often they may say it.

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, World, at_once};
use millwright_domain::housekeeping::Forgettable;
use millwright_domain::id::AttachmentId;
use millwright_domain::rate::Rate;
use millwright_domain::resource::Row;
use millwright_store::StoreError;
use millwright_store::housekeeping::forget;
use millwright_store::labels::{self, Label, Lead};
use millwright_store::resources::Once;
use millwright_store::scan::{AnonymousReporter, Expected, Photo, Reported, Scanned, read, report};
use serde_json::{Value, json};
use uuid::Uuid;

/// A machine with a label, in a warehouse that takes reports.
struct Shop {
    world: World,
    /// Our own function, as which strangers are answered.
    api: Caller,
    warehouse: Uuid,
    machine: Uuid,
    /// Whoever reports here: nobody else does.
    reporter: AnonymousReporter,
}

impl Shop {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let machine = json!({"asset_tag": Uuid::now_v7(), "name": "Press", "model": "P-1", "area": "Hall 2",
            "warehouse_id": warehouse, "serial_number": "secret"});
        let machine = world.insert("equipment", &machine)?;
        let api = world.caller("function:request-api")?;
        let reporter =
            AnonymousReporter { pseudonym: Uuid::now_v7().to_string(), rate: Rate { max: 5, seconds: 900 } };
        let mut shop = Self { world, api, warehouse, machine, reporter };
        shop.takes_reports(true)?;
        Ok(shop)
    }

    fn takes_reports(&mut self, yes: bool) -> Result<()> {
        let statement = "update public.warehouses set public_reports = $2 where id = $1";
        self.world.change(statement, &[&self.warehouse, &yes])
    }

    fn token(&mut self) -> Result<String> {
        let token = self
            .world
            .value("select token from public.equipment_labels where equipment_id = $1", &[&self.machine])?;
        Ok(token.as_str().context("it has none")?.to_owned())
    }

    fn person(&mut self, role: &'static str) -> Result<(Person, Caller)> {
        let person = self.world.person(role, self.warehouse)?;
        let caller = self.world.caller(&person.email)?;
        Ok((person, caller))
    }

    fn read(&self, token: &str) -> Result<Option<Scanned>> {
        Ok(self.api.ask(async |session| read(&session, token).await)?)
    }

    fn report(&self, token: &str) -> Result<Option<Reported>, StoreError> {
        self.reports(token, None, None)
    }

    fn reports(
        &self,
        token: &str,
        photo: Option<&Photo>,
        once: Option<&Once>,
    ) -> Result<Option<Reported>, StoreError> {
        reports(&self.api, token, photo, once, &self.reporter)
    }

    fn work_orders(&mut self) -> Result<Value> {
        let count = "select count(*) from public.work_orders where warehouse_id = $1";
        self.world.value(count, &[&self.warehouse])
    }
}

fn reports(
    api: &Caller,
    token: &str,
    photo: Option<&Photo>,
    once: Option<&Once>,
    reporter: &AnonymousReporter,
) -> Result<Option<Reported>, StoreError> {
    api.ask(async |session| report(&session, token, &said(), photo, once, reporter).await)
}

fn said() -> Row {
    let said = json!({"title": "It leaks", "description": "It leaks\non the left", "priority": "high",
        "reporter_name": "Nora", "reporter_contact": "gate 4"});
    said.as_object().cloned().unwrap_or_default()
}

fn photo() -> Photo {
    let file_name = "leak.jpg".to_owned();
    Photo { id: AttachmentId(Uuid::now_v7()), file_name, content_type: "image/jpeg", size_bytes: 1234 }
}

fn label(caller: &Caller, machine: Uuid) -> Result<Option<Label>> {
    Ok(caller.ask(async |session| labels::get(&session, machine).await)?)
}

fn renewed(caller: &Caller, machine: Uuid, once: Option<&Once>) -> Result<Option<Lead>, StoreError> {
    caller.ask(async |session| labels::renew(&session, machine, once).await)
}

#[test]
fn a_label_shows_its_machine_and_no_more_of_it() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    let scanned = json!(shop.read(&token)?.context("it is unknown")?);
    assert_eq!(scanned["reports_open"], true);
    assert_eq!(scanned["machine"]["asset_tag"].as_str().map(str::len), Some(36));
    let mut machine = scanned["machine"].as_object().context("no machine")?.clone();
    machine.remove("asset_tag");
    assert_eq!(
        json!(machine),
        json!({"name": "Press", "model": "P-1", "area": "Hall 2", "status": "active"})
    );
    assert_eq!(shop.read("AAAAAAAAAAAAAAAAAAAAAA")?, None);
    shop.takes_reports(false)?;
    assert!(!shop.read(&token)?.context("it is unknown")?.reports_open);
    Ok(())
}

#[test]
fn whoever_reads_a_machine_reads_its_label_and_nobody_else() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    let base =
        json!({"key": "qr_code_base_url", "warehouse_id": shop.warehouse, "value": "https://fix.test/"});
    shop.world.insert("settings", &base)?;
    let (_, technician) = shop.person("technician")?;
    let read = label(&technician, shop.machine)?.context("a technician reads it")?;
    assert_eq!(read.lead.address("http://own"), format!("https://fix.test/s/{token}"));
    let (_, requester) = shop.person("requester")?;
    assert_eq!(label(&requester, shop.machine)?, None);
    let elsewhere = shop.world.warehouse("UTC")?;
    let stranger = shop.world.person("supervisor", elsewhere)?;
    let stranger = shop.world.caller(&stranger.email)?;
    assert_eq!(label(&stranger, shop.machine)?, None);
    let made_up = json!({"p_machine": {"warehouse_id": shop.warehouse}});
    let base = |caller: &Caller| anyhow::Ok(caller.call("public", "qr_code_base_url", &made_up)?.body);
    assert_eq!(base(&technician)?, "https://fix.test/");
    assert_eq!(base(&stranger)?, Value::Null, "nor by way of a machine that they made up");
    Ok(())
}

#[test]
fn a_label_is_renewed_by_who_manages_the_machine_and_the_old_one_is_worth_nothing() -> Result<()> {
    let mut shop = Shop::open()?;
    let first = shop.token()?;
    let (_, technician) = shop.person("technician")?;
    let refused = Once { key: Uuid::now_v7().to_string(), fingerprint: "f".to_owned() };
    for _ in 0..2 {
        assert_eq!(renewed(&technician, shop.machine, Some(&refused))?, None, "and it takes no key");
    }
    let elsewhere = shop.world.warehouse("UTC")?;
    let other = shop.world.person("supervisor", elsewhere)?;
    assert_eq!(renewed(&shop.world.caller(&other.email)?, shop.machine, None)?, None);
    assert_eq!(shop.token()?, first);

    let (_, supervisor) = shop.person("supervisor")?;
    let once = Once { key: Uuid::now_v7().to_string(), fingerprint: "f".to_owned() };
    let second = renewed(&supervisor, shop.machine, Some(&once))?.context("not renewed")?.scan_token;
    assert_eq!(shop.token()?, second);
    assert_ne!(second, first);
    assert_eq!((shop.read(&first)?, shop.read(&second)?.is_some()), (None, true));
    let again = renewed(&supervisor, shop.machine, Some(&once));
    assert!(again.is_err_and(|error| error.is_repeated()));
    assert_eq!(shop.token()?, second, "once is once");
    Ok(())
}

#[test]
fn nobody_chooses_a_token_and_nobody_reaches_the_scan_at_the_gateway() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    let (_, supervisor) = shop.person("supervisor")?;
    let chosen = json!({"token": "AAAAAAAAAAAAAAAAAAAAAA"});
    let one = format!("equipment_labels?equipment_id=eq.{}", shop.machine);
    let answer = supervisor.change(&one, &chosen)?;
    assert_eq!((answer.status, answer.code()), (403, "42501"), "{answer:?}");
    let row = json!({"equipment_id": shop.machine, "token": "AAAAAAAAAAAAAAAAAAAAAA"});
    let answer = supervisor.insert("equipment_labels", &row)?;
    assert_eq!((answer.status, answer.code()), (403, "42501"), "{answer:?}");
    let stranger = shop.world.stranger()?;
    for schema in ["public", "functions"] {
        let answer = stranger.call(schema, "scan_read", &json!({"p_token": token}))?;
        assert!(answer.status >= 400 && answer.rows().is_empty(), "{answer:?}");
    }
    for column in ["equipment?select=equipment_labels(token)", "equipment_labels?select=token"] {
        let answer = stranger.read(column)?;
        assert!(answer.is_denied(), "{answer:?}");
    }
    Ok(())
}

#[test]
fn a_report_is_a_work_order_of_its_machine_and_someone_hears_of_it() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    let photo = photo();
    let reported = shop.reports(&token, Some(&photo), None)?;
    let Some(Reported::Taken { number, photo: Some(expected) }) = reported else {
        anyhow::bail!("{reported:?}")
    };
    let row = shop.world.value(
        "select to_jsonb(w) || jsonb_build_object('events', (select jsonb_agg(e.kind) from public.events e
           where e.work_order_id = w.id), 'photo', (select to_jsonb(a) from public.attachments a where a.work_order_id = w.id))
         from public.work_orders w where w.warehouse_id = $1",
        &[&shop.warehouse],
    )?;
    for (field, value) in [
        ("number", json!(number)),
        ("type", json!("corrective")),
        ("status", json!("new")),
        ("title", json!("It leaks")),
        ("description", json!("It leaks\non the left")),
        ("priority", json!("high")),
        ("equipment_id", json!(shop.machine)),
        ("area", json!("Hall 2")),
        ("asset_model", json!("P-1")),
        ("requested_by", Value::Null),
        ("reporter_name", json!("Nora")),
        ("reporter_contact", json!("gate 4")),
        ("events", json!(["request_received"])),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    let kept = &row["photo"];
    assert_eq!((&kept["id"], &kept["uploaded_by"]), (&json!(photo.id), &Value::Null));
    assert_eq!((&kept["state"], &kept["warehouse_id"]), (&json!("uploaded"), &json!(shop.warehouse)));
    let prefix = format!("{}/{}", shop.warehouse, photo.id);
    assert_eq!(expected, Expected { key_prefix: prefix, waits: true });
    Ok(())
}

#[test]
fn a_report_that_is_sent_again_is_one_even_by_eight_at_once() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    let once = Once { key: "form-1".to_owned(), fingerprint: "a".to_owned() };
    let apis = shop.world.eight("function:request-api")?;
    let reporter = shop.reporter.clone();
    let send = |api: Caller| Ok(reports(&api, &token, Some(&photo()), Some(&once), &reporter)?);
    let answers = at_once(apis, send)?;
    assert!(matches!(answers.first(), Some(Some(Reported::Taken { photo: Some(photo), .. })) if photo.waits));
    assert!(answers.iter().all(|answer| Some(answer) == answers.first()), "{answers:?}");
    assert_eq!(shop.work_orders()?, 1);
    shop.world.change(
        "update public.attachments set state = 'failed', reason = 'a' where warehouse_id = $1",
        &[&shop.warehouse],
    )?;
    let later = shop.reports(&token, Some(&photo()), Some(&once))?;
    assert!(
        matches!(later, Some(Reported::Taken { photo: Some(Expected { waits: false, .. }), .. })),
        "{later:?}"
    );
    let other = Once { fingerprint: "b".to_owned(), ..once };
    assert_eq!(shop.reports(&token, None, Some(&other))?, Some(Reported::Reused));
    assert_eq!(shop.work_orders()?, 1);
    Ok(())
}

#[test]
fn where_strangers_may_not_report_nothing_is_written() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    shop.takes_reports(false)?;
    let once = Once { key: "form-1".to_owned(), fingerprint: "a".to_owned() };
    assert_eq!(shop.reports(&token, Some(&photo()), Some(&once))?, Some(Reported::Closed));
    assert_eq!(shop.report("AAAAAAAAAAAAAAAAAAAAAA")?, None);
    let written = "select (select count(*) from public.work_orders where warehouse_id = $1)
        + (select count(*) from private.idempotency_keys where caller = $2)
        + (select count(*) from private.rates where subject = $3)";
    let written = shop.world.value(written, &[&shop.warehouse, &shop.machine, &shop.reporter.pseudonym])?;
    assert_eq!(written, 0);
    Ok(())
}

#[test]
fn one_too_many_is_told_how_long_to_wait_and_writes_nothing() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    let apis = shop.world.eight("function:request-api")?;
    let reporter = shop.reporter.clone();
    let answers = at_once(apis, |api| Ok(reports(&api, &token, None, None, &reporter)))?;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!((refused.len(), shop.work_orders()?), (3, json!(5)));
    for error in refused {
        let StoreError::Refused { status, refusal } = error else { anyhow::bail!("{error}") };
        let seconds: u32 = refusal.details.as_deref().context("no seconds")?.parse()?;
        assert_eq!((status, refusal.code.as_str()), (429, "PT429"));
        assert!((890..=900).contains(&seconds), "{seconds}");
    }
    // A refused report takes no key: the same form may come later.
    let once = Once { key: "form-1".to_owned(), fingerprint: "a".to_owned() };
    assert!(shop.reports(&token, None, Some(&once)).is_err());
    let end = "update private.rates set ends_at = now() - interval '1 second' where subject = $1";
    shop.world.change(end, &[&shop.reporter.pseudonym])?;
    assert!(matches!(shop.reports(&token, None, Some(&once))?, Some(Reported::Taken { .. })));
    assert_eq!(shop.work_orders()?, 6, "a new span has begun");
    Ok(())
}

#[test]
fn spans_that_have_ended_are_forgotten_and_others_are_not() -> Result<()> {
    let mut shop = Shop::open()?;
    let token = shop.token()?;
    shop.report(&token)?;
    let scheduler = shop.world.caller("function:pm-scheduler")?;
    let now = shop.world.now()?;
    let known = "select count(*) from private.rates where subject = $1";
    scheduler.ask(async |session| forget(&session, Forgettable::Rates, now).await)?;
    assert_eq!(shop.world.value(known, &[&shop.reporter.pseudonym])?, 1);
    let end = "update private.rates set ends_at = now() - interval '1 second' where subject = $1";
    shop.world.change(end, &[&shop.reporter.pseudonym])?;
    assert!(scheduler.ask(async |session| forget(&session, Forgettable::Rates, now).await)? >= 1);
    assert_eq!(shop.world.value(known, &[&shop.reporter.pseudonym])?, 0);
    Ok(())
}
