//! What a search finds: words by their beginning, codes by any part, in any case and without accents; and no more than its page.

use anyhow::Result;
use millwright_contract_tests::{Caller, World};
use serde_json::{Value, json};
use uuid::Uuid;

/// A warehouse with machines and the person who leads there.
struct Plant {
    world: World,
    warehouse: Uuid,
    caller: Caller,
}

impl Plant {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let supervisor = world.person("supervisor", warehouse)?;
        let caller = world.caller(&supervisor.email)?;
        Ok(Self { world, warehouse, caller })
    }

    fn found(&self, list: &str, q: &str, first: &Value, column: &str) -> Result<Vec<String>> {
        let path = format!("find_{list}?order={column}");
        let found = self.caller.call("public", &path, &json!({"q": q, "first": first}))?;
        assert_eq!(found.status, 200, "{found:?}");
        Ok(found.rows().iter().map(|row| row[column].as_str().unwrap_or_default().to_owned()).collect())
    }
}

#[test]
fn codes_are_found_by_any_part_and_words_by_their_beginning() -> Result<()> {
    let mut plant = Plant::open()?;
    for (tag, name, model) in [
        ("PMP.001.A", "Pumpe f\u{fc}r \u{d6}l", "KSB Etanorm 050-032"),
        ("CNV-7", "Infeed conveyor", "Dematic SPS/2"),
        ("B-14", "Bolt M8x20, \"zinc\"", "DIN 933"),
    ] {
        plant.world.insert(
            "equipment",
            &json!({"asset_tag": tag, "name": name, "model": model, "warehouse_id": plant.warehouse}),
        )?;
    }
    for (q, tags) in [
        ("PMP", &["PMP.001.A"][..]),
        ("pmp.001", &["PMP.001.A"]),
        ("001", &["PMP.001.A"]),
        ("p001a", &["PMP.001.A"]),
        ("050032", &["PMP.001.A"]),
        ("\u{f6}l", &["PMP.001.A"]),
        ("OL", &["PMP.001.A"]),
        ("fu\u{308}r", &["PMP.001.A"]),
        ("conv", &["CNV-7"]),
        ("onveyor", &[]),
        ("sps/2", &["CNV-7"]),
        ("M8", &["B-14"]),
        ("x20", &[]),
        ("zinc\"", &["B-14"]),
        ("infeed cnv", &["CNV-7"]),
        ("infeed pmp", &[]),
        ("zinc OR infeed cnv", &["B-14", "CNV-7"]),
        ("or", &[]),
        ("b14 -zinc", &[]),
        ("-nothing conv", &["CNV-7"]),
        ("'a' & !b | (c", &[]),
        ("!!", &[]),
        ("\\", &[]),
    ] {
        assert_eq!(plant.found("equipment", q, &json!({}), "asset_tag")?, tags, "{q}");
    }
    plant.world.insert(
        "parts",
        &json!({"part_number": "SKF-6204-2RS", "name": "Bearing", "warehouse_id": plant.warehouse}),
    )?;
    assert_eq!(plant.found("parts", "204", &json!({}), "part_number")?, ["SKF-6204-2RS"]);
    Ok(())
}

/// A word in every one of more rows than are looked at first, and one in the oldest alone.
#[test]
fn a_page_of_a_search_is_the_page_of_all_that_is_found() -> Result<()> {
    let mut plant = Plant::open()?;
    plant.world.change(
        "insert into public.work_orders (id, type, title, warehouse_id, requested_by, due_at)
         select (left($1::uuid::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, 'corrective',
           'Leaking ' || case when n = 1 then 'oldest ' else '' end || n, $1,
           (select id from public.profiles where warehouse_id = $1 limit 1), timestamptz '2030-01-01' + n * interval '1 hour'
         from generate_series(1, 2300) n",
        &[&plant.warehouse],
    )?;
    let page = |first: Value, q: &str| -> Result<Vec<String>> {
        let found = plant.caller.call(
            "public",
            "find_work_orders?order=id.desc",
            &json!({"q": q, "first": first}),
        )?;
        assert_eq!(found.status, 200, "{found:?}");
        Ok(found.rows().iter().map(|row| row["title"].as_str().unwrap_or_default().to_owned()).collect())
    };
    let first = |sort: &str, descending: bool, limit: i32| json!({"sort": sort, "descending": descending, "limit": limit});
    assert_eq!(page(first("id", true, 2), "leak")?, ["Leaking 2300", "Leaking 2299"]);
    assert_eq!(
        page(first("id", true, 2), "oldest")?,
        ["Leaking oldest 1"],
        "behind those that are looked at first"
    );
    assert_eq!(page(first("due_or_never", false, 2), "leak")?, ["Leaking 2", "Leaking oldest 1"]);
    assert_eq!(page(first("urgency", true, 1), "leak")?, ["Leaking 2300"]);
    assert_eq!(page(first("id", true, 2200), "leak")?.len(), 1000, "no more than an answer holds");
    let filters = json!([{"column": "due_at", "op": "lt", "values": ["2030-01-01T02:30:00Z"]},
        {"column": "status", "op": "in", "values": ["new", "closed"]}, {"column": "assigned_to", "op": "in", "values": [], "or_missing": true}]);
    let filtered = |filters: Value| json!({"sort": "id", "descending": true, "limit": 5, "filters": filters});
    assert_eq!(page(filtered(filters), "leak")?, ["Leaking 2", "Leaking oldest 1"]);
    let nobody = "01900000-0000-7000-8000-00000000ffff";
    let early = json!({"column": "due_at", "op": "lt", "values": ["2030-01-01T02:30:00Z"]});
    for (op, values, or_missing, found) in [
        ("in", &[nobody][..], true, 2),
        ("in", &[nobody], false, 0),
        ("not in", &[nobody], true, 2),
        ("not in", &[nobody], false, 0),
        ("not in", &[], false, 0),
    ] {
        let assigned = json!({"column": "assigned_to", "op": op, "values": values, "or_missing": or_missing});
        assert_eq!(page(filtered(json!([early, assigned])), "leak")?.len(), found, "{assigned}");
    }
    let after = plant.caller.read("work_orders?title=eq.Leaking%202&select=id")?.rows()[0]["id"].clone();
    let beyond = json!({"sort": "id", "descending": true, "limit": 5, "after": [null, after]});
    assert_eq!(page(beyond, "leak")?, ["Leaking oldest 1"]);
    Ok(())
}

#[test]
fn a_page_that_is_asked_for_in_nonsense_is_refused_and_tells_nothing() -> Result<()> {
    let mut plant = Plant::open()?;
    plant.world.work_order(plant.warehouse, &json!({"title": "Leak"}))?;
    for first in [
        json!({"sort": "id; drop table x", "limit": "many"}),
        json!({"filters": [{"column": "private_notes", "op": "in", "values": ["a"]}], "limit": 1}),
        json!({"filters": [{"column": "status", "op": "or true", "values": ["a"]}], "limit": 1}),
        json!({"filters": [{"column": "status", "op": "in", "values": []}], "limit": 1}),
    ] {
        let answer =
            plant.caller.call("public", "find_work_orders", &json!({"q": "leak", "first": first}))?;
        assert_eq!(answer.status, 400, "{first}: {answer:?}");
    }
    Ok(())
}

/// Words are taken anew from the first rows of a list. From a thousand of the longest texts that takes
/// seconds.
#[test]
fn long_texts_keep_nobody_from_searching() -> Result<()> {
    let mut plant = Plant::open()?;
    let reader = plant.world.person("supervisor", plant.warehouse)?;
    plant.world.sql.execute(
        "insert into public.work_orders (type, title, description, warehouse_id, requested_by)
         select 'corrective', 'Long', repeat('much to say ', 800), $1, $2 from generate_series(1, 100)",
        &[&plant.warehouse, &reader.id],
    )?;
    let mut transaction = plant.world.sql.transaction()?;
    transaction.batch_execute("set local track_functions = 'pl'")?;
    transaction.query_one(
        "select count(*) from private.found('public.work_orders',
           'private.words(array[w.number, w.fo_number, w.asset_model], array[w.title, w.description, w.area])',
           'w.archived_at is null', null, 'nowhere', '{\"limit\": 50, \"descending\": true}')",
        &[],
    )?;
    let read =
        "select coalesce(sum(calls), 0)::int from pg_stat_xact_user_functions where funcname = 'words'";
    let read: i32 = transaction.query_one(read, &[])?.get(0);
    assert!(read < 50, "the words of {read} rows were taken");
    Ok(())
}
