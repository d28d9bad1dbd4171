//! The names of what a row refers to: told wherever the row is, and nowhere else.

use crate::scene::Scene;
use anyhow::{Context, Result};
use millwright_contract_tests::json as body;
use millwright_domain::resource::{ListQuery, NAMES, Named, Narrowing, RESOURCES};
use millwright_store::resources::{List, list};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As the declarations name them, the view that tells of it.
fn view(of: Named) -> &'static str {
    match of {
        Named::Person => "person",
        Named::Machine => "machine",
        Named::Warehouse => "warehouse",
        Named::Vendor => "vendor",
        Named::Part => "part",
        Named::Template => "template",
        Named::Rule => "rule",
        Named::WorkOrder => "work_order",
    }
}

#[test]
fn the_declared_names_are_those_that_the_database_tells() -> Result<()> {
    let mut scene = Scene::open()?;
    let rows = scene.world.sql.query(
        "select c.relname::text, substring(p.prosrc from 'n\\.id = \\$1\\.(\\w+)'), p.proname::text,
           substring(v.relname from 'named_(.*)')
         from pg_proc p join pg_class c on c.reltype = p.proargtypes[0] join pg_class v on v.reltype = p.prorettype
         where p.pronamespace = 'public'::regnamespace and v.relname like 'named\\_%'",
        &[],
    )?;
    let told: BTreeSet<(String, String, String, String)> =
        rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    let declared = NAMES.iter().map(|name| {
        (name.table.to_owned(), name.field.to_owned(), name.name.to_owned(), view(name.of).to_owned())
    });
    assert_eq!(told, declared.collect(), "left: the database; right: NAMES");
    Ok(())
}

#[test]
fn every_list_tells_all_its_names() -> Result<()> {
    let scene = Scene::open()?;
    let manager = scene.world.caller(&scene.person("manager")?.email)?;
    let everything = Narrowing { source: None, filter: None };
    for resource in RESOURCES {
        if resource.includable(false).is_empty() {
            continue;
        }
        let include = resource.includable(false).join(",");
        let parameters = [("include", include.as_str()), ("limit", "1")];
        let query = ListQuery::parse(resource, parameters.into_iter(), |_| None)
            .map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
        let asked = List { resource, parent: None, narrowing: &everything, query: &query };
        let page = manager.ask(async |session| anyhow::Ok(body(list(&session, &asked).await?).await?));
        let page = page.with_context(|| resource.path)?;
        for name in resource.names().filter(|_| page[0].is_object()) {
            let told = &page[0][name.name];
            assert_eq!(told["id"], page[0][name.field], "{}: {told}", resource.path);
            let known = told.is_null()
                || (told["name"].is_string() && name.of.code().is_none_or(|code| told[code].is_string()));
            assert!(known, "{}: {told}", resource.path);
        }
    }
    Ok(())
}

#[test]
fn whoever_sees_a_row_reads_who_and_what_it_is_about_and_no_more_of_them() -> Result<()> {
    let mut scene = Scene::open()?;
    let (requester, technician, manager) =
        (scene.person("requester")?, scene.person("technician")?, scene.person("manager")?);
    let machine = scene.world.machine(scene.warehouse)?;
    let order = json!({"requested_by": requester.id, "equipment_id": machine, "assigned_to": technician.id});
    let order = scene.world.work_order(scene.warehouse, &order)?;
    let comment =
        json!({"work_order_id": order, "author_id": manager.id, "body": "The vendor comes on Monday."});
    scene.world.insert("comments", &comment)?;
    let question =
        format!("work_orders?id=eq.{order}&select=assignee(*),machine(*),warehouse(*),comments(author(*))");
    for person in [&requester, &technician] {
        let caller = scene.world.caller(&person.email)?;
        let told = caller.read(&question)?.body[0].clone();
        assert_eq!(
            told["comments"][0]["author"],
            json!({"id": manager.id, "name": "manager"}),
            "{}",
            person.role
        );
        assert_eq!(told["assignee"]["name"], "technician");
        assert_eq!(told["machine"]["name"], "A machine");
        assert_eq!(told["warehouse"]["id"], json!(scene.warehouse));
        // They see no more of the manager than before, nor the requester of the machine.
        assert_eq!(caller.read(&format!("profiles?id=eq.{}", manager.id))?.rows().len(), 0);
        let sees = caller.read(&format!("equipment?id=eq.{machine}"))?.rows().len();
        assert_eq!(sees, usize::from(person.role == "technician"));
    }
    Ok(())
}

#[test]
fn nobody_asks_for_a_name_by_an_id_or_reads_them_all() -> Result<()> {
    let mut scene = Scene::open()?;
    let there = scene.world.warehouse("UTC")?;
    let stranger = scene.world.person("technician", there)?;
    let order = scene.world.work_order(there, &json!({"assigned_to": stranger.id}))?;
    let row = scene.world.rows("work_orders", &json!({"id": order}))?.pop().context("no row")?;
    for person in scene.people.iter().filter(|person| person.role != "manager" && person.role != "admin") {
        let caller = scene.world.caller(&person.email)?;
        for of in Named::ALL {
            let answer = caller.read(&format!("named_{}", view(of)))?;
            assert_eq!((answer.status, answer.code()), (403, "42501"), "{of:?}");
            for schema in ["public", "functions", "private"] {
                let path = view(of);
                let answer = caller.send(reqwest::Method::GET, schema, path, None, &[])?;
                assert!(answer.is_denied() || answer.status == 406, "{schema}.{path}: {answer:?}");
            }
        }
        // A row of one's own making is handed to no function.
        for arguments in [json!({"": row}), row.clone(), json!({"work_orders": row}), json!([row])] {
            for name in ["assignee", "machine", "standing"] {
                let answer = caller.call("public", name, &arguments)?;
                assert!(answer.status >= 400, "{name}: {answer:?}");
                assert!(!answer.body.to_string().contains(&stranger.id.to_string()), "{name}: {answer:?}");
            }
        }
        let through = format!("work_orders?id=eq.{order}&select=assignee(*)");
        assert_eq!(caller.read(&through)?.body, json!([]));
    }
    Ok(())
}

#[test]
fn another_work_order_is_named_to_those_who_see_it() -> Result<()> {
    let mut scene = Scene::open()?;
    let contractor = scene.person("contractor")?;
    let theirs = scene.world.work_order(scene.warehouse, &json!({"assigned_to": contractor.id}))?;
    let hidden = scene.world.work_order(scene.warehouse, &json!({"title": "Not for them"}))?;
    let relation = json!({"work_order_id": theirs, "other_id": hidden, "kind": "blocks", "warehouse_id": scene.warehouse});
    scene.world.insert("work_order_relations", &relation)?;
    let question = format!("work_order_relations?work_order_id=eq.{theirs}&select=other(*)");
    let told = |email: &str| -> Result<Value> { Ok(scene.world.caller(email)?.read(&question)?.body) };
    assert_eq!(told(&contractor.email)?, json!([{"other": null}]));
    assert_eq!(told(&scene.person("technician")?.email)?[0]["other"]["name"], "Not for them");
    Ok(())
}
