//! The life of a machine, as the API tells it: one time line of everything, and its figures.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Answer, Api, Site};
use serde_json::{Value, json};

/// A machine with something of every kind; the oldest first.
const LIFE: [&str; 9] = [
    "work_order_opened",
    "work_order_moved",
    "work_order_moved",
    "downtime",
    "meter_reading",
    "part_moved",
    "part_moved",
    "status_changed",
    "work_order_moved",
];

/// Lives it; answers with the machine's path.
fn live(api: &Api, site: &Site) -> String {
    let [lead, technician, clerk] =
        ["supervisor", "technician", "inventory_clerk"].map(|role| site.token(api, role));
    let post = |token: &str, path: &str, body: Value| {
        api.post(token, &format!("/api/v1/{path}"), &body).expect(if path.contains("transitions") {
            200
        } else {
            201
        })
    };
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    let machine =
        id(&post(&lead, "equipment", json!({"asset_tag": site.mark, "name": "Press", "model": "P"})));
    let part =
        id(&post(&clerk, "parts", json!({"part_number": site.mark, "name": "Seal", "unit_cost": 2.5})));
    post(&clerk, &format!("parts/{part}/transactions"), json!({"type": "inbound", "quantity": 9}));
    let order = json!({"type": "corrective", "title": "It leaks", "equipment_id": machine});
    let order = id(&post(&technician, "work-orders", order));
    post(&technician, &format!("work-orders/{order}/transitions"), json!({"to": "assigned"}));
    post(&technician, &format!("work-orders/{order}/transitions"), json!({"to": "in_progress"}));
    post(
        &technician,
        &format!("equipment/{machine}/downtime"),
        json!({"reason": "It leaks", "work_order_id": order}),
    );
    let meter =
        id(&post(&lead, &format!("equipment/{machine}/meters"), json!({"name": "Hours", "unit": "hours"})));
    post(&technician, &format!("meters/{meter}/readings"), json!({"value": 7}));
    post(
        &technician,
        &format!("work-orders/{order}/parts"),
        json!({"part_id": part, "type": "used", "quantity": 3}),
    );
    post(
        &technician,
        &format!("work-orders/{order}/parts"),
        json!({"part_id": part, "type": "returned", "quantity": 1}),
    );
    let path = format!("/api/v1/equipment/{machine}");
    api.patch(&technician, &path, "", &json!({"status": "maintenance"})).expect(200);
    post(&technician, &format!("work-orders/{order}/transitions"), json!({"to": "completed"}));
    path
}

fn kinds(answer: &Answer) -> Vec<String> {
    answer.json().as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn everything_that_happened_is_in_one_line_newest_first_page_by_page() {
    let api = Api::open();
    let site = Site::build(&api);
    let history = format!("{}/history", live(&api, &site));
    let token = site.token(&api, "technician");
    let whole = api.get(&token, &history);
    assert_eq!((whole.status, whole.next_page()), (200, None));
    let mut newest_first = LIFE;
    newest_first.reverse();
    assert_eq!(kinds(&whole), newest_first);
    let whole = whole.json();
    assert_eq!(whole[0]["details"]["to"], "completed");
    assert_eq!(whole[1]["details"], json!({"from": "active", "to": "maintenance"}));
    assert_eq!(
        (&whole[2]["details"]["type"], &whole[2]["details"]["quantity"]),
        (&json!("returned"), &json!(1))
    );
    assert_eq!((&whole[4]["details"]["meter"], &whole[4]["details"]["value"]), (&json!("Hours"), &json!(7)));
    assert_eq!(whole[5]["details"]["ended_at"], Value::Null, "it stands still");
    assert_eq!(whole[8]["actor_id"], json!(site.person(&api, "technician")));

    let (mut pages, mut next) = (Vec::new(), Some(format!("{history}?limit=2")));
    while let Some(path) = next {
        let page = api.get(&token, &path);
        next = page.next_page();
        pages.extend(page.expect(200).as_array().unwrap().clone());
    }
    assert_eq!(json!(pages), whole, "each once, in the same order");
    let moves = api.get(&token, &format!("{history}?kind=work_order_moved"));
    assert_eq!(kinds(&moves), ["work_order_moved"; 3]);
    let csv = api.get(&token, &format!("{history}/export.csv"));
    let text = String::from_utf8(csv.body).unwrap();
    let mut lines = text.lines();
    assert_eq!((csv.status, lines.next()), (200, Some("id,happened_at,kind,actor_id,details")));
    assert_eq!(lines.count(), whole.as_array().unwrap().len());
}

#[test]
fn a_time_line_is_told_as_far_as_one_may_see_it() {
    let api = Api::open();
    let (site, elsewhere) = (Site::build(&api), Site::build(&api));
    let machine = live(&api, &site);
    let history = format!("{machine}/history");
    // They have no work on it.
    for (of, role) in [(&site, "contractor"), (&site, "requester"), (&elsewhere, "supervisor")] {
        let token = of.token(&api, role);
        api.get(&token, &history).problem(404, "not_found");
        api.get(&token, &format!("{machine}/kpis?from=2026-01-01&until=2026-01-31"))
            .problem(404, "not_found");
    }
    // Now they do; what parts cost is none of their business.
    let contractor = site.person(&api, "contractor");
    let order = json!({"type": "corrective", "title": "It still leaks", "equipment_id": machine.rsplit('/').next(), "assigned_to": contractor});
    api.post(&site.token(&api, "supervisor"), "/api/v1/work-orders", &order).expect(201);
    let seen = kinds(&api.get(&site.token(&api, "contractor"), &history));
    assert_eq!(
        seen,
        ["work_order_opened", "status_changed", "meter_reading", "downtime"],
        "their own work order, and the machine's own"
    );
    let fresh = json!({"asset_tag": format!("{}-2", site.mark), "name": "Lift", "model": "L"});
    let fresh = api.post(&site.token(&api, "supervisor"), "/api/v1/equipment", &fresh).expect(201);
    let fresh = format!("/api/v1/equipment/{}/history", fresh["id"].as_str().unwrap());
    assert_eq!(api.get(&site.token(&api, "technician"), &fresh).expect(200), json!([]));
}

#[test]
fn what_is_asked_badly_is_named() {
    let api = Api::open();
    let token = api.token("manager");
    let machine = "/api/v1/equipment/01900000-0000-7000-8000-00000000ffff";
    let pointers = |path: &str| {
        let problem = api.get(&token, &format!("{machine}/{path}")).problem(422, "invalid");
        problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["pointer"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(pointers("history?limit=0&kind=gossip&colour=red"), ["?limit", "?kind", "?colour"]);
    for cursor in ["x", "W10", "WyJub3ciLCIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiXQ"] {
        let problem =
            api.get(&token, &format!("{machine}/history?cursor={cursor}")).problem(400, "not_a_cursor");
        assert_eq!(problem["errors"][0]["pointer"], "?cursor");
    }
    assert_eq!(pointers("kpis"), ["?from", "?until"]);
    assert_eq!(pointers("kpis?from=2026-02-01&until=2026-01-01"), ["?until"]);
}

#[test]
fn the_figures_of_a_machine_come_with_what_they_are_made_of() {
    let api = Api::open();
    let site = Site::build(&api);
    let machine = live(&api, &site);
    let token = site.token(&api, "technician");
    let today = api.ask("(now() at time zone 'Europe/Amsterdam')::date");
    let told = api.get(&token, &format!("{machine}/kpis?from={today}&until={today}")).expect(200);
    assert_eq!((&told["asset_tag"], &told["time_zone"]), (&json!(site.mark), &json!("Europe/Amsterdam")));
    let figure = |name: &str| &told["kpis"][name];
    assert_eq!(figure("machine_costs")["numerator"], json!(5), "two seals of 2.50: {told}");
    assert_eq!((&figure("mttr")["denominator"], &figure("mtbf")["denominator"]), (&json!(1), &json!(1)));
    let report = api.get(&token, &format!("/api/v1/reports/mtbf?from={today}&until={today}")).expect(200);
    assert_eq!(figure("mtbf")["formula"], report["formula"], "the same words");
}
