//! The bytes of a file, as they lie in the bucket.

use millwright_domain::attachment::FileForm;
use millwright_edge::{Problem, Response, is_known};
use worker::{Bucket, Data, HttpMetadata, Object, ResponseBody};

use crate::call::Call;

/// The binding of the bucket with work orders' files.
const BUCKET: &str = "WO_ATTACHMENTS";

/// Stores the bytes of a file that the database waits for. The bucket tells the file processor.
pub(crate) async fn put_original(
    call: &Call,
    key_prefix: &str,
    content_type: &str,
    bytes: impl Into<Data>,
) -> worker::Result<()> {
    let metadata = HttpMetadata { content_type: Some(content_type.to_owned()), ..HttpMetadata::default() };
    let key = FileForm::Original.key(key_prefix);
    call.env.bucket(BUCKET)?.put(key, bytes).http_metadata(metadata).execute().await.map(drop)
}

/// Answers with a form of a file that may be served, as it comes in. Whoever has it already (`If-None-Match`), or wants to
/// know of it only (`HEAD`), gets no bytes, and none are read.
pub(crate) async fn stored(call: &Call, form: FileForm, key_prefix: &str) -> Result<Response, Problem> {
    let bucket: Bucket = call.env.bucket(BUCKET).map_err(|error| Problem::internal(error.to_string()))?;
    let key = form.key(key_prefix);
    let is_asked_of = call.info.method == "HEAD";
    if is_asked_of || call.request.header("if-none-match").is_some() {
        let object =
            bucket.head(&key).await.map_err(|error| unreachable(&error))?.ok_or_else(no_such_file)?;
        if is_known(&call.request, &object.http_etag()) {
            return Ok(described(Response::without_body(304), &object));
        }
        if is_asked_of {
            return Ok(sized(described(Response::without_body(200), &object), &object));
        }
    }
    let object =
        bucket.get(key).execute().await.map_err(|error| unreachable(&error))?.ok_or_else(no_such_file)?;
    let body =
        object.body().ok_or_else(no_such_file)?.response_body().map_err(|error| unreachable(&error))?;
    let ResponseBody::Stream(body) = body else { return Err(no_such_file()) };
    Ok(sized(described(Response::streamed(200, body), &object), &object))
}

/// The headers of an answer with bytes and of one without.
fn described(mut response: Response, object: &Object) -> Response {
    response.set("etag", object.http_etag());
    // A form never changes once it is there; whoever may see it may keep it.
    response.set("cache-control", "private, max-age=31536000, immutable");
    response
}

fn sized(mut response: Response, object: &Object) -> Response {
    if let Some(content_type) = object.http_metadata().content_type {
        response.set("content-type", content_type);
    }
    response.set("content-length", object.size().to_string());
    response
}

fn unreachable(error: &worker::Error) -> Problem {
    Problem::unavailable("the file store cannot be reached", error.to_string())
}

/// 404, in words.
pub(crate) fn no_such_file() -> Problem {
    Problem::not_found("there is no such file, or it is not yours to see")
}
