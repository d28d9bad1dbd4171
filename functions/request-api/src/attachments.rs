//! Files of work orders: in as a stream, out as a stream.

mod description;

use futures_util::{StreamExt, TryStreamExt, stream};
use millwright_domain::attachment::{FileForm, FileKind, SNIFF_BYTES, VARIANTS};
use millwright_domain::id::{AttachmentId, WorkOrderId};
use millwright_domain::resource::{ATTACHMENTS, TWICE, WORK_ORDER_ATTACHMENTS, WORK_ORDERS};
use millwright_edge::{Problem, Response, discard, json, locate, new_id};
use millwright_store::attachments::{self, Attachment, NewAttachment};
use worker::{ByteStream, FixedLengthStream};

use crate::call::{Call, Signed};
use crate::endpoint::{Api, Handler, Method};
use crate::resources::{all_of, no_such, one_of, why_refused};
use crate::stored::{no_such_file, put_original, stored};

/// The upload, and the path that files are read from; everything else is as with every resource.
pub(crate) fn declare(api: &mut Api) {
    let files = all_of(&WORK_ORDER_ATTACHMENTS);
    api.add(files.on(Method::Post, Handler::person(upload), description::upload));
    let bytes = one_of(&ATTACHMENTS, "/content");
    api.add(bytes.on(Method::Get, Handler::person(content), description::content).giving(None));
}

/// `POST /api/v1/work-orders/{id}/attachments?filename=…`: the body is the file.
///
/// The bytes go to the bucket as they come in; only the first few are looked at here, to tell what they are. The
/// file processor does the rest once they have landed.
async fn upload(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let work_order = WorkOrderId(call.path.get("id").parse().map_err(|_| no_such(&WORK_ORDERS))?);
    let file_name = file_name(call)?;
    let size_bytes = announced_size(call)?;
    let mut body = call.request.stream().ok_or_else(|| Problem::malformed("the upload has no body"))?;
    let beginning = first_bytes(&mut body).await?;
    let (new, attachment) = match accept(signed, work_order, &file_name, size_bytes, &beginning).await {
        Ok(accepted) => accepted,
        Err(problem) => {
            discard(&mut body).await;
            return Err(problem);
        }
    };
    let whole = stream::iter([Ok(beginning)]).chain(body);
    let bytes = FixedLengthStream::wrap(whole, size_bytes);
    if let Err(error) = put_original(call, &attachment.key_prefix(), new.content_type, bytes).await {
        // Nothing may stay of an upload that did not arrive.
        attachments::withdraw(&signed.session(), new.id).await?;
        return Err(Problem::unavailable(
            "the file could not be stored; please send it again",
            error.to_string(),
        ));
    }
    let mut response = json(201, &attachment)?;
    locate(&mut response, format!("/api/v1/attachments/{}/content", new.id));
    Ok(response)
}

/// `GET /api/v1/attachments/{id}/content?variant=original|display|thumbnail`.
async fn content(signed: &Signed<'_>) -> Result<Response, Problem> {
    let call = signed.call;
    let form = form(call)?;
    let id = call.path.get("id").parse().map_err(|_| no_such_file())?;
    let attachment = attachments::get(&signed.session(), id).await?.ok_or_else(no_such_file)?;
    let state = attachment.state;
    if !state.is_readable() {
        return Err(Problem::conflict("not_ready", format!("the file cannot be read: it is {state}")));
    }
    if form.is_rendition() && !attachment.has_renditions {
        return Err(Problem::not_found(
            "the picture is too large to have this variant; its original can be read",
        ));
    }
    stored(call, form, &attachment.key_prefix()).await
}

/// Judges an upload by its first bytes, and registers it.
async fn accept(
    signed: &Signed<'_>,
    work_order_id: WorkOrderId,
    name: &str,
    size_bytes: u64,
    beginning: &[u8],
) -> Result<(NewAttachment, Attachment), Problem> {
    let (kind, file_name) = FileKind::accept(beginning, name)
        .map_err(|error| Problem::unsupported_media_type(error.to_string()))?;
    let id = AttachmentId(new_id());
    let new = NewAttachment { id, work_order_id, file_name, content_type: kind.content_type(), size_bytes };
    let session = signed.session();
    match attachments::register(&session, &new).await {
        Ok(attachment) => Ok((new, attachment)),
        Err(error) => Err(why_refused(&session, &WORK_ORDER_ATTACHMENTS, Some(work_order_id.0), error).await),
    }
}

fn file_name(call: &Call) -> Result<String, Problem> {
    said_once(call, "filename")?.ok_or_else(|| Problem::wrong_parameter("filename", "is required"))
}

/// The value of a parameter that is there once, if at all.
fn said_once(call: &Call, wanted: &str) -> Result<Option<String>, Problem> {
    let mut values =
        call.info.query_pairs().filter(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Problem::wrong_parameter(wanted, TWICE)),
        (value, None) => Ok(value),
    }
}

/// The form of a file that the query asks for.
fn form(call: &Call) -> Result<FileForm, Problem> {
    let Some(value) = said_once(call, "variant")? else {
        return Ok(FileForm::USUAL);
    };
    FileForm::served_as(&value).ok_or_else(|| {
        let known = VARIANTS.map(|(word, _)| word).join(", ");
        Problem::wrong_parameter("variant", format!("must be one of: {known}"))
    })
}

/// The size, from `Content-Length`: the bucket takes a stream only when its length is known.
fn announced_size(call: &Call) -> Result<u64, Problem> {
    let announced = call.request.header("content-length");
    let size: u64 = announced.and_then(|text| text.parse().ok()).ok_or_else(Problem::length_required)?;
    let max = call.app.upload_max_bytes;
    if size > max { Err(Problem::too_large(max)) } else { Ok(size) }
}

/// Reads as much as is needed to tell what a file is; what was read comes back, to be sent on.
async fn first_bytes(body: &mut ByteStream) -> Result<Vec<u8>, Problem> {
    let mut beginning = Vec::new();
    while beginning.len() < SNIFF_BYTES {
        match body.try_next().await.map_err(|_| Problem::malformed("the upload ended too soon"))? {
            Some(chunk) => beginning.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok(beginning)
}
