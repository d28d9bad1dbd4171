//! A cron that generates preventive work orders, and one that archives.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod crowd;
mod faults;
mod firings;
mod limits;
mod plant;

use millwright_harness::client::fire;
use millwright_stack_tests::{Api, Site, alone, eventually, mail, now};
use plant::{ARCHIVE, GENERATE};
use serde_json::{Value, json};

/// A machine of a model of its own, and a template for that model that is due in three days.
fn machine_with_template(api: &Api, site: &Site, rrule: &str) {
    let (mark, warehouse) = (&site.mark, &site.warehouse);
    let technician = site.person(api, "technician");
    let mut database = api.stack.connect().unwrap();
    database
        .batch_execute(&format!(
            "insert into public.equipment (asset_tag, name, model, warehouse_id)
               values ('{mark}-1', 'Machine', 'Model {mark}', '{warehouse}');
             with t as (insert into public.pm_templates
                 (title, equipment_model, default_assignee_id, rrule, starts_on, priority)
               values ('Inspection {mark}', 'Model {mark}', '{technician}', '{rrule}', current_date + 3, 'high')
               returning id)
             insert into public.pm_template_items (template_id, position, component, action)
               select t.id, n, 'Part ' || n, 'Look' from t, generate_series(1, 3) n"
        ))
        .unwrap();
}

fn generate(api: &Api) -> Value {
    GENERATE.run(api, now(api)).run
}

#[test]
fn a_due_occurrence_becomes_one_work_order_with_its_checklist() {
    let (_alone, api) = (alone(), Api::open());
    let site = Site::build(&api);
    machine_with_template(&api, &site, "FREQ=MONTHLY");
    assert_eq!(generate(&api)["outcome"], "done");

    let token = site.token(&api, "technician");
    let orders = api.get(&token, "/api/v1/work-orders?type=preventive").expect(200);
    assert_eq!(orders.as_array().unwrap().len(), 1);
    let order = &orders[0];
    assert_eq!((&order["status"], &order["priority"]), (&Value::from("assigned"), &Value::from("high")));
    assert_eq!(order["title"], format!("Inspection {}", site.mark));
    let id = order["id"].as_str().unwrap();
    let whole = api.get(&token, &format!("/api/v1/work-orders/{id}")).expect(200);
    let checklist = whole["checklist"].as_array().unwrap();
    assert_eq!(checklist.iter().map(|item| &item["position"]).collect::<Vec<_>>(), [1, 2, 3]);

    let address = site.email("technician");
    eventually("a mail to the technician", || (mail::to(&api, &address).len() == 1).then_some(()));

    generate(&api);
    assert_eq!(site.work_orders(&api), "1", "fired again, nothing new");
    fire(&api.stack, "notification-sender", None, None).unwrap();
    assert_eq!(mail::to(&api, &address).len(), 1, "and nobody is told again");
}

#[test]
fn one_bad_rule_is_reported_and_the_others_go_on() {
    let (_alone, api) = (alone(), Api::open());
    let (bad, good) = (Site::build(&api), Site::build(&api));
    machine_with_template(&api, &bad, "FREQ=SOMETIMES");
    machine_with_template(&api, &good, "FREQ=WEEKLY;INTERVAL=4");
    let run = generate(&api);
    let says = |problem: &Value| problem["reason"].as_str().unwrap().contains("FREQ=SOMETIMES");
    assert!(run["problems"].as_array().unwrap().iter().any(says), "{run}");
    assert_eq!((bad.work_orders(&api), good.work_orders(&api)), ("0".to_owned(), "1".to_owned()));

    // In the administrator's list until it is mended; then it is made up for.
    let manager = api.token("manager");
    let template =
        api.get(&manager, &format!("/api/v1/pm/templates?title=Inspection%20{}", bad.mark)).expect(200);
    let template = template[0]["id"].as_str().unwrap();
    let letters = || {
        let path = format!("/api/v1/jobs/dead-letters?source=pm-scheduler&reference=template%20{template}");
        api.get(&manager, &path).expect(200).as_array().unwrap().clone()
    };
    assert!(letters().len() == 1 && says(&letters()[0]));
    generate(&api);
    assert_eq!(letters().len(), 1);
    let rule = json!({"rrule": "FREQ=MONTHLY"});
    api.patch(&manager, &format!("/api/v1/pm/templates/{template}"), "\"1\"", &rule).expect(200);
    assert_eq!(letters(), [Value::Null; 0]);
    generate(&api);
    assert_eq!(bad.work_orders(&api), "1");
}

#[test]
fn what_ended_long_ago_leaves_the_list_and_stays_readable() {
    let (_alone, api) = (alone(), Api::open());
    let site = Site::build(&api);
    let token = site.token(&api, "supervisor");
    let order = serde_json::json!({"type": "corrective", "title": "Old"});
    let id = api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].as_str().unwrap().to_owned();
    let mut database = api.stack.connect().unwrap();
    let cancel = format!("update public.work_orders set status = 'cancelled' where id = '{id}'");
    database.batch_execute(&cancel).unwrap();
    let listed = || api.get(&token, "/api/v1/work-orders").expect(200).as_array().unwrap().len();

    let fire_in = |days| {
        let ran = ARCHIVE.run(&api, now(&api) + chrono::TimeDelta::days(days));
        assert_eq!(ran.ended().0, "done");
    };
    fire_in(89);
    assert_eq!(listed(), 1);
    fire_in(91);
    assert_eq!(listed(), 0);
    assert!(!api.get(&token, &format!("/api/v1/work-orders/{id}")).expect(200)["archived_at"].is_null());
}
