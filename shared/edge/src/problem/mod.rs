//! Problems: failed requests, in the words for the client (RFC 9457) and in those for the log.
//!
//! The one place where an error becomes an HTTP status.

mod refusal;

use std::borrow::Cow;

use millwright_domain::input::FieldError;
use millwright_domain::resource::NO_CURSOR;
use millwright_domain::signature;
use serde_json::{Value, json};

use crate::reply::{Body, Response};
use crate::web_page::WebPage;

pub use refusal::refused_fields;

/// A request that failed, as the client and the log are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: u16,
    code: Cow<'static, str>,
    detail: Box<str>,
    errors: Vec<FieldError>,
    more: Vec<(&'static str, Value)>,
    answer: Option<Box<Answer>>,
    context: Option<Box<str>>,
}

/// The parts of its answer that most problems do not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Answer {
    header: Option<Header>,
    page: Option<WebPage>,
}

/// A header that belongs to a problem: its name and its value.
type Header = (&'static str, String);

impl Problem {
    fn new(status: u16, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into().into(),
            errors: Vec::new(),
            more: Vec::new(),
            answer: None,
            context: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(400, "malformed", detail)
    }

    /// 401: the caller is not known.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(401, "unauthenticated", detail).with_header("www-authenticate", "Bearer".to_owned())
    }

    /// 403: the caller may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "forbidden", detail)
    }

    /// 404: there is no such thing, or none that the caller may know of.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, "not_found", detail)
    }

    /// 405, with the methods that there are.
    #[must_use]
    pub fn method_not_allowed(allow: &str) -> Self {
        Self::new(405, "method_not_allowed", format!("this path answers to {allow}"))
            .with_header("allow", allow.to_owned())
    }

    /// 406: there is nothing of the kind that the client takes, in words.
    pub fn not_acceptable(detail: impl Into<String>) -> Self {
        Self::new(406, "not_acceptable", detail)
    }

    /// 400: the cursor was not given out for this list, in this order and with these filters. Reading begins anew.
    #[must_use]
    pub fn no_cursor(parameter: &str) -> Self {
        Self::new(400, "not_a_cursor", format!("?{parameter} {NO_CURSOR}"))
            .of(vec![FieldError::parameter(parameter, NO_CURSOR)])
    }

    /// 409: it contradicts what is true now.
    pub fn conflict(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(409, code, detail)
    }

    /// 411: the size must be announced, because the bytes are streamed on.
    #[must_use]
    pub fn length_required() -> Self {
        Self::new(411, "length_required", "an upload must say its Content-Length")
    }

    /// 412: it is no longer as the caller knew it.
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(412, "precondition_failed", detail)
    }

    /// 412: somebody was faster. It has this version now.
    #[must_use]
    pub fn changed_since(version: i64) -> Self {
        Self::precondition_failed(format!("it has changed since: its version is {version}"))
    }

    /// 413, with the limit.
    #[must_use]
    pub fn too_large(max_bytes: u64) -> Self {
        Self::new(413, "too_large", format!("the body may have at most {max_bytes} bytes"))
    }

    /// 413: it has too many of something, which is said in words.
    pub fn too_long(detail: impl Into<String>) -> Self {
        Self::new(413, "too_large", detail)
    }

    /// 415: it is of a kind that is not accepted.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(415, "unsupported_media_type", detail)
    }

    /// 422, naming every field that is wrong.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.len() {
            1 => "1 field is wrong".to_owned(),
            count => format!("{count} fields are wrong"),
        };
        Self { errors, ..Self::new(422, "invalid", detail) }
    }

    /// 422: this one field of the body is wrong.
    pub fn wrong_field(name: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::field(name, message)])
    }

    /// 422: this one parameter of the query is wrong.
    pub fn wrong_parameter(name: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::parameter(name, message)])
    }

    /// 422: an idempotency key was used for something else.
    #[must_use]
    pub fn reused_key() -> Self {
        Self::new(422, "idempotency_key_reused", "this Idempotency-Key was used for another request")
    }

    /// 429, with the seconds to wait.
    pub fn too_many(retry_after: u32, detail: impl Into<String>) -> Self {
        Self::new(429, "too_many_requests", detail).with_header("retry-after", retry_after.to_string())
    }

    /// 500: a defect. `context` is for the log alone.
    pub fn internal(context: impl Into<String>) -> Self {
        Self::new(500, "internal", "something went wrong on our side; the request id helps to find it")
            .with_context(context)
    }

    /// 503: it will work again. `context` is for the log alone.
    pub fn unavailable(detail: impl Into<String>, context: impl Into<String>) -> Self {
        Self::new(503, "unavailable", detail).with_header("retry-after", "5".to_owned()).with_context(context)
    }

    /// 504: it may have happened, or not. `context` is for the log alone.
    pub fn timeout(detail: impl Into<String>, context: impl Into<String>) -> Self {
        Self::new(504, "gateway_timeout", detail).with_context(context)
    }

    /// 409: a rule of the database refused it, in words that are for clients. The field that it is about is named where the
    /// code tells it.
    pub fn refused(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.into(), detail.into());
        let errors = signature::field_of(&code).map(|field| FieldError::field(field, detail.clone()));
        Self::conflict(code, detail).of(errors.into_iter().collect())
    }

    /// Names the fields that it is about.
    #[must_use]
    pub fn of(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// Adds a member with something that is true now.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: Value) -> Self {
        self.more.push((member, value));
        self
    }

    /// Answers with this page, for a person, instead of JSON for a program.
    #[must_use]
    pub fn shown_as(mut self, page: WebPage) -> Self {
        self.answer.get_or_insert_default().page = Some(page);
        self
    }

    fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.answer.get_or_insert_default().header = Some((name, value));
        self
    }

    fn with_context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into().into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The words for the client.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The fields that are wrong.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The words for the log, beside the status.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The code, the detail, and every field that is wrong.
    #[must_use]
    pub fn told(&self) -> (&str, &str, &[FieldError]) {
        (&self.code, &self.detail, &self.errors)
    }

    fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": request_id,
        });
        if let Some(object) = body.as_object_mut() {
            if !self.errors.is_empty() {
                object.insert("errors".to_owned(), json!(self.errors));
            }
            object.extend(self.more.iter().map(|(member, value)| ((*member).to_owned(), value.clone())));
        }
        body
    }

    /// The answer that tells it.
    #[must_use]
    pub fn into_response(mut self, request_id: &str) -> Response {
        let Answer { header, page } = self.answer.take().map_or_else(Answer::default, |answer| *answer);
        let mut response = if let Some(page) = page {
            page.into_response(self.status)
        } else {
            let mut response = Response::new(self.status, Body::Text(self.body(request_id).to_string()));
            response.set("content-type", "application/problem+json");
            response
        };
        if let Some((name, value)) = header {
            response.set(name, value);
        }
        response
    }
}

fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}
