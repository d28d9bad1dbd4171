//! API tokens: how a program that is no person shows who it is.
//!
//! It has a service account, a profile of its own, so that row level security judges it like a person. Its token is exchanged
//! in the database for that profile, for which we sign a short token of our own for the gateway. The isolate remembers that
//! for at most a minute: only then a request costs a second round trip. A token that is revoked is refused after that minute
//! at the latest; its account is out of service at once, so that in between it can read and write nothing.

use std::cell::RefCell;

use chrono::TimeDelta;
use millwright_edge::token::{Bearer, Keeper, OpaqueToken};
use millwright_edge::{FetchTransport, Problem, Recent, clock};
use millwright_store::{GatewaySession, api_tokens};

use super::caller::Caller;

/// Every API token begins with this, so that people and scanners know one when they see it.
pub(crate) const API_TOKEN_PREFIX: &str = "mw_";

/// An exchange is remembered for so long.
const REMEMBERED_FOR: TimeDelta = TimeDelta::seconds(60);

/// Seconds for which the gateway takes the token that we sign: as long as it is remembered, and the request after that.
const GATEWAY_TOKEN_SECONDS: i64 = 90;

/// The most service accounts that an isolate remembers.
const REMEMBERED: usize = 1_000;

/// The service accounts whose tokens this isolate has exchanged lately, by the hashes of the tokens.
pub(crate) struct ServiceAccountCache(RefCell<Recent<Caller>>);

impl Default for ServiceAccountCache {
    fn default() -> Self {
        Self(RefCell::new(Recent::of_at_most(REMEMBERED)))
    }
}

/// True for an API token, going by its beginning.
pub(super) fn is_api_token(token: &str) -> bool {
    token.starts_with(API_TOKEN_PREFIX)
}

impl ServiceAccountCache {
    /// Exchanges an API token for its service account. One round trip as `own`, this function, or none.
    ///
    /// # Errors
    /// 401 when it is unknown, expired or revoked; 503 and 504 when the database does not answer.
    pub(super) async fn exchange(
        &self,
        token: &str,
        keeper: &Keeper,
        own: &GatewaySession<'_, FetchTransport>,
    ) -> Result<Caller, Problem> {
        let hash = OpaqueToken::hash_of(token);
        let now = clock::now();
        let remembered = self.0.borrow().get(&hash, now);
        if let Some(caller) = remembered {
            return Ok(caller);
        }
        let account = api_tokens::exchange(own, &hash)
            .await?
            .ok_or_else(|| Problem::unauthenticated("the API token is not valid"))?;
        let bearer = Bearer { id: account.profile_id, reach: Some(account.reach) };
        let token = keeper
            .issue(&bearer, GATEWAY_TOKEN_SECONDS, now)
            .ok_or_else(|| Problem::unavailable("API tokens are not set up here", "JWT_SECRET is not set"))?;
        let caller = Caller { id: bearer.id, reach: bearer.reach, token: token.into() };
        let until = account.expires_at.map_or(now + REMEMBERED_FOR, |end| end.min(now + REMEMBERED_FOR));
        self.0.borrow_mut().remember(hash, caller.clone(), until, now);
        Ok(caller)
    }
}
