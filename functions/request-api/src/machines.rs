//! The life of a machine: its time line and its figures.

mod description;

use millwright_domain::equipment::MachineHistoryKind;
use millwright_domain::kpi::read_period;
use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::{Cursor, DEFAULT_LIMIT, EQUIPMENT, Kind, MAX_LIMIT};
use millwright_edge::{Problem, Response, json, page, rows};
use millwright_store::machines as store;
use millwright_store::resources::exists;
use uuid::Uuid;

use crate::call::Signed;
use crate::endpoint::{Api, Handler, Method};
use crate::export::{self, CSV, PAGE, RAW, Sheet, Teller};
use crate::paging::{Reading, decode_cursor};
use crate::resources::{no_such, one_of, read_id};

/// The most entries on a page: as many as every list has.
const MOST: u16 = 200;
const _: () = assert!(MOST as usize == MAX_LIMIT);

/// The parameters of `GET /api/v1/equipment/{id}/history`.
const PARAMETERS: [Parameter; 3] = [
    Parameter {
        name: "limit",
        kind: Kind::Integer(1, MOST as i64),
        required: false,
        about: "Entries on a page; 50 when nothing is said",
    },
    Parameter {
        name: "cursor",
        kind: Kind::Text(1_000),
        required: false,
        about: "Where the page begins; it is in `Link`, and of no other form",
    },
    ONLY_KIND,
];

const ONLY_KIND: Parameter = Parameter {
    name: "kind",
    kind: Kind::Word(MachineHistoryKind::WORDS),
    required: false,
    about: "Only entries of this kind",
};

/// The parameters of `GET /api/v1/equipment/{id}/history/export.csv`.
const OF_EXPORT: [Parameter; 2] = [ONLY_KIND, RAW];

/// The columns of an export: what an entry has.
const COLUMNS: [&str; 5] = ["id", "happened_at", "kind", "actor_id", "details"];

/// The endpoints under a machine that are no resource.
pub(crate) fn declare(api: &mut Api) {
    api.add(one_of(&EQUIPMENT, "/history").on(Method::Get, Handler::person(history), description::history));
    let whole = one_of(&EQUIPMENT, "/history/export.csv");
    api.add(whole.on(Method::Get, Handler::person(whole_history), description::whole_history).giving(CSV));
    api.add(one_of(&EQUIPMENT, "/kpis").on(Method::Get, Handler::person(kpis), description::kpis));
    api.schemas(description::schemas);
}

/// `GET /api/v1/equipment/{id}/history`: what happened to it, newest first, as far as the caller may see it.
async fn history(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let machine = read_id(call, &EQUIPMENT)?;
    let address = &call.info.address;
    let given = parameters::read(&PARAMETERS, address.query_pairs()).map_err(Problem::invalid)?;
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT);
    let kind = given.get("kind").map(String::as_str);
    let reading = reading(machine, kind);
    let before = given.get("cursor").map(|text| read_cursor(text, &reading)).transpose()?;
    let session = signed.session();
    let reply = store::history(&session, machine, limit, before.as_ref(), kind).await?;
    if rows(&reply) == 0 && before.is_none() && !exists(&session, &EQUIPMENT, machine).await? {
        return Err(no_such(&EQUIPMENT));
    }
    page(reply, limit, |row| reading.next_page(address, row)).await
}

/// `GET /api/v1/equipment/{id}/history/export.csv`: all of it.
async fn whole_history(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let machine = read_id(call, &EQUIPMENT)?;
    let mut given = parameters::read(&OF_EXPORT, call.info.query_pairs()).map_err(Problem::invalid)?;
    let kind = given.remove("kind");
    let raw = given.get(RAW.name).is_some_and(|raw| raw == "true");
    let sheet = Sheet { columns: COLUMNS.to_vec(), raw, reading: reading(machine, kind.as_deref()) };
    let teller = Teller::of(signed);
    let ask = async move |before: Option<Cursor>| {
        let session = teller.session();
        let reply = store::history(&session, machine, PAGE, before.as_ref(), kind.as_deref()).await?;
        let entries = export::read(reply).await?;
        if before.is_none() && entries == b"[]" && !exists(&session, &EQUIPMENT, machine).await? {
            return Err(no_such(&EQUIPMENT));
        }
        Ok(entries)
    };
    export::answer(signed, "history", sheet, ask).await
}

fn reading(machine: Uuid, kind: Option<&str>) -> Reading {
    Reading { field: "happened_at", identity: format!("history {machine} {kind:?}") }
}

/// `GET /api/v1/equipment/{id}/kpis?from=…&until=…`: its figures, counted as the reports count them.
async fn kpis(signed: &Signed<'_>) -> Result<Response, Problem> {
    let machine = read_id(signed.call, &EQUIPMENT)?;
    let period = read_period(signed.call.info.query_pairs()).map_err(Problem::invalid)?;
    let figures = store::kpis(&signed.session(), machine, &period).await?;
    json(200, &figures.ok_or_else(|| no_such(&EQUIPMENT))?)
}

/// Every entry has a time, so a cursor of this list does, too.
fn read_cursor(text: &str, reading: &Reading) -> Result<Cursor, Problem> {
    let is_a_time =
        |Cursor(at, ..): &Cursor| at.as_deref().is_none_or(|at| Kind::Time.read_text(at).is_some());
    decode_cursor(text)
        .filter(|cursor| is_a_time(cursor) && reading.gave_out(cursor))
        .ok_or_else(|| Problem::no_cursor("cursor"))
}
