//! Labels of machines: one as SVG, many as a sheet to print, and new ones in the place of those that are lost.

mod description;
mod drawing;
mod sheet;
mod sizes;
mod text;

use std::ops::RangeInclusive;

use millwright_domain::input::FieldError;
use millwright_domain::resource::{EQUIPMENT, LABEL_RENEWAL, ListQuery, TWICE};
use millwright_edge::{Problem, Response, json, known_by, read_json};
use millwright_store::labels::{self, Lead};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::call::{Call, Signed};
use crate::endpoint::{Api, Endpoint, Handler, Method};
use crate::idempotency::{self, Written, settle};
use crate::paging::decode_cursor;
use crate::resources::{no_such, not_theirs, one_of, read_id};

use self::sheet::Paper;
use self::sizes::{STOCKS, Stock};

/// The width of a single label, in millimetres.
const WIDTH_MM: f64 = 60.0;

/// The parameters of a sheet that are not those of the list.
const OWN: [&str; 3] = ["columns", "sheet", "start"];

/// A reader of the machine may keep its label, and asks each time whether it has been renewed.
const KEEPING: &str = "private, no-cache";

/// The endpoints.
pub(crate) fn declare(api: &mut Api) {
    api.add(
        one_of(&EQUIPMENT, "/qr.svg")
            .on(Method::Get, Handler::person(one), description::label)
            .giving("image/svg+xml"),
    );
    api.add(one_of(&EQUIPMENT, "/qr/renew").on(Method::Post, Handler::person(renew), description::renewal));
    let sheets = Endpoint::at(format!("/api/v1/{}/labels", EQUIPMENT.path));
    api.add(sheets.on(Method::Get, Handler::person(sheet), description::sheet).giving("text/html"));
}

/// `GET /api/v1/equipment/{id}/qr.svg`: the label of a machine that the caller may read.
async fn one(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let machine = read_id(call, &EQUIPMENT)?;
    if let Some((name, _)) = call.info.query_pairs().next() {
        return Err(Problem::invalid(vec![unknown(&name)]));
    }
    let label = labels::get(&signed.session(), machine).await?;
    let label = label.ok_or_else(|| no_such(&EQUIPMENT))?;
    let drawn =
        drawing::draw(&label, &label.lead.address(&call.app.public_url), WIDTH_MM).map_err(too_long)?;
    let drawn = drawn.into_string();
    let etag = format!("\"{:x}\"", Sha256::digest(&drawn));
    let mut response = known_by(&call.request, &etag, "image/svg+xml", || drawn);
    response.set("cache-control", KEEPING);
    Ok(response)
}

/// `GET /api/v1/equipment/labels`: a sheet of labels, with the filters of the list of machines, and the paper: `columns`
/// or `sheet`, and `start`.
async fn sheet(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let (query, paper, start) = read_query(call)?;
    let labels = labels::list(&signed.session(), &signed.narrowing(&EQUIPMENT), &query).await?;
    Ok(sheet::page(&labels, &call.app.public_url, paper, start).map_err(too_long)?.into_response(200))
}

/// `POST /api/v1/equipment/{id}/qr/renew`: gives the machine another label; those that there are lead nowhere any more.
async fn renew(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let machine = read_id(call, &EQUIPMENT)?;
    let body = read_json(&call.request).await?;
    LABEL_RENEWAL.read_new(&body).map_err(Problem::invalid)?;
    let once = idempotency::read(call, &body)?;
    let session = signed.session();
    let renewed = labels::renew(&session, machine, once.as_ref()).await;
    let lead = match settle(signed, once.as_ref(), renewed).await? {
        Written::Before(answer) => {
            serde_json::from_value(answer.into()).map_err(|error| Problem::internal(error.to_string()))?
        }
        Written::Now(renewed) => renewed?,
    };
    let Some(lead): Option<Lead> = lead else {
        return Err(not_theirs(&session, &EQUIPMENT, machine, "your role does not allow this").await?);
    };
    json(200, &json!({"address": lead.address(&call.app.public_url)}))
}

fn read_query(call: &Call) -> Result<(ListQuery, Paper, u8), Problem> {
    let pairs: Vec<_> = call.info.query_pairs().collect();
    let (own, asked): (Vec<_>, Vec<_>) = pairs.iter().partition(|(name, _)| OWN.contains(&name.as_ref()));
    // A label has its own fields.
    let (of_lists, asked): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(name, _)| name == "fields");
    let mut errors: Vec<_> = of_lists.iter().map(|(name, _)| unknown(name)).collect();
    let again = |at: usize, name: &str| own.iter().take(at).any(|(other, _)| other == name);
    let twice = own.iter().enumerate().filter(|(at, (name, _))| again(*at, name));
    errors.extend(twice.map(|(_, (name, _))| FieldError::parameter(name, TWICE)));
    let said = |wanted: &str| own.iter().rfind(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
    let mut wrong =
        |name: &str, message: String| errors.push(FieldError { pointer: format!("?{name}"), message });
    let mut columns = sheet::USUAL_COLUMNS;
    if let Some(value) = said("columns") {
        match (value.parse(), said("sheet")) {
            (Ok(number), None) if sheet::COLUMNS.contains(&number) => columns = number,
            (Ok(number), Some(_)) if sheet::COLUMNS.contains(&number) => {
                wrong("columns", "does not go with sheet".to_owned());
            }
            _ => wrong("columns", between(&sheet::COLUMNS)),
        }
    }
    let mut paper = Paper::Columns(columns);
    if let Some(name) = said("sheet") {
        match Stock::named(name) {
            Some(stock) => paper = Paper::Cut(stock),
            None => wrong(
                "sheet",
                format!("must be one of: {}", STOCKS.each_ref().map(|stock| stock.name).join(", ")),
            ),
        }
    }
    let positions = 1..=paper.count();
    let start =
        said("start").map_or(Some(1), |value| value.parse().ok().filter(|start| positions.contains(start)));
    if start.is_none() {
        wrong("start", between(&positions));
    }
    let asked = asked.into_iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    match ListQuery::parse(&EQUIPMENT, asked, decode_cursor) {
        Ok(query) if errors.is_empty() => Ok((query, paper, start.unwrap_or(1))),
        Ok(_) => Err(Problem::invalid(errors)),
        Err(more) => {
            errors.extend(more);
            Err(Problem::invalid(errors))
        }
    }
}

fn between(numbers: &RangeInclusive<u8>) -> String {
    format!("must be a number from {} to {}", numbers.start(), numbers.end())
}

fn unknown(name: &str) -> FieldError {
    FieldError { pointer: format!("?{name}"), message: "is not a parameter here".to_owned() }
}

/// Only the setting can make an address that no code holds.
fn too_long(_: drawing::TooLong) -> Problem {
    Problem::conflict("address_too_long", "the setting qr_code_base_url is too long for a QR code")
}
