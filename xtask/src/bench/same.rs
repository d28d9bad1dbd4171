//! A comparison is worth something only when all do the same: before anything is measured, the answers are compared.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use super::plan::{Contender, Route, Who};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::Duration;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// The headers of a contender's answer that a client reads; the request's id is left out, because it always differs.
const HEADERS: [&str; 10] = [
    "content-security-policy",
    "strict-transport-security",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "vary",
    "cache-control",
    "etag",
    "link",
];

/// The fields of a new work order that no other has.
const OWN: [&str; 6] = ["id", "number", "created_at", "updated_at", "last_activity_at", "response_due_at"];

/// The moment at which a first screen was put together.
const ASKED_AT: &str = "at";

struct Answer {
    status: u16,
    headers: Vec<Option<String>>,
    has_id: bool,
    body: Value,
}

/// The two workers must answer alike, and the bodies must be the gateway's.
pub(super) fn check(routes: &[Route]) -> Result<()> {
    for route in routes {
        let ask = |who| -> Result<Option<Answer>> {
            let contender = route.contenders.iter().find(|contender| contender.who == who);
            contender.map(first).transpose().with_context(|| format!("{}: {}", route.title, who_is(who)))
        };
        let peer = ask(Who::TypeScript)?.context("no TypeScript Worker")?;
        let ours = ask(Who::Millwright)?.context("no Millwright")?;
        let fail = |what: &str| -> Result<()> {
            bail!("{}: {what} differ. tests/bench/typescript must do what request-api does", route.title)
        };
        if peer.status != ours.status || !(200..300).contains(&ours.status) {
            return fail(&format!("the statuses ({} and {})", peer.status, ours.status));
        }
        if peer.headers != ours.headers || !peer.has_id || !ours.has_id {
            return fail("the headers");
        }
        if peer.body != ours.body {
            return fail("the bodies of the TypeScript Worker and of Millwright");
        }
        if let Some(gateway) = ask(Who::Gateway)?
            && gateway.body != ours.body
        {
            return fail("the bodies of the gateway and of Millwright");
        }
    }
    Ok(())
}

/// Both workers must refuse the same, so that neither saves a check.
pub(super) fn check_refusals(stand_ins: &[String]) -> Result<()> {
    let [_, _, peer, ours, ..] = stand_ins else { bail!("four stand-ins were expected") };
    let expired = "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA";
    for (path, token, expected) in [
        ("/api/v1/work-orders", None, 401),
        ("/api/v1/work-orders", Some(expired), 401),
        ("/api/nothing", None, 404),
    ] {
        for base in [peer, ours] {
            let mut request = Request::get(format!("{base}{path}"));
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            let answer = read(agent().run(request.body(())?)?)?;
            if answer.status != expected || answer.body["status"] != expected || !answer.has_id {
                bail!("{base}{path} answered {} instead of {expected}", answer.status);
            }
        }
    }
    Ok(())
}

fn who_is(who: Who) -> &'static str {
    who.label()
}

/// A contender's answer to the first of its requests.
fn first(contender: &Contender) -> Result<Answer> {
    let wanted = contender.requests.first().context("nothing to ask")?;
    let text = |field: &str| wanted[field].as_str().unwrap_or_default().to_owned();
    let mut request =
        Request::builder().method(text("method").as_str()).uri(contender.base.clone() + &text("path"));
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let response = match wanted["body"].as_str() {
        Some(body) => agent().run(request.body(body.to_owned())?)?,
        None => agent().run(request.body(())?)?,
    };
    read(response)
}

fn read(mut response: Response<Body>) -> Result<Answer> {
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    // Each has cursors of its own, which no client reads, and may say behind the version what else a row was told with.
    let said = |name: &str| {
        let end = if name == "etag" { "-" } else { "cursor=" };
        Some(header(name)?.split(end).next()?.trim_matches('"').to_owned())
    };
    let headers = HEADERS.iter().map(|name| said(name)).collect();
    let has_id = header("x-request-id").is_some();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    let mut body: Value = serde_json::from_str(&text).with_context(|| format!("{status}: {text}"))?;
    if let Some(told) = body.as_object_mut() {
        told.remove(ASKED_AT);
        for own in OWN.into_iter().filter(|_| status == 201) {
            told.remove(own);
        }
    }
    Ok(Answer { status, headers, has_id, body })
}

fn agent() -> Agent {
    let patience = Some(Duration::from_secs(30));
    Agent::config_builder().timeout_global(patience).http_status_as_error(false).build().into()
}
