//! What compensates something is bounded by it.

use crate::{open, pointers};
use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

#[test]
fn no_more_comes_back_than_was_taken_is_free_than_was_reserved_or_is_received_than_was_ordered() {
    let api = Api::open();
    let site = Site::build(&api);
    let [lead, clerk] = ["supervisor", "inventory_clerk"].map(|role| site.token(&api, role));
    let part = json!({"part_number": site.mark, "name": "Seal", "reorder_point": 20, "reorder_quantity": 10, "unit_cost": 2});
    let part = open(&api, &clerk, "parts", &part);
    let order = open(&api, &lead, "work-orders", &json!({"type": "corrective", "title": "It leaks"}));
    let other = open(&api, &lead, "work-orders", &json!({"type": "corrective", "title": "It leaks, too"}));
    let stock = || {
        let part = api.get(&clerk, &format!("/api/v1/parts/{part}")).expect(200);
        json!([part["on_hand"], part["reserved"]])
    };
    let moves = |kind: &str, quantity: i32, of: Option<&str>| {
        let mut body = json!({"type": kind, "quantity": quantity, "unit_cost": 999});
        if let Some(order) = of {
            body["part_id"] = json!(part);
            return api.post(&clerk, &format!("/api/v1/work-orders/{order}/parts"), &body);
        }
        api.post(&clerk, &format!("/api/v1/parts/{part}/transactions"), &body)
    };
    moves("inbound", 10, None).expect(201);
    moves("used", 1, Some(&order)).expect(201);
    for (quantity, of) in [(500, Some(&*order)), (2, Some(&*order)), (1, Some(&*other)), (1, None)] {
        moves("returned", quantity, of).problem(409, "not_taken");
    }
    moves("returned", 1, Some(&order)).expect(201);
    moves("returned", 1, Some(&order)).problem(409, "not_taken");
    assert_eq!(stock(), json!([10, 0]));

    let reservations = format!("work-orders/{order}/reservations");
    let reserved = open(&api, &clerk, &reservations, &json!({"part_id": part, "quantity": 4}));
    assert_eq!(stock(), json!([10, 4]));
    let path = format!("/api/v1/{reservations}/{reserved}");
    assert_eq!(api.delete(&clerk, &path).status, 204);
    assert_eq!(api.delete(&clerk, &path).status, 404);
    assert_eq!(stock(), json!([10, 0]), "released once");

    let told = api.post(&clerk, "/api/v1/reorder-drafts", &json!({})).expect(200);
    let draft = format!("/api/v1/reorder-drafts/{}", told["drafts"][0]["id"].as_str().unwrap());
    let line = &told["drafts"][0]["lines"][0];
    assert_eq!(line["quantity"], 10);
    let line = format!("{draft}/lines/{}", line["id"].as_str().unwrap());
    api.patch(&clerk, &draft, "", &json!({"status": "ordered"})).expect(200);
    let received = |quantity: Value| api.patch(&clerk, &line, "", &json!({"received_quantity": quantity}));
    for quantity in [11, 1_000_000] {
        let refused = received(json!(quantity)).problem(422, "invalid");
        assert_eq!(pointers(&refused), json!(["/received_quantity"]));
    }
    received(json!(10)).expect(200);
    for _ in 0..2 {
        api.patch(&clerk, &draft, "", &json!({"status": "received"})).expect(200);
    }
    assert_eq!(stock(), json!([20, 0]), "received once");
}
