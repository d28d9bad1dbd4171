//! Who is asking.

use std::rc::Rc;

use millwright_domain::id::ProfileId;
use millwright_edge::{Problem, bearer_token, clock};
use worker::Request;

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
pub(crate) async fn identify(app: &App, request: &Request) -> Result<Caller, Problem> {
    let token = bearer_token(request)
        .ok_or_else(|| Problem::unauthenticated("an Authorization header with a bearer token is needed"))?;
    if api_tokens::is_one(&token) {
        return api_tokens::exchange(app, &token).await;
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
}
