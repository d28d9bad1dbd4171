//! The sync of a phone: the changes that it is told of, and the cursors that make it begin anew.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use chrono::TimeDelta;
use millwright_contract_tests::{Caller, World, json as read};
use millwright_domain::housekeeping::Forgettable;
use millwright_domain::parameters::Given;
use millwright_store::housekeeping::forget;
use millwright_store::sync::changes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Changes, and the cursor after them.
struct Told {
    changes: Vec<Value>,
    cursor: String,
    reset: bool,
}

impl Told {
    fn ids(&self) -> Result<Vec<Uuid>> {
        let ids = self.changes.iter().map(|change| Ok(change["id"].as_str().context("no id")?.parse()?));
        let mut ids = ids.collect::<Result<Vec<_>>>()?;
        ids.sort_unstable();
        Ok(ids)
    }
}

fn told(caller: &Caller, since: Option<&str>) -> Result<Told> {
    let (mut all, mut more) = page(caller, since)?;
    while more {
        let (next, even_more) = page(caller, Some(&all.cursor))?;
        all.changes.extend(next.changes);
        (all.cursor, more) = (next.cursor, even_more);
    }
    Ok(all)
}

fn page(caller: &Caller, since: Option<&str>) -> Result<(Told, bool)> {
    let given = Given::from_iter(since.map(|since| ("since", since.to_owned())));
    caller.ask(async |session| {
        let reply = changes(&session, &given).await?;
        let header = |name: &str| {
            let value = reply.body.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned).with_context(|| format!("no {name}"))
        };
        let (cursor, reset) = (header("sync-cursor")?, header("sync-reset")? == "true");
        let more = header("sync-more")? == "true";
        let changes = read(reply).await?.as_array().cloned().unwrap_or_default();
        Ok((Told { changes, cursor, reset }, more))
    })
}

struct Shed {
    world: World,
    clerk: Caller,
    warehouse: Uuid,
    part: Uuid,
}

impl Shed {
    fn open() -> Result<Self> {
        Self::in_world(World::open()?)
    }

    fn in_world(mut world: World) -> Result<Self> {
        let warehouse = world.warehouse("UTC")?;
        let clerk = world.person("inventory_clerk", warehouse)?;
        let clerk = world.caller(&clerk.email)?;
        let part = json!({"warehouse_id": warehouse, "part_number": "BRG", "name": "Bearing"});
        let part = world.insert("parts", &part)?;
        Ok(Self { world, clerk, warehouse, part })
    }

    /// A machine, and a work order on it with someone's part in it.
    fn order(&mut self, part: &str, person: Uuid) -> Result<(Uuid, Uuid)> {
        let machine = self.world.machine(self.warehouse)?;
        let order = json!({"equipment_id": machine, part: person});
        Ok((machine, self.world.work_order(self.warehouse, &order)?))
    }

    fn archive(&mut self) -> Result<()> {
        self.world.change("update public.parts set archived_at = now() where id = $1", &[&self.part])
    }
}

#[test]
fn what_is_archived_is_told_to_those_who_have_it_and_to_nobody_else() -> Result<()> {
    let mut shed = Shed::open()?;
    let first = told(&shed.clerk, None)?;
    assert!(first.changes.iter().any(|change| change["parts"]["name"] == "Bearing"));
    shed.archive()?;
    let next = told(&shed.clerk, Some(&first.cursor))?;
    assert_eq!(next.changes.len(), 1);
    assert_eq!((&next.changes[0]["id"], &next.changes[0]["parts"]), (&json!(shed.part), &Value::Null));
    assert!(told(&shed.clerk, None)?.changes.iter().all(|change| change["id"] != json!(shed.part)));
    assert!(told(&shed.clerk, Some(&next.cursor))?.changes.is_empty());
    Ok(())
}

#[test]
fn a_cursor_from_before_what_was_forgotten_begins_anew() -> Result<()> {
    // In a database of its own: what is forgotten is forgotten for everyone.
    let mut shed = Shed::in_world(World::aside("sync_forgotten")?)?;
    let before = told(&shed.clerk, None)?;
    shed.archive()?;
    let after = told(&shed.clerk, None)?;
    let scheduler = shed.world.caller("function:pm-scheduler")?;
    let now = shed.world.now()?;
    scheduler
        .ask(async |session| forget(&session, Forgettable::Changes, now + TimeDelta::days(179)).await)?;
    assert!(!told(&shed.clerk, Some(&before.cursor))?.reset, "half a year is not over yet");
    let gone = scheduler
        .ask(async |session| forget(&session, Forgettable::Changes, now + TimeDelta::days(181)).await)?;
    assert!(gone >= 1);
    let anew = told(&shed.clerk, Some(&before.cursor))?;
    assert!(anew.reset && anew.changes.iter().all(|change| change["id"] != json!(shed.part)));
    assert!(!told(&shed.clerk, Some(&after.cursor))?.reset, "who had been told goes on");
    Ok(())
}

#[test]
fn a_cursor_from_a_database_that_was_put_back_begins_anew() -> Result<()> {
    let shed = Shed::open()?;
    let cursor = told(&shed.clerk, None)?.cursor;
    let sight = cursor.split('.').next().context("who sees what")?;
    assert!(told(&shed.clerk, Some(&format!("{sight}.900000000:900000000:")))?.reset);
    Ok(())
}

#[test]
fn whoever_sees_every_place_keeps_what_only_moved() -> Result<()> {
    let mut shed = Shed::open()?;
    let elsewhere = shed.world.warehouse("UTC")?;
    let mover = shed.world.person("technician", shed.warehouse)?;
    let manager = shed.world.person("manager", shed.warehouse)?;
    let manager = shed.world.caller(&manager.email)?;
    let (here, all) = (told(&shed.clerk, None)?, told(&manager, None)?);
    let statement = "update public.profiles set warehouse_id = $2 where id = $1";
    shed.world.change(statement, &[&mover.id, &elsewhere])?;
    let of = |told: &Told| -> Vec<_> {
        let of_mover = told.changes.iter().filter(|change| change["id"] == json!(mover.id));
        of_mover.map(|change| change["profiles"]["warehouse_id"].clone()).collect()
    };
    assert_eq!(of(&told(&shed.clerk, Some(&here.cursor))?), [Value::Null], "gone from here");
    assert_eq!(of(&told(&manager, Some(&all.cursor))?), [json!(elsewhere)], "and there instead");
    Ok(())
}

/// The API bounds the limit; whoever asks the gateway says what they like.
#[test]
fn a_page_has_an_end_and_goes_on_whatever_limit_is_asked_for() -> Result<()> {
    let mut shed = Shed::open()?;
    let more = "insert into public.parts (warehouse_id, part_number, name)
        select $1, 'P-' || n, 'Part ' || n from generate_series(1, 1100) n";
    shed.world.change(more, &[&shed.warehouse])?;
    let limits = [Value::Null, json!(i32::MIN), json!(-1), json!(0), json!(1), json!(7), json!(i32::MAX)];
    let huge = format!("s.1:1:.1:1:.{}.{}.{}", "9".repeat(40), Uuid::nil(), Uuid::nil());
    for (limit, expected) in limits.iter().zip([500, 1, 1, 1, 1, 7, 1000]) {
        for cursor in [Value::Null, json!("."), json!("x"), json!(""), json!(huge)] {
            let asked = json!({"p_cursor": cursor, "p_limit": limit, "p_warehouse": null});
            let answer = shed.clerk.call("public", "changes_since", &asked)?;
            if cursor == Value::Null {
                assert_eq!((answer.status, answer.rows().len()), (200, expected), "{limit}");
            } else {
                assert_eq!((answer.status, answer.code()), (400, "PT400"), "{asked}");
            }
        }
    }
    Ok(())
}

/// They begin with what is theirs, and go on with what changed: two ways to the same documents.
#[test]
fn whoever_sees_only_their_own_is_told_of_that_alone() -> Result<()> {
    let mut shed = Shed::open()?;
    for (role, part) in [("contractor", "assigned_to"), ("requester", "requested_by")] {
        let person = shed.world.person(role, shed.warehouse)?;
        let (machine, order) = shed.order(part, person.id)?;
        let other = shed.world.person(role, shed.warehouse)?;
        let (_, foreign) = shed.order(part, other.id)?;
        let caller = shed.world.caller(&person.email)?;
        let first = told(&caller, None)?;
        let mut expected = vec![order, person.id, shed.warehouse];
        if role == "contractor" {
            expected.push(machine);
        }
        expected.sort_unstable();
        assert_eq!(first.ids()?, expected, "{role}");
        let statement = "update public.work_orders set title = 'Another' where id = any ($1)";
        shed.world.change(statement, &[&vec![order, foreign]])?;
        assert_eq!(told(&caller, Some(&first.cursor))?.ids()?, [order], "{role}");
    }
    Ok(())
}

/// As much as decides on a change, however often the order was written.
#[test]
fn a_look_at_an_order_that_was_written_thousands_of_times_is_small() -> Result<()> {
    let mut shed = Shed::open()?;
    let supervisor = shed.world.person("supervisor", shed.warehouse)?;
    let supervisor = shed.world.caller(&supervisor.email)?;
    let order = shed.world.work_order(shed.warehouse, &json!({}))?;
    let other = shed.world.work_order(shed.warehouse, &json!({}))?;
    let many = "insert into public.work_order_history (work_order_id, position, subject, subject_id, version, changes,
          previous_hash, hash)
        select $1, n, 'work_order', $1, n + 1, jsonb_build_object(
          'description', jsonb_build_object('from', t.long || (n - 1), 'to', t.long || n),
          'custom_fields', jsonb_build_object('from', jsonb_build_object('k', n - 1), 'to', jsonb_build_object('k', n))),
          '', repeat('a', 64)
        from generate_series(1, 4000) n, (select string_agg(md5(m::text), '') as long from generate_series(1, 300) m) t";
    shed.world.change(many, &[&order])?;
    let fields = ["description", "custom_fields", "title"];
    let row = |id: Uuid| json!({"entity": "work_orders", "id": id, "fields": fields, "bases": [1, 2000]});
    let asked = json!({"p_device": Uuid::nil(), "p_mutations": [], "p_rows": [row(order), row(other)]});
    let seen = supervisor.call("public", "sync_look", &asked)?;
    assert_eq!(seen.status, 200, "{:?}", seen.body);
    let size = seen.body.to_string().len();
    assert!(size < 128 * 1024, "{size} bytes");
    let rows = seen.body["rows"].as_array().context("no rows")?;
    assert_eq!((rows.len(), &seen.body["later"]), (2, &json!([])));
    let written = rows[0]["written"].as_array().context("nothing written")?;
    let has = |version: i64, field: &str| {
        written.iter().find(|w| w["version"] == version && w["changes"].get(field).is_some())
    };
    for base in [1, 2000] {
        let first = has(base + 1, "description").context("what the phone showed")?;
        assert!(first["changes"]["description"]["from"].is_string(), "{base}");
    }
    let last = has(4001, "description").context("the last one")?;
    assert_eq!((&last["typed_over"], last["typed"]["description"].is_string()), (&json!(false), true));
    assert_eq!(rows[0]["since"], 0);

    // More than that is not looked at, and is said to be.
    let more = many.replace("select $1, n,", "select $1, 4000 + n,").replace("n + 1,", "4001 + n,");
    shed.world.change(&more, &[&order])?;
    let seen = supervisor.call("public", "sync_look", &asked)?;
    assert_eq!(seen.body["rows"][0]["since"], 3001);
    Ok(())
}

/// Whoever knew the name of someone's phone could speak as it.
#[test]
fn nobody_is_told_the_name_of_another_phone() -> Result<()> {
    let mut shed = Shed::open()?;
    let technician = shed.world.person("technician", shed.warehouse)?;
    let order = shed.world.work_order(shed.warehouse, &json!({"assigned_to": technician.id}))?;
    let device = Uuid::now_v7();
    shed.world.change(
        "insert into private.sync_mutations (caller, mutation, device, entity, fingerprint, base_version, phone_time, at, typed,
           entity_id, version, said, answer)
         values ($1, $2, $2, 'work_orders', 'x', 1, now(), now(), '{}', $3, 1, '{\"area\": {\"from\": null, \"to\": \"Hall\"}}', '{}')",
        &[&technician.id, &device, &order],
    )?;
    let technician = shed.world.caller(&technician.email)?;
    let rows = json!([{"entity": "work_orders", "id": order, "fields": ["area"], "bases": [0]}]);
    for (mine, told) in [(device, true), (Uuid::nil(), false)] {
        let asked = json!({"p_device": mine, "p_mutations": [], "p_rows": rows});
        let seen = technician.call("public", "sync_look", &asked)?;
        assert_eq!(
            (seen.status, seen.body["rows"][0]["written"].as_array().map(Vec::is_empty)),
            (200, Some(false))
        );
        let written = seen.body["rows"][0]["written"][0]["device"] == json!(device);
        assert_eq!(written, told, "{}", seen.body);
    }
    Ok(())
}

#[test]
fn a_page_ends_before_it_is_too_large_for_a_worker_and_goes_on() -> Result<()> {
    let mut shed = Shed::open()?;
    // Four bytes a character: as large as a description may be.
    let long = "\u{1F600}".repeat(10_000);
    let more = "insert into public.work_orders (warehouse_id, type, title, description)
        select $1, 'corrective', 'Long ' || n, $2 from generate_series(1, 220) n";
    shed.world.change(more, &[&shed.warehouse, &long])?;
    let expected = shed
        .world
        .value(
            "select count(*) from public.changes
             where (place = $1 or (place = '00000000-0000-0000-0000-000000000000' and entity = 'vendors')) and not gone",
            &[&shed.warehouse],
        )?;
    let (mut cursor, mut ids, mut pages) = (None, Vec::new(), 0);
    loop {
        let (told, more) = page(&shed.clerk, cursor.as_deref())?;
        let size: usize = told.changes.iter().map(|change| change.to_string().len()).sum();
        assert!(size < 5 << 20, "{size} bytes");
        ids.extend(told.ids()?);
        (cursor, pages) = (Some(told.cursor), pages + 1);
        if !more {
            break;
        }
    }
    assert!(pages >= 3, "{pages}");
    let told = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((told, json!(ids.len())), (ids.len(), expected), "each once");
    Ok(())
}

/// Whoever comes from a vendor knows it, and no other; a phone of our own knows those of its warehouse and of all.
#[test]
fn vendors_and_warehouses_are_told_as_far_as_they_are_seen() -> Result<()> {
    let mut shed = Shed::open()?;
    let elsewhere = shed.world.warehouse("UTC")?;
    let mut vendor = |warehouse: Option<Uuid>| {
        let vendor =
            json!({"name": Uuid::now_v7().to_string(), "kind": "contractor", "warehouse_id": warehouse});
        shed.world.insert("vendors", &vendor)
    };
    let (here, there, everywhere) = (vendor(Some(shed.warehouse))?, vendor(Some(elsewhere))?, vendor(None)?);
    let told_of = |caller: &Caller| -> Result<BTreeSet<Uuid>> {
        let (mut cursor, mut ids) = (None, BTreeSet::new());
        loop {
            let (told, more) = page(caller, cursor.as_deref())?;
            ids.extend(told.ids()?);
            cursor = Some(told.cursor);
            if !more {
                return Ok(ids);
            }
        }
    };
    let known = |ids: &BTreeSet<Uuid>| {
        [here, there, everywhere, shed.warehouse, elsewhere].map(|id| ids.contains(&id))
    };
    assert_eq!(known(&told_of(&shed.clerk)?), [true, false, true, true, false]);
    for from in [here, everywhere] {
        let contractor = shed.world.person("contractor", shed.warehouse)?;
        shed.world
            .change("update public.profiles set vendor_id = $2 where id = $1", &[&contractor.id, &from])?;
        let ids = told_of(&shed.world.caller(&contractor.email)?)?;
        assert_eq!(known(&ids), [from == here, false, from == everywhere, true, false]);
    }
    Ok(())
}
