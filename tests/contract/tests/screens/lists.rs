//! Lists by what is overdue and what runs low, and how many rows there are.

use crate::scene::Scene;
use anyhow::{Result, anyhow};
use millwright_contract_tests::{Caller, json as body};
use millwright_domain::resource::{ListQuery, Narrowing, PARTS, Resource, WORK_ORDERS};
use millwright_store::Reply;
use millwright_store::resources::{List, counted};
use serde_json::{Value, json};
use uuid::Uuid;

/// The rows of a list, and how many there are: none for too many.
fn asked(
    caller: &Caller,
    resource: &'static Resource,
    parameters: &[(&str, &str)],
) -> Result<(Value, Option<String>)> {
    asked_of(caller, resource, &Narrowing::default(), parameters)
}

fn asked_of(
    caller: &Caller,
    resource: &'static Resource,
    narrowing: &Narrowing,
    parameters: &[(&str, &str)],
) -> Result<(Value, Option<String>)> {
    let query = ListQuery::parse(resource, parameters.iter().copied(), |_| None)
        .map_err(|errors| anyhow!("{errors:?}"))?;
    let list = List { resource, parent: None, narrowing, query: &query };
    caller.ask(async |session| {
        let (reply, too_many) = counted(&session, &list).await?;
        let total = total(&reply).filter(|_| !too_many);
        Ok((body(reply).await?, total))
    })
}

fn total(reply: &Reply<reqwest::Response>) -> Option<String> {
    let range = reply.body.headers().get("content-range")?.to_str().ok()?;
    Some(range.split_once('/')?.1.to_owned())
}

fn ids(rows: &Value) -> Vec<&Value> {
    rows.as_array().into_iter().flatten().map(|row| &row["id"]).collect()
}

#[test]
fn what_is_overdue_and_what_runs_low_is_found_by_words_too() -> Result<()> {
    let mut scene = Scene::open()?;
    let here = scene.warehouse;
    let late =
        scene.world.work_order(here, &json!({"due_at": "2020-01-01T00:00:00Z", "title": "Belt slips"}))?;
    let done = json!({"due_at": "2020-01-01T00:00:00Z", "title": "Belt torn", "status": "cancelled"});
    scene.world.work_order(here, &done)?;
    scene.world.work_order(here, &json!({"title": "Belt squeals"}))?;
    let mut part = |number: &str, on_hand: u32| {
        let row = json!({"part_number": number, "name": "Belt", "warehouse_id": here, "reorder_point": 2, "on_hand": on_hand});
        scene.world.insert("parts", &row)
    };
    let (low, _) = (part("A", 1)?, part("B", 2)?);
    let caller = scene.world.caller(&scene.person("technician")?.email)?;
    for words in [&[][..], &[("q", "belt")]] {
        for (resource, flag, id) in [(&WORK_ORDERS, "overdue", late), (&PARTS, "low_stock", low)] {
            let (flagged, others) =
                ([&[(flag, "true")], words].concat(), [&[(flag, "false")], words].concat());
            assert_eq!(ids(&asked(&caller, resource, &flagged)?.0), [&json!(id)], "{flagged:?}");
            let rest = asked(&caller, resource, &others)?.0;
            assert!(!rest.to_string().contains(&id.to_string()) && !ids(&rest).is_empty(), "{others:?}");
        }
    }
    Ok(())
}

#[test]
fn rows_are_counted_up_to_a_thousand_and_no_further() -> Result<()> {
    let mut scene = Scene::open()?;
    let requester = scene.id("requester")?;
    let mut open = |many: i32| {
        scene.world.change(
            "insert into public.work_orders (type, title, warehouse_id, requested_by)
             select 'corrective', 'Belt slips', $1, $2 from generate_series(1, $3::integer)",
            &[&scene.warehouse, &requester, &many],
        )
    };
    open(1_000)?;
    let supervisor = scene.world.caller(&scene.person("supervisor")?.email)?;
    let asks = scene.world.caller(&scene.person("requester")?.email)?;
    let page = [("count", "true"), ("limit", "3")];
    let search = [("count", "true"), ("limit", "3"), ("q", "belt")];
    let own = Narrowing { source: Some("own_work_orders"), filter: None };
    let told =
        |parameters: &[(&str, &str)]| Ok::<_, anyhow::Error>(asked(&supervisor, &WORK_ORDERS, parameters)?.1);
    assert_eq!((told(&page)?.as_deref(), told(&search)?.as_deref()), (Some("1000"), Some("1000")));
    assert_eq!(asked_of(&asks, &WORK_ORDERS, &own, &page)?.1.as_deref(), Some("1000"));
    assert_eq!(told(&[("limit", "3")])?.as_deref(), Some("*"), "nobody asked");
    assert_eq!(told(&[("count", "true"), ("status", "closed")])?.as_deref(), Some("0"));

    scene.world.work_order(scene.warehouse, &json!({"title": "Belt slips"}))?;
    let told = |parameters: &[(&str, &str)]| asked(&supervisor, &WORK_ORDERS, parameters);
    let (rows, total) = told(&page)?;
    assert_eq!((ids(&rows).len(), total), (3, None), "the page comes all the same");
    assert_eq!(told(&search)?.1.as_deref(), Some("1001"), "a search stops there");
    Ok(())
}

#[test]
fn many_are_asked_for_by_their_ids_and_each_sees_their_own() -> Result<()> {
    let mut scene = Scene::open()?;
    let there = scene.world.warehouse("UTC")?;
    let colleagues =
        (0..60).map(|_| scene.world.person("technician", scene.warehouse)).collect::<Result<Vec<_>>>()?;
    let stranger = scene.world.person("technician", there)?;
    let named: Vec<_> = colleagues.iter().map(|person| person.id).chain([stranger.id, Uuid::nil()]).collect();
    let named = named.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
    let caller = scene.world.caller(&scene.person("technician")?.email)?;
    let (rows, _) = asked(&caller, &millwright_domain::resource::PROFILES, &[("ids", &named)])?;
    assert_eq!(ids(&rows).len(), 60, "all on one page, and none of another warehouse");
    let too_many = [named.as_str(); 4].join(",");
    assert!(asked(&caller, &millwright_domain::resource::PROFILES, &[("ids", &too_many)]).is_err());
    Ok(())
}
