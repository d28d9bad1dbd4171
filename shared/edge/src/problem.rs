//! Problems: what a client is told when something is wrong (RFC 9457), and what only the log is told.
//!
//! The one place where an error becomes an HTTP status.

use millwright_domain::input::{FieldError, pointer};
use millwright_store::{StoreError, TransportError};
use serde_json::{Value, json};
use worker::{Response, ResponseBuilder};

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: u16,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    header: Option<Box<Header>>,
    context: Option<String>,
}

/// A header that belongs to a problem: its name and its value.
type Header = (&'static str, String);

impl Problem {
    fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), header: None, context: None }
    }

    /// 400: the request cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(400, "malformed", detail)
    }

    /// 401: who asks is not known.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(401, "unauthenticated", detail).with_header("www-authenticate", "Bearer".to_owned())
    }

    /// 403: who asks may not.
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

    /// 409: it contradicts what is true now.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
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

    /// 413, with the limit.
    #[must_use]
    pub fn too_large(max_bytes: u64) -> Self {
        Self::new(413, "too_large", format!("the body may have at most {max_bytes} bytes"))
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
    fn timeout(context: String) -> Self {
        Self::new(504, "gateway_timeout", "the database did not answer in time").with_context(context)
    }

    fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    fn with_context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// What the log is told beside the status.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
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
        if let (false, Some(object)) = (self.errors.is_empty(), body.as_object_mut()) {
            object.insert("errors".to_owned(), json!(self.errors));
        }
        body
    }

    /// The answer that tells it.
    ///
    /// # Errors
    /// When the runtime refuses a header, which does not happen.
    pub fn into_response(self, request_id: &str) -> worker::Result<Response> {
        let mut response = ResponseBuilder::new()
            .with_status(self.status)
            .with_header("content-type", "application/problem+json")?;
        if let Some((name, value)) = self.header.as_deref() {
            response = response.with_header(name, value)?;
        }
        Ok(response.fixed(self.body(request_id).to_string().into_bytes()))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let context = error.to_string();
        match &error {
            StoreError::Transport(TransportError::Deadline) => Self::timeout(context),
            StoreError::Transport(TransportError::Unreachable(_)) => {
                Self::unavailable("the database cannot be reached", context)
            }
            StoreError::Refused { status, refusal } => match (refusal.code.as_str(), status) {
                ("42501", _) => Self::forbidden("your role does not allow this"),
                ("23502", _) => refused_field(refusal.column(), "is required", context),
                ("23503", _) => refused_field(refusal.column(), "names nothing that exists here", context),
                ("23505", _) => {
                    Self::conflict("already_exists", "there is one with the same id or name already")
                }
                ("23514", _) => refused_field(None, "breaks a rule of the data", context),
                (code, _) if code.starts_with("22") => {
                    refused_field(None, "has a value that cannot be stored", context)
                }
                ("PGRST301" | "PGRST302" | "PGRST303", _) | (_, 401) => {
                    Self::unauthenticated("the token is not valid")
                }
                ("PGRST003", _) | (_, 504) => Self::timeout(context),
                ("PGRST000" | "PGRST001" | "PGRST002", _) | (_, 502 | 503) => {
                    Self::unavailable("the database cannot be reached", context)
                }
                _ => Self::internal(context),
            },
            StoreError::Disagreement(_) => Self::internal(context),
        }
    }
}

/// A value that only the database could judge.
fn refused_field(column: Option<&str>, message: &str, context: String) -> Problem {
    let pointer = column.map(pointer).unwrap_or_default();
    let error = FieldError { pointer, message: message.to_owned() };
    Problem::invalid(vec![error]).with_context(context)
}

fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
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

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_store::Refusal;

    fn refused(status: u16, code: &str, message: &str, details: &str) -> Problem {
        let refusal = Refusal {
            code: code.to_owned(),
            message: message.to_owned(),
            details: Some(details.to_owned()),
            hint: None,
        };
        StoreError::Refused { status, refusal }.into()
    }

    #[test]
    fn each_refusal_has_its_status() {
        let statuses = [
            ((403, "42501"), 403),
            ((409, "23503"), 422),
            ((400, "23502"), 422),
            ((409, "23505"), 409),
            ((400, "23514"), 422),
            ((400, "22P02"), 422),
            ((401, "PGRST301"), 401),
            ((504, "PGRST003"), 504),
            ((503, "PGRST002"), 503),
            ((503, "08006"), 503),
            ((502, ""), 503),
            ((404, "PGRST202"), 500),
            ((500, "XX000"), 500),
        ];
        for ((status, code), expected) in statuses {
            assert_eq!(refused(status, code, "", "").status(), expected, "{status} {code}");
        }
    }

    #[test]
    fn what_the_database_says_stays_inside() {
        let secret = "relation \"private.credentials\" does not exist";
        for (status, code) in [(500, "42P01"), (400, "23514"), (403, "42501"), (400, "22023")] {
            let body = refused(status, code, secret, secret).body("r").to_string();
            assert!(!body.contains("credentials"), "{body}");
        }
    }

    #[test]
    fn a_reference_to_nothing_names_its_field() {
        let message = "insert or update on table \"work_orders\" violates foreign key constraint \
                       \"work_orders_assigned_to_fkey\"";
        let body = refused(409, "23503", message, "").body("r-1");
        assert_eq!(
            body["errors"],
            json!([{"pointer": "/assigned_to", "message": "names nothing that exists here"}])
        );
        assert_eq!((&body["status"], &body["request_id"]), (&json!(422), &json!("r-1")));
    }
}
