//! Requests to the gateway and to providers, over the runtime's fetch, with a deadline.

use std::time::Duration;

use millwright_domain::public_address::PublicAddress;
use millwright_store::{Reply, Transport, TransportError};
use reqwest::header::{HeaderName, HeaderValue};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{self, Uint8Array};
use worker::web_sys;
use worker::{AbortSignal, Delay, Error, Fetch, Request, RequestInit, RequestRedirect, Response};

use crate::init::{Headers, object};

/// Milliseconds that the gateway has to answer, before a client gets 504. The database gives up before (`statement_timeout` in
/// `migrations/0001_foundation.sql`), so nothing goes on that nobody waits for.
const GATEWAY_DEADLINE_MS: u32 = 10_000;

/// Carries the store's requests.
#[derive(Debug, Clone, Copy)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    /// The runtime's own response, of which nothing is read before someone needs it.
    type Body = web_sys::Response;

    async fn send(&self, request: &reqwest::Request) -> Result<Reply<Self::Body>, TransportError> {
        let init = to_fetch(request).map_err(|error| unreachable(error.into()))?;
        init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(GATEWAY_DEADLINE_MS)));
        let runtime: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
        let answer = JsFuture::from(runtime.fetch_with_str_and_init(request.url().as_str(), &init));
        let body: web_sys::Response = answer.await.map_err(|error| classify(error.into()))?.unchecked_into();
        Ok(Reply { status: body.status(), body })
    }

    async fn pause(milliseconds: u32) {
        Delay::from(Duration::from_millis(milliseconds.into())).await;
    }

    async fn read(body: Self::Body) -> Result<Vec<u8>, TransportError> {
        Ok(whole(&body).await?.to_vec())
    }
}

/// The whole body of an answer, as it lies in the runtime's memory.
///
/// Read by the runtime itself: chunk by chunk from here, a small body cost more than asking for it.
pub(crate) async fn whole(answer: &web_sys::Response) -> Result<Uint8Array, TransportError> {
    let broken = |error: JsValue| TransportError::from(classify(error.into()));
    let buffer = JsFuture::from(answer.array_buffer().map_err(broken)?).await.map_err(broken)?;
    Ok(Uint8Array::new(&buffer))
}

/// The reason why a provider gave no answer. Its words name no provider: whoever asked knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nothing came within the deadline. A write may or may not have happened.
    Deadline,
    /// It could not be reached, or the connection broke. The text is for the log.
    Unreachable(String),
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deadline => f.write_str("no answer came in time"),
            Self::Unreachable(reason) => write!(f, "it cannot be reached: {reason}"),
        }
    }
}

impl From<NoAnswer> for TransportError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Deadline => Self::Deadline,
            NoAnswer::Unreachable(reason) => Self::Unreachable(reason),
        }
    }
}

/// The place that a request goes to, beside the gateway.
#[derive(Debug, Clone, Copy)]
pub enum Destination<'a> {
    /// A provider, whose address stands in our own configuration.
    Provider(&'a str),
    /// An address that people have told us.
    Told(&'a PublicAddress),
}

/// Sends a request, which must be answered, body included, within `milliseconds`. One to an address that we were told follows
/// no redirect: it would lead to an address that nobody has judged.
///
/// # Errors
/// If no answer came.
#[expect(clippy::disallowed_methods, reason = "the one place from which something is called")]
pub async fn send_within(
    to: Destination<'_>,
    init: &mut RequestInit,
    milliseconds: u32,
) -> Result<Response, NoAnswer> {
    let address = match to {
        Destination::Provider(address) => address,
        Destination::Told(address) => {
            init.with_redirect(RequestRedirect::Manual);
            address.as_str()
        }
    };
    let request = Request::new_with_init(address, init).map_err(unreachable)?;
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(milliseconds));
    Fetch::Request(request).send_with_signal(&signal).await.map_err(classify)
}

/// The second argument of the runtime's `fetch`, without the body and the signal.
#[derive(Serialize)]
struct Init<'a, H> {
    method: &'a str,
    headers: H,
}

/// The same request as the runtime's own fetch takes it, so that its answer's body stays in the runtime and can be
/// streamed on. No `Request` is made of it: fetch would copy that.
fn to_fetch<'a>(request: &'a reqwest::Request) -> Result<web_sys::RequestInit, JsValue> {
    let text = |(name, value): (&'a HeaderName, &'a HeaderValue)| {
        (name.as_str(), value.to_str().unwrap_or_default())
    };
    let headers = Headers(|| request.headers().iter().map(text));
    let init = Init { method: request.method().as_str(), headers };
    let init: web_sys::RequestInit = object(&init)?;
    if let Some(body) = request.body().and_then(reqwest::Body::as_bytes).filter(|body| !body.is_empty()) {
        init.set_body(&JsValue::from_str(&String::from_utf8_lossy(body)));
    }
    Ok(init)
}

fn classify(error: Error) -> NoAnswer {
    match &error {
        Error::UnknownJsError { name: Some(name), .. } if name == "TimeoutError" => NoAnswer::Deadline,
        _ if error.to_string().contains("TimeoutError") => NoAnswer::Deadline,
        _ => unreachable(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn unreachable(error: Error) -> NoAnswer {
    NoAnswer::Unreachable(error.to_string())
}
