//! The outcomes of a phone's mutations.

use crate::phone::results;
use crate::scene::{Scene, brings};
use millwright_stack_tests::at_once;
use serde_json::{Value, json};
use ureq::http::Method;
use uuid::Uuid;

#[test]
fn fields_that_nobody_else_wrote_are_applied_or_merged() {
    let mut scene = Scene::set();
    let first = brings!(scene, technician, "work_orders", {"description": "Tensioner worn", "custom_fields": {"a": 1}});
    assert_eq!((&first["outcome"], &first["fields"]), (&json!("applied"), &Value::Null), "{first}");
    let second = brings!(scene, supervisor, "work_orders", {"priority": "high", "custom_fields": {"b": 2}});
    assert_eq!(second["outcome"], "merged", "{second}");
    let now = scene.order_now();
    assert_eq!(now["description"], "Tensioner worn");
    assert_eq!((&now["priority"], &now["custom_fields"]), (&json!("high"), &json!({"a": 1, "b": 2})));
    assert_eq!(now["version"], second["version"]);
}

#[test]
fn notes_that_two_typed_stand_side_by_side_whoever_comes_first() {
    for swap in [false, true] {
        let mut scene = Scene::set();
        let earlier = chrono::Utc::now() - chrono::TimeDelta::minutes(1);
        scene.technician.does("checklist_items", &scene.item, Some(1), &json!({"notes": "worn at the edge"}));
        scene.supervisor.does("checklist_items", &scene.item, Some(1), &json!({"notes": "ask the vendor"}));
        // Their clocks are a day off, in different directions; when it was done is known nevertheless.
        scene.technician.queue[0]["made_at"] = json!(earlier + chrono::TimeDelta::days(1));
        scene.technician.skew = chrono::TimeDelta::days(1);
        scene.supervisor.queue[0]["made_at"] =
            json!(earlier - chrono::TimeDelta::days(1) + chrono::TimeDelta::seconds(1));
        scene.supervisor.skew = -chrono::TimeDelta::days(1);
        let (first, second) = if swap {
            (scene.supervisor.push(&scene.api), scene.technician.push(&scene.api))
        } else {
            (scene.technician.push(&scene.api), scene.supervisor.push(&scene.api))
        };
        assert_eq!((&first[0]["outcome"], &second[0]["outcome"]), (&json!("applied"), &json!("merged")));
        assert_eq!(second[0]["fields"][0]["kept"], "both");
        assert_eq!(scene.item_now()["notes"], "worn at the edge\nask the vendor");
    }
}

#[test]
fn what_someone_else_decided_is_not_decided_again_in_silence() {
    let mut scene = Scene::set();
    let first = brings!(scene, technician, "checklist_items", {"state": "done"});
    assert_eq!(first["outcome"], "applied");
    let other = brings!(scene, supervisor, "checklist_items", {"state": "issue", "notes": "cracked"});
    assert_eq!(other["outcome"], "needs_review", "{other}");
    assert_eq!(
        other["fields"],
        json!([{"field": "state", "yours": "issue", "theirs": "done", "kept": "theirs"}])
    );
    assert_eq!(scene.item_now()["state"], "done");
    assert_eq!(scene.item_now()["notes"], "cracked", "what was typed is kept");
    let hold = brings!(scene, supervisor, "work_orders", {"status": "on_hold", "hold_reason": "parts"});
    assert_eq!(hold["outcome"], "applied", "{hold}");
    let complete = brings!(scene, technician, "work_orders", {"status": "completed", "description": "Done"});
    assert_eq!(complete["outcome"], "conflict", "{complete}");
    let status =
        complete["fields"].as_array().unwrap().iter().find(|field| field["field"] == "status").unwrap();
    assert_eq!((&status["yours"], &status["theirs"]), (&json!("completed"), &json!("on_hold")));
    assert_eq!(complete["open_moves"], json!(["in_progress"]));
    assert_eq!(
        (&scene.order_now()["status"], &scene.order_now()["description"]),
        (&json!("on_hold"), &json!("Done"))
    );
}

#[test]
fn a_whole_round_of_work_comes_in_one_batch() {
    let mut scene = Scene::set();
    let (order, item) = (scene.order.clone(), scene.item.clone());
    let phone = &mut scene.technician;
    let log = Uuid::now_v7().to_string();
    let order_version = phone.document("work_orders", &order).unwrap()["version"].as_i64();
    let from = phone.now() - chrono::TimeDelta::hours(1);
    phone.does(
        "time_logs",
        &log,
        None,
        &json!({"work_order_id": order, "started_at": from, "stopped_at": phone.now()}),
    );
    phone.does("checklist_items", &item, Some(1), &json!({"state": "done"}));
    phone.does(
        "comments",
        &Uuid::now_v7().to_string(),
        None,
        &json!({"work_order_id": order, "body": "Belt replaced"}),
    );
    phone.does("work_orders", &order, order_version, &json!({"description": "Replaced"}));
    phone.does("work_orders", &order, order_version, &json!({"status": "completed"}));
    let told = phone.push(&scene.api);
    assert!(told.iter().all(|told| told["outcome"] == "applied"), "{told:?}");
    let now = scene.order_now();
    assert_eq!((&now["status"], &now["description"]), (&json!("completed"), &json!("Replaced")));
    assert_eq!(
        (&now["comments"][0]["body"], &now["time_logs"][0]["id"]),
        (&json!("Belt replaced"), &json!(log))
    );
}

#[test]
fn what_is_typed_after_work_has_ended_becomes_a_comment() {
    let mut scene = Scene::set();
    scene.technician.pull(&scene.api);
    brings!(scene, supervisor, "checklist_items", {"state": "skipped"});
    scene.moves("completed");
    let late = brings!(scene, technician, "checklist_items", {"state": "done", "notes": "left side only"});
    assert_eq!(
        (&late["outcome"], &late["code"]),
        (&json!("needs_review"), &json!("work_has_ended")),
        "{late}"
    );
    assert_eq!(scene.order_now()["comments"][0]["body"], "Belt: Check\nleft side only");
}

#[test]
fn the_same_mutation_has_its_effect_once_however_often_it_comes() {
    let mut scene = Scene::set();
    let comment = json!({"work_order_id": scene.order, "body": "Once"});
    scene.technician.does("comments", &Uuid::now_v7().to_string(), None, &comment);
    let version = scene.version(&scene.technician, "work_orders");
    scene.technician.does("work_orders", &scene.order.clone(), version, &json!({"area": "Hall 2"}));
    let told = at_once(20, |_, api| results(scene.technician.send(api, &scene.technician.queue)));
    for at in 0..2 {
        let outcomes: Vec<_> = told.iter().map(|told| told[at]["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == "applied").count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| matches!(*outcome, "applied" | "duplicate")), "{outcomes:?}");
    }
    let repeated = told.iter().find(|told| told[1]["outcome"] == "duplicate").unwrap();
    assert_eq!(
        (&repeated[1]["first"]["outcome"], &repeated[1]["first"]["version"]),
        (&json!("applied"), &json!(version.unwrap() + 1))
    );
    assert_eq!(scene.order_now()["comments"].as_array().unwrap().len(), 1);
    let mut other = scene.technician.queue[0].clone();
    other["changes"]["body"] = json!("Something else");
    let reused = results(scene.technician.send(&scene.api, &[other])).remove(0);
    assert_eq!((&reused["outcome"], &reused["code"]), (&json!("rejected"), &json!("mutation_id_reused")));
}

#[test]
fn each_mutation_is_judged_for_itself() {
    let mut scene = Scene::set();
    let (order, item) = (scene.order.clone(), scene.item.clone());
    let stranger = Uuid::now_v7().to_string();
    let phone = &mut scene.technician;
    phone.does("work_orders", &order, Some(1), &json!({"title": "Not theirs to change"}));
    phone.does("checklist_items", &item, Some(1), &json!({"state": "broken", "colour": 1}));
    phone.does("checklist_items", &stranger, Some(1), &json!({"state": "done"}));
    phone.does("checklist_items", &item, Some(99), &json!({"state": "done"}));
    phone.does("work_orders", &order, Some(3), &json!({"status": "closed"}));
    phone.does("comments", &stranger, None, &json!({"body": "under nothing"}));
    phone.does("comments", &stranger, None, &json!({"work_order_id": Uuid::now_v7(), "body": "x"}));
    phone.does(
        "part_transactions",
        &stranger,
        None,
        &json!({"part_id": stranger, "type": "used", "quantity": 1}),
    );
    phone.does("checklist_items", &item, Some(1), &json!({"notes": "fine"}));
    let told = phone.push(&scene.api);
    let codes: Vec<_> = told.iter().map(|told| told["code"].as_str().unwrap_or("-")).collect();
    assert_eq!(
        codes,
        [
            "forbidden",
            "invalid",
            "not_found",
            "unknown_version",
            "move_not_open",
            "invalid",
            "invalid",
            "invalid",
            "-"
        ],
        "{told:#?}"
    );
    let pointers: Vec<_> =
        told[1]["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/colour", "/state"]);
    assert_eq!(told[5]["errors"][0]["pointer"], "/work_order_id");
    assert_eq!(told[6]["errors"][0]["pointer"], "/work_order_id", "one that is not there");
    assert_eq!(scene.item_now()["notes"], "fine");
    assert_eq!(scene.order_now()["title"], "Belt slips");
}

#[test]
fn whoever_left_brings_nothing() {
    let mut scene = Scene::set();
    let order = scene.order.clone();
    let version = scene.version(&scene.technician, "work_orders");
    let technician = scene.order_now()["assigned_to"].as_str().unwrap().to_owned();
    scene.api.tell(&format!("update public.profiles set active = false where id = '{technician}'"));
    scene.technician.does("work_orders", &order, version, &json!({"description": "I was here"}));
    assert_eq!(scene.technician.push(&scene.api)[0]["code"], "not_found");
    let comment = json!({"work_order_id": order, "body": "I was here"});
    scene.technician.does("comments", &Uuid::now_v7().to_string(), None, &comment);
    let queue = scene.technician.queue.clone();
    scene.technician.send(&scene.api, &queue).problem(403, "forbidden");
    let now = scene.order_now();
    assert_eq!((&now["description"], &now["comments"]), (&json!(""), &json!([])));
}

#[test]
fn nothing_was_done_before_there_was_anything() {
    let mut scene = Scene::set();
    let comment = json!({"work_order_id": scene.order, "body": "Long ago"});
    scene.technician.does("comments", &Uuid::now_v7().to_string(), None, &comment);
    let mut early = scene.technician.queue.remove(0);
    early["made_at"] = json!("1999-12-31T00:00:00Z");
    let told = results(scene.technician.send(&scene.api, &[early])).remove(0);
    assert_eq!((&told["code"], &told["errors"][0]["pointer"]), (&json!("invalid"), &json!("/made_at")));
}

#[test]
fn a_batch_that_cannot_be_read_is_refused_whole() {
    let scene = Scene::set();
    let post = |body: Value| scene.api.post(&scene.technician.token, "/api/v1/sync", &body);
    let body = json!({"device_id": 1, "mutations": "x"});
    let errors = post(body).problem(422, "invalid")["errors"].clone();
    let pointers: Vec<_> =
        errors.as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/device_id", "/mutations", "/sent_at"]);
    let one =
        json!({"id": "x", "entity": "vendors", "entity_id": Uuid::nil(), "made_at": "now", "changes": []});
    let body = |list: Vec<Value>| json!({"device_id": Uuid::nil(), "sent_at": chrono::Utc::now(), "mutations": list});
    let errors = post(body(vec![one.clone()])).problem(422, "invalid")["errors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 4, "{errors}");
    assert_eq!(errors[0]["pointer"], "/mutations/0/changes");
    post(body(vec![])).problem(422, "invalid");
    post(body(vec![one; 501])).problem(422, "invalid");
}

/// Anybody may write an order as often as they like; the phones of others come back all the same.
#[test]
fn an_order_that_was_written_thousands_of_times_spoils_no_batch() {
    let mut scene = Scene::set();
    let (order, item) = (scene.order.clone(), scene.item.clone());
    let known = scene.version(&scene.technician, "work_orders").unwrap();
    scene.api.tell(&format!(
        "begin;
         insert into public.work_order_history (work_order_id, position, subject, subject_id, version, changes, previous_hash, hash)
           select '{order}', 100 + n, 'work_order', '{order}', {known} + n, jsonb_build_object('description',
             jsonb_build_object('from', t.long || n - 1, 'to', case n when 4000 then 'the last word' else t.long || n end)), '',
             repeat('a', 64)
           from generate_series(1, 4000) n, (select string_agg(md5(m::text), '') as long from generate_series(1, 300) m) t;
         alter table public.work_orders disable trigger user;
         update public.work_orders set version = {known} + 4000, description = 'the last word' where id = '{order}';
         alter table public.work_orders enable trigger user;
         commit"
    ));
    let changes = json!({"description": "the belt is worn", "area": "Hall 3"});
    scene.technician.does("work_orders", &order, Some(known), &changes);
    scene.technician.does("checklist_items", &item, Some(1), &json!({"notes": "fine"}));
    let begun = std::time::Instant::now();
    let told = scene.technician.push(&scene.api);
    assert!(begun.elapsed() < std::time::Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(
        (&told[0]["outcome"], &told[1]["outcome"]),
        (&json!("merged"), &json!("applied")),
        "{told:#?}"
    );
    let now = scene.order_now();
    assert_eq!(
        (&now["description"], &now["area"]),
        (&json!("the last word\nthe belt is worn"), &json!("Hall 3"))
    );
    assert_eq!(scene.item_now()["notes"], "fine");
}

#[test]
fn one_mutation_that_cannot_be_read_is_rejected_alone() {
    let mut scene = Scene::set();
    let order = scene.order.clone();
    let known = scene.version(&scene.technician, "work_orders");
    let deep = format!("{}1{}", "[".repeat(3000), "]".repeat(3000));
    for (nth, (poison, code)) in [
        (r#""\ud800""#, "unreadable"),
        ("1e400", "invalid"),
        (&deep, "unreadable"),
        (r#"{"\udfff": 1}"#, "unreadable"),
        (r#""a\u0000b""#, "unreadable"),
        (r#"{"a\u0000": "\u0000"}"#, "unreadable"),
    ]
    .into_iter()
    .enumerate()
    {
        let before = scene.order_now();
        let field = if poison.starts_with('{') { "custom_fields" } else { "description" };
        scene.technician.does("work_orders", &order, known, &json!({field: "POISON"}));
        let comment = json!({"work_order_id": order, "body": format!("fine {nth}")});
        scene.technician.does("comments", &Uuid::now_v7().to_string(), None, &comment);
        let now = chrono::Utc::now();
        let text = json!({"device_id": Uuid::nil(), "sent_at": now, "mutations": scene.technician.queue})
            .to_string()
            .replace("\"POISON\"", poison);
        let bearer = format!("Bearer {}", scene.technician.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let answer = scene.api.send(&Method::POST, "/api/v1/sync", &headers, text.as_bytes());
        let told = results(answer);
        assert_eq!((&told[0]["outcome"], &told[0]["code"]), (&json!("rejected"), &json!(code)), "{told:#?}");
        assert_eq!(told[0]["id"], scene.technician.queue[0]["id"]);
        assert_eq!(told[1]["outcome"], "applied", "{told:#?}");
        scene.technician.queue.clear();
        let after = scene.order_now();
        assert_eq!(
            (&before["version"], &before["description"], &before["custom_fields"]),
            (&after["version"], &after["description"], &after["custom_fields"])
        );
        assert_eq!(after["comments"].as_array().unwrap().len(), nth + 1);
    }
    let huge = json!({"description": "x".repeat(10 << 20)});
    scene.technician.does("work_orders", &order, known, &huge);
    scene.technician.send(&scene.api, &scene.technician.queue).problem(413, "too_large");
}
