//! A request on its way to its handler.

use std::rc::Rc;

use millwright_domain::resource::{Narrowing, Resource};
use millwright_edge::{FetchTransport, Request, RequestInfo};
use millwright_store::GatewaySession;
use worker::{Context, Env};

use crate::app::App;
use crate::auth::Caller;

/// A request with all that a handler needs.
pub(crate) struct Call {
    /// Configuration and caches of the isolate.
    pub(crate) app: Rc<App>,
    /// The runtime's bindings.
    pub(crate) env: Env,
    /// For work that goes on after the answer.
    pub(crate) context: Context,
    /// The request itself, its body unread.
    pub(crate) request: Request,
    /// Its id, method, address and time.
    pub(crate) info: RequestInfo,
    /// The values of the path's parameters.
    pub(crate) path: PathParameters,
}

impl Call {
    /// The gateway, asked as this function itself.
    pub(crate) fn own_session(&self) -> GatewaySession<'_, FetchTransport> {
        self.app.backend.own().within_request(&self.info.id)
    }

    /// The gateway, asked as this caller, so that row level security judges them and not us.
    pub(crate) fn session_of<'a>(&'a self, caller: &'a Caller) -> GatewaySession<'a, FetchTransport> {
        self.app.backend.on_behalf_of(&caller.token).within_request(&self.info.id)
    }
}

/// A request whose sender is known.
pub(crate) struct Signed<'a> {
    /// The request.
    pub(crate) call: &'a Call,
    /// The person or service account that sends it.
    pub(crate) caller: Caller,
}

impl Signed<'_> {
    /// The part of a list that the caller can see at all.
    pub(crate) fn narrowing(&self, resource: &Resource) -> Narrowing {
        resource.narrowed(self.caller.reach.as_ref())
    }

    /// The gateway, asked as the caller.
    pub(crate) fn session(&self) -> GatewaySession<'_, FetchTransport> {
        self.call.session_of(&self.caller)
    }
}

/// The values of a path's parameters, by their names in the endpoint's path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PathParameters(pub(crate) Vec<(&'static str, String)>);

impl PathParameters {
    /// The value of one; empty where the path has none of that name, which then names nothing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value)
    }
}
