//! Scanning the label of a machine: the machine is shown, and a problem can be reported, without an account. So the database
//! is asked as this function itself, and answers with what a stranger may know.
//!
//! The same for people, as pages ([`page`]), and for apps, as JSON ([`json`]).

mod description;
mod html;
mod json;
mod page;
mod photo;
mod report;

use millwright_domain::scan::is_token;
use millwright_edge::Problem;
use millwright_store::scan::{self, Scanned};

use crate::call::Call;
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// The endpoints. Their parameter is the token in the label's code.
pub(crate) fn declare(api: &mut Api) {
    let at = |path: &'static str| Endpoint::at(path).with_parameters(description::token);
    let scan = at("/api/v1/scan/{token}");
    api.add(scan.on(Method::Get, Handler::stranger(json::read), description::look));
    let reports = at("/api/v1/scan/{token}/reports");
    api.add(reports.on(Method::Post, Handler::stranger(json::take), description::report));
    let page =
        at("/s/{token}").on(Method::Get, Handler::stranger(page::show), description::page).giving(None);
    api.add(page.on(Method::Post, Handler::stranger(page::take), description::form).giving(None));
    api.schemas(description::schemas);
}

/// Reads the machine of the label whose token is in the path.
async fn look(call: &Call) -> Result<Scanned, Problem> {
    let token = token(call)?;
    scan::read(&call.own_session(), token).await?.ok_or_else(no_such_label)
}

/// The token in the path. The database is not asked for a text that can be none.
fn token(call: &Call) -> Result<&str, Problem> {
    let token = call.path.get("token");
    if is_token(token) { Ok(token) } else { Err(no_such_label()) }
}

fn no_such_label() -> Problem {
    Problem::not_found("this label is not known, or was replaced by another one")
}
