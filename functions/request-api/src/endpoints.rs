//! The table of all endpoints, from which requests are routed and, when the module is built, the OpenAPI document is written.

use matchit::Router;
use serde_json::Value;

use crate::call::PathParameters;
use crate::endpoint::{Api, Endpoint};
use crate::{
    api_tokens, attachments, audit, config, docs, escalations, export, health, home, import, labels,
    machines, moves, openapi, pictures, preventive, reorders, reports, resources, reviews, scan, search,
    sign_in, sync,
};

/// Every module that has endpoints. The resources come last: they declare the usual methods where nothing else is said.
const DECLARATIONS: [fn(&mut Api); 23] = [
    health::declare,
    config::declare,
    docs::declare,
    sign_in::declare,
    api_tokens::declare,
    home::declare,
    search::declare,
    moves::declare,
    attachments::declare,
    pictures::declare,
    audit::declare,
    reports::declare,
    sync::declare,
    labels::declare,
    scan::declare,
    machines::declare,
    preventive::declare,
    escalations::declare,
    reorders::declare,
    reviews::declare,
    import::declare,
    export::declare,
    resources::declare,
];

fn api() -> Api {
    let mut api = Api::default();
    for declare in DECLARATIONS {
        declare(&mut api);
    }
    api
}

/// The OpenAPI document of all endpoints.
pub(crate) fn document() -> Value {
    openapi::document(&api())
}

/// The endpoint that a path leads to, and the values of its parameters.
pub(crate) fn find(path: &str) -> Option<(&'static Endpoint, PathParameters)> {
    thread_local! {
        // Made once for each isolate and never dropped, so that a request can hold its endpoint while it waits.
        static ROUTER: &'static Router<Endpoint> = Box::leak(Box::new(router(api())));
    }
    let router = ROUTER.with(|router| *router);
    let found = router.at(path).ok()?;
    let parameters = found.params.iter().map(|(name, value)| (name, value.to_owned())).collect();
    Some((found.value, PathParameters(parameters)))
}

fn router(api: Api) -> Router<Endpoint> {
    let mut router = Router::new();
    for endpoint in api.endpoints {
        // Two paths that exclude each other are a defect, which the test below finds.
        router.insert(endpoint.path.clone().into_owned(), endpoint).ok();
    }
    router
}

#[cfg(test)]
mod tests;
