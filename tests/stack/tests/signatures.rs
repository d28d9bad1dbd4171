//! Work that is signed for when it is completed: a name that is typed, and a picture of what was drawn, by request and from a
//! phone that was offline.
#![expect(clippy::disallowed_methods, reason = "a phone says what time it is")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::picture::drawing;
use millwright_stack_tests::{Answer, Api, Site, at_once, eventually};
use serde_json::{Value, json};
use ureq::http::Method;
use uuid::Uuid;

/// A site that asks for such a signature, and its people's tokens.
struct Hall {
    api: Api,
    site: Site,
    worker: String,
    lead: String,
}

impl Hall {
    fn asking_for(rule: &str) -> Self {
        let api = Api::open();
        let site = Site::build(&api);
        let [worker, lead] = ["technician", "supervisor"].map(|role| site.token(&api, role));
        let hall = Self { api, site, worker, lead };
        let path = format!("/api/v1/warehouses/{}", hall.site.warehouse);
        let rule = json!({"completion_signature": rule});
        let set = hall.api.patch(&hall.lead, &path, "", &rule).expect(200);
        assert_eq!(set["completion_signature"], rule["completion_signature"]);
        let seen = hall.api.get(&hall.worker, &path).expect(200);
        assert_eq!(
            seen["completion_signature"], rule["completion_signature"],
            "whoever works there knows it"
        );
        hall
    }

    /// The id of a work order that the technician has begun.
    fn begun(&self) -> String {
        let technician = self.site.person(&self.api, "technician");
        let order = json!({"type": "corrective", "title": "Belt slips", "assigned_to": technician});
        let order = id(&self.api.post(&self.lead, "/api/v1/work-orders", &order).expect(201));
        self.moves(&self.worker, &order, &json!({"to": "in_progress"})).expect(200);
        order
    }

    fn moves(&self, token: &str, order: &str, body: &Value) -> Answer {
        self.api.post(token, &format!("/api/v1/work-orders/{order}/transitions"), body)
    }

    fn draws(&self, order: &str) -> String {
        id(&self.api.upload(&self.worker, order, "signature.jpg", &drawing()).expect(201))
    }

    fn order(&self, order: &str) -> Value {
        self.api.get(&self.lead, &format!("/api/v1/work-orders/{order}")).expect(200)
    }

    /// What the history tells of a field, oldest first: `[from, to]`.
    fn history(&self, order: &str, field: &str) -> Vec<Value> {
        let path = format!("/api/v1/work-orders/{order}/history?sort=position");
        let entries = self.api.get(&self.lead, &path).expect(200);
        let told = entries.as_array().unwrap().iter().map(|entry| &entry["changes"][field]);
        told.filter(|change| !change.is_null()).map(|change| json!([change["from"], change["to"]])).collect()
    }

    /// What became of a phone's completion.
    fn brings(&self, mutation: &Value) -> Value {
        let body =
            json!({"device_id": Uuid::now_v7(), "sent_at": chrono::Utc::now(), "mutations": [mutation]});
        self.api.post(&self.worker, "/api/v1/sync", &body).expect(200)["results"][0].clone()
    }
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

/// The fields that a problem, or a phone's answer, names.
fn pointers(told: &Value) -> Value {
    told["errors"].as_array().into_iter().flatten().map(|error| error["pointer"].clone()).collect()
}

fn completion(order: &str, base: i64, signature: &Value) -> Value {
    let mut changes = json!({"status": "completed"});
    changes.as_object_mut().unwrap().extend(signature.as_object().unwrap().clone());
    json!({"id": Uuid::now_v7(), "entity": "work_orders", "entity_id": order, "base_version": base,
        "made_at": chrono::Utc::now(), "changes": changes})
}

#[test]
fn the_operator_signs_on_the_phone_that_the_work_is_done() {
    let hall = Hall::asking_for("drawn");
    let order = hall.begun();
    let drawn = hall.draws(&order);
    let body = json!({"to": "completed", "signature_name": "  Ada, operator ", "signature_id": drawn, "note": "as new"});
    // At once, while the picture waits for its processing.
    let done = hall.moves(&hall.worker, &order, &body).expect(200);
    assert_eq!((&done["signature_name"], &done["signature_id"]), (&json!("Ada, operator"), &json!(drawn)));
    let technician = hall.site.person(&hall.api, "technician");
    assert_eq!((&done["status"], &done["completed_by"]), (&json!("completed"), &json!(technician)));

    let file = eventually("the picture", || {
        let file = hall.order(&order)["attachments"][0].clone();
        (file["state"] == "ready").then_some(file)
    });
    assert_eq!((&file["id"], &file["is_signature"]), (&json!(drawn), &json!(true)), "it is no photo");
    let path = format!("/api/v1/attachments/{drawn}/content?variant=display");
    assert_eq!(hall.api.get(&hall.lead, &path).header("content-type"), "image/jpeg");
    let photo = id(&hall.api.upload(&hall.worker, &order, "after.jpg", &drawing()).expect(201));
    let photo = hall.api.get(&hall.worker, &format!("/api/v1/attachments/{photo}")).expect(200);
    assert_eq!(photo["is_signature"], json!(false));

    assert_eq!(hall.history(&order, "signature_name"), [json!([null, "Ada, operator"])]);
    let now = hall.order(&order);
    assert_eq!(hall.history(&order, "completed_at")[0][1], now["completed_at"], "signed at that moment");
    hall.moves(&hall.lead, &order, &json!({"to": "verified"})).expect(200);
    assert_eq!(hall.order(&order)["signature_id"], drawn.as_str());
}

#[test]
fn work_is_not_completed_without_the_signature_that_is_asked_for() {
    let hall = Hall::asking_for("drawn");
    let order = hall.begun();
    for (body, wrong) in [
        (json!({"to": "completed"}), json!(["/signature_name", "/signature_id"])),
        (json!({"to": "completed", "signature_name": "Ada"}), json!(["/signature_id"])),
    ] {
        for token in [&hall.worker, &hall.lead] {
            let refused = hall.moves(token, &order, &body).problem(409, "signature_needed");
            assert_eq!(pointers(&refused), wrong, "{refused}");
            assert_eq!(refused["open_moves"], json!(["on_hold", "completed"]), "{refused}");
        }
    }
    for (body, wrong) in [
        (json!({"to": "completed", "signature_id": Uuid::now_v7()}), json!(["/signature_name"])),
        (json!({"to": "completed", "signature_name": ""}), json!(["/signature_name"])),
        (
            json!({"to": "completed", "signature_name": "A\nB", "signature_id": 7}),
            json!(["/signature_id", "/signature_name"]),
        ),
        (
            json!({"to": "on_hold", "hold_reason": "parts", "signature_name": "Ada"}),
            json!(["/signature_name"]),
        ),
    ] {
        let refused = hall.moves(&hall.worker, &order, &body).problem(422, "invalid");
        assert_eq!(pointers(&refused), wrong, "{refused}");
    }
    assert_eq!(hall.order(&order)["status"], "in_progress");
}

#[test]
fn a_picture_from_elsewhere_is_refused_like_one_that_is_not_there() {
    let (hall, other) = (Hall::asking_for("optional"), Hall::asking_for("optional"));
    let (order, another, foreign) = (hall.begun(), hall.begun(), other.begun());
    let ids = [Uuid::now_v7().to_string(), hall.draws(&another), other.draws(&foreign)];
    for picture in &ids {
        let body = json!({"to": "completed", "signature_name": "Ada", "signature_id": picture});
        let refused = hall.moves(&hall.worker, &order, &body).problem(422, "invalid");
        let wrong = json!([{"pointer": "/signature_id", "message": "names nothing that exists here"}]);
        assert_eq!(refused["errors"], wrong);
        let base = hall.order(&order)["version"].as_i64().unwrap();
        let signature = json!({"signature_name": "Ada", "signature_id": picture});
        let told = hall.brings(&completion(&order, base, &signature));
        assert_eq!((&told["outcome"], &told["errors"]), (&json!("rejected"), &wrong), "{told}");
    }
    // Cut short: the file processor puts it aside.
    let broken = &drawing()[..600];
    let broken = id(&hall.api.upload(&hall.worker, &order, "signature.jpg", broken).expect(201));
    eventually("a verdict", || {
        let file = hall.api.get(&hall.worker, &format!("/api/v1/attachments/{broken}")).expect(200);
        (file["state"] == "quarantined").then_some(())
    });
    let body = json!({"to": "completed", "signature_name": "Ada", "signature_id": broken});
    let refused = hall.moves(&hall.worker, &order, &body).problem(409, "signature_unusable");
    assert_eq!(pointers(&refused), json!(["/signature_id"]));
    assert!(refused["detail"].as_str().unwrap().contains("quarantined"), "{refused}");
    let body = json!({"to": "completed"});
    hall.moves(&hall.worker, &order, &body).expect(200);
    assert_eq!(hall.order(&order)["signature_name"], Value::Null, "nobody asked for one here");
}

#[test]
fn work_that_is_taken_up_again_has_its_signature_in_the_history_and_needs_another() {
    let hall = Hall::asking_for("name");
    let order = hall.begun();
    let drawn = hall.draws(&order);
    let body = json!({"to": "completed", "signature_name": "Ada", "signature_id": drawn});
    hall.moves(&hall.worker, &order, &body).expect(200);
    hall.moves(&hall.lead, &order, &json!({"to": "in_progress", "note": "it slips again"})).expect(200);
    let now = hall.order(&order);
    assert_eq!((&now["signature_name"], &now["signature_id"]), (&Value::Null, &Value::Null));
    assert_eq!(now["attachments"][0]["is_signature"], json!(true), "it stays what it was");
    hall.moves(&hall.worker, &order, &json!({"to": "completed"})).problem(409, "signature_needed");
    hall.moves(&hall.worker, &order, &body).problem(409, "signature_unusable");
    hall.moves(&hall.worker, &order, &json!({"to": "completed", "signature_name": "Bob"})).expect(200);
    let told = hall.history(&order, "signature_name");
    assert_eq!(told, [json!([null, "Ada"]), json!(["Ada", null]), json!([null, "Bob"])]);
    assert_eq!(hall.history(&order, "signature_id"), [json!([null, drawn]), json!([drawn, null])]);
}

#[test]
fn fifty_of_one_completion_sign_once_with_one_answer() {
    let hall = Hall::asking_for("drawn");
    let order = hall.begun();
    let body = json!({"to": "completed", "signature_name": "Ada", "signature_id": hall.draws(&order)});
    let (bearer, path) =
        (format!("Bearer {}", hall.worker), format!("/api/v1/work-orders/{order}/transitions"));
    let send = |api: &Api, body: &Value| {
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", "signed-1"),
        ];
        api.send(&Method::POST, &path, &headers, body.to_string().as_bytes())
    };
    let answers = at_once(50, |_, api| send(api, &body));
    let first = answers[0].json();
    for answer in answers {
        assert_eq!(answer.expect(200), first);
    }
    assert_eq!(first["signature_name"], "Ada");
    assert_eq!(hall.history(&order, "signature_name").len(), 1);
    let mut other = body;
    other["signature_name"] = json!("Eve");
    send(&hall.api, &other).problem(422, "idempotency_key_reused");
}

#[test]
fn what_was_signed_offline_is_brought_with_the_completion_or_not_at_all() {
    let hall = Hall::asking_for("drawn");
    let order = hall.begun();
    let base = hall.order(&order)["version"].as_i64().unwrap();
    let told = hall.brings(&completion(&order, base, &json!({"signature_name": "Ada"})));
    assert_eq!((&told["outcome"], &told["code"]), (&json!("rejected"), &json!("signature_needed")), "{told}");
    assert_eq!(pointers(&told), json!(["/signature_id"]));
    assert_eq!(told["open_moves"], json!(["on_hold", "completed"]), "it only has to be signed for");
    assert_eq!(hall.order(&order)["status"], "in_progress");

    let drawn = hall.draws(&order);
    let signed = completion(&order, base, &json!({"signature_name": "Ada", "signature_id": drawn}));
    let told = hall.brings(&signed);
    assert_eq!(told["outcome"], "applied", "{told}");
    assert_eq!(hall.brings(&signed)["outcome"], "duplicate", "once, however often it comes");
    let now = hall.order(&order);
    assert_eq!((&now["status"], &now["signature_name"]), (&json!("completed"), &json!("Ada")));
    assert_eq!((&now["signature_id"], &now["attachments"][0]["is_signature"]), (&json!(drawn), &json!(true)));
    assert_eq!(hall.history(&order, "signature_name").len(), 1);
    let changes = hall.api.get(&hall.worker, "/api/v1/sync").expect(200)["changes"].clone();
    let document = changes.as_array().unwrap().iter().find(|change| change["id"] == *order).unwrap();
    assert_eq!(document["work_orders"]["signature_id"], drawn.as_str(), "phones are told");
}
