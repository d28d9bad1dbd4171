//! The changes that a phone is told: all of them, once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::phone::Phone;
use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

#[test]
fn fifty_writers_that_commit_out_of_order_are_told_once_each() {
    let api = Api::open();
    let site = Site::build(&api);
    let technician = site.person(&api, "technician");
    let new = json!({"type": "corrective", "title": "Shared"});
    let shared = api.post(&site.token(&api, "supervisor"), "/api/v1/work-orders", &new).expect(201);
    let shared = shared["id"].as_str().unwrap().to_owned();
    let mut phone = Phone::new(site.token(&api, "technician"));
    phone.pull(&api);
    let done = AtomicBool::new(false);
    let mut times_told = BTreeMap::<String, usize>::new();
    let mut states_told = Vec::new();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..50)
            .map(|n| {
                let (api, site, shared, technician) = (&api, &site, &shared, &technician);
                scope.spawn(move || {
                    let mut database = api.stack.connect().unwrap();
                    for round in 0..4 {
                        let mut open = database.transaction().unwrap();
                        let title = format!("{n} {round}");
                        let new = format!(
                            "insert into public.work_orders (type, title, warehouse_id) values ('corrective', '{title}', '{}')",
                            site.warehouse
                        );
                        open.batch_execute(&new).unwrap();
                        // The number is taken early, and the commit comes late, each a different time later.
                        open.batch_execute(&format!("select pg_sleep({} / 1000.0)", (n * 37 + round * 61) % 200)).unwrap();
                        if n % 10 == 0 {
                            open.batch_execute(&format!(
                                "insert into public.comments (work_order_id, author_id, body) values ('{shared}', '{technician}', '{title}')"
                            ))
                            .unwrap();
                        }
                        open.commit().unwrap();
                    }
                })
            })
            .collect();
        let listener = scope.spawn(|| {
            // The pages of one pass tell what was there when it began: the last pass begins when all is written.
            let mut fresh = true;
            loop {
                let last = fresh && done.load(Ordering::SeqCst);
                let (told, more) = tell(&mut phone, &api);
                fresh = !more;
                let nothing = told.is_empty();
                for (id, document) in told {
                    *times_told.entry(id.clone()).or_default() += 1;
                    if id == shared {
                        states_told.push(document);
                    }
                }
                if last && nothing {
                    break;
                }
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::SeqCst);
        listener.join().unwrap();
    });
    let shared_told = times_told.remove(&shared).unwrap();
    assert_eq!(times_told.len(), 200, "nothing is missing");
    assert!(times_told.values().all(|times| *times == 1), "nothing twice: {times_told:?}");
    let said: Vec<_> =
        states_told.iter().map(|document| document["comments"].as_array().unwrap().len()).collect();
    assert!(said.is_sorted_by(|a, b| a < b), "each time with more: {said:?}");
    assert_eq!((said.last(), said.len()), (Some(&20), shared_told));
    assert_eq!(phone.pull(&api), 0, "and then nothing");
}

/// One page, as ids and documents, and whether there is more.
fn tell(phone: &mut Phone, api: &Api) -> (Vec<(String, Value)>, bool) {
    let since = phone.cursor.clone().unwrap();
    let answer = api.get(&phone.token, &format!("/api/v1/sync?since={since}&limit=7")).expect(200);
    phone.cursor = answer["cursor"].as_str().map(str::to_owned);
    let orders =
        answer["changes"].as_array().unwrap().iter().filter(|change| change["entity"] == "work_orders");
    let told =
        orders.map(|change| (change["id"].as_str().unwrap().to_owned(), change["work_orders"].clone()));
    (told.collect(), answer["more"] == true)
}

#[test]
fn what_goes_and_what_is_lost_is_told_too() {
    let api = Api::open();
    let site = Site::build(&api);
    let (lead, hand) = (site.token(&api, "supervisor"), site.person(&api, "contractor"));
    let machine = json!({"asset_tag": site.mark, "name": "Belt", "model": "B"});
    let machine =
        api.post(&lead, "/api/v1/equipment", &machine).expect(201)["id"].as_str().unwrap().to_owned();
    let new = json!({"type": "corrective", "title": "Belt slips", "equipment_id": machine});
    let order = api.post(&lead, "/api/v1/work-orders", &new).expect(201)["id"].as_str().unwrap().to_owned();
    let mut contractor = Phone::new(site.token(&api, "contractor"));
    let mut technician = Phone::new(site.token(&api, "technician"));
    contractor.pull(&api);
    technician.pull(&api);
    assert!(
        contractor.document("work_orders", &order).is_none()
            && technician.document("work_orders", &order).is_some()
    );
    let give = |to: &str| {
        api.post(&lead, &format!("/api/v1/work-orders/{order}/assign"), &json!({"assigned_to": to}))
            .expect(200)
    };
    give(&hand);
    contractor.pull(&api);
    assert!(contractor.document("work_orders", &order).is_some());
    assert!(contractor.document("equipment", &machine).is_some(), "its machine, though nobody wrote that");
    give(&site.person(&api, "technician"));
    contractor.pull(&api);
    assert!(
        contractor.document("work_orders", &order).is_none()
            && contractor.document("equipment", &machine).is_none()
    );
    // Others hear of what is not theirs neither then nor later.
    let requester = site.token(&api, "requester");
    let told = api.get(&requester, "/api/v1/sync").expect(200);
    assert!(!told.to_string().contains(&order), "{told}");
    technician.pull(&api);
    api.tell(&format!("update public.work_orders set archived_at = now() where id = '{order}'"));
    assert_eq!(technician.pull(&api), 1);
    assert!(technician.document("work_orders", &order).is_none(), "what is archived leaves the phone");
    // Whoever moves elsewhere begins anew.
    let elsewhere = Site::build(&api);
    api.tell(&format!(
        "update public.profiles set warehouse_id = '{}' where email = '{}'",
        elsewhere.warehouse,
        site.email("technician")
    ));
    technician.pull(&api);
    let places: Vec<_> =
        technician.documents.values().filter_map(|document| document["warehouse_id"].as_str()).collect();
    assert!(!places.is_empty() && places.iter().all(|place| *place == elsewhere.warehouse), "{places:?}");
}

#[test]
fn a_cursor_that_is_none_is_refused() {
    let api = Api::open();
    let token = api.token("technician");
    for cursor in ["x", "a.b", "0.1:1:.1", "0.9:1:", "0.1:1:.1:1:.x.y.z"] {
        let problem = api.get(&token, &format!("/api/v1/sync?since={cursor}")).problem(400, "not_a_cursor");
        assert_eq!(problem["errors"][0]["pointer"], "?since");
    }
    api.get(&token, "/api/v1/sync?limit=0&colour=red").problem(422, "invalid");
    let other = api.get(&api.token("supervisor"), "/api/v1/sync").expect(200);
    let answer =
        api.get(&token, &format!("/api/v1/sync?since={}", other["cursor"].as_str().unwrap())).expect(200);
    assert_eq!(answer["reset"], true, "someone else's cursor is of no use");
}

#[test]
fn five_thousand_work_orders_come_at_once_and_a_hundred_changes_quickly() {
    let api = Api::open();
    let site = Site::build(&api);
    api.tell(&format!(
        "with o as (insert into public.work_orders (type, title, description, warehouse_id)
           select 'corrective', 'Work ' || n, repeat('words ', 20), '{0}' from generate_series(1, 5000) n returning id),
         i as (insert into public.checklist_items (work_order_id, position, component, action)
           select o.id, n, 'Belt', 'Check ' || n from o, generate_series(1, 5) n returning 1)
         insert into public.comments (work_order_id, author_id, body)
           select o.id, p.id, 'Seen' from o, public.profiles p where p.email = '{1}';
         analyze public.work_orders, public.checklist_items, public.comments, public.changes",
        site.warehouse,
        site.email("technician")
    ));
    let mut phone = Phone::new(site.token(&api, "technician"));
    assert!(phone.pull(&api) >= 5_000);
    let first = std::mem::take(&mut phone.waited);
    assert!(
        phone
            .documents
            .values()
            .filter(|document| document["checklist"].as_array().is_some_and(|items| items.len() == 5))
            .count()
            == 5_000
    );
    api.tell(&format!(
        "update public.work_orders set area = 'Hall' where id in
           (select id from public.work_orders where warehouse_id = '{}' limit 100)",
        site.warehouse
    ));
    assert_eq!(phone.pull(&api), 100);
    let delta = phone.waited;
    println!("first sync of 5,000 work orders: {first:?}; 100 changes: {delta:?}");
    // Four times the figures to reach, which are for a machine with nothing else to do.
    assert!(first.as_secs_f64() < 8.0 && delta.as_secs_f64() < 0.4, "{first:?}, {delta:?}");
}
