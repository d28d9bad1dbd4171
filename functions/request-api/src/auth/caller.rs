//! Who is asking.

use std::rc::Rc;

use millwright_domain::id::ProfileId;
use millwright_edge::{FetchTransport, Problem, Request, RequestInfo, clock};
use millwright_store::GatewaySession;

use super::api_tokens;
use crate::app::App;
use crate::routes::Call;

/// Someone whose token has been verified: a person, or a machine as its service account.
#[derive(Clone)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) id: ProfileId,
    /// The token that the gateway is asked with.
    pub(crate) token: Rc<str>,
}

/// Finds out who sends a request.
///
/// # Errors
/// 401 when that is not known; 503 and 504 when it cannot be found out now.
pub(crate) async fn identify(app: &App, request: &Request, info: &RequestInfo) -> Result<Caller, Problem> {
    let token = request
        .bearer_token()
        .ok_or_else(|| Problem::unauthenticated("an Authorization header with a bearer token is needed"))?;
    if api_tokens::is_one(&token) {
        return api_tokens::exchange(app, &token, info).await;
    }
    let id = app.keeper.verify(&token, clock::now()).await?;
    Ok(Caller { id, token: token.into() })
}

impl Call {
    /// Who is asking.
    ///
    /// # Errors
    /// 401 when that is not known.
    pub(crate) fn caller(&self) -> Result<Caller, Problem> {
        self.caller.clone()
    }

    /// The gateway, asked as whoever is asking us, so that row level security judges them and not us.
    pub(crate) fn on_behalf_of<'a>(&'a self, caller: &'a Caller) -> GatewaySession<'a, FetchTransport> {
        self.app.backend.on_behalf_of(&caller.token).within_request(&self.info.id)
    }

    /// The gateway, asked as this function itself.
    pub(crate) fn own(&self) -> GatewaySession<'_, FetchTransport> {
        self.app.backend.own().within_request(&self.info.id)
    }
}
