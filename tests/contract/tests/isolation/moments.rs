//! Moments that clients write: what has happened does not lie ahead, by whichever column it is said.

use crate::matrix::scene::Scene;
use crate::tables;
use crate::values::{columns, is_refused_for_itself, place};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use millwright_contract_tests::{World, with};
use millwright_domain::resource::{MINUTES_AHEAD, RESOURCES, Tense};
use reqwest::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Every moment that clients write.
const MOMENTS: [(&str, &str, Tense); 12] = [
    ("api_tokens", "expires_at", Tense::Planned),
    // The time by the database's own clock is written instead, whatever is said.
    ("api_tokens", "revoked_at", Tense::Planned),
    ("downtime_intervals", "ended_at", Tense::HappenedUnless("planned")),
    ("downtime_intervals", "started_at", Tense::HappenedUnless("planned")),
    ("meter_readings", "read_at", Tense::Happened),
    ("notifications", "read_at", Tense::Happened),
    ("parts", "archived_at", Tense::Happened),
    ("time_logs", "started_at", Tense::Happened),
    ("time_logs", "stopped_at", Tense::Happened),
    ("webhook_secrets", "expires_at", Tense::Planned),
    ("work_orders", "acknowledged_until", Tense::Planned),
    ("work_orders", "due_at", Tense::Planned),
];

fn is_moment(of: &str) -> bool {
    of.starts_with("timestamp")
}

#[test]
fn every_moment_that_clients_write_is_a_plan_or_has_happened() -> Result<()> {
    let mut world = World::open()?;
    let mut found = BTreeSet::new();
    for rule in tables::rules() {
        let moments = columns(&mut world, rule.table())?.into_iter().filter(|column| is_moment(&column.of));
        found.extend(moments.map(|column| (rule.table().to_owned(), column.name)));
    }
    let told = MOMENTS.map(|(table, column, _)| (table.to_owned(), column.to_owned()));
    assert_eq!(found, told.clone().into());
    let of: BTreeMap<_, _> = told.into_iter().zip(MOMENTS.map(|(_, _, tense)| tense)).collect();
    for resource in RESOURCES {
        for field in resource.fields {
            if let Some(tense) = of.get(&(resource.table.to_owned(), field.name.to_owned())) {
                ensure!(field.tense == *tense, "{}.{} is {:?}", resource.table, field.name, field.tense);
            }
        }
    }
    Ok(())
}

#[test]
fn what_has_happened_is_never_ahead() -> Result<()> {
    let mut scene = Scene::open("moments")?;
    let (mut wrong, mut tried) = (Vec::new(), BTreeSet::new());
    for (rule, changes) in tables::rules().flat_map(|rule| [(rule, false), (rule, true)]) {
        let table = rule.table();
        let Some(place) = place(rule, changes) else { continue };
        for (_, name, _) in
            MOMENTS.into_iter().filter(|(of, _, tense)| *of == table && *tense != Tense::Planned)
        {
            let written = columns(&mut scene.world, table)?;
            let may = |column: &&crate::values::Column| if changes { column.changes } else { column.opens };
            if !written.iter().filter(may).any(|column| column.name == name) {
                continue;
            }
            let made = scene.make(rule, place, "admin", changes)?;
            if made.row.exists && !changes {
                continue;
            }
            let one = made.key.as_object().into_iter().flatten();
            let one: Vec<_> =
                one.map(|(key, value)| format!("{key}=eq.{}", value.as_str().unwrap_or_default())).collect();
            let now = scene.world.now()?;
            for ahead in
                [TimeDelta::minutes(MINUTES_AHEAD + 1), TimeDelta::days(365), TimeDelta::days(60_000)]
            {
                let said = json!({name: now + ahead});
                let caller = scene.caller("admin")?;
                let answer = if changes {
                    caller.change(&format!("{table}?{}", one.join("&")), &said)?
                } else {
                    let whole = with(made.row.said.clone(), &said);
                    caller.send(Method::POST, "public", table, Some(&whole), &[])?
                };
                if !is_refused_for_itself(&answer) {
                    wrong.push(format!("{table}.{name} {ahead} {changes}: {answer:?}"));
                }
            }
            tried.insert((table, name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let happened = MOMENTS.into_iter().filter(|(_, _, tense)| *tense != Tense::Planned);
    assert_eq!(tried, happened.map(|(table, name, _)| (table, name)).collect());
    Ok(())
}

#[test]
fn the_database_and_the_domain_wait_for_clocks_alike() -> Result<()> {
    let mut world = World::open()?;
    for (seconds, has_happened) in [(-1, true), (1, false)] {
        let ahead = i32::try_from(MINUTES_AHEAD * 60 + seconds)?;
        let told = world.value(
            "to_jsonb(private.has_happened(now() + make_interval(secs => $1)))",
            &[&f64::from(ahead)],
        )?;
        assert_eq!(told, has_happened, "{ahead} seconds");
    }
    Ok(())
}

#[test]
fn a_stop_that_is_planned_may_lie_ahead_until_it_is_none() -> Result<()> {
    let mut world = World::open()?;
    let warehouse = world.warehouse("UTC")?;
    let machine = world.machine(warehouse)?;
    let technician = world.person("technician", warehouse)?;
    let caller = world.caller(&technician.email)?;
    let next_week = world.now()? + TimeDelta::days(7);
    let stop = json!({"equipment_id": machine, "planned": true, "started_at": next_week,
        "ended_at": next_week + TimeDelta::hours(4)});
    let opened = caller.insert("downtime_intervals", &stop)?;
    assert_eq!(opened.status, 201, "{opened:?}");
    let path = format!("downtime_intervals?equipment_id=eq.{machine}");
    let refused = caller.change(&path, &json!({"planned": false}))?;
    assert_eq!(refused.code(), "23514", "{refused:?}");
    Ok(())
}
