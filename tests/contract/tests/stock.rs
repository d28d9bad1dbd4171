//! Stock moves by a ledger, which is always the sum of what it says, and never below nothing.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::Result;
use millwright_contract_tests::{Answer, Caller, World, at_once, with};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

struct Store {
    world: World,
    clerk: Caller,
    part: Uuid,
    warehouse: Uuid,
}

impl Store {
    /// A part with so many on hand that is reordered below 10.
    fn with_on_hand(on_hand: i32) -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let clerk = world.person("inventory_clerk", warehouse)?;
        let clerk = world.caller(&clerk.email)?;
        let part =
            json!({"warehouse_id": warehouse, "part_number": "BRG", "name": "Bearing", "reorder_point": 10});
        let part = world.insert("parts", &part)?;
        let store = Self { world, clerk, part, warehouse };
        assert_eq!(store.moves(&store.clerk, "inbound", on_hand, &json!({}))?.status, 201);
        Ok(store)
    }

    fn moves(&self, caller: &Caller, kind: &str, quantity: i32, more: &Value) -> Result<Answer> {
        moves(caller, self.part, kind, quantity, more)
    }

    fn part(&mut self) -> Result<Value> {
        self.world.value(
            "select jsonb_build_object('on_hand', on_hand, 'reserved', reserved, 'ledger', (select sum(
               case type when 'used' then -quantity else quantity end) from public.part_transactions where part_id = p.id))
             from public.parts p where id = $1",
            &[&self.part],
        )
    }

    fn told(&mut self) -> Result<Value> {
        self.world.value(
            "select coalesce(jsonb_agg(kind order by id), '[]') from public.events where warehouse_id = $1",
            &[&self.warehouse],
        )
    }

    fn reserved(&self, work_order: Uuid, quantity: i32) -> Result<Answer> {
        let row = json!({"part_id": self.part, "work_order_id": work_order, "quantity": quantity});
        self.clerk.insert("part_reservations", &row)
    }
}

fn moves(caller: &Caller, part: Uuid, kind: &str, quantity: i32, more: &Value) -> Result<Answer> {
    caller.insert(
        "part_transactions",
        &with(json!({"part_id": part, "type": kind, "quantity": quantity}), more),
    )
}

#[test]
fn a_hundred_are_taken_by_exactly_a_hundred_of_five_hundred() -> Result<()> {
    let mut store = Store::with_on_hand(100)?;
    let part = store.part;
    // One person alone may not ask twenty things at once.
    let clerk = |_| {
        let clerk = store.world.person("inventory_clerk", store.warehouse)?;
        store.world.caller(&clerk.email)
    };
    let takers = (0..20).map(clerk).collect::<Result<Vec<_>>>()?;
    let taken = at_once(takers, |caller| {
        let mut taken = 0;
        for _ in 0..25 {
            let answer = moves(&caller, part, "used", 1, &json!({}))?;
            match (answer.status, answer.body["message"].as_str()) {
                (201, _) => taken += 1,
                (409, Some("insufficient_stock")) => {}
                _ => anyhow::bail!("{answer:?}"),
            }
        }
        Ok(taken)
    })?;
    assert_eq!(taken.iter().sum::<i32>(), 100);
    assert_eq!(store.part()?, json!({"on_hand": 0, "reserved": 0, "ledger": 0}));
    assert_eq!(store.told()?, json!(["part_low_stock", "part_out_of_stock"]), "once per crossing");
    Ok(())
}

#[test]
fn what_is_reserved_is_there_for_its_work_order_alone() -> Result<()> {
    let mut store = Store::with_on_hand(5)?;
    let (mine, other) = (
        store.world.work_order(store.warehouse, &json!({}))?,
        store.world.work_order(store.warehouse, &json!({}))?,
    );
    assert_eq!(store.reserved(mine, 4)?.status, 201);
    let too_much = store.reserved(other, 2)?;
    assert_eq!((too_much.status, too_much.body["message"].as_str()), (409, Some("insufficient_stock")));
    let for_other = json!({"work_order_id": other});
    assert_eq!(store.moves(&store.clerk, "used", 2, &for_other)?.status, 409);
    assert_eq!(store.moves(&store.clerk, "used", 1, &for_other)?.status, 201);
    assert_eq!(store.moves(&store.clerk, "used", 3, &json!({"work_order_id": mine}))?.status, 201);
    assert_eq!(store.part()?, json!({"on_hand": 1, "reserved": 1, "ledger": 1}));
    assert_eq!(store.moves(&store.clerk, "used", 1, &json!({"work_order_id": mine}))?.status, 201);
    assert_eq!(
        store.part()?,
        json!({"on_hand": 0, "reserved": 0, "ledger": 0}),
        "the reservation is used up"
    );
    Ok(())
}

#[test]
fn a_reservation_is_changed_and_given_back() -> Result<()> {
    let mut store = Store::with_on_hand(5)?;
    let order = store.world.work_order(store.warehouse, &json!({}))?;
    let id = store.reserved(order, 2)?.body[0]["id"].clone();
    let one = format!("part_reservations?id=eq.{}", id.as_str().unwrap_or_default());
    let change = |quantity| store.clerk.change(&one, &json!({"quantity": quantity}));
    assert_eq!(change(5)?.status, 204);
    assert_eq!(change(6)?.status, 409);
    assert_eq!(store.part()?["reserved"], 5);
    let one = store.clerk.send(Method::DELETE, "public", &one, None, &[])?;
    assert_eq!((one.status, store.part()?), (204, json!({"on_hand": 5, "reserved": 0, "ledger": 5})));
    Ok(())
}

#[test]
fn only_an_adjustment_may_be_negative_and_nothing_moves_by_nothing() -> Result<()> {
    let mut store = Store::with_on_hand(5)?;
    for (kind, quantity) in [("inbound", -1), ("used", -1), ("returned", -1), ("adjustment", 0)] {
        assert_eq!(store.moves(&store.clerk, kind, quantity, &json!({}))?.code(), "23514", "{kind}");
    }
    assert_eq!(store.moves(&store.clerk, "adjustment", -6, &json!({}))?.status, 409);
    let counted = store.moves(&store.clerk, "adjustment", -2, &json!({}))?;
    assert_eq!(counted.body[0]["balance"], 3);
    assert_eq!(store.part()?, json!({"on_hand": 3, "reserved": 0, "ledger": 3}));
    Ok(())
}

#[test]
fn who_works_takes_for_their_work_and_for_nothing_else() -> Result<()> {
    let mut store = Store::with_on_hand(5)?;
    let technician = store.world.person("technician", store.warehouse)?;
    let mine = store
        .world
        .work_order(store.warehouse, &json!({"assigned_to": technician.id, "status": "assigned"}))?;
    let other = store.world.work_order(store.warehouse, &json!({}))?;
    let caller = store.world.caller(&technician.email)?;
    let of = |order: Uuid| json!({"work_order_id": order});
    assert_eq!(store.moves(&caller, "used", 1, &of(mine))?.status, 201);
    assert_eq!(store.moves(&caller, "returned", 1, &of(mine))?.status, 201);
    for (kind, more) in
        [("used", of(other)), ("used", json!({})), ("inbound", of(mine)), ("adjustment", of(mine))]
    {
        assert_eq!(store.moves(&caller, kind, 1, &more)?.code(), "42501", "{kind} {more}");
    }
    assert_eq!(store.part()?, json!({"on_hand": 5, "reserved": 0, "ledger": 5}));
    Ok(())
}

#[test]
fn the_ledger_is_never_edited_and_is_of_one_warehouse() -> Result<()> {
    let mut store = Store::with_on_hand(5)?;
    let edited = store
        .world
        .sql
        .execute("update public.part_transactions set quantity = 1 where part_id = $1", &[&store.part]);
    assert!(edited.is_err(), "not even by whoever owns it");
    let elsewhere = store.world.warehouse("UTC")?;
    let order = store.world.work_order(elsewhere, &json!({}))?;
    let refused = store.moves(&store.clerk, "used", 1, &json!({"work_order_id": order}))?;
    assert_eq!(refused.code(), "23503", "{refused:?}");
    let manager = store.world.person("manager", elsewhere)?;
    let nothing = moves(&store.world.caller(&manager.email)?, Uuid::now_v7(), "inbound", 1, &json!({}))?;
    assert_eq!(nothing.code(), "23503", "{nothing:?}");
    Ok(())
}

#[test]
fn a_negative_adjustment_counts_once() -> Result<()> {
    let mut store = Store::with_on_hand(500_021)?;
    let order = store.world.work_order(store.warehouse, &json!({}))?;
    assert_eq!(store.reserved(order, 1_000)?.status, 201);
    let reserved = store.moves(&store.clerk, "adjustment", -499_022, &json!({"work_order_id": order}))?;
    assert_eq!(
        reserved.body["message"], "insufficient_stock",
        "a count uses no reservation up: {reserved:?}"
    );
    let counted = store.moves(&store.clerk, "adjustment", -499_000, &json!({}))?;
    assert_eq!((counted.status, &counted.body[0]["balance"]), (201, &json!(1_021)), "{counted:?}");
    assert_eq!(store.part()?, json!({"on_hand": 1_021, "reserved": 1_000, "ledger": 1_021}));
    Ok(())
}

#[test]
fn no_more_comes_back_than_was_taken_there() -> Result<()> {
    let mut store = Store::with_on_hand(10)?;
    let (order, other) = (
        store.world.work_order(store.warehouse, &json!({}))?,
        store.world.work_order(store.warehouse, &json!({}))?,
    );
    let returns = |store: &Store, quantity, of: &Value| -> Result<(u16, String)> {
        let answer = store.moves(&store.clerk, "returned", quantity, of)?;
        Ok((answer.status, answer.body["message"].as_str().unwrap_or_default().to_owned()))
    };
    let (here, there, nowhere) =
        (json!({"work_order_id": order}), json!({"work_order_id": other}), json!({}));
    assert_eq!(store.moves(&store.clerk, "used", 2, &here)?.status, 201);
    let refused = (409, "not_taken".to_owned());
    for (quantity, of) in [(3, &here), (500, &here), (1, &there), (1, &nowhere)] {
        assert_eq!(returns(&store, quantity, of)?, refused, "{quantity} {of}");
    }
    assert_eq!(returns(&store, 1, &here)?.0, 201);
    assert_eq!(returns(&store, 2, &here)?, refused, "one of them is back");
    assert_eq!(returns(&store, 1, &here)?.0, 201);
    assert_eq!(returns(&store, 1, &here)?, refused);
    // What was taken for no work order comes back from none.
    assert_eq!(store.moves(&store.clerk, "used", 1, &nowhere)?.status, 201);
    assert_eq!(returns(&store, 1, &here)?, refused);
    assert_eq!(returns(&store, 1, &nowhere)?.0, 201);
    assert_eq!(store.part()?, json!({"on_hand": 10, "reserved": 0, "ledger": 10}));
    Ok(())
}

#[test]
fn of_many_who_bring_it_back_at_once_none_brings_too_much() -> Result<()> {
    let mut store = Store::with_on_hand(10)?;
    let (part, order) = (store.part, store.world.work_order(store.warehouse, &json!({}))?);
    let of = json!({"work_order_id": order});
    assert_eq!(store.moves(&store.clerk, "used", 3, &of)?.status, 201);
    let clerk = store.world.person("inventory_clerk", store.warehouse)?;
    let told = at_once(store.world.eight(&clerk.email)?, |caller| {
        Ok(moves(&caller, part, "returned", 1, &json!({"work_order_id": order}))?.status)
    })?;
    assert_eq!(told.iter().filter(|status| **status == 201).count(), 3, "{told:?}");
    assert!(told.iter().all(|status| [201, 409].contains(status)), "{told:?}");
    assert_eq!(store.part()?, json!({"on_hand": 10, "reserved": 0, "ledger": 10}));
    Ok(())
}

#[test]
fn what_comes_back_costs_what_it_cost_when_it_was_taken() -> Result<()> {
    let mut store = Store::with_on_hand(100)?;
    let order = store.world.work_order(store.warehouse, &json!({}))?;
    let costs = "select coalesce(sum(case type when 'used' then quantity else -quantity end * unit_cost), 0)
                 from public.part_transactions where work_order_id = $1";
    // Taken for so much, or given back: the price, and what is booked on the work order then.
    for (kind, quantity, said, price, booked) in [
        ("used", 1, json!(10), json!(10), json!(10)),
        ("used", 1, json!(20), json!(20), json!(30)),
        ("returned", 1, json!(4990), json!(15), json!(15)),
        ("returned", 1, json!(0), json!(15), json!(0)),
        ("used", 3, json!(0.01), json!(0.01), json!(0.03)),
        ("used", 1, json!(0), json!(0), json!(0.03)),
        ("returned", 4, json!(null), json!(0.0075), json!(0)),
        // Rounded down: a return gives back no more than was booked.
        ("used", 1, json!(0.000_001), json!(0.000_001), json!(0.000_001)),
        ("used", 2, json!(0), json!(0), json!(0.000_001)),
        ("returned", 3, json!(null), json!(0), json!(0.000_001)),
        ("used", 2, json!(null), json!(null), json!(0.000_001)),
    ] {
        let more = json!({"work_order_id": order, "unit_cost": said});
        let answer = store.moves(&store.clerk, kind, quantity, &more)?;
        assert_eq!(answer.status, 201, "{kind} {quantity} for {said}: {answer:?}");
        assert_eq!(answer.body[0]["unit_cost"].as_f64(), price.as_f64(), "{kind} {quantity} for {said}");
        let found = store.world.value(costs, &[&order])?;
        assert_eq!(found.as_f64(), booked.as_f64(), "after {kind} {quantity} for {said}");
    }
    Ok(())
}

#[test]
fn more_than_can_be_counted_is_refused() -> Result<()> {
    let mut store = Store::with_on_hand(1_000_000)?;
    let most = "update public.parts set on_hand = 2147483647 where id = $1";
    store.world.change(most, &[&store.part])?;
    let refused = store.moves(&store.clerk, "inbound", 1, &json!({}))?;
    assert_eq!(
        (refused.status, refused.body["message"].as_str()),
        (409, Some("stock_is_full")),
        "{refused:?}"
    );
    Ok(())
}

#[test]
fn litres_and_kilograms_are_counted_to_the_third_decimal_and_never_rounded() -> Result<()> {
    let mut store = Store::with_on_hand(1)?;
    let order = store.world.work_order(store.warehouse, &json!({}))?;
    let moves = |store: &Store, kind: &str, quantity: Value, more: &Value| {
        let row = json!({"part_id": store.part, "type": kind, "quantity": quantity});
        store.clerk.insert("part_transactions", &with(row, more))
    };
    let here = json!({"work_order_id": order, "unit_cost": 0.00015});
    // Ten times a tenth is one, which it is not among floats.
    for _ in 0..9 {
        assert_eq!(moves(&store, "used", json!(0.1), &here)?.status, 201);
    }
    let reservation = json!({"part_id": store.part, "work_order_id": order, "quantity": 0.05});
    assert_eq!(store.clerk.insert("part_reservations", &reservation)?.status, 201);
    assert_eq!(store.part()?, json!({"on_hand": 0.1, "reserved": 0.05, "ledger": 0.1}));
    assert_eq!(moves(&store, "used", json!(0.1), &here)?.status, 201);
    assert_eq!(store.part()?["on_hand"], 0);
    assert_eq!(moves(&store, "used", json!(0.001), &here)?.body["message"], "insufficient_stock");
    assert_eq!(moves(&store, "returned", json!(1.001), &here)?.body["message"], "not_taken");
    let back = moves(&store, "returned", json!(0.125), &here)?;
    assert_eq!((back.status, back.body[0]["unit_cost"].as_f64()), (201, Some(0.00015)), "{back:?}");
    let before = store.part()?;
    for quantity in [
        json!(0.0001),
        json!(1.0005),
        json!(0),
        json!("NaN"),
        json!("Infinity"),
        json!(1_000_000.001),
        Value::Null,
    ] {
        for (table, row) in [
            ("part_transactions", json!({"part_id": store.part, "type": "adjustment", "quantity": quantity})),
            (
                "part_reservations",
                json!({"part_id": store.part, "work_order_id": order, "quantity": quantity}),
            ),
        ] {
            let refused = store.clerk.insert(table, &row)?;
            assert_eq!(refused.status, 400, "{row} {refused:?}");
            assert!(
                refused.body["message"].as_str().unwrap_or_default().contains("quantity"),
                "{row} {refused:?}"
            );
        }
    }
    assert_eq!(store.part()?, before);
    Ok(())
}
