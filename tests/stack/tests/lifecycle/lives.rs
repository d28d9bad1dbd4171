//! Random lives: whatever anyone tries, the running stack does what the pure machine does, and says what it says.

use std::collections::BTreeMap;

use millwright_domain::access::Role;
use millwright_domain::work_order::Status;
use millwright_stack_tests::{Answer, Api, Dice};
use postgres::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{Deed, Model, Person};

/// The number of answers by deed, status and code.
pub(crate) type Done = BTreeMap<(&'static str, u16, String), usize>;

const STEPS: usize = 48;

const TARGETS: [Status; 7] = [
    Status::Assigned,
    Status::InProgress,
    Status::OnHold,
    Status::Completed,
    Status::Verified,
    Status::Closed,
    Status::Cancelled,
];

/// Deeds that are tried before and after the work, in it, and while a clock runs.
const BEFORE_OR_AFTER: &[&str] = &["move", "move", "move", "add", "decide", "raise", "start"];
const BEGUN: &[&str] =
    &["move", "move", "add", "decide", "decide", "decide", "raise", "start", "start", "start"];
const AT_WORK: &[&str] = &["move", "move", "decide", "raise", "start", "stop", "stop", "stop"];

const STATES: [&str; 6] = ["done", "done", "skipped", "issue", "pending", "done"];

/// Plays one life.
pub(crate) fn play(api: &Api, people: &[Person], seed: u64, done: &mut Done) {
    let mut dice = Dice::of(seed);
    let mut database = api.stack.connect().unwrap();
    let requester = people.iter().find(|person| person.role == Role::Requester).unwrap();
    let order = json!({"type": "corrective", "title": "Belt slips"});
    let order = api.post(&requester.token, "/api/v1/work-orders", &order).expect(201);
    let path = format!("/api/v1/work-orders/{}", order["id"].as_str().unwrap());
    let mut model = Model::asked_for_by(requester);
    for step in 0..STEPS {
        // Half of the time someone who can do something, so that lives get somewhere.
        let workers: Vec<_> = people.iter().filter(|person| model.standing(person).works()).collect();
        let who = if *dice.throw(&[true, false]) { *dice.throw(&workers) } else { dice.throw(people) };
        let Some(deed) = choose(&mut dice, people, who, &model) else { continue };
        let answer = perform(api, who, &path, deed, &model);
        let (status, told) = (answer.status, answer.json());
        let context = format!("seed {seed}, step {step}: {:?} {deed:?} of {model:?}: {told}", who.role);
        match model.after(who, deed) {
            Ok(next) => {
                assert!(status < 300, "{context}");
                model = with_ids(next, deed, &told, &context);
            }
            Err(refused) => {
                assert_eq!((status, told["code"].as_str().unwrap_or_default()), refused, "{context}");
                if matches!(deed, Deed::Move { .. }) && status == 409 {
                    assert_eq!(told["open_moves"], json!(model.standing(who).open_moves()), "{context}");
                }
            }
        }
        assert_eq!(
            model.told(),
            stored(&mut database, &path),
            "left: the pure machine, right: the database; {context}"
        );
        let code = told["code"].as_str().unwrap_or_default().to_owned();
        *done.entry((name(deed), status, code)).or_default() += 1;
    }
    stop_all_clocks(api, people, &path, &model);
}

/// Something to try: what is open more often, and now and then whatever is not. `None` when there
/// is nothing of that kind, and for most cancellations: that is the end of a life.
fn choose(dice: &mut Dice, people: &[Person], who: &Person, model: &Model) -> Option<Deed> {
    let place = |dice: &mut Dice, many: usize| {
        let places: Vec<_> = (0..many).collect();
        (many > 0).then(|| *dice.throw(&places))
    };
    let running: Vec<_> = (0..model.clocks.len()).filter(|clock| model.clocks[*clock].runs).collect();
    let kinds = if !running.is_empty() {
        AT_WORK
    } else if model.status == Status::InProgress {
        BEGUN
    } else {
        BEFORE_OR_AFTER
    };
    match *dice.throw(kinds) {
        "move" => {
            let mut open = model.standing(who).open_moves();
            open.retain(|to| *to != Status::Cancelled || *dice.throw(&[true, false, false, false]));
            let anything = open.is_empty() || *dice.throw(&[true, false, false, false]);
            let to = if anything { *dice.throw(&TARGETS) } else { *dice.throw(&open) };
            let ends_it = to == Status::Cancelled && !open.contains(&to);
            // To someone who can do it; others are refused for another reason than the table.
            let does_work = who.at_home && !matches!(who.role, Role::Requester | Role::InventoryClerk);
            let takers = [people[0].id, people[3].id, if does_work { who.id } else { people[0].id }];
            let (given_to, note) = (*dice.throw(&takers), *dice.throw(&["", "seen again"]));
            (!ends_it || model.standing(who).refusal(to).is_some()).then_some(Deed::Move {
                to,
                given_to,
                note,
            })
        }
        // Few items, so that they can all be decided.
        "add" => (model.items.len() < 4).then_some(Deed::Add),
        "decide" => {
            let item = place(dice, model.items.len())?;
            let state = dice.throw(&STATES);
            Some(Deed::Decide { item, state })
        }
        "raise" => place(dice, model.items.len()).map(|item| Deed::Raise { item }),
        "start" => Some(Deed::Start),
        _ => place(dice, running.len()).map(|at| Deed::Stop { clock: running[at] }),
    }
}

fn name(deed: Deed) -> &'static str {
    match deed {
        Deed::Move { .. } => "move",
        Deed::Add => "add",
        Deed::Decide { .. } => "decide",
        Deed::Raise { .. } => "raise",
        Deed::Start => "start",
        Deed::Stop { .. } => "stop",
    }
}

/// Tries it over HTTP.
fn perform(api: &Api, who: &Person, order: &str, deed: Deed, model: &Model) -> Answer {
    let item = |item: usize| format!("{order}/checklist/{}", model.items[item].id);
    match deed {
        Deed::Move { to, given_to, note } => {
            let mut body = json!({"to": to, "note": note});
            match to {
                Status::OnHold => body["hold_reason"] = json!("parts"),
                Status::Assigned => body["assigned_to"] = json!(given_to),
                _ => {}
            }
            api.post(&who.token, &format!("{order}/transitions"), &body)
        }
        Deed::Add => {
            let body = json!({"component": "Belt", "action": "Look"});
            api.post(&who.token, &format!("{order}/checklist"), &body)
        }
        Deed::Decide { item: at, state } => api.patch(&who.token, &item(at), "", &json!({"state": state})),
        Deed::Raise { item: at } => {
            api.patch(&who.token, &item(at), "", &json!({"state": "issue", "follow_up": {}}))
        }
        Deed::Start => api.post(&who.token, &format!("{order}/time-logs"), &json!({})),
        Deed::Stop { clock } => stop(api, who, order, &model.clocks[clock].id),
    }
}

fn stop(api: &Api, who: &Person, order: &str, clock: &str) -> Answer {
    let now = api.ask("to_json(clock_timestamp()) #>> '{}'");
    api.patch(&who.token, &format!("{order}/time-logs/{clock}"), "", &json!({"stopped_at": now}))
}

/// Puts in the ids that only the stack knows, and looks at what was answered.
fn with_ids(mut model: Model, deed: Deed, told: &Value, context: &str) -> Model {
    let id = |told: &Value| told.as_str().unwrap_or_default().to_owned();
    match deed {
        Deed::Move { to, .. } => assert_eq!(told["status"], to.word(), "{context}"),
        Deed::Add => model.items.last_mut().unwrap().id = id(&told["id"]),
        Deed::Decide { state, .. } => assert_eq!(told["state"], state, "{context}"),
        Deed::Raise { item } => {
            assert_eq!(told["state"], "issue", "{context}");
            // One for each item: a second time it is the first one.
            let follow_up = model.items[item].follow_up.get_or_insert_with(|| id(&told["follow_up_id"]));
            assert_eq!(told["follow_up_id"], *follow_up, "{context}");
        }
        Deed::Start => model.clocks.last_mut().unwrap().id = id(&told["id"]),
        Deed::Stop { .. } => assert!(told["stopped_at"].is_string(), "{context}"),
    }
    model
}

/// The facts of [`Model::told`], as the database has them.
fn stored(database: &mut Client, order: &str) -> Value {
    let id: Uuid = order.rsplit('/').next().unwrap().parse().unwrap();
    let stored = "select jsonb_build_object('status', w.status, 'assigned_to', w.assigned_to,
           'items', (select coalesce(jsonb_agg(jsonb_build_array(i.state, i.follow_up_id) order by i.position), '[]')
             from public.checklist_items i where i.work_order_id = w.id),
           'clocks', (select jsonb_build_array(count(*) filter (where t.stopped_at is null), count(t.stopped_at))
             from public.time_logs t where t.work_order_id = w.id),
           'follow_ups', (select count(*) from public.work_orders f where f.parent_id = w.id and f.follow_up))
         from public.work_orders w where w.id = $1";
    database.query_one(stored, &[&id]).unwrap().get(0)
}

/// Nobody works on two things at once, so a next life begins with all clocks stopped.
fn stop_all_clocks(api: &Api, people: &[Person], order: &str, model: &Model) {
    let lead = people.iter().find(|person| person.role == Role::Supervisor && person.at_home).unwrap();
    for clock in model.clocks.iter().filter(|clock| clock.runs) {
        stop(api, lead, order, &clock.id).expect(200);
    }
}
