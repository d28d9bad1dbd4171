//! For apps that scan: the same as the pages, as JSON.

use millwright_edge::{Problem, Response, json};
use serde_json::json as value;

use super::report;
use crate::call::Call;

/// `GET /api/v1/scan/{token}`: the machine, and whether problems can be reported.
pub(super) async fn read(call: &Call) -> Result<Response, Problem> {
    json(200, &super::look(call).await?)
}

/// `POST /api/v1/scan/{token}/reports`: reports a problem, as JSON or, with a photo, as a form.
pub(super) async fn take(call: &Call) -> Result<Response, Problem> {
    let token = super::token(call)?;
    let report = report::read(call).await?;
    let sent = report::send(call, token, report).await?;
    json(201, &value!({"number": sent.number, "photo": sent.photo.word()}))
}
