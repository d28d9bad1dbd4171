//! The list of work orders, as each of the demo people gets it.

use crate::rooms::{Order, Rooms};
use anyhow::{Context, Result, anyhow};
use millwright_contract_tests::{Caller, World, json};
use millwright_domain::access::{Reach, Role};
use millwright_domain::id::WarehouseId;
use millwright_domain::resource::{ATTACHMENTS, Fence, ListQuery, RESOURCES, Resource, WORK_ORDERS};
use millwright_store::resources::{List, get, list};
use serde_json::Value;
use uuid::Uuid;

const DEMO: [&str; 2] = ["RTM", "DEN"];

/// The person who asks: their id, address, role and warehouse.
struct Asker {
    id: Uuid,
    email: String,
    role: String,
    warehouse: Option<Uuid>,
}

impl Asker {
    /// The reach that the API puts into their token.
    fn reach(&self) -> Result<Reach> {
        let role = serde_json::from_value(self.role.clone().into())?;
        Ok(Reach { role, warehouse_id: self.warehouse.map(WarehouseId) })
    }
}

fn demo_people(world: &mut World) -> Result<Vec<Asker>> {
    let query =
        "select id, email, role::text, warehouse_id from public.profiles where email like '%@demo.test'";
    let rows = world.sql.query(query, &[])?;
    Ok(rows
        .iter()
        .map(|row| Asker { id: row.get(0), email: row.get(1), role: row.get(2), warehouse: row.get(3) })
        .collect())
}

/// The demo work orders that have not been archived, newest first.
fn demo_orders(world: &mut World) -> Result<Vec<Order>> {
    let query = "select w.id, w.warehouse_id, w.requested_by, w.assigned_to from public.work_orders w
        join public.warehouses h on h.id = w.warehouse_id
        where h.code = any ($1) and w.archived_at is null order by w.id desc";
    let rows = world.sql.query(query, &[&DEMO.as_slice()])?;
    Ok(rows
        .iter()
        .map(|row| Order {
            id: row.get(0),
            warehouse: row.get(1),
            requested_by: row.get(2),
            assigned_to: row.get(3),
        })
        .collect())
}

fn listed(caller: &Caller, parameters: &[(&str, &str)]) -> Result<Vec<Uuid>> {
    listed_as(caller, None, parameters)
}

/// The list that the API asks for, when a token says how far its bearer sees.
fn listed_as(caller: &Caller, reach: Option<&Reach>, parameters: &[(&str, &str)]) -> Result<Vec<Uuid>> {
    ids(&rows(caller, &WORK_ORDERS, reach, parameters)?)
}

/// The rows of a list; narrowed, when a token says how far its bearer sees.
fn rows(
    caller: &Caller,
    resource: &'static Resource,
    reach: Option<&Reach>,
    parameters: &[(&str, &str)],
) -> Result<Value> {
    let all = [("limit", "200")];
    let all = all.iter().filter(|(limit, _)| parameters.iter().all(|(name, _)| name != limit));
    let query = ListQuery::parse(resource, all.chain(parameters).copied(), |_| None);
    let query = query.map_err(|errors| anyhow!("{errors:?}"))?;
    let narrowing = resource.narrowed(reach);
    let asked = List { resource, parent: None, narrowing: &narrowing, query: &query };
    caller.ask(async |session| anyhow::Ok(json(list(&session, &asked).await?).await?))
}

fn ids(rows: &Value) -> Result<Vec<Uuid>> {
    let rows = rows.as_array().context("no list")?;
    Ok(rows.iter().map(|row| row["id"].as_str().unwrap_or_default().parse()).collect::<Result<_, _>>()?)
}

#[test]
fn each_of_the_demo_people_gets_what_is_theirs_to_see() -> Result<()> {
    let mut world = World::open()?;
    let (people, orders) = (demo_people(&mut world)?, demo_orders(&mut world)?);
    assert!(people.len() >= 10 && orders.len() >= 40, "the demo data is there");
    for asker in people {
        let expected: Vec<_> = orders
            .iter()
            .filter(|order| order.is_seen_by(&asker.role, asker.id, asker.warehouse))
            .map(|order| order.id)
            .collect();
        assert!(!expected.is_empty(), "{} sees something", asker.email);
        let caller = world.caller(&asker.email)?;
        let found = if asker.warehouse.is_some() {
            listed(&caller, &[])?
        } else {
            // Whoever sees every warehouse sees those of the other tests, too.
            let mut found = Vec::new();
            for order in &orders {
                if !found.contains(&order.id) {
                    found.extend(listed(&caller, &[("warehouse_id", &order.warehouse.to_string())])?);
                }
            }
            found.sort_unstable_by(|a, b| b.cmp(a));
            found
        };
        assert_eq!(found, expected, "{}", asker.email);
        // The API narrows the list by what the token says; that takes nothing away.
        let reach = asker.reach()?;
        if reach.only_warehouse().is_some() {
            assert_eq!(listed_as(&caller, Some(&reach), &[])?, expected, "{} narrowed", asker.email);
            let by_due = listed_as(&caller, Some(&reach), &[("sort", "due_at")])?;
            assert_eq!(by_due.len(), expected.len(), "{} narrowed, by due date", asker.email);
        }
    }
    Ok(())
}

/// The API asks for no more of a list than its caller sees (`Fence`). That must take nothing away that the policies show.
#[test]
fn a_narrowed_list_has_everything_that_the_whole_one_has() -> Result<()> {
    let mut world = World::open()?;
    for asker in demo_people(&mut world)?.into_iter().filter(|asker| asker.warehouse.is_some()) {
        let caller = world.caller(&asker.email)?;
        let reach = asker.reach()?;
        for resource in RESOURCES.iter().filter(|resource| resource.fence != Fence::Open) {
            let (whole, narrowed) =
                (rows(&caller, resource, None, &[])?, rows(&caller, resource, Some(&reach), &[])?);
            assert_eq!(whole, narrowed, "{} of {}", resource.path, asker.email);
        }
    }
    Ok(())
}

/// What is assigned to a contractor and what they work along on are read apart, and listed together.
#[test]
fn a_contractor_is_listed_each_of_theirs_once() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let (warehouse, contractor) = (rooms.here.id, rooms.here.person("contractor")?.id);
    let all: Vec<_> = rooms.here.orders.iter().map(|order| (order.id, order.assigned_to)).collect();
    for (order, _) in &all {
        let crew = serde_json::json!({"work_order_id": order, "profile_id": contractor});
        rooms.world.insert("work_order_crew", &crew)?;
    }
    assert!(all.iter().any(|(_, who)| *who == Some(contractor)) && all.iter().any(|(_, who)| who.is_none()));
    let mut newest_first: Vec<_> = all.iter().map(|(order, _)| *order).collect();
    newest_first.sort_unstable_by(|a, b| b.cmp(a));
    let reach = Reach { role: Role::Contractor, warehouse_id: Some(WarehouseId(warehouse)) };
    assert_eq!(listed_as(&rooms.caller("contractor")?, Some(&reach), &[])?, newest_first);
    Ok(())
}

#[test]
fn files_of_archived_work_stay_in_the_lists_of_those_who_see_it() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let warehouse = rooms.here.id;
    for role in [Role::Contractor, Role::Requester] {
        let person = rooms.here.person(role.word())?.id;
        let order = rooms.here.orders.iter().find(|one| one.is_seen_by(role.word(), person, Some(warehouse)));
        let order = order.context("none of theirs")?.id;
        let file = serde_json::json!({"work_order_id": order, "file_name": "a.png", "content_type": "image/png",
            "size_bytes": 1});
        let file = rooms.world.insert("attachments", &file)?;
        rooms.world.change("update public.work_orders set archived_at = now() where id = $1", &[&order])?;
        let reach = Reach { role, warehouse_id: Some(WarehouseId(warehouse)) };
        let caller = rooms.caller(role.word())?;
        for reach in [None, Some(&reach)] {
            assert!(ids(&rows(&caller, &ATTACHMENTS, reach, &[])?)?.contains(&file), "{role}: {reach:?}");
        }
    }
    Ok(())
}

#[test]
fn filters_narrow_what_one_sees_and_the_limit_keeps_the_newest() -> Result<()> {
    let rooms = Rooms::open()?;
    let caller = rooms.caller("technician")?;
    let mut newest_first: Vec<_> = rooms.here.orders.iter().map(|order| order.id).collect();
    newest_first.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(listed(&caller, &[])?, newest_first);

    let mine = rooms.here.person("technician")?.id;
    let assigned: Vec<_> = rooms
        .here
        .orders
        .iter()
        .filter(|order| order.assigned_to == Some(mine))
        .map(|order| order.id)
        .collect();
    assert_eq!(listed(&caller, &[("assigned_to", &mine.to_string())])?, assigned);
    assert!(listed(&caller, &[("warehouse_id", &rooms.there.id.to_string())])?.is_empty());

    assert_eq!(listed(&caller, &[("limit", "1")])?, newest_first[..1]);
    Ok(())
}

#[test]
fn what_is_archived_has_left_the_list_and_can_still_be_read() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let order = rooms.here.orders[0].id;
    rooms.world.change("update public.work_orders set archived_at = now() where id = $1", &[&order])?;
    let caller = rooms.caller("technician")?;
    assert!(!listed(&caller, &[])?.contains(&order));
    assert!(read(&caller, order)?.is_some());
    Ok(())
}

#[test]
fn one_work_order_is_told_with_its_checklist_in_order() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let order = rooms.here.orders[0].id;
    rooms.world.change(
        "insert into public.checklist_items (work_order_id, position, component, action)
         values ($1, 2, 'Guard', 'Shake'), ($1, 1, 'Belt', 'Look')",
        &[&order],
    )?;
    let told = read(&rooms.caller("technician")?, order)?.context("not seen")?;
    assert_eq!(
        (&told["checklist"][0]["action"], &told["checklist"][1]["action"]),
        (&"Look".into(), &"Shake".into())
    );
    assert_eq!(told["attachments"], Value::Array(Vec::new()));
    Ok(())
}

#[test]
fn a_work_order_of_the_other_warehouse_is_not_there() -> Result<()> {
    let rooms = Rooms::open()?;
    let other = rooms.there.orders[0].id;
    for (person, caller) in rooms.callers()? {
        let expected = matches!(person.role, "manager" | "admin");
        assert_eq!(read(&caller, other)?.is_some(), expected, "{}", person.role);
        assert!(read(&caller, Uuid::now_v7())?.is_none(), "one that does not exist");
    }
    Ok(())
}

fn read(caller: &Caller, order: Uuid) -> Result<Option<Value>> {
    caller.ask(async |session| {
        match get(&session, &WORK_ORDERS, order.into(), None, &WORK_ORDERS.usual()).await? {
            Some(reply) => Ok(Some(json(reply).await?)),
            None => Ok(None),
        }
    })
}
