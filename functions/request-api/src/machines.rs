//! The life of a machine: its time line and its figures.

use millwright_domain::equipment::MachineHistoryKind;
use millwright_domain::kpi::read_period;
use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::{Cursor, DEFAULT_LIMIT, EQUIPMENT, Kind, MAX_LIMIT};
use millwright_edge::{Problem, Response, json, page, rows};
use millwright_store::machines as store;
use millwright_store::resources::{Format, exists};

use crate::resources::{csv, decode_cursor, format, next_page, no_such, read_id};
use crate::routes::Call;

/// How many entries a page has at most: as many as every list.
const MOST: u16 = 200;
const _: () = assert!(MOST as usize == MAX_LIMIT);

/// The parameters of `GET /api/v1/equipment/{id}/history`.
pub(crate) const PARAMETERS: [Parameter; 3] = [
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
];

/// `GET /api/v1/equipment/{id}/history`: what happened to it, newest first, as far as the caller may see it.
pub(crate) async fn history(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let machine = read_id(call, &EQUIPMENT)?;
    let url = &call.info.url;
    let given = parameters::read(&PARAMETERS, url.query_pairs()).map_err(Problem::invalid)?;
    let limit = given.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT);
    let before = given.get("cursor").map(|text| read_cursor(text)).transpose()?;
    let (kind, format) = (given.get("kind").map(String::as_str), format(call));
    let session = call.on_behalf_of(&caller);
    let reply = store::history(&session, machine, limit, before.as_ref(), kind, format).await?;
    if rows(&reply) == 0 && before.is_none() && !exists(&session, &EQUIPMENT, machine).await? {
        return Err(no_such(&EQUIPMENT));
    }
    match format {
        Format::Csv => Ok(csv(&reply)),
        Format::Json => page(reply, limit, |row| next_page(url, "happened_at", row)).await,
    }
}

/// `GET /api/v1/equipment/{id}/kpis?from=…&until=…`: its figures, counted as the reports count them.
pub(crate) async fn kpis(call: &Call) -> Result<Response, Problem> {
    let caller = call.caller()?;
    let machine = read_id(call, &EQUIPMENT)?;
    let period = read_period(call.info.url.query_pairs()).map_err(Problem::invalid)?;
    let told = store::kpis(&call.on_behalf_of(&caller), machine, &period).await?;
    json(200, &told.ok_or_else(|| no_such(&EQUIPMENT))?)
}

/// Every entry has a time, so a cursor of this list does, too.
fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    let is_ours = |Cursor(at, _): &Cursor| at.as_deref().is_none_or(|at| Kind::Time.read_text(at).is_some());
    decode_cursor(text)
        .filter(is_ours)
        .ok_or_else(|| Problem::wrong_parameter("cursor", "is not a cursor of this list"))
}
