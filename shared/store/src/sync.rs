//! Offline sync: changes for a phone, and the mutations that it brings.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use millwright_domain::id::ProfileId;
use millwright_domain::parameters::Given;
use millwright_domain::resource::{Child, Document, Entity, Include, Resource, Row};
use millwright_domain::rows::Rows;
use millwright_domain::sync::{Answer, Change, Decision, Mutation, Op, Replica, USUAL_CHANGES};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{GatewayRefusal, StoreError};
use crate::gateway::{GatewaySession, written};
use crate::resources::{ALL, embedded, ordered};
use crate::transport::{Reply, Transport};

/// Asks what changed for the caller, with what the parameters of `GET /api/v1/sync` have said. The answer is a JSON array
/// of `{"entity", "id", "work_orders", "equipment", "parts", "profiles"}`, of which the one that `entity` names holds the
/// document, or null when it is gone. The headers `sync-cursor`, `sync-more` and `sync-reset` belong to it.
///
/// # Errors
/// If the gateway refuses (`PT400`: the cursor is none) or does not answer.
pub async fn changes<T: Transport>(
    session: &GatewaySession<'_, T>,
    given: &Given,
) -> Result<Reply<T::Body>, StoreError> {
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(USUAL_CHANGES);
    let parameters =
        json!({"p_cursor": given.get("since"), "p_limit": limit, "p_warehouse": given.get("warehouse_id")});
    let request = session.client_function("changes_since", &written(&parameters)?);
    let documents = Document::ALL.map(Document::resource);
    let select: String = documents.into_iter().map(column).collect();
    let request = request.select(format!("entity,id{select}"));
    let children = documents.iter().flat_map(|of| children(of).map(move |child| (of, child)));
    let request = children.fold(request, |request, (of, child)| {
        ordered(request, child, format!("{}.{}", of.table, child.name))
    });
    session.send(request, &[]).await
}

/// A document with what a phone has of it, as the gateway embeds it in a change.
fn column(document: &'static Resource) -> String {
    let children = children(document).collect();
    let told = Include { children, computed: document.computed.to_vec(), ..Include::default() };
    format!(",{0}:changed_{0}({1})", document.table, embedded(ALL, &told))
}

fn children(document: &'static Resource) -> impl Iterator<Item = &'static Child> {
    document.children.iter().filter(|child| child.offline)
}

/// The rows and earlier answers that a phone's mutations are about.
#[derive(Debug, Default, Deserialize)]
pub struct Seen {
    /// Its mutations that came before.
    pub known: Rows<Known>,
    /// The rows that they are done to, as the caller may see them.
    pub rows: Rows<Replica>,
    /// The ids of rows and mutations for which there was no room in the answer: to be asked for once the others are done.
    pub later: BTreeSet<Uuid>,
}

/// A row, and as much of what was written on it as some mutations need.
#[derive(Debug, Serialize)]
struct Asked<'m> {
    entity: Entity,
    id: Uuid,
    fields: BTreeSet<&'m str>,
    bases: BTreeSet<i64>,
}

/// A mutation that came before.
#[derive(Debug, Clone, Deserialize)]
pub struct Known {
    /// The phone's name for it; missing where it is clear which is meant.
    #[serde(default)]
    pub mutation: Uuid,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The answer to it.
    pub answer: Value,
}

/// Looks up what a decision on these mutations of a phone needs, the first of them first.
///
/// # Errors
/// If the gateway refuses or does not answer.
pub async fn look<T: Transport>(
    session: &GatewaySession<'_, T>,
    device: Uuid,
    mutations: &[&Mutation],
) -> Result<Seen, StoreError> {
    let names: Vec<_> = mutations.iter().map(|mutation| mutation.id).collect();
    let mut rows: Vec<Asked<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for mutation in mutations {
        // What has wrong fields is not decided on.
        let Some(base) = mutation.base_version.filter(|_| mutation.wish.is_ok()) else { continue };
        let (entity, id) = (mutation.entity, mutation.entity_id);
        let place = *places.entry((entity, id)).or_insert(rows.len());
        if place == rows.len() {
            rows.push(Asked { entity, id, fields: BTreeSet::new(), bases: BTreeSet::new() });
        }
        if let Some(row) = rows.get_mut(place) {
            row.fields.extend(mutation.typed.keys().map(String::as_str));
            row.bases.insert(base);
        }
    }
    let parameters = json!({"p_device": device, "p_mutations": names, "p_rows": rows});
    session.call_as_client("sync_look", &parameters, &[]).await
}

/// A decision on its way into the database.
#[derive(Debug, Serialize)]
pub struct Item<'m> {
    mutation: Uuid,
    entity: Entity,
    base_version: Option<i64>,
    phone_time: DateTime<Utc>,
    typed: &'m Row,
    fingerprint: String,
    at: DateTime<Utc>,
    answer: Answer,
    ops: Vec<Op>,
    entity_id: Uuid,
    said: BTreeMap<String, Change>,
}

impl<'m> Item<'m> {
    /// The decision on a mutation, ready to be written.
    #[must_use]
    pub fn new(mutation: &'m Mutation, decision: Decision) -> Self {
        let Decision { answer, ops, at, said } = decision;
        Self {
            mutation: mutation.id,
            entity: mutation.entity,
            base_version: mutation.base_version,
            phone_time: mutation.phone_time,
            typed: &mutation.typed,
            fingerprint: mutation.fingerprint(),
            at,
            answer,
            ops,
            entity_id: mutation.entity_id,
            said,
        }
    }

    /// The mutation's id.
    #[must_use]
    pub fn mutation(&self) -> Uuid {
        self.mutation
    }

    /// The answer, once it is written.
    #[must_use]
    pub fn answer(self) -> Answer {
        self.answer
    }
}

/// The result of an item.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is written.
    Done(bool),
    /// Someone wrote the row after it was looked up: nothing is written, it has to be decided anew.
    Stale(bool),
    /// It came before: nothing is written.
    Known(Known),
    /// The database refused: nothing is written.
    Refused(GatewayRefusal),
    /// What became of it cannot be read.
    #[serde(skip)]
    Unreadable,
}

/// Writes decisions, each wholly or not at all, and tells in the same order what became of them. They are ours and not the
/// person's, so they are told with our own token; the database judges them as that person's writes.
///
/// # Errors
/// If the gateway refuses or does not answer; then nothing is written, or all of it is and is known the next time.
pub async fn apply<T: Transport>(
    own: &GatewaySession<'_, T>,
    person: ProfileId,
    device: Uuid,
    items: &[Item<'_>],
) -> Result<Vec<Became>, StoreError> {
    let parameters = json!({"p_person": person, "p_device": device, "p_items": items});
    let told: Vec<Box<RawValue>> = own.call("sync_apply", &parameters).await?;
    Ok(told.iter().map(|one| serde_json::from_str(one.get()).unwrap_or(Became::Unreadable)).collect())
}
