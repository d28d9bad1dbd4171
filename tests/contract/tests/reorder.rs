//! Parts that are short are ordered once, of their vendor, and booked once when they come.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result, ensure};
use millwright_contract_tests::{Answer, Caller, World, at_once, with};
use millwright_domain::resource::{REORDER_DRAFTS, REORDER_LINES};
use millwright_store::reorders::reorder;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

struct Store {
    world: World,
    clerk: Caller,
    warehouse: Uuid,
}

impl Store {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let clerk = world.person("inventory_clerk", warehouse)?;
        let clerk = world.caller(&clerk.email)?;
        Ok(Self { world, clerk, warehouse })
    }

    fn vendor(&mut self, name: &str) -> Result<Uuid> {
        self.world
            .insert("vendors", &json!({"name": name, "kind": "supplier", "warehouse_id": self.warehouse}))
    }

    /// A part with so many on hand that is reordered below 10; `more` says what else it is.
    fn part(&mut self, number: &str, on_hand: i32, more: &Value) -> Result<Uuid> {
        let part = json!({
            "warehouse_id": self.warehouse, "part_number": number, "name": number, "on_hand": on_hand, "reorder_point": 10,
        });
        self.world.insert("parts", &with(part, more))
    }

    /// Reorders; what each open draft holds, by the name of its vendor: part numbers and quantities.
    fn reordered(&mut self) -> Result<Value> {
        self.clerk.ask(async |session| reorder(&session, None, None).await)?;
        self.open_drafts()
    }

    fn open_drafts(&mut self) -> Result<Value> {
        self.world.value(
            "select coalesce(jsonb_object_agg(coalesce(v.name, ''), l.lines), '{}')
             from public.reorder_drafts d left join public.vendors v on v.id = d.vendor_id
             cross join lateral (select coalesce(jsonb_object_agg(p.part_number, r.quantity), '{}') as lines
               from public.reorder_lines r join public.parts p on p.id = r.part_id where r.draft_id = d.id) l
             where d.warehouse_id = $1 and d.status = 'draft'",
            &[&self.warehouse],
        )
    }

    fn draft(&mut self) -> Result<String> {
        let draft = self.world.value(
            "select id from public.reorder_drafts where warehouse_id = $1 and status in ('draft', 'ordered')",
            &[&self.warehouse],
        )?;
        Ok(draft.as_str().context("no draft")?.to_owned())
    }

    fn changes(&self, draft: &str, change: &Value) -> Result<Answer> {
        change_draft(&self.clerk, draft, change)
    }

    /// The part's stock, and how often something came in.
    fn stock(&mut self, part: Uuid) -> Result<Value> {
        self.world.value(
            "select jsonb_build_array(on_hand, (select count(*) from public.part_transactions where part_id = p.id))
             from public.parts p where id = $1",
            &[&part],
        )
    }
}

fn change_draft(caller: &Caller, draft: &str, change: &Value) -> Result<Answer> {
    let shown = [("prefer", "return=representation")];
    caller.send(Method::PATCH, "public", &format!("reorder_drafts?id=eq.{draft}"), Some(change), &shown)
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["message"].as_str().unwrap_or_default())
}

#[test]
fn what_is_short_is_in_a_draft_of_its_vendor_in_the_quantity_that_ends_it() -> Result<()> {
    let mut store = Store::open()?;
    let (north, south) = (store.vendor("North")?, store.vendor("South")?);
    store.part("enough", 10, &json!({"vendor_id": north}))?;
    store.part("short", 9, &json!({"vendor_id": north}))?;
    store.part("by the dozen", 0, &json!({"vendor_id": north, "reorder_quantity": 12}))?;
    store.part("in fours", 1, &json!({"vendor_id": south, "reorder_quantity": 4}))?;
    store.part("of nobody", 3, &json!({}))?;
    store.part("reserved", 12, &json!({"reserved": 5}))?;
    store.part("archived", 0, &json!({"archived_at": "2026-01-01T00:00:00Z"}))?;
    store.part("never", 0, &json!({"reorder_point": 0}))?;
    store.part("oil", 0, &json!({"reorder_point": 0.8, "reorder_quantity": 0.25}))?;
    store.part("glue", 0, &json!({"reorder_point": 0.125}))?;
    assert_eq!(
        store.reordered()?,
        json!({
            // Up to twice the reorder point, or the least multiple that reaches it.
            "North": {"short": 11, "by the dozen": 12}, "South": {"in fours": 12}, "": {"of nobody": 17, "reserved": 13, "oil": 1, "glue": 0.25},
        })
    );
    Ok(())
}

#[test]
fn an_open_draft_is_completed_and_what_is_ordered_counts() -> Result<()> {
    let mut store = Store::open()?;
    let part = store.part("belt", 9, &json!({}))?;
    assert_eq!(store.reordered()?, json!({"": {"belt": 11}}));
    assert_eq!(store.reordered()?, json!({"": {"belt": 11}}), "nothing is short any more");
    // 2 + 11 are more than 10, 0 + 9 are not: reserved is all that is there, and someone orders fewer.
    let fewer = [("prefer", "return=representation")];
    let line = "reorder_lines?quantity=eq.11";
    assert_eq!(
        store.clerk.send(Method::PATCH, "public", line, Some(&json!({"quantity": 9})), &fewer)?.rows().len(),
        1
    );
    store.world.change("update public.parts set on_hand = 0 where id = $1", &[&part])?;
    store.part("seal", 0, &json!({}))?;
    assert_eq!(store.reordered()?, json!({"": {"belt": 20, "seal": 20}}));
    let draft = store.draft()?;
    assert_eq!(store.changes(&draft, &json!({"status": "ordered"}))?.status, 200);
    assert_eq!(store.reordered()?, json!({}), "what is on its way is not ordered again");
    store.world.change("update public.parts set reorder_point = 30 where id = $1", &[&part])?;
    assert_eq!(store.reordered()?, json!({"": {"belt": 40}}), "in a new draft: the other one is frozen");
    Ok(())
}

#[test]
fn many_at_once_make_one_draft_of_each_vendor() -> Result<()> {
    let mut store = Store::open()?;
    let north = store.vendor("North")?;
    for number in 0..20 {
        let of = if number % 2 == 0 { json!({"vendor_id": north}) } else { json!({}) };
        store.part(&format!("P{number}"), 0, &of)?;
    }
    let email = store.world.person("inventory_clerk", store.warehouse)?.email;
    let told = at_once(store.world.eight(&email)?, |caller| {
        Ok(caller.ask(async |session| reorder(&session, None, None).await)?)
    })?;
    let added: i64 = told.iter().filter_map(|told| told["lines_added"].as_i64()).sum();
    let raised: i64 = told.iter().filter_map(|told| told["lines_raised"].as_i64()).sum();
    assert_eq!((added, raised), (20, 0));
    for told in &told {
        assert_eq!(told["drafts"].as_array().map(Vec::len), Some(2), "{told:?}");
        let draft = &told["drafts"][0];
        assert!(REORDER_DRAFTS.fields.iter().all(|field| draft.get(field.name).is_some()), "{draft}");
        assert!(
            REORDER_LINES.fields.iter().all(|field| draft["lines"][0].get(field.name).is_some()),
            "{draft}"
        );
    }
    let drafts = store.open_drafts()?;
    let lines = |vendor: &str| drafts[vendor].as_object().into_iter().flatten().count();
    assert_eq!((lines("North"), lines("")), (10, 10), "{drafts}");
    Ok(())
}

#[test]
fn what_is_ordered_is_frozen_but_for_how_many_came() -> Result<()> {
    let mut store = Store::open()?;
    store.part("belt", 0, &json!({}))?;
    store.reordered()?;
    let draft = store.draft()?;
    let line = format!("reorder_lines?draft_id=eq.{draft}");
    let shown = [("prefer", "return=representation")];
    let change = |change: &Value| store.clerk.send(Method::PATCH, "public", &line, Some(change), &shown);
    assert_eq!(code(&change(&json!({"received_quantity": 3}))?), (409, "reorder_not_ordered"));
    assert_eq!(code(&store.changes(&draft, &json!({"status": "received"}))?), (409, "reorder_move_not_open"));
    let ordered = store.changes(&draft, &json!({"status": "ordered"}))?;
    assert!(ordered.rows()[0]["ordered_by"].is_string(), "{ordered:?}");
    assert_eq!(code(&change(&json!({"quantity": 3}))?), (409, "reorder_frozen"));
    let both = json!({"quantity": 3, "received_quantity": 3});
    assert_eq!(code(&change(&both)?), (409, "reorder_frozen"));
    let removed = store.clerk.send(Method::DELETE, "public", &line, None, &[])?;
    assert_eq!(code(&removed), (409, "reorder_frozen"));
    let too_many = store
        .world
        .value("select quantity + 1 from public.reorder_lines where draft_id = $1::text::uuid", &[&draft])?;
    assert_eq!(
        change(&json!({"received_quantity": too_many}))?.code(),
        "23514",
        "no more is received than was ordered"
    );
    assert_eq!(change(&json!({"received_quantity": 3}))?.rows()[0]["version"], 2);
    let other = store.part("seal", 10, &json!({}))?;
    let added = json!({"draft_id": draft, "part_id": other, "quantity": 1});
    assert_eq!(code(&store.clerk.insert("reorder_lines", &added)?), (409, "reorder_frozen"));
    Ok(())
}

#[test]
fn what_comes_is_booked_once_however_often_and_by_however_many_it_is_said() -> Result<()> {
    let mut store = Store::open()?;
    let (belt, seal, lost) = (
        store.part("belt", 0, &json!({"unit_cost": 4.5}))?,
        store.part("seal", 0, &json!({}))?,
        store.part("lost", 0, &json!({}))?,
    );
    store.reordered()?;
    let draft = store.draft()?;
    assert_eq!(store.changes(&draft, &json!({"status": "ordered"}))?.status, 200);
    for (part, came) in [(seal, 7), (lost, 0)] {
        store.world.change(
            "update public.reorder_lines set received_quantity = $2::integer where part_id = $1",
            &[&part, &came],
        )?;
    }
    let email = store.world.person("inventory_clerk", store.warehouse)?.email;
    let told = at_once(store.world.eight(&email)?, |caller| {
        Ok(change_draft(&caller, &draft, &json!({"status": "received"}))?.status)
    })?;
    assert_eq!(told, [200; 8], "to say it again changes nothing");
    assert_eq!(store.stock(belt)?, json!([20, 1]), "as many as were ordered");
    assert_eq!(store.stock(seal)?, json!([7, 1]), "as many as came");
    assert_eq!(store.stock(lost)?, json!([0, 0]), "nothing came");
    let booked = store
        .world
        .value("select to_jsonb(t) from public.part_transactions t where part_id = $1", &[&belt])?;
    let number =
        store.world.value("select number from public.reorder_drafts where id = $1::text::uuid", &[&draft])?;
    assert_eq!(
        (&booked["type"], &booked["unit_cost"], &booked["note"]),
        (&json!("inbound"), &json!(4.5), &number)
    );
    assert_eq!(
        code(&store.changes(&draft, &json!({"status": "cancelled"}))?),
        (409, "reorder_move_not_open")
    );
    let again = store.world.sql.execute(
        "insert into public.part_transactions (part_id, type, quantity, reorder_line_id)
           select part_id, 'inbound', 1, reorder_line_id from public.part_transactions where part_id = $1",
        &[&belt],
    );
    assert!(again.is_err(), "not even by whoever owns it");
    Ok(())
}

/// Ordering, adding, taking and receiving in the same warehouse at the same time wait for each other and never block each
/// other.
#[test]
fn nobody_is_blocked_while_others_order_and_receive() -> Result<()> {
    let mut store = Store::open()?;
    let parts: Vec<_> =
        (0..12).map(|number| store.part(&format!("P{number:02}"), 5, &json!({}))).collect::<Result<_>>()?;
    let email = store.world.person("inventory_clerk", store.warehouse)?.email;
    let actors: Vec<_> = store.world.eight(&email)?.into_iter().enumerate().collect();
    let warehouse = store.warehouse;
    at_once(actors, |(n, caller)| {
        for round in 0..15 {
            match n % 4 {
                0 => drop(caller.ask(async |session| reorder(&session, None, None).await)?),
                1 => {
                    let open =
                        format!("reorder_drafts?warehouse_id=eq.{warehouse}&status=in.(draft,ordered)");
                    for draft in caller.read(&open)?.rows() {
                        let to = if draft["status"] == "draft" { "ordered" } else { "received" };
                        let answer = change_draft(
                            &caller,
                            draft["id"].as_str().unwrap_or_default(),
                            &json!({"status": to}),
                        )?;
                        ensure!(matches!(answer.status, 200 | 409), "{answer:?}");
                    }
                }
                2 => {
                    let part = parts.get((round * 5 + n) % parts.len());
                    let taken = json!({"part_id": part, "type": "used", "quantity": 3});
                    let answer = caller.insert("part_transactions", &taken)?;
                    ensure!(matches!(answer.status, 201 | 409), "{answer:?}");
                }
                _ => {
                    let lines = format!("reorder_lines?warehouse_id=eq.{warehouse}");
                    let answer = caller.change(&lines, &json!({"note": "x"}))?;
                    ensure!(matches!(answer.status, 204 | 409), "{answer:?}");
                }
            }
        }
        Ok(())
    })?;
    let wrong = store.world.value(
        "select count(*) from public.parts p where warehouse_id = $1 and on_hand <> 5 + (select coalesce(sum(
           case type when 'used' then -quantity else quantity end), 0) from public.part_transactions where part_id = p.id)",
        &[&store.warehouse],
    )?;
    assert_eq!(wrong, json!(0));
    let open = store.world.value(
        "select count(*) from public.reorder_drafts where warehouse_id = $1 and status = 'draft'",
        &[&store.warehouse],
    )?;
    assert!(open == json!(0) || open == json!(1), "{open} open drafts of one vendor");
    Ok(())
}

#[test]
fn only_who_keeps_the_stock_may_reorder_it() -> Result<()> {
    let mut store = Store::open()?;
    let elsewhere = store.world.warehouse("UTC")?;
    for role in ["technician", "supervisor", "contractor", "requester"] {
        let email = store.world.person(role, store.warehouse)?.email;
        let told = store.world.caller(&email)?.ask(async |session| reorder(&session, None, None).await);
        assert_eq!(told.map_err(|error| error.code().to_owned()), Err("42501".to_owned()), "{role}");
    }
    let other = json!(elsewhere);
    let told = store.clerk.ask(async |session| reorder(&session, Some(&other), None).await);
    assert_eq!(told.map_err(|error| error.code().to_owned()), Err("42501".to_owned()));
    let manager = store.world.person("manager", elsewhere)?.email;
    let manager = store.world.caller(&manager)?;
    let told = manager.ask(async |session| reorder(&session, None, None).await);
    assert_eq!(told.map_err(|error| error.code().to_owned()), Err("23502".to_owned()), "of which?");
    let nowhere = json!(Uuid::now_v7());
    let told = manager.ask(async |session| reorder(&session, Some(&nowhere), None).await);
    assert_eq!(told.map_err(|error| error.code().to_owned()), Err("23503".to_owned()));
    assert!(manager.ask(async |session| reorder(&session, Some(&other), None).await).is_ok());
    Ok(())
}
