//! The pages in HTML: plain words, one style sheet, nothing that runs.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use millwright_domain::equipment::EquipmentStatus;
use millwright_domain::input::{FieldError, pointer};
use millwright_domain::work_order::Priority;
use millwright_edge::{Problem, WebPage, new_id};
use millwright_store::scan::{Machine, Scanned};
use serde_json::{Map, Value};

use super::photo::Stored;
use super::report::{FORM_TOKEN, PHOTO, Taken};

const STYLE: &str = include_str!("style.css");

/// The priority as someone would say it who is not of the trade.
fn urgency(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "It can wait",
        Priority::Medium => "It should be looked at soon",
        Priority::High => "It keeps us from working",
        Priority::Critical => "Someone could get hurt, or everything stands still",
    }
}

/// The machine, and the form where problems may be reported, with what was written into it before and what was wrong with that.
pub(super) fn machine(scanned: &Scanned, written: &Map<String, Value>, errors: &[FieldError]) -> WebPage {
    let Scanned { machine, reports_open } = scanned;
    let body = html! {
        h1 { (machine.name) }
        (facts(machine))
        @if *reports_open {
            h2 { "Report a problem" }
            (form(written, errors))
        } @else {
            h2 { "Something wrong with it?" }
            p { "Please tell a supervisor or the maintenance team on site. Problems cannot be reported on this page." }
        }
    };
    page(&machine.name, &body)
}

/// The report has arrived.
pub(super) fn thanks(taken: &Taken) -> WebPage {
    let body = html! {
        h1 { "Thank you" }
        p { "Your report has arrived. Its number is " strong { (taken.number) } "." }
        @match taken.photo {
            Stored::Nothing => {}
            Stored::Uploaded => p { "Your photo has arrived, too." }
            Stored::Lost => p { "Your photo could not be kept, but the report stands. You need not send it again." }
        }
        p { "The supervisor on site will hear of it." }
        p { a href="" { "Back to the machine" } }
    };
    page("Thank you", &body)
}

/// A problem that the form itself cannot show.
pub(super) fn problem(problem: &Problem) -> WebPage {
    let (title, words) = match problem.status() {
        404 => (
            "This label is not known",
            "It may have been replaced by a newer one. Please look for another label on the machine, or tell a supervisor or \
             the maintenance team on site.",
        ),
        403 => (
            "Problems cannot be reported here",
            "Nothing was sent. Please tell a supervisor or the maintenance team on site.",
        ),
        413 => (
            "This is too large",
            "Nothing was sent. Please choose a smaller photo, or send the report without one.",
        ),
        422 if problem.errors().is_empty() => (
            "This form was sent before",
            "It has arrived then, and was not sent again. To report something else, open the page of the machine again.",
        ),
        429 => (
            "Too many reports came from here",
            "Nothing was sent. Please wait a while, or tell a supervisor or the maintenance team on site.",
        ),
        400..500 => {
            ("This could not be read", "Nothing was sent. Please open the page of the machine again.")
        }
        _ => (
            "This does not work just now",
            "Please try again in a minute. If it is urgent, tell a supervisor or the maintenance team on site.",
        ),
    };
    page(
        title,
        &html! { h1 { (title) } p { (words) } @if problem.status() != 404 { p { a href="" { "Back to the machine" } } } },
    )
}

fn facts(machine: &Machine) -> Markup {
    let status = match machine.status {
        EquipmentStatus::Active => "In use",
        EquipmentStatus::Inactive => "Not in use",
        EquipmentStatus::Maintenance => "Under maintenance",
        EquipmentStatus::Retired => "Retired",
        EquipmentStatus::Disposed => "Disposed of",
    };
    html! {
        dl {
            dt { "Tag" } dd { (machine.asset_tag) }
            dt { "Model" } dd { (machine.model) }
            @if let Some(area) = &machine.area { dt { "Area" } dd { (area) } }
            dt { "Status" } dd { (status) }
        }
    }
}

fn form(written: &Map<String, Value>, errors: &[FieldError]) -> Markup {
    let said = |name: &str| written.get(name).and_then(Value::as_str).unwrap_or_default();
    let wrong = |name: &str| errors.iter().find(|error| error.pointer == pointer(name));
    let invalid = |name: &str| wrong(name).map(|_| "true");
    let told =
        |name: &str| html! { @if let Some(error) = wrong(name) { p.wrong { "This " (error.message) "." } } };
    html! {
        @if !errors.is_empty() {
            p.wrong role="alert" { "Nothing was sent yet: something below is not right. A photo has to be chosen again." }
        }
        form method="post" enctype="multipart/form-data" {
            input type="hidden" name=(FORM_TOKEN) value=(new_id());
            label for="description" { "What is wrong?" }
            textarea #description name="description" required maxlength="2000" aria-invalid=[invalid("description")] { (said("description")) }
            (told("description"))
            label for="priority" { "How urgent is it? " small { "(optional)" } }
            select #priority name="priority" aria-invalid=[invalid("priority")] {
                option value="" selected[said("priority").is_empty()] { "I cannot say" }
                @for priority in Priority::ALL {
                    option value=(priority) selected[priority.word() == said("priority")] { (urgency(priority)) }
                }
            }
            (told("priority"))
            label for="photo" { "Photo " small { "(optional)" } }
            input #photo type="file" name=(PHOTO) accept="image/jpeg,image/png,image/webp" aria-invalid=[invalid(PHOTO)];
            (told(PHOTO))
            label for="name" { "Your name " small { "(optional)" } }
            input #name name="reporter_name" maxlength="100" autocomplete="name" value=(said("reporter_name")) aria-invalid=[invalid("reporter_name")];
            (told("reporter_name"))
            label for="contact" { "How can we reach you? " small { "(optional)" } }
            input #contact name="reporter_contact" maxlength="200" value=(said("reporter_contact")) aria-invalid=[invalid("reporter_contact")];
            (told("reporter_contact"))
            p.note { "Your name and how to reach you are shown only to those who deal with the report." }
            button { "Send" }
        }
    }
}

fn page(title: &str, body: &Markup) -> WebPage {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    };
    WebPage::new(html.into_string(), STYLE)
}
