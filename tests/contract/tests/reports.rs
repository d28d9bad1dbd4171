//! Figures are those that a hand counts, and each person's are about what they may see.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result, ensure};
use millwright_contract_tests::{Caller, World, json as body};
use millwright_domain::kpi::{REPORTS, Report, of_a_machine, value};
use millwright_domain::parameters::Given;
use millwright_store::machines::kpis;
use millwright_store::reports::report;
use serde_json::Value;
use std::collections::BTreeSet;

/// A database that has nothing but the fixture.
fn fixture(name: &str) -> Result<World> {
    let mut world = World::aside(name)?;
    world.sql.batch_execute(include_str!("../fixtures/reports.sql"))?;
    Ok(world)
}

fn ask(caller: &Caller, wanted: &Report, more: &[(&'static str, &str)]) -> Result<Value> {
    let mut given = Given::from([("from", "2025-03-24".to_owned()), ("until", "2025-04-06".to_owned())]);
    given.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    caller.ask(async |session| body(report(&session, wanted, &given).await?).await)
}

fn is_id(name: &str) -> bool {
    name.ends_with("_id")
}

#[test]
fn every_figure_is_that_of_the_hand_computed_table() -> Result<()> {
    let world = fixture("reports_table")?;
    let manager = world.caller("mo@reports.test")?;
    let table: Vec<Value> = serde_json::from_str(include_str!("../fixtures/reports.json"))?;
    let mut counted = BTreeSet::new();
    for mut expected in table {
        let name = expected["report"].as_str().unwrap_or_default().to_owned();
        let wanted = Report::named(&name).context("no such report")?;
        let tolerance = expected["tolerance_days"].as_i64().map(|days| days.to_string());
        let by = expected["by"].as_str().unwrap_or_default().to_owned();
        let mut more = vec![("by", by.as_str())];
        more.extend(tolerance.iter().map(|days| ("tolerance_days", days.as_str())));
        let found = ask(&manager, wanted, &more)?;
        assert_eq!((&found["report"], &found["formula"]), (&name.as_str().into(), &wanted.formula.into()));
        assert_eq!((&found["from"], &found["until"]), (&"2025-03-24".into(), &"2025-04-06".into()));
        assert!(found["time_zone"].is_null(), "there are two");
        let mut rows = found["rows"].as_array().cloned().unwrap_or_default();
        for row in &mut rows {
            let said = value(
                row["numerator"].as_f64().unwrap_or_default(),
                row["denominator"].as_f64().unwrap_or_default(),
            );
            ensure!(row["value"].as_f64() == said, "{name}: {row}");
            row.as_object_mut().context("a row")?.retain(|name, _| !is_id(name));
        }
        for row in expected["rows"].as_array_mut().context("rows")? {
            row.as_object_mut().context("a row")?.remove("why");
        }
        let expected = expected["rows"].take();
        assert_eq!(numbers(Value::Array(rows)), numbers(expected), "{name} {more:?}");
        counted.insert(name);
    }
    assert_eq!(counted.len(), REPORTS.len(), "each report is in the table");
    Ok(())
}

/// 4 and 4.0 are the same.
fn numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(values) => values.into_iter().map(numbers).collect(),
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(name, value)| (name, numbers(value))).collect())
        }
        other => other,
    }
}

#[test]
fn every_report_answers_by_all_its_groups() -> Result<()> {
    let world = fixture("reports_groups")?;
    let manager = world.caller("mo@reports.test")?;
    for wanted in &REPORTS {
        for by in wanted.groups {
            let found = ask(&manager, wanted, &[("by", by)])?;
            assert_eq!(found["formula"], wanted.formula, "{found}");
            let key = match *by {
                "model" => "model",
                "machine" => "equipment_id",
                "technician" => "profile_id",
                _ => "warehouse_id",
            };
            let rows = found["rows"].as_array().cloned().unwrap_or_default();
            assert!(!rows.is_empty() && rows.iter().all(|row| row.get(key).is_some()), "{found}");
        }
    }
    Ok(())
}

/// A machine's figures over the period, by its tag.
fn figures(world: &mut World, who: &str, tag: &str) -> Result<Option<Value>> {
    let machine = world.value("select id from public.equipment where asset_tag = $1", &[&tag])?;
    let machine = machine.as_str().context("no machine")?.parse()?;
    let period = Given::from([("from", "2025-03-24".to_owned()), ("until", "2025-04-06".to_owned())]);
    let told = world.caller(who)?.ask(async |session| kpis(&session, machine, &period).await)?;
    Ok(told.map(Value::from))
}

#[test]
fn the_figures_of_a_machine_are_its_rows_of_the_reports() -> Result<()> {
    let mut world = fixture("reports_machine")?;
    for tag in ["A1", "A2", "N1"] {
        let found = figures(&mut world, "mo@reports.test", tag)?.context("no figures")?;
        assert_eq!((&found["asset_tag"], &found["until"]), (&tag.into(), &"2025-04-06".into()));
        let manager = world.caller("mo@reports.test")?;
        for (name, formula) in of_a_machine() {
            let told = &found["kpis"][name];
            assert_eq!(told["formula"], formula, "{found}");
            let Some(report) = Report::named(name) else { continue };
            let rows = ask(&manager, report, &[("by", "machine")])?["rows"].take();
            let row = rows.as_array().into_iter().flatten().find(|row| row["asset_tag"] == tag);
            let row = row.with_context(|| format!("{tag} has no row in {name}"))?;
            assert_eq!(found["time_zone"], row["time_zone"]);
            for member in ["numerator", "denominator", "value", "counts"] {
                assert_eq!(told[member], row[member], "{member} of {name} of {tag}");
            }
        }
        // A machine that stands still does not run: both figures are of the same hours.
        let (up, down) = (&found["kpis"]["availability"], &found["kpis"]["downtime"]);
        assert_eq!(down["numerator"], up["counts"]["downtime_hours"]);
        assert_eq!(down["denominator"], up["denominator"]);
        let share = |figure: &Value| figure["value"].as_f64().unwrap_or_default();
        assert!((share(up) + share(down) - 1.0).abs() < 0.001, "{found}");
    }
    Ok(())
}

#[test]
fn a_machine_without_anything_has_figures_of_nothing_and_one_unseen_has_none() -> Result<()> {
    let mut world = fixture("reports_idle")?;
    let retired = figures(&mut world, "mo@reports.test", "A3")?.context("no figures")?;
    for (name, _) in of_a_machine() {
        assert!(retired["kpis"][name]["value"].is_null(), "out of service: {retired}");
    }
    assert!(figures(&mut world, "tess@reports.test", "A1")?.is_some());
    assert!(figures(&mut world, "tess@reports.test", "N1")?.is_none());
    assert!(figures(&mut world, "rosa@reports.test", "A1")?.is_none());
    Ok(())
}

#[test]
fn everyone_gets_the_part_that_they_may_see() -> Result<()> {
    let world = fixture("reports_parts")?;
    let mttr = Report::named("mttr").context("mttr")?;
    let repairs = |who: &str, more: &[(&'static str, &str)]| -> Result<Vec<(String, i64)>> {
        let found = ask(&world.caller(who)?, mttr, more)?;
        let rows = found["rows"].as_array().cloned().unwrap_or_default();
        let row = |row: Value| {
            (
                row["warehouse"].as_str().unwrap_or_default().to_owned(),
                row["counts"]["repairs"].as_i64().unwrap_or(-1),
            )
        };
        Ok(rows.into_iter().map(row).collect())
    };
    let all =
        |rows: &[(&str, i64)]| rows.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect::<Vec<_>>();
    assert_eq!(repairs("mo@reports.test", &[])?, all(&[("ADAM", 3), ("NYC", 1)]));
    let new_york = [("warehouse_id", "00000000-0000-7000-8000-0000000000b0")];
    assert_eq!(repairs("mo@reports.test", &new_york)?, all(&[("NYC", 1)]));
    assert_eq!(repairs("tess@reports.test", &[])?, all(&[("ADAM", 3)]));
    assert_eq!(repairs("tess@reports.test", &new_york)?, all(&[]));
    // She asked for none of them, and none is given to Cees.
    assert_eq!(repairs("rosa@reports.test", &[])?, all(&[("ADAM", 0)]));
    assert_eq!(repairs("cees@reports.test", &[])?, all(&[("ADAM", 0)]));
    let one = ask(&world.caller("uma@reports.test")?, mttr, &[])?;
    assert_eq!(one["time_zone"], "America/New_York");
    Ok(())
}

/// Time logs and the history are read past row level security, and count only with work orders that the caller sees.
#[test]
fn what_is_read_past_row_level_security_counts_only_with_work_that_is_seen() -> Result<()> {
    let mut world = fixture("reports_seen")?;
    world.sql.batch_execute(
        "update public.work_orders set requested_by = (select id from public.profiles where email = 'rosa@reports.test')
           where title in ('W1', 'W10', 'W11');
         update public.work_orders set assigned_to = (select id from public.profiles where email = 'cees@reports.test')
           where title = 'W2'",
    )?;
    let told = |who: &str, name: &str, pointer: &str| -> Result<f64> {
        let wanted = Report::named(name).context("no such report")?;
        let found = ask(&world.caller(who)?, wanted, &[("by", "warehouse")])?;
        let rows = found["rows"].as_array().cloned().unwrap_or_default();
        Ok(rows.iter().filter_map(|row| row.pointer(pointer)?.as_f64()).sum())
    };
    // Logged hours, and the same per machine; hours of repair; open at the end, and opened in the period.
    let figures = |who: &str| -> Result<Vec<f64>> {
        Ok(vec![
            told(who, "technician_load", "/numerator")?,
            told(who, "machine_costs", "/counts/hours")?,
            told(who, "mttr", "/numerator")?,
            told(who, "backlog", "/counts/open")?,
            told(who, "backlog", "/counts/opened")?,
        ])
    };
    let own_warehouse = figures("tess@reports.test")?;
    assert_eq!(own_warehouse[..3], [6.5, 10.5, 10.0], "W1, W2 and W3 of Amsterdam, and two who lead on W11");
    assert_eq!(figures("uma@reports.test")?[..2], [0.0, 0.0], "nobody logged time in New York");
    assert_eq!(figures("rosa@reports.test")?, [4.0, 0.0, 4.0, 1.0, 3.0], "W1, W10 and W11, and no machine");
    assert_eq!(figures("cees@reports.test")?, [2.0, 2.0, 5.0, 0.0, 1.0], "W2 and its machine");
    Ok(())
}
