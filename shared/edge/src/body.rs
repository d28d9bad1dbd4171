//! Reading a request's body, up to a limit.

use futures_util::StreamExt;
use serde_json::Value;
use worker::js_sys::Uint8Array;
use worker::js_sys::futures::JsFuture;
use worker::web_sys;
use worker::{ByteStream, Request};

use crate::problem::Problem;

/// No JSON that a client sends is larger, in bytes.
const MAX_JSON_BYTES: usize = 1024 * 1024;

/// No more than this is read only to be thrown away, in bytes.
const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;

/// Reads a JSON body.
///
/// # Errors
/// 415 when it is not announced as JSON, 413 when it is too large, 400 when it is not JSON.
pub async fn read_json(request: &mut Request) -> Result<Value, Problem> {
    let announced = request.headers().get("content-type").ok().flatten().unwrap_or_default();
    if !is_json(&announced) {
        return Err(Problem::unsupported_media_type("the body must be application/json"));
    }
    let body = read_limited(request, MAX_JSON_BYTES).await?;
    serde_json::from_slice(&body)
        .map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))
}

/// Reads a body to its end, which must come within `max_bytes`.
///
/// # Errors
/// 413 when it does not; 400 when the client breaks off.
async fn read_limited(request: &mut Request, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    // Announced and small, as nearly all are: the runtime reads it in one go, which costs less than its chunks.
    let announced = request.headers().get("content-length").ok().flatten();
    if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length <= max_bytes) {
        return whole(request).await.map_err(|_| Problem::malformed("the body ended too soon"));
    }
    let mut body = Vec::new();
    // A request without a body has no stream.
    let Ok(mut stream) = request.stream() else {
        return Ok(body);
    };
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::malformed("the body ended too soon"))?;
        if body.len() + chunk.len() > max_bytes {
            discard(&mut stream).await;
            return Err(Problem::too_large(max_bytes as u64));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

async fn whole(request: &Request) -> worker::Result<Vec<u8>> {
    let buffer = JsFuture::from(request.inner().array_buffer()?).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Reads what is left of a body that nobody wants, up to a limit.
///
/// A client that is still sending when it is refused would find its connection reset, and never see the answer.
pub async fn discard(body: &mut ByteStream) {
    let mut discarded = 0;
    while discarded < MAX_DISCARDED_BYTES
        && let Some(Ok(chunk)) = body.next().await
    {
        discarded += chunk.len();
    }
}

/// Answers with the body of a request, so that it can be discarded when nobody has read it in the end.
#[must_use]
pub fn unread(request: &Request) -> Option<UnreadBody> {
    request.inner().body().map(UnreadBody)
}

/// A body that may be left unread.
pub struct UnreadBody(web_sys::ReadableStream);

impl UnreadBody {
    /// Discards it, unless someone has begun to read it.
    pub async fn discard(self) {
        if !self.0.locked() {
            discard(&mut ByteStream::from(self.0)).await;
        }
    }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_comes_under_several_names() {
        assert!(is_json("application/json; charset=utf-8") && is_json("Application/Merge-Patch+JSON"));
        assert!(!is_json("text/json") && !is_json("application/x-www-form-urlencoded") && !is_json(""));
    }
}
