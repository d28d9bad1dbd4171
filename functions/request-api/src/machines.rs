//! The life of a machine: its time line and its figures.

mod description;

use millwright_domain::equipment::MachineHistoryKind;
use millwright_domain::kpi::read_period;
use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::{Cursor, DEFAULT_LIMIT, EQUIPMENT, Kind, MAX_LIMIT};
use millwright_edge::{Problem, Response, json, page, rows};
use millwright_store::machines as store;
use millwright_store::resources::{Format, exists};

use crate::call::Signed;
use crate::endpoint::{Api, Handler, Method};
use crate::openapi::RAW;
use crate::paging::{csv, decode_cursor, format, next_page};
use crate::resources::{no_such, one_of, read_id};

/// The most entries on a page: as many as every list has.
const MOST: u16 = 200;
const _: () = assert!(MOST as usize == MAX_LIMIT);

/// The parameters of `GET /api/v1/equipment/{id}/history`.
const PARAMETERS: [Parameter; 4] = [
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
    Parameter {
        name: "kind",
        kind: Kind::Word(MachineHistoryKind::WORDS),
        required: false,
        about: "Only entries of this kind",
    },
    Parameter { name: "raw", kind: Kind::Boolean, required: false, about: RAW },
];

/// The endpoints under a machine that are no resource.
pub(crate) fn declare(api: &mut Api) {
    api.add(one_of(&EQUIPMENT, "/history").on(Method::Get, Handler::person(history), description::history));
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
    let before = given.get("cursor").map(|text| read_cursor(text)).transpose()?;
    let (kind, format) = (given.get("kind").map(String::as_str), format(call));
    let session = signed.session();
    let reply = store::history(&session, machine, limit, before.as_ref(), kind, format).await?;
    if rows(&reply) == 0 && before.is_none() && !exists(&session, &EQUIPMENT, machine).await? {
        return Err(no_such(&EQUIPMENT));
    }
    match format {
        Format::Csv => csv(reply, None, given.get("raw").is_some_and(|raw| raw == "true")).await,
        Format::Json => page(reply, limit, |row| next_page(address, "happened_at", row)).await,
    }
}

/// `GET /api/v1/equipment/{id}/kpis?from=…&until=…`: its figures, counted as the reports count them.
async fn kpis(signed: &Signed<'_>) -> Result<Response, Problem> {
    let machine = read_id(signed.call, &EQUIPMENT)?;
    let period = read_period(signed.call.info.query_pairs()).map_err(Problem::invalid)?;
    let figures = store::kpis(&signed.session(), machine, &period).await?;
    json(200, &figures.ok_or_else(|| no_such(&EQUIPMENT))?)
}

/// Every entry has a time, so a cursor of this list does, too.
fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    let is_ours = |Cursor(at, _): &Cursor| at.as_deref().is_none_or(|at| Kind::Time.read_text(at).is_some());
    decode_cursor(text)
        .filter(is_ours)
        .ok_or_else(|| Problem::wrong_parameter("cursor", "is not a cursor of this list"))
}
