//! Which path leads where: one table, one match.

use std::rc::Rc;

use matchit::Router;
use millwright_domain::import::{IMPORTS, Import};
use millwright_domain::resource::{
    API_TOKENS, CHECKLIST, REORDER_DRAFTS, RESOURCES, Resource, WORK_ORDER_ATTACHMENTS,
};
use millwright_edge::{Problem, Request, RequestInfo, Response, cors, discard, log, seal};
use serde::Serialize;
use worker::{Context, Env, Result, web_sys};

use crate::app::{App, FUNCTION};
use crate::auth::Caller;
use crate::{
    attachments, audit, auth, config, docs, escalations, health, import, labels, machines, moves, openapi,
    preventive, reorders, reports, resources, scan, sync,
};

/// What a path stands for.
#[derive(Debug, Clone, Copy)]
enum Place {
    Live,
    Ready,
    Health,
    Config,
    OpenApi,
    Docs,
    Login,
    Refresh,
    Logout,
    Password,
    Me,
    Transitions,
    Assign,
    Acknowledge,
    AttachmentContent,
    AuditVerify,
    Report,
    Sync,
    Label,
    LabelRenewal,
    LabelSheet,
    Scan,
    ScanReports,
    ScanPage,
    MachineHistory,
    MachineKpis,
    PmPreview,
    SchedulePreview,
    PmCalendar,
    PmCompliance,
    EscalationDryRun,
    /// All of a resource.
    Collection(&'static Resource),
    /// One of a resource.
    Item(&'static Resource),
    /// Many of a resource, from a file.
    Import(&'static Import),
}

impl Place {
    /// Whether nobody is asked who they are; whatever token comes along is not looked at.
    fn is_for_strangers(self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::Ready
                | Self::Health
                | Self::Config
                | Self::OpenApi
                | Self::Docs
                | Self::Login
                | Self::Refresh
                | Self::Logout
                | Self::Scan
                | Self::ScanReports
                | Self::ScanPage
        )
    }
}

/// Path, what it stands for, and the methods it answers to. The resources come with their declarations.
const PLACES: [(&str, Place, &str); 32] = [
    ("/api/live", Place::Live, READ),
    ("/api/ready", Place::Ready, READ),
    ("/api/health", Place::Health, READ),
    ("/api/config", Place::Config, READ),
    ("/api/openapi.json", Place::OpenApi, READ),
    (docs::PAGE, Place::Docs, READ),
    ("/api/docs/{id}", Place::Docs, READ),
    ("/api/auth/login", Place::Login, "POST"),
    ("/api/auth/refresh", Place::Refresh, "POST"),
    ("/api/auth/logout", Place::Logout, "POST"),
    ("/api/auth/password", Place::Password, "POST"),
    ("/api/auth/me", Place::Me, READ),
    ("/api/v1/work-orders/{id}/transitions", Place::Transitions, "POST"),
    ("/api/v1/work-orders/{id}/assign", Place::Assign, "POST"),
    ("/api/v1/work-orders/{id}/acknowledge", Place::Acknowledge, "POST"),
    ("/api/v1/attachments/{id}/content", Place::AttachmentContent, READ),
    ("/api/v1/audit/verify", Place::AuditVerify, READ),
    ("/api/v1/reports/{id}", Place::Report, READ),
    ("/api/v1/sync", Place::Sync, "GET, HEAD, POST"),
    ("/api/v1/equipment/{id}/qr.svg", Place::Label, READ),
    ("/api/v1/equipment/{id}/qr/renew", Place::LabelRenewal, "POST"),
    ("/api/v1/equipment/labels", Place::LabelSheet, READ),
    ("/api/v1/scan/{id}", Place::Scan, READ),
    ("/api/v1/scan/{id}/reports", Place::ScanReports, "POST"),
    ("/s/{id}", Place::ScanPage, "GET, HEAD, POST"),
    ("/api/v1/equipment/{id}/history", Place::MachineHistory, READ),
    ("/api/v1/equipment/{id}/kpis", Place::MachineKpis, READ),
    ("/api/v1/pm/preview", Place::PmPreview, "POST"),
    ("/api/v1/pm/schedules/{id}/preview", Place::SchedulePreview, READ),
    ("/api/v1/pm/calendar", Place::PmCalendar, READ),
    ("/api/v1/pm/compliance", Place::PmCompliance, READ),
    ("/api/v1/escalation-rules/dry-run", Place::EscalationDryRun, READ),
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
    /// The id of what the path names; empty where it names nothing.
    pub(crate) id: String,
    /// The id of what that lies under; empty where it lies under nothing.
    pub(crate) parent: String,
    /// Who sends it, or why that is not known.
    pub(crate) caller: std::result::Result<Caller, Problem>,
}

/// Answers a request. Whatever happens, the answer has its id and its headers, and the log has its line.
pub(crate) async fn serve(request: Request, env: Env, context: Context) -> Result<web_sys::Response> {
    let info = RequestInfo::of(&request)?;
    let reader = info.origin.clone().filter(|o| App::of(&env).is_ok_and(|app| app.origins.allow(o)));
    let result = route(request.clone(), env, context, info.clone()).await;
    if let (Err(_), Some(mut unread)) = (&result, request.stream()) {
        discard(&mut unread).await;
    }
    let problem = result.as_ref().err().and_then(Problem::context).map(str::to_owned);
    let mut response = result.unwrap_or_else(|problem| problem.into_response(&info.id));
    let status = response.status();
    let line = Line {
        request_id: &info.id,
        method: &info.method,
        path: info.url.path(),
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
    seal(response, info.id)
}

/// What the log is told of a request.
#[derive(Serialize)]
struct Line<'a> {
    request_id: &'a str,
    method: &'a str,
    path: &'a str,
    status: u16,
    ms: i64,
    problem: Option<String>,
}

async fn route(
    request: Request,
    env: Env,
    context: Context,
    info: RequestInfo,
) -> std::result::Result<Response, Problem> {
    let Found { place, allow, id, parent } =
        find(info.url.path()).ok_or_else(|| Problem::not_found("there is no such path"))?;
    // The runtime leaves out the body of what answers a HEAD.
    let method = if info.method == "HEAD" { "GET".to_owned() } else { info.method.clone() };
    let app = App::of(&env)?;
    if let Some(answer) = app.origins.preflight(&request, &info, allow) {
        return Ok(answer);
    }
    let caller = if place.is_for_strangers() {
        Err(Problem::unauthenticated("this path does not ask who you are"))
    } else {
        auth::identify(&app, &request, &info).await
    };
    let call = Call { app, env, context, request, info, id, parent, caller };
    match (place, method.as_str()) {
        (Place::Live, "GET") => health::live(),
        (Place::Ready, "GET") => health::ready(&call).await,
        (Place::Health, "GET") => health::health(&call).await,
        (Place::Config, "GET") => Ok(config::answer(&call)),
        (Place::OpenApi, "GET") => openapi::answer_with_document(),
        (Place::Docs, "GET") => docs::answer(&call).await,
        (Place::Login, "POST") => auth::routes::login(call).await,
        (Place::Refresh, "POST") => auth::routes::refresh(call).await,
        (Place::Logout, "POST") => auth::routes::logout(call).await,
        (Place::Password, "POST") => auth::routes::password(call).await,
        (Place::Me, "GET") => auth::routes::me(&call).await,
        (Place::Collection(resource), "GET") => resources::list(&call, resource).await,
        (Place::Collection(resource), "POST") if resource.path == WORK_ORDER_ATTACHMENTS.path => {
            attachments::upload(call).await
        }
        (Place::Collection(resource), "POST") if resource.path == API_TOKENS.path => {
            auth::token_routes::create(&call).await
        }
        (Place::Item(resource), "DELETE") if resource.path == API_TOKENS.path => {
            auth::token_routes::revoke(&call).await
        }
        (Place::Collection(resource), "POST") if resource.path == REORDER_DRAFTS.path => {
            reorders::reorder(&call).await
        }
        (Place::Collection(resource), "POST") if resource.opens => resources::open(&call, resource).await,
        (Place::Item(resource), "PATCH") if resource.path == CHECKLIST.path => {
            moves::change_item(&call).await
        }
        (Place::Item(resource), "GET") => resources::get(&call, resource).await,
        (Place::Item(resource), "PATCH") if resource.changes() => resources::change(&call, resource).await,
        (Place::Item(resource), "DELETE") if resource.removes => resources::remove(&call, resource).await,
        (Place::Transitions, "POST") => moves::transition(&call).await,
        (Place::Assign, "POST") => moves::assign(&call).await,
        (Place::Acknowledge, "POST") => moves::acknowledge(&call).await,
        (Place::Import(of), "POST") => import::import(&call, of).await,
        (Place::AttachmentContent, "GET") => attachments::content(&call).await,
        (Place::AuditVerify, "GET") => audit::verify_history(&call).await,
        (Place::Report, "GET") => reports::report(&call, &call.id).await,
        (Place::Sync, "GET") => sync::changes(&call).await,
        (Place::Sync, "POST") => sync::bring(&call).await,
        (Place::Label, "GET") => labels::one(&call).await,
        (Place::LabelRenewal, "POST") => labels::renew(&call).await,
        (Place::LabelSheet, "GET") => labels::sheet(&call).await,
        (Place::Scan, "GET") => scan::api::read(&call).await,
        (Place::ScanReports, "POST") => scan::api::take(&call).await,
        (Place::ScanPage, "GET") => scan::page::show(&call).await,
        (Place::ScanPage, "POST") => scan::page::take(&call).await,
        (Place::MachineHistory, "GET") => machines::history(&call).await,
        (Place::MachineKpis, "GET") => machines::kpis(&call).await,
        (Place::PmCompliance, "GET") => reports::report(&call, "pm-compliance").await,
        (Place::PmPreview, "POST") => preventive::preview_rule(&call).await,
        (Place::SchedulePreview, "GET") => preventive::preview_schedule(&call).await,
        (Place::PmCalendar, "GET") => preventive::calendar(&call).await,
        (Place::EscalationDryRun, "GET") => escalations::dry_run(&call).await,
        _ => Err(Problem::method_not_allowed(allow)),
    }
}

/// What a path leads to.
struct Found {
    place: Place,
    allow: &'static str,
    id: String,
    parent: String,
}

fn find(path: &str) -> Option<Found> {
    thread_local! {
        static ROUTER: Router<(Place, &'static str)> = router();
    }
    ROUTER.with(|router| {
        let found = router.at(path).ok()?;
        let (place, allow) = *found.value;
        let parameter = |name| found.params.get(name).unwrap_or_default().to_owned();
        let (id, parent) = match place {
            Place::Collection(resource) if resource.parent.is_some() => (String::new(), parameter("id")),
            Place::Item(resource) if resource.parent.is_some() => (parameter("child"), parameter("id")),
            _ => (parameter("id"), String::new()),
        };
        Some(Found { place, allow, id, parent })
    })
}

fn router() -> Router<(Place, &'static str)> {
    let mut router = Router::new();
    // Two paths that exclude each other are a defect, which the test below finds.
    let mut add = |path: &str, place, allow| drop(router.insert(path, (place, allow)));
    for (path, place, allow) in PLACES {
        add(path, place, allow);
    }
    for import in IMPORTS {
        add(&format!("/api/v1/{}/import", import.resource.path), Place::Import(import), "POST");
    }
    for resource in RESOURCES {
        let path = format!("/api/v1/{}", resource.path);
        let one = if resource.parent.is_some() { "{child}" } else { "{id}" };
        add(&path, Place::Collection(resource), collection_methods(resource));
        add(&format!("{path}/{one}"), Place::Item(resource), item_methods(resource));
    }
    router
}

fn collection_methods(resource: &Resource) -> &'static str {
    let opens = resource.opens || [WORK_ORDER_ATTACHMENTS.path, REORDER_DRAFTS.path].contains(&resource.path);
    if opens { "GET, HEAD, POST" } else { READ }
}

fn item_methods(resource: &Resource) -> &'static str {
    let removes = resource.removes || resource.path == API_TOKENS.path;
    match (resource.changes(), removes) {
        (true, true) => "GET, HEAD, PATCH, DELETE",
        (true, false) => "GET, HEAD, PATCH",
        (false, true) => "GET, HEAD, DELETE",
        (false, false) => READ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Option<String> {
        find(path).map(|Found { place, id, parent, .. }| match place {
            Place::Collection(resource) => format!("all {} {parent}", resource.path),
            Place::Item(resource) => format!("{} {parent} {id}", resource.path),
            place => format!("{place:?}"),
        })
    }

    #[test]
    fn every_path_is_found() {
        for (path, place, _) in PLACES {
            assert_eq!(found(&path.replace("{id}", "7")), Some(format!("{place:?}")), "{path}");
        }
        for resource in RESOURCES {
            let parent = if resource.parent.is_some() { "7" } else { "" };
            let path = format!("/api/v1/{}", resource.path.replace("{id}", "7"));
            assert_eq!(found(&path), Some(format!("all {} {parent}", resource.path)));
            assert_eq!(found(&format!("{path}/8")), Some(format!("{} {parent} 8", resource.path)));
        }
        assert_eq!(found("/api/v1"), None);
    }
}
