//! What whoever scans a label sees and says. They are nobody here, so the database is asked as this function itself, and
//! answers with what a stranger may know.
//!
//! The same for people, as pages ([`page`]), and for apps, as JSON ([`api`]).

pub(crate) mod api;
mod html;
pub(crate) mod page;
mod photo;
mod report;

use millwright_domain::scan::is_token;
use millwright_edge::Problem;
use millwright_store::scan::{self, Scanned};

use crate::routes::Call;

/// Reads what the label shows whose token is in the path.
async fn look(call: &Call) -> Result<Scanned, Problem> {
    let token = token(call)?;
    scan::read(&call.own(), token).await?.ok_or_else(no_such_label)
}

/// The token in the path. What could be none is not looked up.
fn token(call: &Call) -> Result<&str, Problem> {
    if is_token(&call.id) { Ok(&call.id) } else { Err(no_such_label()) }
}

fn no_such_label() -> Problem {
    Problem::not_found("this label is not known, or was replaced by another one")
}
