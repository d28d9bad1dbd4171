//! Which path leads where: one table, one match.

use std::rc::Rc;

use matchit::Router;
use millwright_domain::resource::{API_TOKENS, RESOURCES, Resource, WORK_ORDERS};
use millwright_edge::{Problem, RequestInfo, log, seal, unread};
use serde_json::json;
use worker::{Context, Env, Request, Response, Result};

use crate::app::{App, FUNCTION};
use crate::auth::Caller;
use crate::{attachments, auth, health, openapi, resources, work_orders};

/// What a path stands for.
#[derive(Debug, Clone, Copy)]
enum Place {
    Live,
    Ready,
    Health,
    OpenApi,
    Login,
    Refresh,
    Logout,
    Password,
    Me,
    WorkOrderAttachments,
    AttachmentContent,
    /// All of a resource.
    Collection(&'static Resource),
    /// One of a resource.
    Item(&'static Resource),
}

impl Place {
    /// Whether nobody is asked who they are; whatever token comes along is not looked at.
    fn is_for_strangers(self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::Ready
                | Self::Health
                | Self::OpenApi
                | Self::Login
                | Self::Refresh
                | Self::Logout
        )
    }
}

/// Path, what it stands for, and the methods it answers to. The resources come with their declarations.
const PLACES: [(&str, Place, &str); 11] = [
    ("/api/live", Place::Live, READ),
    ("/api/ready", Place::Ready, READ),
    ("/api/health", Place::Health, READ),
    ("/api/openapi.json", Place::OpenApi, READ),
    ("/api/auth/login", Place::Login, "POST"),
    ("/api/auth/refresh", Place::Refresh, "POST"),
    ("/api/auth/logout", Place::Logout, "POST"),
    ("/api/auth/password", Place::Password, "POST"),
    ("/api/auth/me", Place::Me, READ),
    ("/api/v1/work-orders/{id}/attachments", Place::WorkOrderAttachments, "POST"),
    ("/api/v1/attachments/{id}/content", Place::AttachmentContent, READ),
];

const READ: &str = "GET, HEAD";

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
    /// Who sends it, or why that is not known.
    pub(crate) caller: std::result::Result<Caller, Problem>,
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
        "request_id": info.id, "method": info.method, "path": info.url.path(), "status": status,
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
    let method = if info.method == "HEAD" { "GET".to_owned() } else { info.method.clone() };
    let app = App::of(&env)?;
    let caller = if place.is_for_strangers() {
        Err(Problem::unauthenticated("this path does not ask who you are"))
    } else {
        auth::identify(&app, &request).await
    };
    let mut call = Call { app, env, context, request, info, id, caller };
    match (place, method.as_str()) {
        (Place::Live, "GET") => health::live(),
        (Place::Ready, "GET") => health::ready(&call).await,
        (Place::Health, "GET") => health::health(&call).await,
        (Place::OpenApi, "GET") => openapi::answer_with_document(),
        (Place::Login, "POST") => auth::routes::login(call).await,
        (Place::Refresh, "POST") => auth::routes::refresh(call).await,
        (Place::Logout, "POST") => auth::routes::logout(call).await,
        (Place::Password, "POST") => auth::routes::password(call).await,
        (Place::Me, "GET") => auth::routes::me(&call).await,
        (Place::Collection(resource), "GET") => resources::list(&call, resource).await,
        (Place::Collection(resource), "POST") if resource.path == WORK_ORDERS.path => {
            work_orders::open(&mut call).await
        }
        (Place::Collection(resource), "POST") if resource.path == API_TOKENS.path => {
            auth::token_routes::create(&mut call).await
        }
        (Place::Item(resource), "DELETE") if resource.path == API_TOKENS.path => {
            auth::token_routes::revoke(&call).await
        }
        (Place::Collection(resource), "POST") if resource.opens => resources::open(&mut call, resource).await,
        (Place::Item(resource), "GET") => resources::get(&call, resource).await,
        (Place::Item(resource), "PATCH") if resource.changes() => {
            resources::change(&mut call, resource).await
        }
        (Place::WorkOrderAttachments, "POST") => attachments::upload(call).await,
        (Place::AttachmentContent, "GET") => attachments::content(&call).await,
        _ => Err(Problem::method_not_allowed(allow)),
    }
}

fn find(path: &str) -> Option<(Place, &'static str, String)> {
    thread_local! {
        static ROUTER: Router<(Place, &'static str)> = router();
    }
    ROUTER.with(|router| {
        let found = router.at(path).ok()?;
        let (place, allow) = *found.value;
        Some((place, allow, found.params.get("id").unwrap_or_default().to_owned()))
    })
}

fn router() -> Router<(Place, &'static str)> {
    let mut router = Router::new();
    // Two paths that exclude each other are a defect, which the test below finds.
    let mut add = |path: &str, place, allow| drop(router.insert(path, (place, allow)));
    for (path, place, allow) in PLACES {
        add(path, place, allow);
    }
    for resource in RESOURCES {
        let all = if resource.opens { "GET, HEAD, POST" } else { READ };
        add(&format!("/api/v1/{}", resource.path), Place::Collection(resource), all);
        let one = match resource.path {
            path if path == API_TOKENS.path => "GET, HEAD, DELETE",
            _ if resource.changes() => "GET, HEAD, PATCH",
            _ => READ,
        };
        add(&format!("/api/v1/{}/{{id}}", resource.path), Place::Item(resource), one);
    }
    router
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<String> {
        find(path).map(|(place, _, id)| match place {
            Place::Collection(resource) => format!("all {}", resource.path),
            Place::Item(resource) => format!("{} {id}", resource.path),
            place => format!("{place:?}"),
        })
    }

    #[test]
    fn every_path_is_found() {
        for (path, place, _) in PLACES {
            assert_eq!(found(&path.replace("{id}", "7")), Some(format!("{place:?}")), "{path}");
        }
        for resource in RESOURCES {
            assert_eq!(found(&format!("/api/v1/{}", resource.path)), Some(format!("all {}", resource.path)));
            assert_eq!(found(&format!("/api/v1/{}/7", resource.path)), Some(format!("{} 7", resource.path)));
        }
        assert_eq!(found("/api/v1"), None);
    }
}
