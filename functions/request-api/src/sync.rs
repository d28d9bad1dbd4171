//! Offline sync: a phone comes back, reads what changed, and brings what was done on it.

mod description;

use std::collections::{HashMap, HashSet};

use millwright_domain::parameters;
use millwright_domain::resource::{Entity, WORK_ORDERS};
use millwright_domain::rows::Unreadable;
use millwright_domain::sync::{Answer, Batch, Mutation, MutationOutcome, PARAMETERS, Replica, Sent, add};
use millwright_edge::{Problem, Response, around, json as answer_with, log, read_large_json};
use millwright_store::sync::{self as store, Became, Item, Known};
use millwright_store::{GatewayRefusal, StoreError, jobs};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Signed;
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::function::FUNCTION;
use crate::resources::nudge_sender;

/// 500 mutations with long notes, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Rounds of two round trips each, in which what others wrote in between is decided anew.
const ROUNDS: usize = 3;

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    let sync = Endpoint::at("/api/v1/sync");
    let sync = sync.on(Method::Get, Handler::person(changes), description::changes);
    api.add(sync.on(Method::Post, Handler::person(bring), description::bring));
    api.schemas(description::schemas);
}

/// `GET /api/v1/sync?since=…`: what changed for the caller since the cursor, and the next cursor.
async fn changes(signed: &Signed<'_>) -> Result<Response, Problem> {
    let given = parameters::read(&PARAMETERS, signed.call.info.query_pairs()).map_err(Problem::invalid)?;
    let reply = store::changes(&signed.session(), &given).await.map_err(|error| match error.code() {
        "PT400" => Problem::no_cursor("since"),
        _ => error.into(),
    })?;
    let said = |name| reply.body.headers().get(name).ok().flatten();
    let cursor = said("sync-cursor").ok_or_else(|| Problem::internal("the gateway gave no cursor"))?;
    let is = |name| said(name).is_some_and(|value| value == "true");
    let head = json!({"cursor": cursor, "more": is("sync-more"), "reset": is("sync-reset")}).to_string();
    let before = format!("{},\"changes\":", head.trim_end_matches('}'));
    around(&before, reply, "}").await
}

/// `POST /api/v1/sync`: what was done on a phone, each with what became of it. The ids of mutations make it harmless to
/// send it again.
async fn bring(signed: &Signed<'_>) -> Result<Response, Problem> {
    let Signed { call, caller } = signed;
    let sent: Sent = read_large_json(&call.request, MAX_BYTES).await?;
    let batch = Batch::of(&sent, caller.id, call.info.started).map_err(Problem::invalid)?;
    let mut told = vec![None; batch.mutations.len()];
    for _ in 0..ROUNDS {
        round(signed, &batch, &mut told).await?;
        if told.iter().all(Option::is_some) {
            break;
        }
    }
    nudge_sender(call, &WORK_ORDERS);
    let busy = || json!(Answer::rejected("busy", "others are writing it just now; send it again"));
    let named = |(mutation, told): (&Mutation, Option<Value>)| {
        let mut told = told.unwrap_or_else(busy);
        told.as_object_mut().map(|told| told.insert("id".to_owned(), json!(mutation.id)));
        told
    };
    let results: Vec<_> = batch.mutations.iter().zip(told).map(named).collect();
    answer_with(200, &json!({"results": results}))
}

/// Decides on the mutations that have no answer yet, by the rows as they are now, and writes the decisions.
async fn round(signed: &Signed<'_>, batch: &Batch, told: &mut [Option<Value>]) -> Result<(), Problem> {
    let open = || batch.mutations.iter().zip(told.iter()).filter(|(_, told)| told.is_none());
    let asked: Vec<_> = open().map(|(mutation, _)| mutation).collect();
    let seen = store::look(&signed.session(), batch.device, &asked).await?;
    let unreadable = report_unreadable(signed, &seen.rows.unreadable).await;
    let known: HashMap<_, _> = seen.known.read.iter().map(|known| (known.mutation, known)).collect();
    let mut rows: HashMap<_, _> =
        seen.rows.read.into_iter().map(|replica| ((replica.entity, replica.id), replica)).collect();
    let (mut items, mut places) = (Vec::new(), Vec::new());
    for (mutation, told) in batch.mutations.iter().zip(told.iter_mut()).filter(|(_, told)| told.is_none()) {
        // In their order: what comes after it may depend on it.
        if seen.later.contains(&mutation.id) || seen.later.contains(&mutation.entity_id) {
            break;
        }
        if let Some(known) = known.get(&mutation.id).filter(|_| mutation.unreadable.is_none()) {
            *told = Some(again(mutation, known));
            continue;
        }
        if unreadable.contains(&(mutation.entity, mutation.entity_id)) {
            *told = Some(json!(cannot_be_read()));
            continue;
        }
        match decide(mutation, batch.device, &mut rows) {
            Ok(item) => {
                items.push(item);
                places.push(told);
            }
            Err(answer) => *told = Some(json!(answer)),
        }
    }
    if items.is_empty() {
        return Ok(());
    }
    let own = signed.call.own_session();
    let apply = || store::apply(&own, signed.caller.id, batch.device, &items);
    let became = match apply().await {
        // Two calls waited for each other, and the database ended this one: it is made again.
        Err(error) if error.code() == "40P01" => apply().await?,
        became => became?,
    };
    let by_id: HashMap<_, _> = batch.mutations.iter().map(|mutation| (mutation.id, mutation)).collect();
    for ((told, item), became) in places.into_iter().zip(items).zip(became) {
        *told = match became {
            Became::Done(_) => Some(json!(item.answer())),
            Became::Known(known) => by_id.get(&item.mutation()).map(|mutation| again(mutation, &known)),
            Became::Refused(refusal) => Some(json!(refused(refusal))),
            Became::Unreadable => Some(json!(cannot_be_read())),
            Became::Stale(_) => None,
        };
    }
    Ok(())
}

fn decide<'m>(
    mutation: &'m Mutation,
    device: Uuid,
    rows: &mut HashMap<(Entity, Uuid), Replica>,
) -> Result<Item<'m>, Box<Answer>> {
    if let Some(reason) = &mutation.unreadable {
        return Err(Box::new(Answer::rejected("unreadable", reason)));
    }
    let wish = mutation.wish.as_ref().map_err(|errors| Box::new(Answer::invalid(errors.clone())))?;
    let decision = if mutation.base_version.is_none() {
        add(mutation, wish)
    } else {
        let row = rows.get_mut(&(mutation.entity, mutation.entity_id));
        let row = row.ok_or_else(|| {
            Box::new(Answer::rejected("not_found", "there is none, or it is not yours to see"))
        })?;
        row.decide(mutation, wish, device)
    };
    if decision.answer.outcome == MutationOutcome::Rejected {
        return Err(Box::new(decision.answer));
    }
    Ok(Item::new(mutation, decision))
}

/// Tells an administrator of rows that cannot be read, and which they are. The phone gets its answer whether that succeeds or not:
/// it comes again.
async fn report_unreadable(signed: &Signed<'_>, rows: &[Unreadable]) -> HashSet<(Entity, Uuid)> {
    #[derive(Deserialize)]
    struct Named {
        entity: Entity,
        id: Uuid,
    }
    let what = |row: &Unreadable| row.part().map_or("row", |row: Named| row.entity.resource().singular);
    let problems: Vec<_> = rows.iter().map(|row| jobs::unread(what(row), row)).collect();
    if !problems.is_empty()
        && let Err(error) = jobs::report(&signed.call.own_session(), &problems).await
    {
        log::error(FUNCTION, "problems_not_reported", json!({"error": error.to_string()}));
    }
    rows.iter().filter_map(Unreadable::part::<Named>).map(|row| (row.entity, row.id)).collect()
}

/// The answer to a mutation of a row that cannot be read: the others of its batch are not held up.
fn cannot_be_read() -> Answer {
    Answer::rejected("unreadable", "what is stored of it cannot be read")
}

/// The answer to a mutation that came before.
fn again(mutation: &Mutation, known: &Known) -> Value {
    if known.fingerprint == mutation.fingerprint() {
        json!({"outcome": MutationOutcome::Duplicate, "first": known.answer})
    } else {
        json!(Answer::rejected("mutation_id_reused", "this id was used for another mutation"))
    }
}

/// The answer to a mutation that the database refused, in the words in which it refuses a request.
fn refused(refusal: GatewayRefusal) -> Answer {
    let problem = Problem::from(StoreError::Refused { status: 409, refusal });
    let (code, detail, errors) = problem.told();
    Answer { errors: errors.to_vec(), ..Answer::rejected(code, detail) }
}
