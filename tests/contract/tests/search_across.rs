//! One search across work orders, machines, parts, vendors and people: what it finds, of what it says that it matched, and for whom.

#![allow(
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "indexing a JSON value never panics: what is missing is null; and a test has a clock"
)]

use anyhow::Result;
use millwright_contract_tests::{Caller, World};
use serde_json::{Value, json};

/// Its type, its title, whether it is exactly that, and the fields that matched.
type Line = (String, String, bool, Vec<String>);

fn lines(caller: &Caller, q: &str, of_type: Option<&str>) -> Result<Vec<Line>> {
    let told = caller.call("public", "search", &json!({"p_q": q, "p_type": of_type, "p_limit": 5}))?;
    assert_eq!(told.status, 200, "{told:?}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = told.body["found"].as_array().cloned().unwrap_or_default();
    Ok(found
        .iter()
        .map(|line| {
            let matched = line["matched"].as_array().into_iter().flatten().map(text).collect();
            (text(&line["type"]), text(&line["title"]), line["exact"] == true, matched)
        })
        .collect())
}

fn said(of_type: &str, title: &str, exact: bool, matched: &[&str]) -> Line {
    (of_type.to_owned(), title.to_owned(), exact, matched.iter().map(ToString::to_string).collect())
}

#[test]
fn everything_with_a_word_or_code_is_told_with_the_reason() -> Result<()> {
    let mut world = World::open()?;
    let here = world.warehouse("UTC")?;
    let machine =
        json!({"asset_tag": "PMP-7", "name": "Coolant pump", "model": "Etanorm 050", "warehouse_id": here});
    let machine = world.insert("equipment", &machine)?;
    world
        .insert("parts", &json!({"part_number": "PMP-7-SEAL", "name": "Shaft seal", "warehouse_id": here}))?;
    world.insert("vendors", &json!({"name": "Pump & Seal", "kind": "supplier", "warehouse_id": here}))?;
    let order = |title: &str, description: &str| json!({"title": title, "description": description, "equipment_id": machine});
    world.work_order(here, &order("Pump leaks", "at the flange"))?;
    world.work_order(here, &order("Noise", "The pump howls"))?;
    let reader = world.person("technician", here)?;
    world
        .change("update public.profiles set full_name = 'Petra Pumpernickel' where id = $1", &[&reader.id])?;
    let caller = world.caller(&reader.email)?;
    assert_eq!(
        lines(&caller, "pump", None)?,
        [
            said("work_order", "Noise", false, &["description"]),
            said("work_order", "Pump leaks", false, &["title"]),
            said("machine", "Coolant pump", false, &["name"]),
            said("vendor", "Pump & Seal", false, &["name"]),
            said("person", "Petra Pumpernickel", false, &["full_name"]),
        ]
    );
    assert_eq!(
        lines(&caller, "pmp-7", None)?,
        [
            said("machine", "Coolant pump", true, &["asset_tag"]),
            said("part", "Shaft seal", false, &["part_number"]),
        ]
    );
    // Each of the words where it stands; what lies in the long text alone is said of that.
    for (q, titles) in [
        ("etanorm coolant", &[said("machine", "Coolant pump", false, &["model", "name"])][..]),
        ("pump howls", &[said("work_order", "Noise", false, &["description"])]),
        ("leaks flange", &[said("work_order", "Pump leaks", false, &["title", "description"])]),
        ("nowhere or leaks", &[said("work_order", "Pump leaks", false, &["title"])]),
        ("leaks -flange", &[]),
        ("!!", &[]),
        ("or", &[]),
    ] {
        assert_eq!(lines(&caller, q, None)?, titles, "{q}");
    }
    assert_eq!(lines(&caller, "pump", Some("vendor"))?, [said("vendor", "Pump & Seal", false, &["name"])]);
    assert!(lines(&caller, "pump", Some("ghost"))?.is_empty());
    // Whoever asks the gateway says what they like: no more is looked at than a search may have.
    let begun = std::time::Instant::now();
    lines(&caller, &format!("a1 or co{}", " or ab".repeat(100_000)), None)?;
    assert!(begun.elapsed().as_millis() < 1_000, "{:?}", begun.elapsed());
    Ok(())
}

#[test]
fn an_exact_code_comes_first_however_many_contain_it() -> Result<()> {
    let mut world = World::open()?;
    let here = world.warehouse("UTC")?;
    let reader = world.person("supervisor", here)?;
    world.change(
        "insert into public.equipment (asset_tag, name, model, warehouse_id)
         select 'K1' || case when n = 30 then '' else '-' || n end, 'Machine ' || n, 'M', $1 from generate_series(10, 40) n",
        &[&here],
    )?;
    let caller = world.caller(&reader.email)?;
    let told = caller.call("public", "search", &json!({"p_q": "k1", "p_type": null, "p_limit": 3}))?;
    let titles: Vec<_> =
        told.body["found"].as_array().into_iter().flatten().map(|line| line["title"].clone()).collect();
    assert_eq!(titles, ["Machine 30", "Machine 10", "Machine 11"]);
    assert_eq!(told.body["more"], json!(["machine"]));
    Ok(())
}

#[test]
fn nobody_finds_what_they_do_not_see() -> Result<()> {
    let mut world = World::open()?;
    let (here, there) = (world.warehouse("UTC")?, world.warehouse("UTC")?);
    let mark = format!("w{}", here.simple());
    for warehouse in [here, there] {
        let tag = json!({"asset_tag": mark, "name": mark, "model": "M", "warehouse_id": warehouse});
        world.insert("equipment", &tag)?;
        world.insert("parts", &json!({"part_number": mark, "name": mark, "warehouse_id": warehouse}))?;
        world.work_order(warehouse, &json!({"title": mark}))?;
    }
    for (role, types) in [
        ("supervisor", &["machine", "part", "work_order"][..]),
        ("technician", &["machine", "part", "work_order"]),
        ("inventory_clerk", &["machine", "part", "work_order"]),
        ("requester", &[]),
        ("contractor", &[]),
    ] {
        let person = world.person(role, here)?;
        let mut found: Vec<_> =
            lines(&world.caller(&person.email)?, &mark, None)?.into_iter().map(|line| line.0).collect();
        found.sort();
        assert_eq!(found, types, "{role}");
    }
    Ok(())
}
