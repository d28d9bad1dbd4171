//! A typo in a ledger is not for ever.

use crate::{machine, open, pointers};
use millwright_stack_tests::{Api, Cron, Site, now};
use serde_json::{Value, json};

const GENERATE: Cron = Cron::of("pm-scheduler", "0 2 * * *");

#[test]
fn a_supervisor_annuls_a_reading_and_all_that_it_set_off() {
    let api = Api::open();
    let site = Site::build(&api);
    let [lead, technician] = ["supervisor", "technician"].map(|role| site.token(&api, role));
    let machine = machine(&api, &lead, &site.mark);
    let meter =
        open(&api, &lead, &format!("equipment/{machine}/meters"), &json!({"name": "Hours", "unit": "hours"}));
    let readings = format!("meters/{meter}/readings");
    let read = |value: u32, reset: bool| {
        open(&api, &technician, &readings, &json!({"value": value, "is_reset": reset}))
    };
    read(100, false);
    let template = json!({"title": "Grease", "equipment_id": machine, "meter_name": "Hours", "meter_every": 250,
        "starts_on": "2026-01-01"});
    open(&api, &lead, "pm/templates", &template);
    let fire = || GENERATE.fire(&api, now(&api));
    fire();
    let typo = read(25_000, false);
    fire();
    let reset = read(250, true);
    let total = || api.get(&technician, &format!("/api/v1/meters/{meter}")).expect(200)["total"].clone();
    assert_eq!(total(), 25_250);
    let compliance = || {
        let today = api.ask("(now() at time zone 'Europe/Amsterdam')::date");
        let path = format!(
            "/api/v1/reports/pm-compliance?from={today}&until={today}&warehouse_id={}",
            site.warehouse
        );
        api.get(&lead, &path).expect(200)["rows"][0].clone()
    };
    assert_eq!(compliance()["counts"]["missed"], 0, "steps of one jump are not missed");
    assert_eq!(compliance()["counts"]["superseded"], 98);

    let path = |id: &str| format!("/api/v1/{readings}/{id}");
    let why = json!({"annulled_reason": "One digit too many"});
    api.patch(&technician, &path(&typo), "", &why).problem(403, "forbidden");
    let wrong = json!({"annulled_reason": 7, "value": 250});
    assert_eq!(
        pointers(&api.patch(&lead, &path(&typo), "", &wrong).problem(422, "invalid")),
        json!(["/annulled_reason", "/value"])
    );
    let empty = api.patch(&lead, &path(&typo), "", &json!({"annulled_reason": " "})).problem(422, "invalid");
    assert_eq!(pointers(&empty), json!(["/annulled_reason"]));
    let annulled = api.patch(&lead, &path(&typo), "\"1\"", &why).expect(200);
    assert_eq!(annulled["annulled_by"], json!(site.person(&api, "supervisor")));
    api.patch(&lead, &path(&typo), "", &why).problem(409, "annulled");
    // The meter was not set back either: that was typed to get on.
    api.patch(&lead, &path(&reset), "", &why).expect(200);
    read(250, false);
    assert_eq!(total(), 250);
    assert_eq!(compliance()["counts"]["superseded"], 99);
    let orders = api.get(&lead, &format!("/api/v1/work-orders?equipment_id={machine}")).expect(200);
    let told: Vec<_> = orders
        .as_array()
        .unwrap()
        .iter()
        .map(|order| json!([order["status"], order["status_note"]]))
        .collect();
    assert_eq!(json!(told), json!([["cancelled", "the reading of 25000 was annulled"]]));
    // It is kept, struck through.
    let history =
        api.get(&lead, &format!("/api/v1/equipment/{machine}/history?kind=meter_reading")).expect(200);
    let struck: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| json!([entry["details"]["value"], entry["details"]["annulled_reason"]]))
        .collect();
    let because = &why["annulled_reason"];
    assert_eq!(
        json!(struck),
        json!([[250, Value::Null], [250, because], [25_000, because], [100, Value::Null]])
    );
    // At a true 350 the first step is due.
    fire();
    read(350, false);
    fire();
    let open_orders =
        api.get(&lead, &format!("/api/v1/work-orders?equipment_id={machine}&status=new")).expect(200);
    assert_eq!(open_orders.as_array().unwrap().len(), 1, "{open_orders}");
}

#[test]
fn a_stop_and_a_time_log_that_were_wrong_are_struck_through() {
    let api = Api::open();
    let site = Site::build(&api);
    let [lead, technician] = ["supervisor", "technician"].map(|role| site.token(&api, role));
    let machine = machine(&api, &lead, &site.mark);
    let order = json!({"type": "corrective", "title": "It leaks", "equipment_id": machine});
    let order = open(&api, &technician, "work-orders", &order);
    for to in ["assigned", "in_progress"] {
        api.post(&technician, &format!("/api/v1/work-orders/{order}/transitions"), &json!({"to": to}))
            .expect(200);
    }
    let downtime = format!("equipment/{machine}/downtime");
    let stop = open(&api, &technician, &downtime, &json!({"reason": "It leaks"}));
    let logs = format!("work-orders/{order}/time-logs");
    let log = open(&api, &technician, &logs, &json!({}));
    let why = json!({"annulled_reason": "Of another machine"});
    for path in [format!("/api/v1/{downtime}/{stop}"), format!("/api/v1/{logs}/{log}")] {
        api.patch(&technician, &path, "", &why).problem(403, "forbidden");
        let annulled = api.patch(&lead, &path, "", &why).expect(200);
        assert_eq!(annulled["annulled_by"], json!(site.person(&api, "supervisor")));
        api.patch(&lead, &path, "", &why).problem(409, "annulled");
    }
    // Its clock stopped with it.
    api.post(&technician, &format!("/api/v1/work-orders/{order}/transitions"), &json!({"to": "completed"}))
        .expect(200);
}

#[test]
fn a_receipt_with_too_many_is_corrected_by_an_adjustment() {
    let api = Api::open();
    let site = Site::build(&api);
    let clerk = site.token(&api, "inventory_clerk");
    let part =
        json!({"part_number": site.mark, "name": "Seal", "reorder_point": 100, "reorder_quantity": 100});
    let part = open(&api, &clerk, "parts", &part);
    let told = api.post(&clerk, "/api/v1/reorder-drafts", &json!({})).expect(200);
    let draft = format!("/api/v1/reorder-drafts/{}", told["drafts"][0]["id"].as_str().unwrap());
    for status in ["ordered", "received"] {
        api.patch(&clerk, &draft, "", &json!({"status": status})).expect(200);
    }
    // Ten came.
    open(
        &api,
        &clerk,
        &format!("parts/{part}/transactions"),
        &json!({"type": "adjustment", "quantity": -90, "note": "Ten came"}),
    );
    assert_eq!(api.get(&clerk, &format!("/api/v1/parts/{part}")).expect(200)["on_hand"], 10);
}
