//! From a request to its answer: the endpoint is found, the caller identified, the answer sealed and logged.

use millwright_edge::{
    Problem, Request, RequestInfo, Response, accepts, cors, discard, log, must_be_plain, seal,
};
use serde::Serialize;
use worker::{Context, Env, Result, web_sys};

use crate::app::App;
use crate::auth;
use crate::call::{Call, PathParameters, Signed};
use crate::endpoint::{Handler, Method, Operation};
use crate::endpoints::find;
use crate::function::FUNCTION;

/// Answers a request. Every answer has the request's id and the security headers, and the log gets a line for it.
pub(crate) async fn serve(request: Request, env: Env, context: Context) -> Result<web_sys::Response> {
    let info = RequestInfo::of(&request);
    let app = match App::of(&env) {
        Ok(app) => app,
        Err(problem) => return finish(&info, None, Err(problem)),
    };
    let mut call = Call { app, env, context, request, info, path: PathParameters::default() };
    let result = answer(&mut call).await;
    if result.is_err()
        && let Some(mut unread) = call.request.stream()
    {
        discard(&mut unread).await;
    }
    let Call { app, mut info, .. } = call;
    let reader = info.origin.take().filter(|origin| app.origins.allow(origin));
    finish(&info, reader, result)
}

/// Finds the endpoint of a request, and asks it.
async fn answer(call: &mut Call) -> std::result::Result<Response, Problem> {
    let (endpoint, parameters) =
        find(call.info.path()).ok_or_else(|| Problem::not_found("there is no such path"))?;
    call.path = parameters;
    let call = &*call;
    if let Some(answer) = call.app.origins.preflight(&call.request, &call.info, || endpoint.allow()) {
        return Ok(answer);
    }
    let operation = Method::of(&call.info.method).and_then(|method| endpoint.operation(method));
    let operation = operation.ok_or_else(|| Problem::method_not_allowed(&endpoint.allow()))?;
    must_be_taken(call, operation)?;
    must_be_plain(&call.request)?;
    match &operation.handler {
        Handler::AtOnce(handler) => handler(call),
        Handler::Stranger(handler) => handler.answer(call).await,
        Handler::Person(handler) => {
            let Call { app, request, .. } = call;
            let caller =
                auth::identify(request, &app.keeper, &app.service_accounts, call.own_session()).await?;
            handler.answer(&Signed { call, caller }).await
        }
    }
}

/// Refuses a client that does not take what the operation answers with.
fn must_be_taken(call: &Call, operation: &Operation) -> std::result::Result<(), Problem> {
    match (operation.gives, call.request.header("accept")) {
        (Some(gives), Some(accept)) if !accepts(&accept, gives) => Err(Problem::not_acceptable(format!(
            "this path answers with {gives}, and Accept does not take that; lists are CSV at their address and /export.csv"
        ))),
        _ => Ok(()),
    }
}

/// Logs a request and seals its answer, which pages of the origin `reader` may read.
fn finish(
    info: &RequestInfo,
    reader: Option<String>,
    result: std::result::Result<Response, Problem>,
) -> Result<web_sys::Response> {
    let problem = result.as_ref().err().and_then(Problem::context).map(str::to_owned);
    let mut response = result.unwrap_or_else(|problem| problem.into_response(&info.id));
    let status = response.status();
    let line = Line {
        request_id: &info.id,
        method: &info.method,
        path: info.path(),
        status,
        ms: (millwright_edge::clock::now() - info.started).num_milliseconds(),
        problem,
    };
    if status >= 500 {
        log::error(FUNCTION, "request", line);
    } else {
        log::info(FUNCTION, "request", line);
    }
    if let Some(origin) = reader {
        cors::open_to(&mut response, origin);
    }
    seal(response, &info.id)
}

/// A request in the log.
#[derive(Serialize)]
struct Line<'a> {
    request_id: &'a str,
    method: &'a str,
    path: &'a str,
    status: u16,
    ms: i64,
    problem: Option<String>,
}
