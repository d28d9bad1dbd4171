//! Requests to the gateway and to providers, over the runtime's fetch, with a deadline.

use millwright_store::{Reply, Transport, TransportError};
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{self, Uint8Array};
use worker::web_sys;
use worker::{AbortSignal, Error, Fetch, Request, Response, ResponseBody};

/// How long the gateway may take, in milliseconds, until a client is told 504.
const GATEWAY_DEADLINE_MS: u32 = 10_000;

/// Carries the store's requests.
#[derive(Debug, Clone, Copy)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    type Body = Response;

    async fn send(&self, request: reqwest::Request) -> Result<Reply<Response>, TransportError> {
        let init = to_fetch(&request).map_err(|error| unreachable(error.into()))?;
        init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(GATEWAY_DEADLINE_MS)));
        let runtime: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
        let answer = JsFuture::from(runtime.fetch_with_str_and_init(request.url().as_str(), &init));
        let answer = answer.await.map_err(|error| classify(error.into()))?;
        let response = Response::from(answer.unchecked_into::<web_sys::Response>());
        let content_range = response.headers().get("content-range").ok().flatten();
        Ok(Reply { status: response.status_code(), content_range, body: response })
    }

    async fn read(body: Response) -> Result<Vec<u8>, TransportError> {
        Ok(whole(body).await.map_err(classify)?.to_vec())
    }
}

/// The whole body of an answer, as it lies in the runtime's memory.
///
/// Read by the runtime itself: chunk by chunk from here, a small body cost more than asking for it.
pub(crate) async fn whole(answer: Response) -> worker::Result<Uint8Array> {
    let stream = match answer.into_parts().1 {
        ResponseBody::Stream(stream) => stream,
        ResponseBody::Body(bytes) => return Ok(Uint8Array::from(bytes.as_slice())),
        ResponseBody::Empty => return Ok(Uint8Array::new_with_length(0)),
    };
    let answer = web_sys::Response::new_with_opt_readable_stream(Some(&stream))?;
    let buffer = JsFuture::from(answer.array_buffer()?).await?;
    Ok(Uint8Array::new(&buffer))
}

/// Sends a request that must be answered, body included, within `milliseconds`.
///
/// # Errors
/// When it was not, or the other side cannot be reached.
pub async fn send_within(request: Request, milliseconds: u32) -> Result<Response, TransportError> {
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(milliseconds));
    Fetch::Request(request).send_with_signal(&signal).await.map_err(classify)
}

/// The same request as the runtime's own fetch takes it, so that its answer's body stays in the runtime and can be
/// streamed on. No `Request` is made of it: fetch would copy that.
fn to_fetch(request: &reqwest::Request) -> Result<web_sys::RequestInit, JsValue> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let init = web_sys::RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers(&headers);
    if let Some(body) = request.body().and_then(reqwest::Body::as_bytes).filter(|body| !body.is_empty()) {
        init.set_body(&JsValue::from_str(&String::from_utf8_lossy(body)));
    }
    Ok(init)
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
