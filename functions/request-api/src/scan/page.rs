//! For people: the page that a label leads to. It works without JavaScript, and tells what is wrong in plain words.

use millwright_edge::{Problem, Response};
use serde_json::{Map, Value};

use super::report::{self, FORM_TOKEN};
use super::{html, look, token};
use crate::call::Call;

/// `GET /s/{token}`: the machine, and a form to report a problem where that is allowed.
pub(super) async fn show(call: &Call) -> Result<Response, Problem> {
    let scanned = look(call).await.map_err(shown)?;
    Ok(html::machine(&scanned, &Map::new(), &[]).into_response(200))
}

/// `POST /s/{token}`: takes what was written into the form.
pub(super) async fn take(call: &Call) -> Result<Response, Problem> {
    let token = token(call).map_err(shown)?;
    let mut form = report::read_whole_form(call).await.map_err(shown)?;
    let form_token = form.texts.remove(FORM_TOKEN);
    let written = form.texts.clone();
    match report::judge(call, form, form_token.as_ref().and_then(Value::as_str)) {
        Ok(report) => {
            let sent = report::send(call, token, report).await.map_err(shown)?;
            Ok(html::thanks(&sent).into_response(201))
        }
        Err(problem) if !problem.errors().is_empty() => Err(once_more(call, problem, &written).await),
        Err(problem) => Err(shown(problem)),
    }
}

/// The form again, with what was written and what is wrong with it.
async fn once_more(call: &Call, problem: Problem, written: &Map<String, Value>) -> Problem {
    match look(call).await {
        Ok(scanned) => {
            let page = html::machine(&scanned, written, problem.errors());
            problem.shown_as(page)
        }
        Err(other) => shown(other),
    }
}

fn shown(problem: Problem) -> Problem {
    let page = html::problem(&problem);
    problem.shown_as(page)
}
