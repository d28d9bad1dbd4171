//! Whole lists as CSV, page by page: one page is read, written and sent before the next one is asked for, so that a list of any
//! length costs the memory of a page, and the gateway no more at a time than any page does.

pub(crate) mod description;

use std::rc::Rc;

use futures_util::stream;
use millwright_domain::input::FieldError;
use millwright_domain::parameters::{self, Parameter};
use millwright_domain::resource::{
    Cursor, Kind, ListQuery, Lookup, Narrowing, RESOURCES, Resource, csv_header, csv_lines,
};
use millwright_edge::{FetchTransport, Problem, Response, log};
use millwright_store::resources::{self, List};
use millwright_store::{GatewaySession, Reply, StoreError, Transport};
use serde_json::json;
use uuid::Uuid;
use worker::{Error, ResponseBody, web_sys};

use crate::app::App;
use crate::auth::Caller;
use crate::call::{Call, Signed};
use crate::endpoint::{Api, Handler, Method};
use crate::function::FUNCTION;
use crate::paging::{Reading, decode_cursor};
use crate::resources::{below_all, parent_must_be_there, read_parent};

/// Rows that are asked for at once.
pub(crate) const PAGE: usize = 500;

/// The media type of an export.
pub(crate) const CSV: &str = "text/csv";

/// How an export writes texts.
pub(crate) const RAW: Parameter = Parameter {
    name: "raw",
    kind: Kind::Boolean,
    required: false,
    about: "Texts as they are; otherwise those that a spreadsheet takes for a formula have a ' before them",
};

/// The parameters of a list that make no sense where all of it is told, and all of a row is on one line.
const OF_PAGES: [&str; 4] = ["limit", "cursor", "include", "count"];

/// True for a list that may be long. What belongs to one thing is a page at most, as a rule, and comes with it.
fn is_exported(resource: &Resource) -> bool {
    resource.parent.is_none() || matches!(resource.lookup, Lookup::Indexed(_))
}

/// An export of every list that may be long, at its address and `/export.csv`.
pub(crate) fn declare(api: &mut Api) {
    for resource in RESOURCES.into_iter().filter(|resource| is_exported(resource)) {
        let read = Handler::person(async move |signed: &Signed<'_>| export(signed, resource).await);
        let all = below_all(resource, "/export.csv");
        api.add(all.on(Method::Get, read, || description::export(resource)).giving(CSV));
    }
}

/// `GET /api/v1/RESOURCE/export.csv`: all that the list has, in its order and with its filters.
async fn export(signed: &Signed<'_>, resource: &'static Resource) -> Result<Response, Problem> {
    let call = signed.call;
    let parent = read_parent(call, resource)?;
    let (query, raw) = read_query(call, resource)?;
    let narrowing = signed.narrowing(resource);
    let names = query.fields.clone().map(|asked| [vec!["id"], asked].concat());
    let columns = names.unwrap_or_else(|| resource.fields.iter().map(|field| field.name).collect());
    let (reading, teller) = (Reading::of(resource, parent, &query), Teller::of(signed));
    let file = resource.path.rsplit('/').next().unwrap_or_default();
    let listing = Listing { teller, resource, parent, narrowing, query };
    let ask = async move |after: Option<Cursor>| listing.page(after).await;
    answer(signed, file, Sheet { columns, raw, reading }, ask).await
}

/// All that a list is asked with, kept for as long as it is told.
struct Listing {
    teller: Teller,
    resource: &'static Resource,
    parent: Option<Uuid>,
    narrowing: Narrowing,
    query: ListQuery,
}

impl Listing {
    async fn page(&self, after: Option<Cursor>) -> Result<Vec<u8>, Problem> {
        let Self { teller, resource, parent, narrowing, .. } = self;
        let is_first = after.is_none();
        let query = ListQuery { after, limit: PAGE, ..self.query.clone() };
        let session = teller.session();
        let asked = List { resource, parent: *parent, narrowing, query: &query };
        let rows = read(resources::list(&session, &asked).await?).await?;
        if is_first && rows == b"[]" {
            parent_must_be_there(&session, resource, *parent).await?;
        }
        Ok(rows)
    }
}

/// Whoever goes on asking after the answer has begun.
pub(crate) struct Teller {
    app: Rc<App>,
    caller: Caller,
    request_id: String,
}

impl Teller {
    /// The caller of a request.
    pub(crate) fn of(signed: &Signed<'_>) -> Self {
        let Signed { call, caller } = signed;
        Self { app: Rc::clone(&call.app), caller: caller.clone(), request_id: call.info.id.clone() }
    }

    /// The gateway, asked as the caller.
    pub(crate) fn session(&self) -> GatewaySession<'_, FetchTransport> {
        self.app.backend.on_behalf_of(&self.caller.token).within_request(&self.request_id)
    }
}

/// The rows of an answer of the gateway's.
pub(crate) async fn read(reply: Reply<web_sys::Response>) -> Result<Vec<u8>, Problem> {
    Ok(FetchTransport::read(reply.body).await.map_err(StoreError::from)?)
}

/// The form of a file.
pub(crate) struct Sheet {
    /// Its columns, in their order.
    pub(crate) columns: Vec<&'static str>,
    /// If true, it has texts as they are, also those that a spreadsheet takes for a formula.
    pub(crate) raw: bool,
    /// The list.
    pub(crate) reading: Reading,
}

/// A page that has been read, and where the next one begins.
struct Page {
    text: String,
    next: Option<Cursor>,
}

impl Sheet {
    fn page(&self, rows: &[u8]) -> Result<Page, Problem> {
        let unreadable = || Problem::internal("the gateway's rows cannot be read");
        let lines = csv_lines(rows, &self.columns, self.raw).ok_or_else(unreadable)?;
        let last = lines.last.as_ref().filter(|_| lines.count == PAGE);
        let next = last.map(|row| self.reading.after(row).ok_or_else(unreadable));
        Ok(Page { text: lines.text, next: next.transpose()? })
    }
}

/// Answers with a file of all that `ask` tells of a list, a page after each cursor. The first page is read before, so that what
/// is refused is refused. If a later one fails, the file breaks off with a line that says so, and is no line of a file of its kind:
/// how the stream ended is not told to every client, and none may take a part for the whole.
pub(crate) async fn answer(
    signed: &Signed<'_>,
    file: &str,
    sheet: Sheet,
    ask: impl AsyncFn(Option<Cursor>) -> Result<Vec<u8>, Problem> + 'static,
) -> Result<Response, Problem> {
    let mut first = sheet.page(&ask(None).await?)?;
    first.text.insert_str(0, &csv_header(&sheet.columns));
    let request_id = signed.call.info.id.clone();
    let source = Rc::new((sheet, ask, request_id));
    let told = stream::try_unfold(Step::Tell(first), move |step| {
        let source = Rc::clone(&source);
        async move {
            let (sheet, ask, request_id) = &*source;
            let page = match step {
                Step::End => return Ok(None),
                Step::Tell(page) => page,
                Step::Ask(cursor) => match ask(Some(cursor)).await.and_then(|rows| sheet.page(&rows)) {
                    Ok(page) => page,
                    Err(problem) => {
                        let last = broken_off(request_id, &problem).into_bytes();
                        return Ok(Some((last, Step::BreakOff)));
                    }
                },
                Step::BreakOff => return Err(Error::RustError("the export broke off".to_owned())),
            };
            Ok::<_, Error>(Some((page.text.into_bytes(), page.next.map_or(Step::End, Step::Ask))))
        }
    });
    let stream = worker::Response::from_stream(told).map_err(|error| Problem::internal(error.to_string()))?;
    let ResponseBody::Stream(body) = stream.body() else {
        return Err(Problem::internal("an export is no stream"));
    };
    let mut response = Response::streamed(200, body.clone());
    let day = signed.call.info.started.date_naive();
    response.set("content-type", "text/csv; charset=utf-8");
    response.set("content-disposition", format!("attachment; filename=\"{file}-{day}.csv\""));
    Ok(response)
}

/// What is done next.
enum Step {
    Tell(Page),
    Ask(Cursor),
    BreakOff,
    End,
}

/// The last line of a file that has not come to its end: a quote that is never closed, which no reader of CSV takes.
fn broken_off(request_id: &str, problem: &Problem) -> String {
    log::error(
        FUNCTION,
        "export",
        json!({"request_id": request_id, "problem": problem.context(), "status": problem.status()}),
    );
    format!("\"THE EXPORT BROKE OFF HERE AND IS NOT COMPLETE. ASK AGAIN. (request {request_id})")
}

/// The list's own parameters but those of pages, and `raw`.
fn read_query(call: &Call, resource: &'static Resource) -> Result<(ListQuery, bool), Problem> {
    let (own, asked): (Vec<_>, Vec<_>) = call.info.query_pairs().partition(|(name, _)| name == "raw");
    let (of_pages, asked): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|(name, _)| OF_PAGES.contains(&name.as_ref()));
    let unknown = |name: &str| FieldError::parameter(name, "is not a parameter of an export");
    let mut errors: Vec<_> = of_pages.iter().map(|(name, _)| unknown(name)).collect();
    let mut raw = false;
    match parameters::read(&[RAW], own.into_iter()) {
        Ok(given) => raw = given.get(RAW.name).is_some_and(|raw| raw == "true"),
        Err(wrong) => errors.extend(wrong),
    }
    match ListQuery::parse(resource, asked.into_iter(), decode_cursor) {
        Ok(query) if errors.is_empty() => return Ok((query, raw)),
        Ok(_) => {}
        Err(wrong) => errors.extend(wrong),
    }
    Err(Problem::invalid(errors))
}
