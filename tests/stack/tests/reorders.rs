//! Reorders of short parts, as a clerk does them: drafted, ordered and received.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};
use ureq::http::Method;

const DRAFTS: &str = "/api/v1/reorder-drafts";

#[test]
fn from_short_to_received() {
    let api = Api::open();
    let site = Site::build(&api);
    let token = site.token(&api, "inventory_clerk");
    let vendor = json!({"name": site.mark, "kind": "supplier", "warehouse_id": site.warehouse});
    let vendor = api.post(&token, "/api/v1/vendors", &vendor).expect(201)["id"].clone();
    let part = json!({
        "part_number": "SEAL", "name": "Seal", "vendor_id": vendor, "reorder_point": 10, "reorder_quantity": 6, "unit_cost": 2.5,
    });
    let part = api.post(&token, "/api/v1/parts", &part).expect(201);
    api.post(&token, "/api/v1/parts", &json!({"part_number": "RAG", "name": "Rag", "reorder_point": 5}))
        .expect(201);

    let bearer = format!("Bearer {token}");
    let headers =
        [("authorization", &*bearer), ("content-type", "application/json"), ("idempotency-key", &*site.mark)];
    let reorder = || api.send(&Method::POST, DRAFTS, &headers, b"{}").expect(200);
    let told = reorder();
    assert_eq!((&told["lines_added"], &told["lines_raised"]), (&json!(2), &json!(0)));
    assert_eq!(reorder(), told, "the same key has the same answer");
    let again = api.post(&token, DRAFTS, &json!({})).expect(200);
    assert_eq!((&again["lines_added"], &again["drafts"]), (&json!(0), &told["drafts"]));

    let without = api.get(&token, &format!("{DRAFTS}?vendor_id=null&include=lines")).expect(200);
    assert_eq!((without.as_array().unwrap().len(), &without[0]["lines"][0]["quantity"]), (1, &json!(10)));
    let drafts = told["drafts"].as_array().unwrap();
    let draft = drafts.iter().find(|draft| draft["vendor_id"] == vendor).unwrap();
    let line = &draft["lines"][0];
    assert_eq!((&line["quantity"], &line["unit_cost"]), (&json!(12), &json!(2.5)), "two sixes: {draft}");
    let path = format!("{DRAFTS}/{}", draft["id"].as_str().unwrap());
    let line = format!("{path}/lines/{}", line["id"].as_str().unwrap());

    api.patch(&token, &line, "\"1\"", &json!({"quantity": 18})).expect(200);
    api.patch(&token, &line, "\"1\"", &json!({"quantity": 24})).problem(412, "precondition_failed");
    let technician = site.token(&api, "technician");
    api.patch(&technician, &line, "", &json!({"quantity": 1})).problem(403, "forbidden");
    api.post(&technician, DRAFTS, &json!({})).problem(403, "forbidden");
    api.patch(&token, &path, "", &json!({"status": "received"})).problem(409, "reorder_move_not_open");
    let ordered = api
        .patch(&token, &path, "\"1\"", &json!({"status": "ordered", "expected_on": "2027-01-15"}))
        .expect(200);
    assert_eq!(ordered["ordered_by"], json!(site.person(&api, "inventory_clerk")));
    api.patch(&token, &line, "", &json!({"quantity": 1})).problem(409, "reorder_frozen");
    api.delete(&token, &line).problem(409, "reorder_frozen");
    api.patch(&token, &line, "", &json!({"received_quantity": 17})).expect(200);
    for _ in 0..2 {
        api.patch(&token, &path, "", &json!({"status": "received"})).expect(200);
    }
    let part = part["id"].as_str().unwrap();
    assert_eq!(api.get(&token, &format!("/api/v1/parts/{part}")).expect(200)["on_hand"], 17);
    let moves = api.get(&token, &format!("/api/v1/parts/{part}/transactions")).expect(200);
    let whole: Vec<&Value> = moves.as_array().unwrap().iter().collect();
    assert_eq!(whole.len(), 1, "booked once: {moves}");
    assert_eq!((&whole[0]["type"], &whole[0]["note"]), (&json!("inbound"), &ordered["number"]));
}

#[test]
fn whoever_has_no_warehouse_says_which_and_bad_input_is_named() {
    let api = Api::open();
    let site = Site::build(&api);
    let manager = api.token("manager");
    let unsaid = api.post(&manager, DRAFTS, &json!({})).problem(422, "invalid");
    assert_eq!(unsaid["errors"], json!([{"pointer": "/warehouse_id", "message": "is required"}]));
    let told = api.post(&manager, DRAFTS, &json!({"warehouse_id": site.warehouse})).expect(200);
    assert_eq!(told, json!({"lines_added": 0, "lines_raised": 0, "drafts": []}));
    let wrong =
        api.post(&manager, DRAFTS, &json!({"warehouse_id": "here", "vendor": 1})).problem(422, "invalid");
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 2, "{wrong}");
}
