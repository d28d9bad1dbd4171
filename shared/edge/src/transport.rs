//! Requests to the gateway and to providers, over the runtime's fetch, with a deadline.

use millwright_store::{Reply, Transport, TransportError};
use wasm_bindgen::JsValue;
use worker::web_sys;
use worker::{AbortSignal, Error, Fetch, Headers, Method, Request, RequestInit, Response};

/// How long the gateway may take, in milliseconds, until a client is told 504.
const GATEWAY_DEADLINE_MS: u32 = 10_000;

/// Carries the store's requests.
#[derive(Debug, Clone, Copy)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    type Body = Response;

    async fn send(&self, request: reqwest::Request) -> Result<Reply<Response>, TransportError> {
        let request = to_fetch(&request).map_err(unreachable)?;
        let response = send_within(request, GATEWAY_DEADLINE_MS).await?;
        let content_range = response.headers().get("content-range").ok().flatten();
        Ok(Reply { status: response.status_code(), content_range, body: response })
    }

    async fn read(mut body: Response) -> Result<Vec<u8>, TransportError> {
        body.bytes().await.map_err(classify)
    }
}

/// Sends a request that must be answered, body included, within `milliseconds`.
///
/// # Errors
/// When it was not, or the other side cannot be reached.
pub async fn send_within(request: Request, milliseconds: u32) -> Result<Response, TransportError> {
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(milliseconds));
    Fetch::Request(request).send_with_signal(&signal).await.map_err(classify)
}

/// The same request in the runtime's own type, so that its answer's body stays in the runtime and can be streamed on.
fn to_fetch(request: &reqwest::Request) -> worker::Result<Request> {
    let headers = Headers::new();
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method().as_str().to_owned())).with_headers(headers);
    if let Some(body) = request.body().and_then(reqwest::Body::as_bytes).filter(|body| !body.is_empty()) {
        init.with_body(Some(JsValue::from_str(&String::from_utf8_lossy(body))));
    }
    Request::new_with_init(request.url().as_str(), &init)
}

fn classify(error: Error) -> TransportError {
    match &error {
        Error::UnknownJsError { name: Some(name), .. } if name == "TimeoutError" => TransportError::Deadline,
        _ if error.to_string().contains("TimeoutError") => TransportError::Deadline,
        _ => unreachable(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn unreachable(error: Error) -> TransportError {
    TransportError::Unreachable(error.to_string())
}
