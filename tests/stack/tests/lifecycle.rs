//! A work order's life over HTTP: whatever anyone tries, the running stack and the domain's table agree.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_domain::access::Role;
use millwright_domain::id::ProfileId;
use millwright_domain::lifecycle::Standing;
use millwright_domain::work_order::Status;
use millwright_stack_tests::{Answer, Api, Dice, Site};
use serde_json::{Value, json};
use ureq::http::Method;

struct Person {
    role: Role,
    id: ProfileId,
    token: String,
    at_home: bool,
}

/// Everyone who may try something: the people of a site, two who see all, and one of another site.
fn cast(api: &Api, site: &Site, elsewhere: &Site) -> Vec<Person> {
    let person = |email: &str, at_home| {
        let known =
            api.ask(&format!("select role || ' ' || id from public.profiles where email = '{email}'"));
        let (role, id) = known.split_once(' ').unwrap();
        let role = serde_json::from_value(role.into()).unwrap();
        Person { role, id: id.parse().unwrap(), token: api.token(email), at_home }
    };
    let here = ["technician", "supervisor", "requester", "contractor", "inventory_clerk"];
    let mut cast: Vec<_> = here.iter().map(|role| person(&site.email(role), true)).collect();
    cast.push(person("manager@demo.test", true));
    cast.push(person("admin@demo.test", true));
    cast.push(person(&elsewhere.email("supervisor"), false));
    cast
}

/// What the pure machine knows.
#[derive(Debug, Clone)]
struct Model {
    status: Status,
    assigned_to: Option<ProfileId>,
    requested_by: Option<ProfileId>,
    completed_by: Option<ProfileId>,
    undecided_items: u32,
}

impl Model {
    fn standing(&self, who: &Person) -> Standing {
        Standing {
            status: self.status,
            version: 0,
            me: who.id,
            role: who.role,
            at_home: who.at_home,
            assigned_to: self.assigned_to,
            requested_by: self.requested_by,
            completed_by: self.completed_by,
            undecided_items: self.undecided_items,
            running_clocks: 0,
        }
    }

    /// The code of the refusal, or what the work order becomes.
    fn moved(&self, who: &Person, to: Status, given_to: ProfileId, note: &str) -> Result<Self, &'static str> {
        if let Some(refusal) = self.standing(who).refusal(to) {
            return Err(refusal.code());
        }
        let mut next = Self { status: to, ..self.clone() };
        match to {
            Status::Assigned if who.role == Role::Technician && given_to != who.id => {
                return Err("move_not_open");
            }
            Status::Assigned => next.assigned_to = Some(given_to),
            Status::Completed => next.completed_by = Some(who.id),
            Status::InProgress if self.completed_by.is_some() && note.is_empty() => {
                return Err("reason_needed");
            }
            Status::InProgress => next.completed_by = None,
            _ => {}
        }
        Ok(next)
    }
}

const TARGETS: [Status; 7] = [
    Status::Assigned,
    Status::InProgress,
    Status::OnHold,
    Status::Completed,
    Status::Verified,
    Status::Closed,
    Status::Cancelled,
];

fn tries(api: &Api, order: &str, token: &str, body: &Value) -> Answer {
    api.post(token, &format!("/api/v1/work-orders/{order}/transitions"), body)
}

/// Plays one life; answers with how many moves were made.
fn play(api: &Api, site: &Site, people: &[Person], seed: u64) -> usize {
    let mut dice = Dice::of(seed);
    let requester = people.iter().find(|person| person.role == Role::Requester).unwrap();
    let order = api
        .post(&requester.token, "/api/v1/work-orders", &json!({"type": "corrective", "title": "Belt slips"}))
        .expect(201);
    let id = order["id"].as_str().unwrap();
    let mut model = Model {
        status: Status::New,
        assigned_to: None,
        requested_by: Some(requester.id),
        completed_by: None,
        undecided_items: 0,
    };
    if *dice.throw(&[true, false]) {
        let item = json!({"component": "Belt", "action": "Look"});
        let lead = site.token(api, "supervisor");
        api.post(&lead, &format!("/api/v1/work-orders/{id}/checklist"), &item).expect(201);
        model.undecided_items = 1;
    }
    let mut made = 0;
    for step in 0..24 {
        let who = dice.throw(people);
        // What is open is tried more often, so that lives get somewhere; whatever is not open is tried too.
        // Few are cancelled: that is the end of a life.
        let mut open = model.standing(who).open_moves();
        open.retain(|to| *to != Status::Cancelled || *dice.throw(&[true, false, false, false]));
        let anything = open.is_empty() || *dice.throw(&[true, false, false, false]);
        let to = if anything { *dice.throw(&TARGETS) } else { *dice.throw(&open) };
        if to == Status::Cancelled && !open.contains(&to) && model.standing(who).refusal(to).is_none() {
            continue;
        }
        // To someone who can do it; others are refused for another reason than the table.
        let does_work = who.at_home && !matches!(who.role, Role::Requester | Role::InventoryClerk);
        let takers = [people[0].id, people[3].id, if does_work { who.id } else { people[0].id }];
        let given_to = *dice.throw(&takers);
        let note = *dice.throw(&["", "seen again"]);
        let mut body = json!({"to": to, "note": note});
        match to {
            Status::OnHold => body["hold_reason"] = json!("parts"),
            Status::Assigned => body["assigned_to"] = json!(given_to),
            _ => {}
        }
        let answer = tries(api, id, &who.token, &body);
        let context = format!("seed {seed}, step {step}: {:?} {to:?} {body} of {model:?}", who.role);
        match model.moved(who, to, given_to, note) {
            Ok(next) => {
                let order: Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!(
                    (answer.status, order["status"].as_str()),
                    (200, Some(to.word())),
                    "{context}: {order}"
                );
                model = next;
                made += 1;
            }
            Err(_) if answer.status == 404 => {
                assert_eq!(
                    api.get(&who.token, &format!("/api/v1/work-orders/{id}")).status,
                    404,
                    "{context}"
                );
            }
            Err(code) => {
                let problem: Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!(
                    (answer.status, problem["code"].as_str()),
                    (409, Some(code)),
                    "{context}: {problem}"
                );
                assert_eq!(problem["open_moves"], json!(model.standing(who).open_moves()), "{context}");
            }
        }
        if model.undecided_items > 0
            && *dice.throw(&[true, false, false, false])
            && model.status == Status::InProgress
        {
            decide(api, site, id);
            model.undecided_items = 0;
        }
    }
    let now = api.ask(&format!("select status from public.work_orders where id = '{id}'"));
    assert_eq!(now, model.status.word(), "seed {seed}: nothing that was refused has changed anything");
    made
}

/// A supervisor decides the one item of the checklist.
fn decide(api: &Api, site: &Site, order: &str) {
    let token = site.token(api, "supervisor");
    let path = format!("/api/v1/work-orders/{order}/checklist");
    let items = api.get(&token, &path).expect(200);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    let one = format!("{path}/{}", items[0]["id"].as_str().unwrap());
    api.send(&Method::PATCH, &one, &headers, br#"{"state": "done"}"#).expect(200);
}

#[test]
fn the_stack_and_the_table_agree_on_every_move() {
    let api = Api::open();
    let (site, elsewhere) = (Site::build(&api), Site::build(&api));
    let cast = cast(&api, &site, &elsewhere);
    let made: usize = (1..=25).map(|seed| play(&api, &site, &cast, seed)).sum();
    assert!(made > 100, "only {made} moves were made");
}

/// A work order of the site's technician, in progress.
fn begun(api: &Api, site: &Site) -> (String, String) {
    let token = site.token(api, "technician");
    let order =
        json!({"type": "corrective", "title": "Belt slips", "assigned_to": site.person(api, "technician")});
    let order = api.post(&token, "/api/v1/work-orders", &order).expect(201);
    let path = format!("/api/v1/work-orders/{}", order["id"].as_str().unwrap());
    api.post(&token, &format!("{path}/transitions"), &json!({"to": "in_progress"})).expect(200);
    (path, token)
}

fn patch(api: &Api, token: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    api.send(&Method::PATCH, path, &headers, body.to_string().as_bytes())
}

#[test]
fn when_work_stops_the_clocks_stop_and_while_one_runs_nothing_is_completed() {
    let api = Api::open();
    let site = Site::build(&api);
    let (order, token) = begun(&api, &site);
    let logs = format!("{order}/time-logs");
    let moves = format!("{order}/transitions");
    api.post(&token, &logs, &json!({})).expect(201);
    assert_eq!(
        api.post(&token, &logs, &json!({})).expect(409)["code"],
        "overlaps",
        "nobody works twice at once"
    );
    let refused = api.post(&token, &moves, &json!({"to": "completed"})).expect(409);
    assert_eq!((&refused["code"], &refused["open_moves"]), (&json!("clock_runs"), &json!(["on_hold"])));
    let unsaid = api.post(&token, &moves, &json!({"to": "on_hold"})).expect(422);
    assert_eq!(unsaid["errors"][0]["pointer"], "/hold_reason");
    api.post(&token, &moves, &json!({"to": "on_hold", "hold_reason": "parts"})).expect(200);
    assert!(api.get(&token, &logs).expect(200)[0]["stopped_at"].is_string());
    assert_eq!(api.post(&token, &logs, &json!({})).expect(409)["code"], "not_in_progress");
    let held = api.post(&token, &moves, &json!({"to": "in_progress"})).expect(200);
    assert_eq!(held["hold_reason"], Value::Null);
    api.post(&token, &moves, &json!({"to": "completed"})).expect(200);
}

#[test]
fn an_issue_opens_one_corrective_work_order_in_the_same_call() {
    let api = Api::open();
    let site = Site::build(&api);
    let (order, token) = begun(&api, &site);
    let item = json!({"component": "Belt", "action": "Look for cracks"});
    let lead = site.token(&api, "supervisor");
    let item = api.post(&lead, &format!("{order}/checklist"), &item).expect(201);
    let path = format!("{order}/checklist/{}", item["id"].as_str().unwrap());
    let issue = json!({"state": "issue", "notes": "Torn", "follow_up": {"priority": "high"}});
    let wrong = json!({"state": "done", "follow_up": {"priority": "now", "colour": "red"}});
    let pointers = patch(&api, &token, &path, &wrong).expect(422)["errors"].to_string();
    assert!(pointers.contains("/follow_up/priority") && pointers.contains("/follow_up/colour"), "{pointers}");
    let first = patch(&api, &token, &path, &issue).expect(200);
    assert_eq!((&first["state"], &first["notes"]), (&json!("issue"), &json!("Torn")));
    let again = patch(&api, &token, &path, &issue).expect(200);
    assert_eq!(first["follow_up_id"], again["follow_up_id"]);
    let opened = api.get(&token, &format!("/api/v1/work-orders/{}", first["follow_up_id"].as_str().unwrap()));
    let opened = opened.expect(200);
    assert_eq!(
        (&opened["title"], &opened["type"], &opened["priority"], &opened["follow_up"]),
        (&json!("Belt: Look for cracks"), &json!("corrective"), &json!("high"), &json!(true))
    );
    assert_eq!(format!("/api/v1/work-orders/{}", opened["parent_id"].as_str().unwrap()), order);
}

#[test]
fn a_move_sent_again_is_made_once_and_one_from_an_old_version_is_not() {
    let api = Api::open();
    let site = Site::build(&api);
    let (order, token) = begun(&api, &site);
    let bearer = format!("Bearer {token}");
    let sent = |to: &Value, header: (&str, &str)| {
        let headers = [("authorization", &*bearer), ("content-type", "application/json"), header];
        api.send(&Method::POST, &format!("{order}/transitions"), &headers, to.to_string().as_bytes())
    };
    let (hold, go_on) = (json!({"to": "on_hold", "hold_reason": "parts"}), json!({"to": "in_progress"}));
    let first = sent(&hold, ("idempotency-key", &site.mark)).expect(200);
    assert_eq!(sent(&hold, ("idempotency-key", &site.mark)).expect(200), first);
    let reused = sent(&go_on, ("idempotency-key", &site.mark)).expect(422);
    assert_eq!(reused["code"], "idempotency_key_reused");
    assert_eq!(sent(&go_on, ("if-match", "\"1\"")).status, 412);
    sent(&go_on, ("if-match", &format!("\"{}\"", first["version"]))).expect(200);
}

#[test]
fn whoever_acknowledges_is_known_until_it_expires() {
    let api = Api::open();
    let site = Site::build(&api);
    let (order, token) = begun(&api, &site);
    let seen = api.post(&token, &format!("{order}/acknowledge"), &json!({"minutes": 45})).expect(200);
    assert_eq!(seen["acknowledged_by"], json!(site.person(&api, "technician")));
    assert!(seen["acknowledged_until"].is_string());
    let clerk = site.token(&api, "inventory_clerk");
    assert_eq!(api.post(&clerk, &format!("{order}/acknowledge"), &json!({})).status, 409);
    let moved = api.post(&token, &format!("{order}/transitions"), &json!({"to": "completed"})).expect(200);
    assert_eq!(moved["acknowledged_until"], Value::Null, "what it was about is over");
    let late = api.post(&token, &format!("{order}/acknowledge"), &json!({})).expect(409);
    assert_eq!(late["code"], "nothing_to_acknowledge");
}
