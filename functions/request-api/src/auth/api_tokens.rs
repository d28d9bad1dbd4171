//! API tokens: how a machine shows who it is.
//!
//! A machine has a service account, a profile of its own, so that row level security judges it like a person. Its token
//! is exchanged in the database for that profile, for which we sign a short token of our own for the gateway. The isolate
//! remembers that for at most a minute: only then a machine's request costs a second round trip. A token that is revoked is
//! refused after that minute at the latest; its account is out of service at once, so that in between it can read and
//! write nothing.

use std::cell::RefCell;

use chrono::TimeDelta;
use millwright_edge::token::OpaqueToken;
use millwright_edge::{Problem, Recent, RequestInfo, clock};
use millwright_store::api_tokens;

use super::Caller;
use crate::app::App;

/// How API tokens begin, so that people and scanners know one when they see it.
pub(super) const PREFIX: &str = "mw_";

/// How long an exchange is remembered.
const REMEMBERED_FOR: TimeDelta = TimeDelta::seconds(60);

/// How long the gateway takes what we sign for it, in seconds: as long as it is remembered, and the request after that.
const GATEWAY_TOKEN_SECONDS: i64 = 90;

/// How many machines an isolate remembers.
const REMEMBERED: usize = 1_000;

/// The machines that this isolate has seen of late, by the hashes of their tokens.
pub(crate) struct Machines(RefCell<Recent<Caller>>);

impl Default for Machines {
    fn default() -> Self {
        Self(RefCell::new(Recent::of_at_most(REMEMBERED)))
    }
}

/// Whether it is an API token, going by its looks.
pub(super) fn is_one(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Who shows this API token. One round trip, or none.
///
/// # Errors
/// 401 when it is unknown, expired or revoked; 503 and 504 when the database does not answer.
pub(super) async fn exchange(app: &App, token: &str, info: &RequestInfo) -> Result<Caller, Problem> {
    let hash = OpaqueToken::hash_of(token);
    let now = clock::now();
    let remembered = app.machines.0.borrow().get(&hash, now);
    if let Some(caller) = remembered {
        return Ok(caller);
    }
    let machine = api_tokens::exchange(&app.backend.own().within_request(&info.id), &hash)
        .await?
        .ok_or_else(|| Problem::unauthenticated("the API token is not valid"))?;
    let token = app
        .keeper
        .issue(machine.profile_id, GATEWAY_TOKEN_SECONDS, now)
        .ok_or_else(|| Problem::unavailable("API tokens are not set up here", "JWT_SECRET is not set"))?;
    let caller = Caller { id: machine.profile_id, token: token.into() };
    let until = machine.expires_at.map_or(now + REMEMBERED_FOR, |end| end.min(now + REMEMBERED_FOR));
    app.machines.0.borrow_mut().remember(hash, caller.clone(), until, now);
    Ok(caller)
}
