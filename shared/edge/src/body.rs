//! Reading a request's body, up to a limit.

use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use worker::ByteStream;
use worker::js_sys::Uint8Array;
use worker::js_sys::futures::JsFuture;

use crate::problem::Problem;
use crate::request::Request;

/// The most bytes of a JSON body.
pub const MAX_JSON_BYTES: usize = 1024 * 1024;

/// The most bytes that are read only to be thrown away.
const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;

/// Reads a JSON body.
///
/// # Errors
/// 415 when it is not announced as JSON, 413 when it is too large, 400 when it is not JSON.
pub async fn read_json(request: &Request) -> Result<Value, Problem> {
    read_large_json(request, MAX_JSON_BYTES).await
}

/// The same, of up to so many bytes, and as whatever reads JSON.
///
/// # Errors
/// As [`read_json`].
pub async fn read_large_json<T: DeserializeOwned>(request: &Request, max_bytes: usize) -> Result<T, Problem> {
    let announced = request.header("content-type").unwrap_or_default();
    if !is_json(&announced) {
        return Err(Problem::unsupported_media_type("the body must be application/json, in UTF-8"));
    }
    let body = read_limited(request, max_bytes).await?;
    serde_json::from_slice(&body)
        .map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))
}

/// Reads a body of any other kind.
///
/// # Errors
/// 415 when it is not announced as `media_type`, 413 when it is too large.
pub async fn read_bytes(request: &Request, media_type: &str, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    let announced = request.header("content-type").unwrap_or_default();
    let essence = announced.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(media_type) {
        return Err(Problem::unsupported_media_type(format!("the body must be {media_type}")));
    }
    read_limited(request, max_bytes).await
}

/// Reads a body to its end, which must come within `max_bytes`.
///
/// # Errors
/// 413 when it does not; 400 when the client breaks off.
async fn read_limited(request: &Request, max_bytes: usize) -> Result<Vec<u8>, Problem> {
    // Nearly every body announces that it is small. The runtime reads it in one go, which costs less than its chunks.
    let announced = request.header("content-length");
    if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length <= max_bytes) {
        return whole(request).await.map_err(|_| Problem::malformed("the body ended too soon"));
    }
    let mut body = Vec::new();
    // A request without a body has no stream.
    let Some(mut stream) = request.stream() else {
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

/// Reads the rest of a body that was refused, up to a limit.
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

/// Refuses a body that is compressed, which nothing here reads.
///
/// # Errors
/// 415 when its `Content-Encoding` is any but none.
pub fn must_be_plain(request: &Request) -> Result<(), Problem> {
    match request.header("content-encoding") {
        Some(coding) if !coding.trim().eq_ignore_ascii_case("identity") => {
            Err(Problem::unsupported_media_type("the body must not be compressed (Content-Encoding)"))
        }
        _ => Ok(()),
    }
}

/// JSON has one encoding: UTF-8.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| Some(part.strip_prefix("charset=")?.trim_matches('"').to_owned()));
    (essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")))
        && charset.is_none_or(|charset| matches!(&*charset, "utf-8" | "utf8" | "us-ascii"))
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_comes_under_several_names() {
        assert!(is_json("application/json; charset=utf-8") && is_json("Application/Merge-Patch+JSON"));
        assert!(
            is_json("application/json;Charset=\"UTF-8\"") && !is_json("application/json; charset=latin1")
        );
        assert!(!is_json("text/json") && !is_json("application/x-www-form-urlencoded") && !is_json(""));
    }
}
