//! The questions beside lists: one row with its children, a machine's life, reports, and a phone's sync.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use super::ask::Asker;
use super::person::Person;
use super::question::{Allowance, Question, encoded};
use super::subjects::Subjects;
use anyhow::Result;
use serde_json::Value;

/// The last year of the company (`tests/bench/scale/seed/1_tools.sql`).
const YEAR: &str = "from=2025-11-01&until=2026-10-31";
const MONTH: &str = "from=2026-11-01&to=2026-11-30";

/// All that a work order is told with.
const CHILDREN: &str =
    "checklist,attachments,crew,time_logs,comments,parts,reservations,relations,escalations,history";

/// The path of the reports.
const REPORTS: &str = "/api/v1/reports/";

/// Reports as `/api/openapi.json` has them, by everything that their rows may be about.
pub(super) fn reports(document: &Value) -> Vec<Question> {
    let mut questions = vec![of_year("pm/compliance", "")];
    for (path, described) in document["paths"].as_object().into_iter().flatten() {
        let Some(name) = path.strip_prefix(REPORTS) else {
            continue;
        };
        let parameters = described["get"]["parameters"].as_array().into_iter().flatten();
        let by = parameters.filter(|parameter| parameter["name"] == "by").map(|by| &by["schema"]["enum"]);
        for group in by.flat_map(|groups| groups.as_array().into_iter().flatten()).filter_map(Value::as_str) {
            questions.push(of_year(&format!("reports/{name}"), &format!("&by={group}")));
        }
    }
    questions
}

fn of_year(path: &str, more: &str) -> Question {
    Question::new(format!("{path}?YEAR{more}"), format!("{path}?{YEAR}{more}"), Allowance::Report)
}

/// The questions about a work order and a machine, to the calendar and to the dry run.
pub(super) fn of_one(
    work_order: Option<&str>,
    machine: Option<&str>,
    subjects: &mut Subjects,
) -> Result<Vec<Question>> {
    let mut questions = vec![Question::new("home", "home", Allowance::AsAmongFew)];
    if let Some(id) = work_order {
        let one = |query: &str| {
            Question::new(
                format!("work-orders/{{id}}{query}"),
                format!("work-orders/{id}{query}"),
                Allowance::Page,
            )
        };
        questions.push(one(""));
        questions.push(one("?include=checklist,attachments,crew,time_logs,comments,parts,relations"));
        questions.push(one(&format!("?include=names,{CHILDREN}")));
        let address = format!("escalation-rules/dry-run?work_order_id={id}");
        questions.push(Question::new(
            "escalation-rules/dry-run?work_order_id={id}",
            address,
            Allowance::Page,
        ));
    }
    if let Some(id) = machine {
        let mut ask = |query: &str, name: &str, allowance| {
            questions.push(Question::new(
                format!("equipment/{{id}}{name}"),
                format!("equipment/{id}{query}"),
                allowance,
            ));
        };
        ask("?include=meters", "?include=meters", Allowance::Page);
        ask("/history", "/history", Allowance::Page);
        for kind in ["work_order_opened", "work_order_moved", "part_moved"] {
            let query = format!("/history?kind={kind}");
            ask(&query, &query, Allowance::Page);
        }
        if let Some(middle) = subjects.middle("work_orders", "created_at")? {
            ask(&format!("/history?cursor={}", middle.cursor), "/history, far down", Allowance::Page);
        }
        ask(&format!("/kpis?{YEAR}"), "/kpis?YEAR", Allowance::Report);
    }
    questions.push(Question::new("pm/calendar?MONTH", format!("pm/calendar?{MONTH}"), Allowance::AsAmongFew));
    questions.push(Question::new(
        "escalation-rules/dry-run",
        "escalation-rules/dry-run",
        Allowance::AsAmongFew,
    ));
    Ok(questions)
}

/// A phone's questions: the first page, the second one, and the changes since it was here last. `newest` is a
/// transaction that had most of the changes before it.
pub(super) fn sync(asker: &mut Asker, person: &Person, newest: &str) -> Result<Vec<Question>> {
    let page = |name: &str, cursor: &str| {
        let since = if cursor.is_empty() { String::new() } else { format!("&since={}", encoded(cursor)) };
        Question::new(format!("sync, {name}"), format!("sync?limit=100{since}"), Allowance::AsAmongFew)
    };
    let mut questions = vec![page("the first page", "")];
    let first = asker.read(&person.token, "sync?limit=100")?.unwrap_or_default();
    if let Some(cursor) = first["cursor"].as_str() {
        questions.push(page("the second page", cursor));
        // Its first part says who asks; the rest is what was told already.
        let who = cursor.split('.').next().unwrap_or_default();
        questions.push(page("what is new", &format!("{who}.{newest}:{newest}:")));
    }
    Ok(questions)
}
