//! A report on its way: read, sent to the database in one round trip, its photo stored where other uploads are.

use millwright_domain::input::{FieldError, pointer};
use millwright_domain::resource::{PROBLEM_REPORT, Row};
use millwright_domain::scan::title;
use millwright_edge::{Form, FormFile, Problem, is_form, nudge_sender_after_answer, read_form, read_json};
use millwright_store::resources::Once;
use millwright_store::scan::{self, AnonymousReporter, Reported};
use serde_json::{Value, json};

use super::no_such_label;
use super::photo::{self, PhotoSent, Stored};
use crate::call::Call;
use crate::function::FUNCTION;
use crate::idempotency;

/// The field of a form that holds its token: a page that is sent twice is one report.
pub(super) const FORM_TOKEN: &str = "form";
/// The field of a form that holds a photo.
pub(super) const PHOTO: &str = "photo";

/// The most bytes that a form may have beside its photo.
const TEXT_BYTES: u64 = 64 * 1024;

/// A report that is right.
pub(super) struct Report {
    row: Row,
    photo: Option<PhotoSent>,
    once: Option<Once>,
}

/// A report that was taken.
pub(super) struct Taken {
    /// The number of its work order.
    pub(super) number: String,
    /// The result of storing its photo.
    pub(super) photo: Stored,
}

/// Reads a report, as JSON or as a form.
pub(super) async fn read(call: &Call) -> Result<Report, Problem> {
    if is_form(&call.request) {
        let mut form = read_whole_form(call).await?;
        // Apps say it in a header.
        let once = form.texts.remove(FORM_TOKEN);
        return judge(call, form, once.as_ref().and_then(Value::as_str));
    }
    let body = read_json(&call.request).await?;
    let row = PROBLEM_REPORT.read_new(&body).map_err(Problem::invalid)?;
    Ok(Report { row, photo: None, once: idempotency::read(call, &body)? })
}

/// Reads a form to its end, so that a page can show again what was written.
pub(super) async fn read_whole_form(call: &Call) -> Result<Form, Problem> {
    read_form(&call.request, call.app.upload_max_bytes + TEXT_BYTES).await
}

/// Judges a form. Everything that is wrong is named at once.
pub(super) fn judge(call: &Call, form: Form, form_token: Option<&str>) -> Result<Report, Problem> {
    let Form { texts, files, errors: twice } = form;
    let texts = Value::Object(texts);
    let (row, mut errors) = match PROBLEM_REPORT.read_new(&texts) {
        Ok(row) => (row, Vec::new()),
        Err(errors) => (Row::new(), errors),
    };
    errors.extend(twice);
    let mut photo = None;
    for file in files {
        match read_file(call, file) {
            Ok(read) => photo = Some(read),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let hash = photo.as_ref().map(PhotoSent::hash);
    let asked = json!([texts, hash]);
    let once = match form_token {
        Some(key) => Some(idempotency::of(call, key.to_owned(), &asked)?),
        None => idempotency::read(call, &asked)?,
    };
    Ok(Report { row, photo, once })
}

fn read_file(call: &Call, file: FormFile) -> Result<PhotoSent, FieldError> {
    let wrong = |message: String| FieldError { pointer: pointer(&file.field), message };
    if file.field != PHOTO {
        return Err(wrong("takes no file".to_owned()));
    }
    if file.bytes.len() as u64 > call.app.upload_max_bytes {
        return Err(wrong(format!("must have at most {} bytes", call.app.upload_max_bytes)));
    }
    let FormFile { name, bytes, .. } = file;
    PhotoSent::read(bytes, &name).map_err(|_| wrong("must be a JPEG, PNG or WebP picture".to_owned()))
}

/// Sends a report. When it was taken before, the answer is the same and nothing else happens.
pub(super) async fn send(call: &Call, token: &str, report: Report) -> Result<Taken, Problem> {
    let Report { mut row, photo, once } = report;
    // An empty field of the form was not filled in.
    row.retain(|_, value| value != "");
    let said = row.get("description").and_then(Value::as_str).unwrap_or_default();
    row.insert("title".to_owned(), title(said).into());
    let announced = photo.as_ref().map(|photo| &photo.announced);
    let session = call.own_session();
    let reported = scan::report(&session, token, &row, announced, once.as_ref(), &reporter(call)).await?;
    match reported.ok_or_else(no_such_label)? {
        Reported::Closed => Err(Problem::forbidden("problems cannot be reported with this label")),
        Reported::Reused => Err(Problem::reused_key()),
        Reported::Taken { number, photo: expected } => {
            nudge_sender_after_answer(&call.env, &call.context, FUNCTION);
            let photo = photo::store(call, expected, photo).await?;
            Ok(Taken { number, photo })
        }
    }
}

/// The sender, known by their address alone. Where the platform does not tell addresses, all senders count as one.
fn reporter(call: &Call) -> AnonymousReporter {
    let (backend, address) = (&call.app.backend, call.request.client_address());
    let pseudonym = address.map_or_else(|| backend.pseudonym(""), |address| backend.network_of(address));
    AnonymousReporter { pseudonym, rate: call.app.report_rate }
}
