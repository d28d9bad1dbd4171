//! The plan of a bench: the routes, and for each of them the contenders with their requests.
//!
//! A transition of a work order belongs here as soon as the request API has one.

use super::screens::{WHOLE, whole_there};
use anyhow::Result;
use serde_json::{Value, json};

/// Asks the gateway for one object instead of a list of one.
const ONE: &str = "application/vnd.pgrst.object+json";

/// The kind of a contender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// `PostgREST`, with no worker before it.
    Gateway,
    /// A worker that does nothing.
    Empty,
    /// A worker that hands everything on to the gateway, and does nothing else.
    Proxy,
    /// The peer in `tests/bench/typescript`.
    TypeScript,
    /// The request API.
    Millwright,
    /// The request API as it was before.
    Before,
    /// The request API behind the entry worker that Miniflare puts before it.
    Entry,
}

impl Who {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Gateway => "bare gateway",
            Self::Empty => "empty worker",
            Self::Proxy => "plain proxy",
            Self::TypeScript => "TypeScript",
            Self::Millwright => "Millwright",
            Self::Before => "Millwright, before",
            Self::Entry => "Millwright, by Miniflare's entry",
        }
    }
}

/// The address of each kind of contender.
pub(super) struct Places<'a> {
    gateway: &'a str,
    entry: &'a str,
    empty: &'a str,
    proxy: &'a str,
    typescript: &'a str,
    millwright: &'a str,
    before: Option<&'a String>,
}

impl<'a> Places<'a> {
    /// `stand_ins`: the empty worker, the proxy, the TypeScript Worker, Millwright, and perhaps Millwright before.
    pub(super) fn of(gateway: &'a str, entry: &'a str, stand_ins: &'a [String]) -> Result<Self> {
        let [empty, proxy, typescript, millwright, before @ ..] = stand_ins else {
            anyhow::bail!("four stand-ins were expected");
        };
        Ok(Self { gateway, entry, empty, proxy, typescript, millwright, before: before.first() })
    }

    /// Those who answer the API's own requests.
    fn workers(&self, requests: &[Value]) -> impl Iterator<Item = Contender> {
        let known = [(Who::TypeScript, self.typescript), (Who::Millwright, self.millwright)];
        let before = self.before.map(|before| (Who::Before, before.as_str()));
        known.into_iter().chain(before).map(move |(who, base)| contender(who, base, requests))
    }
}

/// One of those who answer a route, and what they are asked.
pub(super) struct Contender {
    pub(super) who: Who,
    /// The contender's address.
    pub(super) base: String,
    /// As the load takes them: `method`, `path`, `headers`, `body`.
    pub(super) requests: Vec<Value>,
}

/// A route of the API.
pub(super) struct Route {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) contenders: Vec<Contender>,
}

/// All of them. The bearer of `token` may see the work orders, which have children, and change the machines.
pub(super) fn routes(
    places: &Places<'_>,
    token: &str,
    work_orders: &[String],
    machines: &[String],
) -> Vec<Route> {
    let bearer = format!("Bearer {token}");
    let get = |path: String| json!({"method": "GET", "path": path, "headers": {"authorization": bearer}});
    let get_one = |path| {
        let mut request = get(path);
        set(&mut request, "accept", ONE);
        request
    };
    let write = |method: &str, path: String, body: &Value| {
        let mut request = get(path);
        set(&mut request, "content-type", "application/json");
        with(&mut request, "method", method);
        with(&mut request, "body", &body.to_string());
        request
    };
    let rows = "/work_orders?select=*&archived_at=is.null";
    let order = json!({
        "type": "corrective", "title": "Dock door does not close", "priority": "high", "area": "Docks",
        "description": "It stops half-way and opens again. Nothing lies in the light curtain.",
    });
    let write_there = |method: &str, path: String, body: &Value| {
        let mut request = write(method, path, body);
        set(&mut request, "accept", ONE);
        set(&mut request, "prefer", "return=representation");
        request
    };
    let opens = write_there("POST", "/work_orders?select=*".to_owned(), &order);
    let moved = json!({"area": "Sorting hall 2", "status": "maintenance"});
    let change = machines.iter().map(|id| {
        let there = format!("/equipment?select=*&id=eq.{id}&version=eq.1");
        let mut here = write("PATCH", format!("/api/v1/equipment/{id}"), &moved);
        set(&mut here, "if-match", "\"1\"");
        (write_there("PATCH", there, &moved), here)
    });

    let list = |filter: &str| {
        (
            vec![get(format!("{rows}{filter}&order=id.desc&limit=50"))],
            vec![get(format!(
                "/api/v1/work-orders?{}limit=50",
                if filter.is_empty() { "" } else { "status=assigned&" }
            ))],
        )
    };
    let live = Route {
        name: "live",
        title: "GET /api/live: no token, no gateway",
        contenders: [contender(Who::Empty, places.empty, &[get("/".to_owned())])]
            .into_iter()
            .chain(places.workers(&[get("/api/live".to_owned())]))
            .chain([contender(Who::Entry, places.entry, &[get("/api/live".to_owned())])])
            .collect(),
    };
    let route = |name, title, (gateway, api): (Vec<Value>, Vec<Value>)| Route {
        name,
        title,
        contenders: [
            contender(Who::Gateway, places.gateway, &gateway),
            contender(Who::Proxy, places.proxy, &gateway),
        ]
        .into_iter()
        .chain(places.workers(&api))
        .collect(),
    };
    let one = work_orders.iter().map(|id| {
        let select = "select=*,...standing(open_moves,may),checklist:checklist_items(*),\
                      attachments!attachments_work_order_id_fkey(*)";
        (
            get_one(format!(
                "/work_orders?{select}&id=eq.{id}&checklist.order=position.asc&attachments.order=id.asc"
            )),
            get(format!("/api/v1/work-orders/{id}")),
        )
    });
    let whole = work_orders
        .iter()
        .map(|id| (get_one(whole_there(id)), get(format!("/api/v1/work-orders/{id}?include={WHOLE}"))));
    let home =
        (vec![write("POST", "/rpc/home".to_owned(), &json!({}))], vec![get("/api/v1/home".to_owned())]);
    vec![
        live,
        route("list", "GET /api/v1/work-orders?limit=50", list("")),
        route("filtered", "GET /api/v1/work-orders?status=assigned&limit=50", list("&status=eq.assigned")),
        route("one", "GET /api/v1/work-orders/{id}: 5 or 8 checklist items, 2 attachments", one.unzip()),
        route("whole", "GET /api/v1/work-orders/{id}?include=names and every child", whole.unzip()),
        route("home", "GET /api/v1/home", home),
        route(
            "create",
            "POST /api/v1/work-orders",
            (vec![opens], vec![write("POST", "/api/v1/work-orders".to_owned(), &order)]),
        ),
        route("change", "PATCH /api/v1/equipment/{id}, If-Match with its version", change.unzip()),
    ]
}

fn contender(who: Who, base: &str, requests: &[Value]) -> Contender {
    Contender { who, base: base.to_owned(), requests: requests.to_vec() }
}

fn with(request: &mut Value, field: &str, value: &str) {
    if let Some(request) = request.as_object_mut() {
        request.insert(field.to_owned(), value.into());
    }
}

fn set(request: &mut Value, header: &str, value: &str) {
    if let Some(headers) = request.get_mut("headers") {
        with(headers, header, value);
    }
}
