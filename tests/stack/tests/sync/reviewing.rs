//! Anything that a phone brought too late waits for a person, who sees both values and decides once.

use crate::scene::{Scene, brings, id};
use millwright_stack_tests::{Api, Site};
use serde_json::{Value, json};

fn of(api: &Api, token: &str, order: &str) -> Value {
    api.get(token, &format!("/api/v1/reviews?work_order_id={order}&decision=null&include=bringer,work_order"))
        .expect(200)
}

fn decide(scene: &Scene, review: &Value, decision: &str) -> (u16, Value) {
    let path = format!("/api/v1/reviews/{}/decide", id(review));
    let said = json!({"decision": decision, "note": "Looked at it"});
    let answer = scene.api.post(&scene.supervisor.token, &path, &said);
    (answer.status, answer.json())
}

#[test]
fn both_values_are_shown_to_who_leads_and_what_was_brought_is_written_when_they_say_so() {
    let mut scene = Scene::set();
    scene.technician.pull(&scene.api);
    assert_eq!(brings!(scene, supervisor, "checklist_items", {"state": "done"})["outcome"], "applied");
    let late = brings!(scene, technician, "checklist_items", {"state": "skipped"});
    assert_eq!(late["outcome"], "needs_review", "{late}");
    let reviews = of(&scene.api, &scene.supervisor.token, &scene.order);
    assert_eq!(reviews.as_array().unwrap().len(), 1, "{reviews}");
    let review = &reviews[0];
    assert_eq!(review["fields"], json!([{"field": "state", "brought": "skipped", "there": "done"}]));
    assert_eq!((&review["entity"], &review["entity_id"]), (&json!("checklist_items"), &json!(scene.item)));
    assert_eq!(review["bringer"]["name"], "The technician");
    // Whoever brought it sees it too, and does not decide.
    assert_eq!(of(&scene.api, &scene.technician.token, &scene.order)[0]["id"], review["id"]);
    let path = format!("/api/v1/reviews/{}/decide", id(review));
    scene.api.post(&scene.technician.token, &path, &json!({"decision": "take"})).problem(403, "forbidden");
    let home = scene.api.get(&scene.supervisor.token, "/api/v1/home").expect(200);
    assert_eq!(home["to_review"], json!({"count": 1, "more": false}));

    // A newer value is not overwritten unseen.
    let item = format!("/api/v1/work-orders/{}/checklist/{}", scene.order, scene.item);
    scene.api.patch(&scene.supervisor.token, &item, "", &json!({"state": "issue"})).expect(200);
    let (status, newer) = decide(&scene, review, "take");
    assert_eq!((status, &newer["code"]), (409, &json!("review_outdated")), "{newer}");
    scene.api.patch(&scene.supervisor.token, &item, "", &json!({"state": "done"})).expect(200);

    let (status, decided) = decide(&scene, review, "take");
    assert_eq!((status, &decided["decision"]), (200, &json!("take")), "{decided}");
    assert!(decided["decided_by"].is_string() && decided["decided_at"].is_string());
    assert_eq!(scene.item_now()["state"], "skipped");
    let nobodys = format!("/api/v1/reviews/{}/decide", uuid::Uuid::now_v7());
    scene.api.post(&scene.supervisor.token, &nobodys, &json!({"decision": "keep"})).problem(404, "not_found");
    // Once.
    let (status, again) = decide(&scene, review, "keep");
    assert_eq!((status, &again["code"]), (409, &json!("review_decided")), "{again}");
    assert_eq!(of(&scene.api, &scene.supervisor.token, &scene.order), json!([]));
}

#[test]
fn what_cannot_be_written_any_more_is_not_decided_but_can_be_kept() {
    let mut scene = Scene::set();
    scene.technician.pull(&scene.api);
    brings!(scene, supervisor, "checklist_items", {"state": "skipped"});
    scene.moves("completed");
    let late = brings!(scene, technician, "checklist_items", {"state": "done"});
    assert_eq!(
        (&late["outcome"], &late["code"]),
        (&json!("needs_review"), &json!("work_has_ended")),
        "{late}"
    );
    let review = of(&scene.api, &scene.supervisor.token, &scene.order)[0].clone();
    let (status, refused) = decide(&scene, &review, "take");
    assert_eq!(status, 409, "{refused}");
    assert_eq!(of(&scene.api, &scene.supervisor.token, &scene.order)[0], review, "nothing was decided");
    let (status, kept) = decide(&scene, &review, "keep");
    assert_eq!((status, &kept["decision"]), (200, &json!("keep")), "{kept}");
    assert_eq!(scene.item_now()["state"], "skipped");
}

#[test]
fn a_move_that_was_brought_too_late_is_made_by_who_decides_if_it_is_open() {
    let mut scene = Scene::set();
    brings!(scene, technician, "checklist_items", {"state": "done"});
    scene.technician.pull(&scene.api);
    scene.supervisor.pull(&scene.api);
    scene.moves("completed");
    scene.supervisor.pull(&scene.api);
    // The supervisor's phone verifies; meanwhile someone else has taken the work up again.
    let path = format!("/api/v1/work-orders/{}/transitions", scene.order);
    let again = json!({"to": "in_progress", "note": "Not tight yet"});
    scene.api.post(&scene.api.token("manager"), &path, &again).expect(200);
    let late = brings!(scene, supervisor, "work_orders", {"status": "verified"});
    assert_eq!(late["outcome"], "needs_review", "{late}");
    let review = of(&scene.api, &scene.supervisor.token, &scene.order)[0].clone();
    assert_eq!(
        review["fields"][0],
        json!({"field": "status", "brought": "verified", "there": "in_progress"})
    );
    let (status, refused) = decide(&scene, &review, "take");
    assert_eq!((status, &refused["code"]), (409, &json!("move_not_open")), "{refused}");
    scene.moves("completed");
    let (status, decided) = decide(&scene, &review, "take");
    assert_eq!(status, 200, "{decided}");
    assert_eq!(scene.order_now()["status"], "verified");
}

#[test]
fn nobody_elsewhere_sees_what_was_brought() {
    let mut scene = Scene::set();
    scene.technician.pull(&scene.api);
    brings!(scene, supervisor, "checklist_items", {"state": "done"});
    brings!(scene, technician, "checklist_items", {"state": "issue"});
    let elsewhere = Site::build(&scene.api);
    for role in ["supervisor", "technician", "requester"] {
        let token = elsewhere.token(&scene.api, role);
        assert_eq!(of(&scene.api, &token, &scene.order), json!([]), "{role}");
    }
}

/// A value that nobody has written yet is judged as if they had: otherwise anyone could lay anything before who leads.
#[test]
fn nobody_brings_for_review_what_they_may_not_write() {
    let mut scene = Scene::set();
    let lead = scene.supervisor.token.clone();
    let machine = json!({"asset_tag": uuid::Uuid::now_v7().to_string(), "name": "Press", "model": "P"});
    let machine = id(&scene.api.post(&lead, "/api/v1/equipment", &machine).expect(201));
    let path = format!("/api/v1/equipment/{machine}");
    scene.api.patch(&lead, &path, "", &json!({"status": "maintenance"})).expect(200);
    let mut clerk = crate::phone::Phone::new(scene.site.token(&scene.api, "inventory_clerk"));
    clerk.does("equipment", &machine, Some(1), &json!({"status": "disposed"}));
    let told = clerk.push(&scene.api).remove(0);
    assert_eq!(told["outcome"], "rejected", "{told}");
    let reviews = scene.api.get(&lead, "/api/v1/reviews?limit=200").expect(200);
    assert!(!reviews.as_array().unwrap().iter().any(|review| review["entity_id"] == json!(machine)));
    // A technician may, and what they bring again takes the place of what waits.
    for status in ["inactive", "retired"] {
        scene.technician.does("equipment", &machine, Some(1), &json!({"status": status}));
        let told = scene.technician.push(&scene.api).remove(0);
        assert_eq!(told["outcome"], "needs_review", "{told}");
    }
    let reviews = scene.api.get(&lead, "/api/v1/reviews?limit=200").expect(200);
    let of_it: Vec<_> =
        reviews.as_array().unwrap().iter().filter(|review| review["entity_id"] == json!(machine)).collect();
    assert_eq!(of_it.len(), 1, "{of_it:?}");
    assert_eq!(of_it[0]["fields"][0]["brought"], "retired");
}

/// A decision whose answer was lost is sent again, with the same key.
#[test]
fn a_decision_that_is_sent_twice_with_a_key_is_answered_twice() {
    let mut scene = Scene::set();
    scene.technician.pull(&scene.api);
    brings!(scene, supervisor, "checklist_items", {"state": "done"});
    brings!(scene, technician, "checklist_items", {"state": "issue"});
    let review = of(&scene.api, &scene.supervisor.token, &scene.order)[0].clone();
    let path = format!("/api/v1/reviews/{}/decide", id(&review));
    let (bearer, key) = (format!("Bearer {}", scene.supervisor.token), uuid::Uuid::now_v7().to_string());
    let headers =
        [("authorization", &*bearer), ("content-type", "application/json"), ("idempotency-key", &*key)];
    let send =
        || scene.api.send(&ureq::http::Method::POST, &path, &headers, br#"{"decision":"keep"}"#).expect(200);
    assert_eq!(send(), send());
}
