//! Nothing is part of itself, however many move at once.

use crate::rooms::Rooms;
use anyhow::{Result, ensure};
use millwright_contract_tests::{Answer, Caller, at_once};
use serde_json::json;
use uuid::Uuid;

fn put(caller: &Caller, table: &str, inner: Uuid, outer: Uuid) -> Result<Answer> {
    let path = format!("{table}?id=eq.{inner}");
    caller.change(&path, &json!({"parent_id": outer}))
}

/// Two of this table here.
fn two(rooms: &mut Rooms, table: &str) -> Result<[Uuid; 2]> {
    let here = rooms.here.id;
    let mut one = || match table {
        "equipment" => rooms.world.machine(here),
        _ => rooms.world.work_order(here, &json!({})),
    };
    Ok([one()?, one()?])
}

#[test]
fn nothing_is_part_of_what_is_part_of_it() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let supervisor = rooms.caller("supervisor")?;
    for table in ["equipment", "work_orders"] {
        let [a, b] = two(&mut rooms, table)?;
        assert_eq!(put(&supervisor, table, a, b)?.status, 204);
        for (inner, outer) in [(b, a), (a, a)] {
            let refused = put(&supervisor, table, inner, outer)?;
            assert_eq!((refused.status, &refused.body["message"]), (409, &json!("inside_itself")), "{table}");
        }
    }
    Ok(())
}

#[test]
fn of_two_that_move_into_each_other_at_once_one_stays() -> Result<()> {
    let mut rooms = Rooms::open()?;
    for (table, other) in [
        ("equipment", "supervisor"),
        ("equipment", "manager"),
        ("work_orders", "supervisor"),
        ("work_orders", "manager"),
    ] {
        for _ in 0..15 {
            let [a, b] = two(&mut rooms, table)?;
            let moves = vec![(rooms.caller("supervisor")?, a, b), (rooms.caller(other)?, b, a)];
            let mut told = at_once(moves, |(caller, inner, outer)| {
                // Awake before it counts.
                ensure!(caller.read("warehouses?limit=1")?.status == 200, "it does not answer");
                Ok(put(&caller, table, inner, outer)?.status)
            })?;
            told.sort_unstable();
            assert_eq!(told, [204, 409], "{table} by a supervisor and a {other}");
        }
    }
    Ok(())
}
