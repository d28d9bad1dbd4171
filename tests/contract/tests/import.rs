//! Many at once from a file: each row judged as if it had come alone, with the caller's own rights.

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, World};
use millwright_domain::import::LineOutcome;
use millwright_domain::resource::{EQUIPMENT, PARTS, Resource, Row};
use millwright_store::StoreError;
use millwright_store::resources::import::{Imported, LineRow, Lines, Verdict, import};
use serde_json::{Value, json};
use uuid::Uuid;

fn rows(rows: &[Value]) -> Vec<Row> {
    rows.iter().filter_map(|row| row.as_object().cloned()).collect()
}

fn send(
    caller: &Caller,
    resource: &Resource,
    rows: &[Row],
    dry_run: bool,
    atomic: bool,
) -> Result<Imported, StoreError> {
    let lines = (2..).zip(rows).map(|(line, row)| LineRow { line, row }).collect();
    let lines = Lines { lines, lacks: &[], dry_run, atomic };
    caller.ask(async |session| import(&session, resource, &lines, None).await)
}

fn outcomes(imported: &Imported) -> Vec<LineOutcome> {
    imported.lines.iter().map(|verdict| verdict.outcome).collect()
}

fn codes(imported: &Imported) -> Vec<&str> {
    imported.lines.iter().map(|verdict| verdict.refusal.code.as_str()).collect()
}

/// All machines of a warehouse, without what the clock writes.
fn machines(world: &mut World, warehouse: Uuid) -> Result<Value> {
    let all = "select coalesce(jsonb_agg(to_jsonb(e) - array['id', 'search', 'created_at', 'updated_at', 'custom_fields']
        order by asset_tag), '[]') from public.equipment e where warehouse_id = $1";
    world.value(all, &[&warehouse])
}

/// Machines of one warehouse, named 0, 1, 2 …
fn some(world: &World, warehouse: Uuid, count: usize) -> Vec<Row> {
    let row = |n| {
        json!({
            "asset_tag": format!("{}-{n:04}", &world.name[16..]), "name": format!("Press {n}"), "model": "P-1",
            "warehouse_id": warehouse, "purchase_cost": 1500.5, "area": null,
        })
    };
    rows(&(0..count).map(row).collect::<Vec<_>>())
}

#[test]
fn what_is_new_is_opened_what_differs_is_changed_and_what_is_so_is_left() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let caller = world.caller(&supervisor.email)?;
    let mut file = some(&world, warehouse, 3);
    assert_eq!(outcomes(&send(&caller, &EQUIPMENT, &file, false, false)?), [LineOutcome::Created; 3]);
    let first = machines(&mut world, warehouse)?;
    let again = send(&caller, &EQUIPMENT, &file, false, true)?;
    assert_eq!((again.applied, outcomes(&again)), (true, vec![LineOutcome::Unchanged; 3]));
    assert_eq!(machines(&mut world, warehouse)?, first, "no version has moved");

    file[1].insert("area".to_owned(), "Hall 2".into());
    file[1].insert("purchase_cost".to_owned(), serde_json::from_str("1500.500")?);
    let changed = send(&caller, &EQUIPMENT, &file, false, false)?;
    assert_eq!(outcomes(&changed), [LineOutcome::Unchanged, LineOutcome::Updated, LineOutcome::Unchanged]);
    assert_eq!(changed.lines[1].columns, ["area"], "the cost is the same number");
    let now = machines(&mut world, warehouse)?;
    assert_eq!(
        (&now[1]["area"], &now[1]["version"], &now[1]["name"]),
        (&json!("Hall 2"), &json!(2), &json!("Press 1"))
    );
    Ok(())
}

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let caller = world.caller(&supervisor.email)?;
    let mut file = some(&world, warehouse, 2);
    send(&caller, &EQUIPMENT, &file[..1], false, false)?;
    let before = machines(&mut world, warehouse)?;
    file[0].insert("area".to_owned(), "Hall 9".into());
    for (dry_run, atomic) in [(true, false), (true, true)] {
        let told = send(&caller, &EQUIPMENT, &file, dry_run, atomic)?;
        assert_eq!(
            (told.applied, outcomes(&told)),
            (false, vec![LineOutcome::Updated, LineOutcome::Created])
        );
        assert_eq!(machines(&mut world, warehouse)?, before);
    }
    Ok(())
}

#[test]
fn a_line_for_another_warehouse_is_refused_and_the_others_go_on_unless_it_is_all_or_nothing() -> Result<()> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let supervisor = world.person("supervisor", here)?;
    let caller = world.caller(&supervisor.email)?;
    let mut file = some(&world, here, 3);
    file[1].insert("warehouse_id".to_owned(), json!(there));
    let nothing = send(&caller, &EQUIPMENT, &file, false, true)?;
    assert_eq!((nothing.applied, codes(&nothing)), (false, vec!["", "42501", ""]));
    assert_eq!(machines(&mut world, here)?, json!([]));
    let told = send(&caller, &EQUIPMENT, &file, false, false)?;
    assert_eq!((told.applied, codes(&told)), (true, vec!["", "42501", ""]));
    assert_eq!(machines(&mut world, here)?.as_array().map(Vec::len), Some(2));
    assert_eq!(machines(&mut world, there)?, json!([]));

    // One that is there, but not for this caller to see, is neither changed nor told of: the same tag may be here, too.
    let manager = world.person("manager", here)?;
    let manager = world.caller(&manager.email)?;
    send(&manager, &EQUIPMENT, &file[1..2], false, false)?;
    let (mut mine, before) = (file[1].clone(), machines(&mut world, there)?);
    mine.insert("warehouse_id".to_owned(), json!(here));
    let told = send(&caller, &EQUIPMENT, &[mine, file[1].clone()], false, false)?;
    assert_eq!(codes(&told), ["", "42501"]);
    assert_eq!(machines(&mut world, there)?, before);
    // And one that is here stays where it is, whoever asks: the line is about another.
    let kept = machines(&mut world, here)?;
    let mut other = file[0].clone();
    other.insert("warehouse_id".to_owned(), json!(there));
    assert_eq!(outcomes(&send(&manager, &EQUIPMENT, &[other], false, false)?), [LineOutcome::Created]);
    assert_eq!(machines(&mut world, here)?, kept);
    Ok(())
}

#[test]
fn only_who_manages_them_imports_them() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let mark = world.name[16..].to_owned();
    for (role, equipment, parts) in [
        ("technician", false, false),
        ("supervisor", true, false),
        ("manager", true, true),
        ("inventory_clerk", false, true),
        ("contractor", false, false),
        ("requester", false, false),
        ("admin", true, true),
    ] {
        let person = world.person(role, warehouse)?;
        let caller = world.caller(&person.email)?;
        let machine = json!({"asset_tag": format!("{mark}-{role}"), "name": "a", "model": "b", "warehouse_id": warehouse});
        let part = json!({"part_number": format!("{mark}-{role}"), "name": "a", "warehouse_id": warehouse});
        for (resource, row, may) in [(&EQUIPMENT, machine, equipment), (&PARTS, part, parts)] {
            let told = send(&caller, resource, &rows(&[row]), false, false);
            match told {
                Ok(told) => assert_eq!((may, outcomes(&told)), (true, vec![LineOutcome::Created]), "{role}"),
                Err(error) => assert_eq!((may, error.code()), (false, "42501"), "{role}: {error}"),
            }
        }
    }
    let admin = world.person("admin", warehouse)?;
    let arguments =
        json!({"p_resource": "profiles", "p_rows": [], "p_lacks": [], "p_dry_run": true, "p_atomic": true});
    let answer = world.caller(&admin.email)?.call("public", "import", &arguments)?;
    assert_eq!(answer.code(), "42501", "nothing else is imported: {answer:?}");
    Ok(())
}

#[test]
fn a_part_is_known_by_its_number_at_home_and_its_stock_stays() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let clerk = world.person("inventory_clerk", warehouse)?;
    let caller = world.caller(&clerk.email)?;
    let file = rows(&[json!({"part_number": "P-1", "name": "Belt", "compatible_models": ["A", "B, 2"]})]);
    assert_eq!(outcomes(&send(&caller, &PARTS, &file, false, false)?), [LineOutcome::Created]);
    let told = send(&caller, &PARTS, &file, false, false)?;
    assert_eq!(outcomes(&told), [LineOutcome::Unchanged], "where it is need not be said");
    let part = told.lines[0].id.context("an id")?;
    world.change("update public.parts set on_hand = 7 where id = $1", &[&part])?;
    let file = rows(&[
        json!({"part_number": "P-1", "reorder_point": 8}),
        json!({"part_number": "P-2", "name": "Oil", "vendor_id": Uuid::now_v7()}),
        json!({"part_number": "P-3"}),
        json!({"part_number": "P-4", "name": "Oil", "on_hand": 9}),
    ]);
    let told = send(&caller, &PARTS, &file, false, false)?;
    assert_eq!(codes(&told), ["", "23503", "23502", "42501"]);
    let column = |verdict: &Verdict| verdict.refusal.column().map(str::to_owned);
    assert_eq!(column(&told.lines[1]).as_deref(), Some("vendor_id"));
    assert_eq!(told.lines[2].columns, ["name"]);
    let now = world.value(
        "select jsonb_build_array(on_hand, reorder_point) from public.parts where id = $1",
        &[&part],
    )?;
    assert_eq!(now, json!([7, 8]));
    let events = "select count(*) from public.events where warehouse_id = $1 and kind = 'part_low_stock'";
    assert_eq!(world.value(events, &[&warehouse])?, 1, "whoever should hear of it does");
    Ok(())
}

#[test]
fn two_files_at_once_about_the_same_machines_end_as_one() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let supervisor = world.person("supervisor", warehouse)?;
    let file = some(&world, warehouse, 50);
    let told = millwright_contract_tests::at_once(world.eight(&supervisor.email)?, |caller| {
        Ok(send(&caller, &EQUIPMENT, &file, false, false)?)
    })?;
    let created = told.iter().flat_map(outcomes).filter(|outcome| *outcome == LineOutcome::Created).count();
    assert_eq!(created, 50);
    assert_eq!(machines(&mut world, warehouse)?.as_array().map(Vec::len), Some(50));
    Ok(())
}

#[test]
fn one_wrong_line_among_many_is_found_wherever_it_is() -> Result<()> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let supervisor = world.person("supervisor", here)?;
    let caller = world.caller(&supervisor.email)?;
    let parent = world.machine(here)?;
    // More than are written together, and all say the same columns.
    let mut file = some(&world, here, 300);
    for (n, row) in file.iter_mut().enumerate() {
        row.insert("parent_id".to_owned(), if n % 3 == 0 { json!(parent) } else { Value::Null });
    }
    let wrong = [0, 13, 14, 40, 63, 255, 256, 299];
    for wrong in wrong {
        file[wrong].insert("parent_id".to_owned(), json!(Uuid::now_v7()));
    }
    for elsewhere in [20, 257] {
        file[elsewhere].insert("warehouse_id".to_owned(), json!(there));
    }
    let told = send(&caller, &EQUIPMENT, &file, false, false)?;
    let numbers = |code: &str| -> Vec<_> {
        let refused = told.lines.iter().filter(|verdict| verdict.refusal.code == code);
        refused.map(|verdict| verdict.line - 2).collect()
    };
    assert_eq!((numbers("23503"), numbers("42501")), (wrong.map(|n| n as u64).to_vec(), vec![20, 257]));
    assert_eq!(outcomes(&told).iter().filter(|outcome| **outcome == LineOutcome::Created).count(), 290);
    assert_eq!(machines(&mut world, here)?.as_array().map(Vec::len), Some(290 + 1));
    Ok(())
}
