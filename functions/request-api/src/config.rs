//! The configuration of a client before anyone signs in: limits, words, and the addresses of the documentation.

mod description;

use std::cell::OnceCell;

use millwright_domain::attachment::FileKind;
use millwright_domain::import::{IMPORTS, MAX_BYTES, MAX_LINES};
use millwright_domain::notification::{Channel, PROVIDED};
use millwright_domain::picture::{Coding, MAX_RENDERED_SIDE};
use millwright_domain::resource::{
    DEFAULT_LIMIT, Kind, MAX_LIMIT, MAX_TEXTS, MAX_VALUES, RESOURCES, Resource,
};
use millwright_edge::{MAX_JSON_BYTES, Problem, Response, document};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::call::Call;
use crate::docs;
use crate::endpoint::{Api, Endpoint, Handler, Method};

/// Seconds that a client may go without asking again: a deployment shows within that time.
const MAX_AGE: u32 = 300;

/// The endpoint.
pub(crate) fn declare(api: &mut Api) {
    let config = Endpoint::at("/api/config");
    api.add(config.on(Method::Get, Handler::AtOnce(answer), description::config));
    api.schemas(description::schemas);
}

/// `GET /api/config`.
fn answer(call: &Call) -> Result<Response, Problem> {
    thread_local! {
        static DOCUMENT: OnceCell<(String, String)> = const { OnceCell::new() };
    }
    DOCUMENT.with(|cell| {
        let (text, etag) = cell.get_or_init(|| {
            let text = config(&call.app).to_string();
            let etag = format!("\"{:x}\"", Sha256::digest(&text));
            (text, etag)
        });
        Ok(document(&call.request, text, etag, MAX_AGE))
    })
}

fn config(app: &App) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "tier": app.tier,
        "auth_mode": app.authority.mode(),
        "limits": {
            "page_rows": DEFAULT_LIMIT,
            "max_page_rows": MAX_LIMIT,
            "max_filter_values": MAX_VALUES,
            "max_texts": MAX_TEXTS,
            "max_json_bytes": MAX_JSON_BYTES,
            "max_upload_bytes": app.upload_max_bytes,
            "max_rendered_side": MAX_RENDERED_SIDE,
            "max_import_bytes": MAX_BYTES,
            "max_import_lines": MAX_LINES,
        },
        "features": {"csv_import": IMPORTS.map(|import| import.resource.path)},
        "channels": PROVIDED.map(Channel::word),
        "file_types": file_types(),
        "enums": enums(),
        "documentation": {"openapi": docs::DOCUMENT, "page": docs::PAGE},
    })
}

fn file_types() -> Vec<Value> {
    let limit = |coding: &Coding| json!({"coding": coding.word(), "max_pixels": coding.max_pixels()});
    let told = |kind: FileKind| {
        let renditions: Vec<_> = Coding::of(kind).iter().map(limit).collect();
        json!({"media_type": kind.content_type(), "extensions": kind.extensions(), "renditions": renditions})
    };
    FileKind::ALL.into_iter().map(told).collect()
}

/// The words that each field may hold, by the path of the resource and the name of the field.
fn enums() -> Map<String, Value> {
    let of = |resource: &Resource| -> Map<String, Value> {
        let words = resource.fields.iter().filter_map(|field| match field.kind {
            Kind::Word(words) | Kind::Words(words) => Some((field.name.to_owned(), json!(words))),
            _ => None,
        });
        words.collect()
    };
    let all = RESOURCES.into_iter().map(|resource| (resource.path.to_owned(), of(resource)));
    all.filter(|(_, words)| !words.is_empty()).map(|(path, words)| (path, words.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::work_order::{Priority, Status, WorkOrderType};

    #[test]
    fn the_words_are_those_of_the_declarations() {
        let enums = Value::from(enums());
        assert_eq!(enums["work-orders"]["status"], json!(Status::WORDS));
        assert_eq!(enums["work-orders"]["type"], json!(WorkOrderType::WORDS));
        assert_eq!(enums["equipment"]["criticality"], json!(Priority::WORDS));
        assert!(enums["profiles"]["role"].as_array().unwrap().contains(&json!("inventory_clerk")));
        assert_eq!(enums["parts"], Value::Null, "what has no words is not listed");
    }
}
