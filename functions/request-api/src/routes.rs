//! Which path leads where: one table, one match.

use std::rc::Rc;

use matchit::Router;
use millwright_edge::{Problem, RequestInfo, log, seal, unread};
use serde_json::json;
use worker::{Context, Env, Method, Request, Response, Result};

use crate::app::{App, FUNCTION};
use crate::{attachments, auth, health, work_orders};

/// What a path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Live,
    Ready,
    Health,
    Login,
    Me,
    WorkOrders,
    WorkOrder,
    WorkOrderAttachments,
    AttachmentContent,
}

/// Path, what it stands for, and the methods it answers to.
const PLACES: [(&str, Place, &str); 9] = [
    ("/api/live", Place::Live, "GET, HEAD"),
    ("/api/ready", Place::Ready, "GET, HEAD"),
    ("/api/health", Place::Health, "GET, HEAD"),
    ("/api/auth/login", Place::Login, "POST"),
    ("/api/auth/me", Place::Me, "GET, HEAD"),
    ("/api/v1/work-orders", Place::WorkOrders, "GET, HEAD, POST"),
    ("/api/v1/work-orders/{id}", Place::WorkOrder, "GET, HEAD"),
    ("/api/v1/work-orders/{id}/attachments", Place::WorkOrderAttachments, "POST"),
    ("/api/v1/attachments/{id}/content", Place::AttachmentContent, "GET, HEAD"),
];

/// A request on its way to its route.
pub(crate) struct Call {
    /// What the isolate keeps.
    pub(crate) app: Rc<App>,
    /// The runtime's bindings.
    pub(crate) env: Env,
    /// For what goes on after the answer.
    pub(crate) context: Context,
    /// The request itself, its body unread.
    pub(crate) request: Request,
    /// What is known of it.
    pub(crate) info: RequestInfo,
    /// The `{id}` of the path; empty where it has none.
    pub(crate) id: String,
}

/// Answers a request. Whatever happens, the answer has its id and its headers, and the log has its line.
pub(crate) async fn serve(request: Request, env: Env, context: Context) -> Result<Response> {
    let info = RequestInfo::of(&request)?;
    let body = unread(&request);
    let result = route(request, env, context, info.clone()).await;
    if let (Err(_), Some(body)) = (&result, body) {
        body.discard().await;
    }
    let problem = result.as_ref().err().and_then(Problem::context).map(str::to_owned);
    let response = result.or_else(|problem| problem.into_response(&info.id))?;
    let status = response.status_code();
    let line = json!({
        "request_id": info.id, "method": info.method.to_string(), "path": info.url.path(), "status": status,
        "ms": (millwright_edge::clock::now() - info.started).num_milliseconds(), "problem": problem,
    });
    if status >= 500 {
        log::error(FUNCTION, "request", line);
    } else {
        log::info(FUNCTION, "request", line);
    }
    seal(response, &info.id)
}

async fn route(
    request: Request,
    env: Env,
    context: Context,
    info: RequestInfo,
) -> std::result::Result<Response, Problem> {
    let (place, allow, id) =
        find(info.url.path()).ok_or_else(|| Problem::not_found("there is no such path"))?;
    // The runtime leaves out the body of what answers a HEAD.
    let method = if info.method == Method::Head { Method::Get } else { info.method.clone() };
    let call = Call { app: App::of(&env)?, env, context, request, info, id };
    match (place, method) {
        (Place::Live, Method::Get) => health::live(),
        (Place::Ready, Method::Get) => health::ready(&call).await,
        (Place::Health, Method::Get) => health::health(&call).await,
        (Place::Login, Method::Post) => auth::login(call).await,
        (Place::Me, Method::Get) => auth::me(&call).await,
        (Place::WorkOrders, Method::Get) => work_orders::list(&call).await,
        (Place::WorkOrders, Method::Post) => work_orders::open(call).await,
        (Place::WorkOrder, Method::Get) => work_orders::get(&call).await,
        (Place::WorkOrderAttachments, Method::Post) => attachments::upload(call).await,
        (Place::AttachmentContent, Method::Get) => attachments::content(&call).await,
        _ => Err(Problem::method_not_allowed(allow)),
    }
}

fn find(path: &str) -> Option<(Place, &'static str, String)> {
    thread_local! {
        static ROUTER: Router<(Place, &'static str)> = PLACES
            .into_iter()
            .fold(Router::new(), |mut router, (path, place, allow)| {
                // Two paths of the table that exclude each other are a defect that the test below finds.
                let _ = router.insert(path, (place, allow));
                router
            });
    }
    ROUTER.with(|router| {
        let found = router.at(path).ok()?;
        let (place, allow) = *found.value;
        Some((place, allow, found.params.get("id").unwrap_or_default().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_the_table_is_found() {
        for (path, place, allow) in PLACES {
            assert_eq!(
                find(&path.replace("{id}", "7")).map(|found| (found.0, found.1)),
                Some((place, allow))
            );
        }
        assert_eq!(find("/api/v1/work-orders/7").map(|found| found.2), Some("7".to_owned()));
        assert_eq!(find("/api/v1"), None);
    }
}
