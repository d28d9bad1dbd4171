//! The runtime, as our five functions use it.
//!
//! **In scope**: configuration, the clock, the transport to the gateway, tokens, answers and problems, log lines, running a job
//! within its wall budget, reading queue messages.
//!
//! **Not in scope**: decisions (`millwright-domain`), questions to the database (`millwright-store`), endpoints and jobs (the
//! functions).
//!
//! **Invariants**: the only shared crate that knows `worker`. Nothing here panics on what comes from outside. A problem
//! that a client sees carries no internal text; that text goes to the log.

mod accept;
mod address;
mod answers;
mod backend;
mod body;
pub mod clock;
pub mod config;
pub mod cors;
mod form;
mod id;
mod init;
pub mod job;
pub mod live;
pub mod log;
pub mod memory;
mod nudge;
mod page;
mod problem;
pub mod queue;
mod recent;
mod reply;
mod request;
pub mod token;
mod transport;
mod versioned;
mod web_page;

pub use accept::accepts;
pub use address::Address;
pub use answers::{around, document, empty, is_known, json, known_by, locate, pass_through};
pub use backend::Backend;
pub use body::{MAX_JSON_BYTES, discard, must_be_plain, read_bytes, read_json, read_large_json};
pub use form::{Form, FormFile, is_form, read_form};
pub use id::new_id;
pub use nudge::{nudge_sender, nudge_sender_after_answer};
pub use page::{page, rows, total};
pub use problem::{Problem, refused_fields};
pub use recent::Recent;
pub use reply::{Response, seal};
pub use request::{Request, RequestInfo};
pub use transport::{Destination, FetchTransport, NoAnswer, send_within};
pub use versioned::{version_in, versioned, versioned_row, versioned_unless_known};
pub use web_page::WebPage;

use wasm_bindgen::JsValue;
use worker::js_sys::{Reflect, global};

/// Prepares an isolate. Every function calls it at its start.
pub fn start() {
    // A panic leaves its message and stack in the log.
    console_error_panic_hook::set_once();
    wake_by_promise();
}

/// Lets futures be woken by a promise of the engine.
///
/// wasm-bindgen's executor prefers `queueMicrotask`, and takes a promise where there is none. The order is the same, but the
/// runtime wraps each `queueMicrotask` anew, which costs more than the waking.
fn wake_by_promise() {
    Reflect::set(&global(), &"queueMicrotask".into(), &JsValue::UNDEFINED).ok();
}
